"""Appeals: the candidate's word beside a result, and the officers' desk with their answers."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from assessments.exams.forms import results as forms
from assessments.exams.models import Appeal, Attempt, Outcome, Regrade
from assessments.exams.policy import Exams, keep_candidates_out
from assessments.exams.queries import appeals as queries
from assessments.exams.queries import regrades
from assessments.exams.queries.attempts import own
from assessments.exams.services import appeals as services
from assessments.exams.views import pages
from lms.authz import Actor
from lms.db.paging import cut
from lms.i18n import _
from lms.web.forms import attempted
from lms.web.pages import actor, one


@pages.page("/attempts/<uuid:attempt_id>/appeal", needs=Exams.APPEAL, on=own, methods=("POST",))
def appeal(attempt: Attempt) -> ResponseReturnValue:
    """Appeal against one's own result."""
    form = forms.AppealForm()
    if form.validate():
        services.appeal(actor(), attempt, reason=form.reason.data or "")
        flash(_("Your appeal is with the officers. Their answer will stand here."), "done")
    else:
        flash(_("Say what is wrong with the result, in 1000 characters at most."), "danger")
    return redirect(url_for("exams.result", attempt_id=attempt.id, _anchor="appeal"), 303)


@pages.page("/appeals", needs=Exams.APPEALS)
def appeals() -> ResponseReturnValue:
    """Appeals of one's area, those that wait longest first."""
    asked = request.args
    sought = queries.Sought(asked.get("q", "").strip()[:80], asked.get("state", "open") or "open")
    shown = cut(queries.listing(sought), asked.get("page", 1, int))
    return render_template("exams/appeals.html", shown=shown, sought=sought)


@pages.page("/appeals/<int:id>", needs=Exams.ANSWER_APPEAL, on=one(Appeal), methods=("GET", "POST"))
def appealed(shown: Appeal) -> ResponseReturnValue:
    """One appeal: the reason, the result, and the answer."""
    keep_candidates_out(actor(), shown.exam)
    found = regrades.of_exam(shown.exam)
    form = forms.answer_form([(one.id, one.reason) for one in found])
    if form.validate_on_submit() and attempted(form, lambda: _answer(shown, form, found)):
        flash(_("Answered. The candidate can read it."), "done")
        return redirect(url_for("exams.appeals"), 303)
    answered = shown.answer
    return render_template(
        "exams/appeal.html",
        appeal=shown,
        exam=shown.exam,
        form=form,
        until=queries.until(shown.score),
        names=regrades.names_of([shown.person_id, *([answered.by_id] if answered else [])]),
    ), (422 if request.method == "POST" else 200)


def _answer(shown: Appeal, form: forms.AnswerForm, found: list[Regrade]) -> None:
    chosen = next((one for one in found if one.id == form.regrade.data), None)
    services.answer(actor(), shown, outcome=Outcome(form.outcome.data), reason=form.reason.data or "", regrade=chosen)


def panel(_actor: Actor) -> str | None:
    """How many appeals wait, for an officer's home; nothing where none does."""
    waiting = queries.waiting()
    return render_template("exams/appeals_panel.html", waiting=waiting) if waiting else None
