"""For officers: the board, sheets that differ, the close, the release."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from assessments.osce import forms
from assessments.osce.models import Circuit, CircuitStation, State
from assessments.osce.policy import Osce, takes_part
from assessments.osce.queries import circuits, sheets
from assessments.osce.rules import Cell, Checklist, score
from assessments.osce.services import deciding
from assessments.osce.views import bytes_of, pages
from lms.i18n import _, _n, pick
from lms.web import exports
from lms.web.forms import Form, attempted
from lms.web.pages import actor, one


@pages.page("/osce/circuits/<int:id>/board", needs=Osce.READ, on=one(Circuit))
def board(shown: Circuit) -> ResponseReturnValue:
    """Every candidate at every station; or the same as a file."""
    found = sheets.board(shown)
    if kind := exports.wanted():
        columns = [_("Candidate number"), _("Full name"), *(_station_name(place) for place in found.stations)]
        rows = [[one.number, one.name, *_cells(found, one.id)] for one in found.candidates]
        return exports.answer(kind, pick(shown.title, shown.title_en), columns, rows)
    return render_template("osce/board.html", circuit=shown, board=found)


def _station_name(place: CircuitStation) -> str:
    return f"{place.position} {pick(place.version.station.title, place.version.station.title_en)}"


def _cells(found: sheets.Board, candidate: int) -> list[exports.Cell]:
    squares = [found.squares[place.id, candidate] for place in found.stations]
    return [one.score.percent if one.score else str(forms.CELLS[one.judged.cell]) for one in squares]


@pages.page("/osce/circuits/<int:id>/board/<int:candidate>/<int:station>", needs=Osce.READ, on=sheets.spot)
def square(spot: sheets.Spot) -> ResponseReturnValue:
    """The sheets of one candidate at one station, side by side."""
    return _square(spot, forms.SettleForm())


@pages.page(
    "/osce/circuits/<int:id>/board/<int:candidate>/<int:station>/settle",
    needs=Osce.SETTLE,
    on=sheets.spot,
    methods=("POST",),
)
def settle(spot: sheets.Spot) -> ResponseReturnValue:
    """Say which of the sheets that differ counts."""
    form = forms.SettleForm()
    form.sheet.choices = _choices(
        spot, sheets.board(spot.candidate.circuit).squares[spot.station.id, spot.candidate.id]
    )
    if form.validate() and attempted(form, lambda: _settle(spot, form)):
        flash(_("Settled."), "done")
        return redirect(url_for("osce.board", id=spot.station.circuit_id), 303)
    return _square(spot, form), 422


def _choices(spot: sheets.Spot, found: sheets.Square) -> list[tuple[str, str]]:
    names = {one.examiner_id: one.name for one in spot.station.examiners}
    return [(str(sheet.id), names.get(sheet.examiner_id, "")) for sheet in found.sheets]


def _square(spot: sheets.Spot, form: forms.SettleForm) -> str:
    circuit, station, candidate = spot.candidate.circuit, spot.station, spot.candidate
    found = sheets.board(circuit).squares[station.id, candidate.id]
    checklist = Checklist.of(station.version.body)
    form.sheet.choices, form.over.data = _choices(spot, found), found.judged.over.hex()
    return render_template(
        "osce/square.html",
        circuit=circuit,
        station=station,
        candidate=candidate,
        square=found,
        checklist=checklist,
        names={one.examiner_id: one.name for one in station.examiners},
        form=form,
        scores={sheet.id: score(checklist, sheet.marks) for sheet in found.sheets},
        history=sheets.history(station, candidate),
        asides=sheets.asides(station, candidate),
        settles=found.judged.cell is Cell.DIFFERENT
        and circuit.state == State.RUNNING
        and actor().may(Osce.SETTLE, spot)
        and not takes_part(actor(), circuit),
    )


def _settle(spot: sheets.Spot, form: forms.SettleForm) -> None:
    deciding.settle(
        actor(),
        spot.candidate,
        station=spot.station,
        sheet=UUID(form.sheet.data),
        over=bytes_of(form.over.data),
        reason=form.reason.data or "",
    )


@pages.page("/osce/circuits/<int:id>/close", needs=Osce.CLOSE, on=one(Circuit), methods=("POST",))
def close(shown: Circuit) -> ResponseReturnValue:
    """Freeze the sheets."""
    form = forms.CloseForm()
    sent = bytes_of(form.hash.data)
    if form.validate() and attempted(
        form, lambda: deciding.close(actor(), shown, content_hash=sent, reason=form.reason.data or "")
    ):
        flash(_("Closed. Another officer releases the results."), "done")
        return redirect(url_for("osce.circuit", id=shown.id), 303)
    return _again(shown, close_form=form), 422


@pages.page("/osce/circuits/<int:id>/reopen", needs=Osce.CLOSE, on=one(Circuit), methods=("POST",))
def reopen(shown: Circuit) -> ResponseReturnValue:
    """Let sheets come in again."""
    form = forms.ReasonForm()
    if form.validate() and attempted(form, lambda: deciding.reopen(actor(), shown, reason=form.reason.data or "")):
        flash(_("Open again. Late tablets send what they hold by themselves."), "done")
        return redirect(url_for("osce.circuit", id=shown.id), 303)
    return _again(shown, reopen_form=form), 422


def _again(shown: Circuit, **form: Form) -> str:
    given = {"close_form": forms.CloseForm(formdata=None), "reopen_form": forms.ReasonForm(formdata=None)} | form
    return render_template(
        "osce/circuit.html",
        circuit=shown,
        board=sheets.board(shown),
        decisions=circuits.decisions_of(shown),
        host=circuits.place_name(shown.institution_id),
        involved=takes_part(actor(), shown),
        **given,
    )


@pages.page("/osce/circuits/<int:id>/release", needs=Osce.RELEASE, on=one(Circuit), methods=("POST",))
def release(shown: Circuit) -> ResponseReturnValue:
    """Let the frozen sheets stand as results."""
    results = deciding.release(actor(), shown, content_hash=bytes_of(request.form.get("hash")))
    flash(_n("%(num)d result recorded.", "%(num)d results recorded.", results), "done")
    return redirect(url_for("osce.circuit", id=shown.id), 303)
