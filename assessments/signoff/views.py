"""Pages of sign-off: the mentor asks, the assessor signs, the doctor sees it, the officer withdraws."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from assessments.signoff import forms, queries, services
from assessments.signoff.models import SignOff, State
from assessments.signoff.policy import SignOffs
from assessments.signoff.queries import curves
from assessments.signoff.rules import Side, differing
from assessments.signoff.services import Seen
from courses.mentoring.models import Pairing
from lms import clock
from lms.authz import Actor, only
from lms.db import db
from lms.db.paging import cut
from lms.i18n import _, pick
from lms.techniques.models import Technique
from lms.techniques.views import LEVELS
from lms.web import exports
from lms.web.forms import attempted, options
from lms.web.pages import Pages, actor, one

pages = Pages("signoff", __name__)


def level_choices() -> Any:
    """The entrustment scale, the number before the words."""
    return options([(level, f"{level} · {words}") for level, words in LEVELS.items()])


@pages.page("/signoffs", needs=SignOffs.BROWSE)
def desk() -> ResponseReturnValue:
    """The sign-offs of one's area; or the same as a file."""
    asked = request.args
    sought = queries.Sought(asked.get("q", "").strip()[:60], asked.get("state", ""), asked.get("sort", "-asked"))
    query = queries.listing(sought)
    if kind := exports.wanted():
        columns = [
            _("Doctor"), _("Institution"), _("Technique"), _("Level"), _("Mentor"), _("Assessor"), _("Signed off on"),
            _("State"),
        ]  # fmt: skip
        rows = [
            (one.doctor_name, pick(place, place_en), pick(one.technique.title, one.technique.title_en), one.level,
             one.mentor_name, one.assessor_name, one.signed_on, str(forms.STATES[State(one.state)]))
            for one, place, place_en in db.session.execute(query)
        ]  # fmt: skip
        return exports.answer(kind, _("Sign-offs"), columns, rows)
    return render_template("signoff/desk.html", shown=cut(query, asked.get("page", 1, int)))


@pages.page("/signoffs/mine", needs=SignOffs.OWN)
def mine() -> ResponseReturnValue:
    """What has been signed off for me, what is under way, and how far my marks prove what."""
    me = actor().person_id or 0
    learnt = curves.of_persons([me]).get(me, [])
    return render_template("signoff/mine.html", mine=queries.of_doctor(me), learnt=learnt)


@pages.page("/signoffs/assessing", needs=SignOffs.SIGN_LIST)
def assessing() -> ResponseReturnValue:
    """What waits for my signature as the assessor, and what I asked for as the mentor."""
    me = actor().person_id or 0
    asked, mine = queries.asked_by(me), queries.to_assess(me)
    latest = queries.signatures([one.id for one in [*asked, *mine]])
    differ = {number for number, sides in latest.items() if differing(queries.levels(sides))}
    return render_template("signoff/assessing.html", mine=mine, asked=asked, latest=latest, differ=differ)


@pages.page("/signoffs/ask/<int:id>", needs=SignOffs.ASK, on=one(Pairing), methods=("GET", "POST"))
def ask(pair: Pairing) -> ResponseReturnValue:
    """As the mentor, sign for a technique."""
    form = forms.AskForm(observed_on=clock.today(), technique=request.args.get("technique", type=int))
    form.level.choices = level_choices()
    form.technique.choices = [(one.id, pick(one.title, one.title_en)) for one in queries.askable(pair)]
    made: list[SignOff] = []
    if form.validate_on_submit() and attempted(form, lambda: made.append(_ask(form, pair))):
        flash(_("Signed by you. Choose who assesses."), "done")
        return redirect(url_for("signoff.sign_off", id=made[0].id), 303)
    return render_template("signoff/ask.html", form=form, pair=pair), 422 if request.method == "POST" else 200


def _ask(form: forms.AskForm, pair: Pairing) -> SignOff:
    technique = only(db.session.get(Technique, form.technique.data))
    return services.ask(actor(), pair, technique=technique, seen=_seen(form))


def _seen(form: forms.SignForm) -> Seen:
    return Seen(form.level.data or 0, form.observed_on.data or clock.today(), form.note.data or "")


