"""For officers: the board, one square with its sheets and history, sheets that differ, the close."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from assessments.osce import forms
from assessments.osce.models import Circuit, CircuitStation, State
from assessments.osce.policy import Osce, takes_part
from assessments.osce.queries import rulings, sheets, tablets
from assessments.osce.queries.board import Wanted, counts, rows, uploads
from assessments.osce.rules.judging import Cell
from assessments.osce.services import deciding
from assessments.osce.views import bytes_of, pages
from assessments.osce.views.overview import overview
from assessments.stations.rules import Checklist, score
from lms.i18n import _, pick
from lms.web import exports
from lms.web.forms import Form, attempted
from lms.web.pages import actor, one


@pages.page("/osce/circuits/<int:id>/board", needs=Osce.READ, on=one(Circuit))
def board(shown: Circuit) -> ResponseReturnValue:
    """Every candidate at every station, narrowed to what waits for somebody; or the same as a file."""
    found, asked = sheets.board(shown), request.args
    wanted = Wanted(asked.get("q", "").strip()[:80], asked.get("show", ""))
    candidates = rows(found, wanted)
    if kind := exports.wanted():
        columns = [_("Candidate number"), _("Full name"), *(station_name(place) for place in found.stations)]
        lines = [[row.number, row.name, *_cells(found, row.id)] for row in candidates]
        return exports.answer(kind, pick(shown.title, shown.title_en), columns, lines)
    return render_template(
        "osce/board.html",
        circuit=shown,
        board=found,
        candidates=candidates,
        counts=counts(found),
        wanted=wanted,
        uploads=uploads(found, tablets.last_heard(shown)),
    )


def station_name(place: CircuitStation) -> str:
    """A station's place and title."""
    return f"{place.position} {pick(place.version.station.title, place.version.station.title_en)}"


def _cells(found: sheets.Board, candidate: int) -> list[exports.Cell]:
    squares = [found.squares[place.id, candidate] for place in found.stations]
    return [one.score.percent if one.score else str(forms.CELLS[one.judged.cell]) for one in squares]


@pages.page("/osce/circuits/<int:id>/board/<int:candidate>/<int:station>", needs=Osce.READ, on=sheets.spot)
def square(spot: sheets.Spot) -> ResponseReturnValue:
    """The sheets of one candidate at one station, side by side, with all that was ruled."""
    return show_square(spot)


@pages.page(
    "/osce/circuits/<int:id>/board/<int:candidate>/<int:station>/settle",
    needs=Osce.SETTLE,
    on=sheets.spot,
    methods=("POST",),
)
def settle(spot: sheets.Spot) -> ResponseReturnValue:
    """Say which of the sheets that differ counts."""
    form = forms.SettleForm()
    form.sheet.choices = _choices(spot, sheets.board(spot.candidate.circuit))
    return decided(spot, "settle", form, lambda: _settle(spot, form), _("Settled."))


def decided(spot: sheets.Spot, name: str, form: Form, act: Callable[[], object], words: str) -> ResponseReturnValue:
    """Carry out what a form of the square asks for; back to the square, or the square again with what was wrong."""
    if form.validate() and attempted(form, act):
        flash(words, "done")
        return redirect(square_address(spot), 303)
    return show_square(spot, {name: form}), 422


def square_address(spot: sheets.Spot) -> str:
    """The page of one candidate at one station."""
    return url_for("osce.square", id=spot.circuit.id, candidate=spot.candidate.id, station=spot.station.id)


def _choices(spot: sheets.Spot, board: sheets.Board) -> list[tuple[str, str]]:
    names = {one.examiner_id: one.name for one in spot.station.examiners}
    found = board.squares[spot.station.id, spot.candidate.id]
    return [(str(sheet.id), names.get(sheet.examiner_id, "")) for sheet in found.sheets]


def show_square(spot: sheets.Spot, given: Mapping[str, Form] | None = None) -> str:
    """The page of one square; `given` are forms that came back with something wrong."""
    circuit, station, candidate = spot.circuit, spot.station, spot.candidate
    revision = rulings.open_revision(circuit) if circuit.state == State.RELEASED else None
    shown = sheets.board(circuit, revision)
    found = shown.squares[station.id, candidate.id]
    checklist, history = Checklist.of(station.version.body), sheets.history(station, candidate)
    decides = actor().may(Osce.SETTLE, spot) and not takes_part(actor(), circuit)
    return render_template(
        "osce/square.html",
        circuit=circuit,
        station=station,
        candidate=candidate,
        square=found,
        checklist=checklist,
        names=rulings.names_of([*history, *sheets.asides(station, candidate)]),
        numbers={one.id: one for one in shown.candidates},
        forms=_forms(spot, shown, given or {}),
        scores={sheet.id: score(checklist, sheet.marks) for sheet in found.sheets},
        history=history,
        asides=sheets.asides(station, candidate),
        undecided=[one.id for one in shown.undecided],
        said=rulings.said_of(station, candidate),
        settled=rulings.settled_of(station, candidate),
        revision=revision,
        settles=decides and found.judged.cell is Cell.DIFFERENT and circuit.state == State.RUNNING,
        rules=decides and (circuit.state == State.RUNNING or revision is not None),
        refuses=decides,
    )


def _forms(spot: sheets.Spot, shown: sheets.Board, given: Mapping[str, Form]) -> dict[str, Any]:
    """A fresh form for everything that can be done here, or the one that came back."""
    made: dict[str, Any] = {
        "settle": forms.SettleForm(formdata=None),
        "move": forms.MoveForm(formdata=None, prefix="move"),
        "miss": forms.MissForm(formdata=None, prefix="miss"),
        "void": forms.VoidForm(formdata=None, prefix="void"),
    }
    made |= given
    square = shown.squares[spot.station.id, spot.candidate.id]
    choices = _choices(spot, shown)
    made["settle"].sheet.choices = made["move"].sheets.choices = choices
    made["move"].to.choices = move_targets(spot, shown)
    for form in made.values():
        form.over.data = square.judged.over.hex()
    return made


def move_targets(spot: sheets.Spot, shown: sheets.Board) -> list[tuple[int, str]]:
    """For whom else a sheet can count: the other candidates by number."""
    return [(one.id, f"{one.number} {one.name}") for one in shown.candidates if one.id != spot.candidate.id]


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
    return overview(shown, close_form=form), 422


@pages.page("/osce/circuits/<int:id>/reopen", needs=Osce.CLOSE, on=one(Circuit), methods=("POST",))
def reopen(shown: Circuit) -> ResponseReturnValue:
    """Let sheets come in again."""
    form = forms.ReasonForm()
    if form.validate() and attempted(form, lambda: deciding.reopen(actor(), shown, reason=form.reason.data or "")):
        flash(_("Open again. Late tablets send what they hold by themselves."), "done")
        return redirect(url_for("osce.circuit", id=shown.id), 303)
    return overview(shown, reopen_form=form), 422
