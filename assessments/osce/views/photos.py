"""For officers at the check-in: a candidate's picture, taken with the device in hand, and taken away again."""

import base64
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from assessments.osce import forms
from assessments.osce.models import CircuitCandidate
from assessments.osce.policy import Osce
from assessments.osce.queries import circuits, photos
from assessments.osce.services import photos as services
from assessments.osce.views import pages
from lms.i18n import _
from lms.web.forms import attempted
from lms.web.pages import actor
from lms.web.pictures import received


def shown_as(data: bytes) -> str:
    """A small picture inside a page."""
    return f"data:image/jpeg;base64,{base64.b64encode(data).decode()}"


@pages.page(
    "/osce/circuits/<int:id>/candidates/<int:number>/photo",
    needs=Osce.PLAN,
    on=circuits.candidate_at,
    methods=("GET", "POST"),
)
def photo(shown: CircuitCandidate) -> ResponseReturnValue:
    """Take a candidate's picture, with consent."""
    form = forms.PhotoForm()
    if form.validate_on_submit() and attempted(form, lambda: _keep(shown, form)):
        flash(_("Saved. The examiners see it until the release, for a week at most."), "done")
        return redirect(url_for("osce.candidates", id=shown.circuit_id), 303)
    found = photos.photo_of(shown)
    page = render_template(
        "osce/photo.html", candidate=shown, form=form, picture=shown_as(found.data) if found else None
    )
    return page, 422 if request.method == "POST" else 200


def _keep(shown: CircuitCandidate, form: Any) -> None:
    sent = form.picture.data
    drawn = received(sent.stream, sent.filename or "")
    services.keep_photo(actor(), shown, drawn=drawn, consent=bool(form.consent.data))


@pages.page(
    "/osce/circuits/<int:id>/candidates/<int:number>/photo/drop",
    needs=Osce.PLAN,
    on=circuits.candidate_at,
    methods=("POST",),
)
def drop_photo(shown: CircuitCandidate) -> ResponseReturnValue:
    """Take the picture away."""
    circuit_id = shown.circuit_id
    services.drop_photo(actor(), shown)
    flash(_("The picture is gone."), "done")
    return redirect(url_for("osce.candidates", id=circuit_id), 303)