@pages.page("/signoffs/<int:id>", needs=SignOffs.READ, on=one(SignOff))
def sign_off(shown: SignOff) -> ResponseReturnValue:
    """One sign-off: who has signed what, and what comes next."""
    return _page(shown, None)


def _page(shown: SignOff, form: forms.SignForm | None) -> ResponseReturnValue:
    latest = queries.signatures([shown.id]).get(shown.id, {})
    words = request.args.get("q", "").strip()[:40]
    mine = Side.MENTOR if actor().person_id == shown.mentor_id else Side.ASSESSOR
    before = latest.get(mine)
    if form is None:
        form = forms.SignForm(formdata=None, observed_on=clock.today(), level=before.level if before else None)
    form.level.choices = level_choices()
    may_assign = actor().may(SignOffs.ASSIGN, shown) and Side.ASSESSOR not in latest
    page = render_template(
        "signoff/sign_off.html",
        one=shown,
        latest=latest,
        differ=differing(queries.levels(latest)),
        history=queries.history(shown),
        decision=queries.decision(shown),
        places={number: pick(*names) for number, names in queries.place_names(shown).items()},
        may_assign=may_assign,
        words=words,
        found=queries.assessors(shown, words) if may_assign and (words or shown.assessor_id is None) else [],
        form=form,
        reason=forms.ReasonForm(formdata=None),
        levels=LEVELS,
        signs_anew=before is not None,
    )
    return page, 422 if form.errors or form.form_errors else 200


@pages.page("/signoffs/<int:id>/assign", needs=SignOffs.ASSIGN, on=one(SignOff), methods=("POST",))
def assign(shown: SignOff) -> ResponseReturnValue:
    """Choose who assesses."""
    services.assign(actor(), shown, assessor=request.form.get("assessor", 0, int))
    flash(_("%(name)s is asked to assess and sees it on the home page.", name=shown.assessor_name), "done")
    return redirect(url_for("signoff.sign_off", id=shown.id), 303)


@pages.page("/signoffs/<int:id>/sign", needs=SignOffs.SIGN, on=one(SignOff), methods=("POST",))
def sign(shown: SignOff) -> ResponseReturnValue:
    """Sign for the level one has seen."""
    form = forms.SignForm()
    form.level.choices = level_choices()
    found: list[int | None] = []
    if form.validate_on_submit() and attempted(
        form, lambda: found.append(services.sign(actor(), shown, seen=_seen(form)))
    ):
        words = _("Signed off at level %(level)s.", level=found[0]) if found[0] else _("Signed. The levels differ.")
        if found[0] is None and len(queries.signatures([shown.id])[shown.id]) == 1:
            words = _("Signed.")
        flash(words, "done" if found[0] else "info")
        return redirect(url_for("signoff.sign_off", id=shown.id), 303)
    return _page(shown, form)


def _back(shown: SignOff, words: str) -> ResponseReturnValue:
    flash(words, "done")
    return redirect(url_for("signoff.sign_off", id=shown.id), 303)


@pages.page("/signoffs/<int:id>/decline", needs=SignOffs.DECLINE, on=one(SignOff), methods=("POST",))
def decline(shown: SignOff) -> ResponseReturnValue:
    """As the assessor, do not sign."""
    services.decline(actor(), shown, reason=request.form.get("reason", ""))
    return _back(shown, _("Declined. The mentor sees why."))


@pages.page("/signoffs/<int:id>/cancel", needs=SignOffs.CANCEL, on=one(SignOff), methods=("POST",))
def cancel(shown: SignOff) -> ResponseReturnValue:
    """As the mentor, take the request back."""
    services.cancel(actor(), shown, reason=request.form.get("reason", ""))
    return _back(shown, _("Cancelled."))


@pages.page("/signoffs/<int:id>/withdraw", needs=SignOffs.WITHDRAW, on=one(SignOff), methods=("POST",))
def withdraw(shown: SignOff) -> ResponseReturnValue:
    """As an officer, withdraw what both had signed."""
    services.withdraw(actor(), shown, reason=request.form.get("reason", ""))
    return _back(shown, _("Withdrawn. The level no longer counts as evidence."))


def panel(who: Actor) -> str | None:
    """For the assessor's home page: what waits for a signature."""
    waiting = queries.waits_for_assessor(queries.to_assess(who.person_id or 0))
    return render_template("signoff/panel.html", waiting=waiting) if waiting else None
