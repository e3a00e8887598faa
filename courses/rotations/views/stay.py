"""One rotation: what it is, what was done, and the acts of both sides."""

from io import BytesIO

from flask import flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from courses.rotations import forms, services
from courses.rotations.models import Rotation, RotationFile
from courses.rotations.policy import Rotations, second
from courses.rotations.queries import stays
from courses.rotations.rules import OPEN, TO_EVALUATE, Outcome, State
from courses.rotations.views import pages
from lms import clock
from lms.i18n import _
from lms.web.forms import Form, attempted
from lms.web.pages import actor, one


@pages.page("/rotations/<int:id>", needs=Rotations.READ, on=one(Rotation))
def rotation(stay: Rotation) -> ResponseReturnValue:
    """One rotation with its history, hours, documents and what was said of it."""
    return shown(stay)


def shown(stay: Rotation, **wrong: Form) -> ResponseReturnValue:
    """The page; `wrong` are forms to be shown again with what is wrong in them."""
    today, first = clock.today(), stay.started_on or stay.begins_on
    empty = {
        "start": forms.StartForm(formdata=None, on=min(max(today, stay.begins_on), stay.last_on)),
        "end": forms.EndForm(formdata=None, last_on=min(today, stay.last_on)),
        "interrupt": forms.InterruptForm(formdata=None, prefix="stop", last_on=min(today, stay.last_on)),
        "cancel": forms.ReasonForm(formdata=None),
        "file": forms.FileForm(formdata=None),
        "refuse": forms.ReasonForm(formdata=None, prefix="refuse"),
        "annul": forms.ReasonForm(formdata=None, prefix="annul"),
    }
    body = render_template(
        "rotations/rotation.html",
        stay=stay,
        own=actor().person_id == stay.person_id,
        may_host=actor().may(Rotations.HOST, stay),
        may_stop=actor().may(Rotations.STOP, stay) and stay.state in OPEN,
        may_plan=actor().may(Rotations.PLAN, stay) and stay.state in OPEN,
        may_attach=actor().may(Rotations.ATTACH, stay),
        may_refuse=stay.state == State.RECORDED and actor().may(Rotations.STOP, stay),
        second=stay.recorded_at is not None and second(actor(), stay),
        recorder=stays.recorder(stay) if stay.recorded_at else None,
        to_evaluate=stay.state in (*TO_EVALUATE, State.EVALUATED),
        can_start=stay.state == State.PLANNED and stay.begins_on <= today,
        first=first,
        steps=stays.steps(stay),
        evaluations=stays.evaluations(stay),
        practice=stays.practice(stay),
        files=stays.files(stay),
        forms=empty | wrong,
    )
    return body, 422 if wrong else 200


def back(stay: Rotation, words: str) -> ResponseReturnValue:
    """To the rotation, with words of what was done."""
    flash(words, "done")
    return redirect(url_for("rotations.rotation", id=stay.id), 303)


@pages.page("/rotations/<int:id>/start", needs=Rotations.HOST, on=one(Rotation), methods=("POST",))
def start(stay: Rotation) -> ResponseReturnValue:
    """The doctor has come."""
    form = forms.StartForm()
    if form.validate_on_submit() and attempted(form, lambda: services.start(actor(), stay, on=form.on.data)):
        return back(stay, _("Written down: the doctor has come."))
    return shown(stay, start=form)


@pages.page("/rotations/<int:id>/end", needs=Rotations.HOST, on=one(Rotation), methods=("POST",))
def end(stay: Rotation) -> ResponseReturnValue:
    """The doctor is done."""
    form = forms.EndForm()
    if form.validate_on_submit() and attempted(form, lambda: services.end(actor(), stay, last_on=form.last_on.data)):
        return back(stay, _("Ended. Say how it went, so that it counts."))
    return shown(stay, end=form)


@pages.page("/rotations/<int:id>/interrupt", needs=Rotations.STOP, on=one(Rotation), methods=("POST",))
def interrupt(stay: Rotation) -> ResponseReturnValue:
    """The doctor had to leave."""
    form = forms.InterruptForm(prefix="stop")

    def act() -> None:
        services.interrupt(actor(), stay, last_on=form.last_on.data, reason=form.reason.data or "")

    if form.validate_on_submit() and attempted(form, act):
        return back(stay, _("Interrupted. The place is free from the next day on."))
    return shown(stay, interrupt=form)


