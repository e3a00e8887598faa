"""Rotations that were kept on paper: recorded, confirmed, struck out, taken back."""

from datetime import timedelta

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from courses.rotations import forms, services
from courses.rotations.models import Rotation, RotationDepartment
from courses.rotations.policy import Rotations
from courses.rotations.views import pages
from courses.rotations.views.stay import back, shown
from lms.i18n import _
from lms.web import limits
from lms.web.forms import attempted
from lms.web.pages import actor, one

#: So many tries an hour: accounts and names of other houses are not to be guessed.
PER_HOUR = 30


@pages.page(
    "/rotations/departments/<int:id>/record", needs=Rotations.RECORD, on=one(RotationDepartment),
    methods=("GET", "POST"),
)  # fmt: skip
def record(department: RotationDepartment) -> ResponseReturnValue:
    """Write down a rotation that was kept on paper."""
    form, made = forms.PastForm(absent_days=0), list[Rotation]()

    def act() -> None:
        limits.count("rotations.record", str(actor().person_id), most=PER_HOUR, per=timedelta(hours=1))
        sent = request.files["file"]
        row = services.record(
            actor(), department, account=form.account.data or "", name=form.name.data or "", past=_past(form),
            file=sent.stream, named=sent.filename or "",
        )  # fmt: skip
        made.append(row)

    if form.validate_on_submit() and attempted(form, act):
        flash(_("Recorded. It counts once a manager over the doctor's institution has confirmed it."), "done")
        return redirect(url_for("rotations.rotation", id=made[0].id), 303)
    page = render_template("rotations/record.html", form=form, department=department)
    return page, 422 if request.method == "POST" else 200


def _past(form: forms.PastForm) -> services.Past:
    return services.Past(
        form.begins_on.data, form.last_on.data, form.absent_days.data or 0, form.words.data or "",
        form.reason.data or "",
    )  # fmt: skip


@pages.page("/rotations/<int:id>/confirm", needs=Rotations.CONFIRM, on=one(Rotation), methods=("POST",))
def confirm(stay: Rotation) -> ResponseReturnValue:
    """Stand by it as the second person."""
    services.confirm(actor(), stay)
    return back(stay, _("Confirmed. The days count as soon as they have been heard of."))


@pages.page("/rotations/<int:id>/refuse", needs=Rotations.STOP, on=one(Rotation), methods=("POST",))
def refuse(stay: Rotation) -> ResponseReturnValue:
    """Strike it out before it counts."""
    form = forms.ReasonForm(prefix="refuse")
    if form.validate_on_submit() and attempted(
        form, lambda: services.refuse(actor(), stay, reason=form.reason.data or "")
    ):
        return back(stay, _("Struck out. It does not count."))
    return shown(stay, refuse=form)


@pages.page("/rotations/<int:id>/annul", needs=Rotations.CONFIRM, on=one(Rotation), methods=("POST",))
def annul(stay: Rotation) -> ResponseReturnValue:
    """Take a confirmed one back."""
    form = forms.ReasonForm(prefix="annul")
    if form.validate_on_submit() and attempted(
        form, lambda: services.annul(actor(), stay, reason=form.reason.data or "")
    ):
        return back(stay, _("Taken back. Its days no longer count."))
    return shown(stay, annul=form)
