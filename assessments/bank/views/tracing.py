"""What questions rest on and stand under: sources with all that cites them, cases with their questions."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from assessments.bank import forms, queries
from assessments.bank.models import SharedStem
from assessments.bank.policy import Bank
from assessments.bank.queries import series, sources, standing
from assessments.bank.queries.finding import Sought
from assessments.bank.rules.typed import listed
from assessments.bank.services import series as services
from assessments.bank.services.standing import doubt as send_back
from assessments.bank.views import pages
from lms.db.paging import cut
from lms.errors import Refused
from lms.i18n import _, _n
from lms.people.views.signing_in import mend
from lms.web.forms import Form
from lms.web.pages import actor, one


@pages.page("/bank/sources", needs=Bank.READ)
def cited() -> ResponseReturnValue:
    """Every work that questions rest on."""
    return render_template("bank/sources.html", cited=sources.cited())


@pages.page("/bank/sources/<code>", needs=Bank.READ, on=sources.one_cited)
def source(shown: sources.Cited) -> ResponseReturnValue:
    """One work, and every question that rests on it."""
    return _source(shown)


def _source(shown: sources.Cited, form: forms.ReasonForm | None = None) -> str:
    found = cut(queries.listing(Sought(source=shown.code)), request.args.get("page", 1, int))
    form = form or forms.ReasonForm(formdata=None)
    may_review = actor().may(Bank.REVIEW)
    return render_template("bank/source.html", source=shown, shown=found, form=form, may_review=may_review)


@pages.page("/bank/sources/<code>/doubt", needs=Bank.REVIEW, on=sources.one_cited, methods=("POST",))
def doubt(shown: sources.Cited) -> ResponseReturnValue:
    """Send back everything that rests on a work, to be reviewed again."""
    form = forms.ReasonForm()
    if not form.validate():
        return _source(shown, form), 422
    try:
        count = send_back(actor(), None, code=shown.code, reason=form.reason.data or "")
    except Refused as refused:
        return _source(shown, form), mend(form, refused)
    flash(_n("%(num)d question is to be reviewed again.", "%(num)d questions are to be reviewed again.", count), "done")
    return redirect(url_for("bank.source", code=shown.code), 303)


@pages.page("/bank/cases", needs=Bank.READ)
def cases() -> ResponseReturnValue:
    """Every case with a series of questions under it."""
    shown = cut(series.listing(), request.args.get("page", 1, int))
    return render_template("bank/cases.html", shown=shown, may_edit=actor().may(Bank.EDIT))


@pages.page("/bank/cases/<int:id>", needs=Bank.READ, on=one(SharedStem))
def case(shown: SharedStem) -> ResponseReturnValue:
    """What a case says, and its questions in order."""
    said = series.newest_of(shown)
    found = series.members(said)
    who = actor()
    return render_template(
        "bank/case.html",
        case=shown,
        said=said,
        members=found,
        statuses=standing.statuses(one.id for one in found),
        may_edit=who.may(Bank.EDIT),
        may_review=who.may(Bank.REVIEW),
    )


@pages.page("/bank/cases/new", needs=Bank.EDIT, methods=("GET", "POST"))
def new_case() -> ResponseReturnValue:
    """A case for questions that are in the bank."""
    form = forms.NewCaseForm(data={"questions": request.args.get("questions", "")})
    if not form.validate_on_submit():
        return _case_editor(form, None, 422 if request.method == "POST" else 200)
    codes = listed(form.questions.data)
    try:
        made = services.write_case(actor(), None, code=form.code.data or "", text=form.text.data or "", questions=codes)
    except Refused as refused:
        return _case_editor(form, None, mend(form, refused))
    flash(_("Written. Its questions are drafts until they are reviewed and ready."), "done")
    return redirect(url_for("bank.case", id=made.id), 303)


@pages.page("/bank/cases/<int:id>/edit", needs=Bank.EDIT, on=one(SharedStem), methods=("GET", "POST"))
def edit_case(shown: SharedStem) -> ResponseReturnValue:
    """What the case says from now on, and which questions stand under it."""
    said = series.newest_of(shown)
    codes = "\n".join(one.question.code for one in series.members(said))
    form = forms.CaseForm(data={"text": said.text, "questions": codes})
    if not form.validate_on_submit():
        return _case_editor(form, shown, 422 if request.method == "POST" else 200)
    base = request.form.get("base", said.version, int)
    codes_now = listed(form.questions.data)
    try:
        services.revise_case(actor(), shown, base=base, text=form.text.data or "", questions=codes_now)
    except Refused as refused:
        return _case_editor(form, shown, mend(form, refused))
    flash(_("Written. Its questions are drafts until they are reviewed and ready."), "done")
    return redirect(url_for("bank.case", id=shown.id), 303)


def _case_editor(form: Form, shown: SharedStem | None, status: int) -> ResponseReturnValue:
    base = series.newest_of(shown).version if shown else 0
    return render_template("bank/case_edit.html", form=form, case=shown, base=base), status


@pages.page("/bank/cases/<int:id>/review", needs=Bank.REVIEW, on=one(SharedStem), methods=("POST",))
def review_case(shown: SharedStem) -> ResponseReturnValue:
    """Review all drafts of the series."""
    services.review_series(actor(), shown)
    flash(_("Reviewed."), "done")
    return redirect(url_for("bank.case", id=shown.id), 303)


@pages.page("/bank/cases/<int:id>/ready", needs=Bank.EDIT, on=one(SharedStem), methods=("POST",))
def ready_case(shown: SharedStem) -> ResponseReturnValue:
    """Make all reviewed questions of the series ready."""
    services.ready_series(actor(), shown)
    flash(_("Ready: papers and self-tests ask this series from now on."), "done")
    return redirect(url_for("bank.case", id=shown.id), 303)