@pages.page("/rotations/<int:id>/cancel", needs=Rotations.STOP, on=one(Rotation), methods=("POST",))
def cancel(stay: Rotation) -> ResponseReturnValue:
    """Take the plan back."""
    form = forms.ReasonForm()
    if form.validate_on_submit() and attempted(
        form, lambda: services.cancel(actor(), stay, reason=form.reason.data or "")
    ):
        return back(stay, _("Cancelled. The place is free again."))
    return shown(stay, cancel=form)


@pages.page("/rotations/<int:id>/days", needs=Rotations.PLAN, on=one(Rotation), methods=("GET", "POST"))
def days(stay: Rotation) -> ResponseReturnValue:
    """Other days."""
    form = forms.DaysForm(begins_on=stay.begins_on, last_on=stay.last_on)

    def act() -> None:
        wish = services.Wish(form.begins_on.data, form.last_on.data)
        services.amend(actor(), stay, wish=wish, reason=form.reason.data or "")

    if form.validate_on_submit() and attempted(form, act):
        return back(stay, _("Changed. Both sides are told."))
    return render_template("rotations/days.html", stay=stay, form=form), 422 if request.method == "POST" else 200


@pages.page("/rotations/<int:id>/evaluate", needs=Rotations.HOST, on=one(Rotation), methods=("GET", "POST"))
def evaluate(stay: Rotation) -> ResponseReturnValue:
    """Say how it went, or correct what was said."""
    said = next(iter(stays.evaluations(stay)), None)
    form: forms.EvaluationForm = (
        forms.CorrectionForm(outcome=said.outcome, absent_days=said.absent_days, words=said.words)
        if said
        else forms.EvaluationForm(absent_days=0)
    )

    def act() -> None:
        found = services.Found(Outcome(form.outcome.data), form.absent_days.data or 0, form.words.data or "")
        reason = form.reason.data or "" if isinstance(form, forms.CorrectionForm) else ""
        services.evaluate(actor(), stay, found=found, reason=reason)

    if form.validate_on_submit() and attempted(form, act):
        return back(stay, _("Written down. The days count as soon as they have been heard of."))
    page = render_template("rotations/evaluate.html", stay=stay, form=form, said=said)
    return page, 422 if request.method == "POST" else 200


@pages.page("/rotations/<int:id>/practice", needs=Rotations.HOST, on=one(Rotation), methods=("GET", "POST"))
def practice(stay: Rotation) -> ResponseReturnValue:
    """Confirm hours of practice."""
    last = min(stay.last_on, clock.today())
    form = forms.PracticeForm(last_on=last, weekdays=[0, 1, 2, 3, 4])

    def act() -> None:
        services.confirm_practice(actor(), stay, practice=_practice(form))

    if form.validate_on_submit() and attempted(form, act):
        return back(stay, _("Confirmed. Each day becomes an entry of the hours ledger."))
    page = render_template("rotations/practice.html", stay=stay, form=form, known=stays.practice(stay))
    return page, 422 if request.method == "POST" else 200


def _practice(form: forms.PracticeForm) -> services.Practice:
    minutes = int((form.hours.data or 0) * 60)
    return services.Practice(
        form.first_on.data, form.last_on.data, tuple(form.weekdays.data or ()), minutes, form.done.data or ""
    )


@pages.page("/rotations/<int:id>/files", needs=Rotations.ATTACH, on=one(Rotation), methods=("POST",))
def attach(stay: Rotation) -> ResponseReturnValue:
    """Attach a document."""
    form, sent = forms.FileForm(), request.files.get("file")

    def act() -> None:
        if sent is not None:
            services.attach(actor(), stay, file=sent.stream, name=sent.filename or "")

    if form.validate_on_submit() and attempted(form, act):
        return back(stay, _("Attached."))
    return shown(stay, file=form)


@pages.page("/rotations/files/<int:id>", needs=Rotations.READ, on=one(RotationFile))
def file(found: RotationFile) -> ResponseReturnValue:
    """A document, to keep."""
    return send_file(
        BytesIO(found.content), mimetype=found.media_type, as_attachment=True, download_name=found.name
    )  # fmt: skip
