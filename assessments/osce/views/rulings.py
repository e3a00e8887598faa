"""For officers: rulings on one square or on a whole station, and taking them back."""

from collections.abc import Callable
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from assessments.osce import forms
from assessments.osce.models import CircuitStation, SheetAside, SheetRuling, State
from assessments.osce.policy import Osce, takes_part
from assessments.osce.queries import circuits, rulings, sheets
from assessments.osce.rules.judging import Missed, Ruled
from assessments.osce.services import rulings as services
from assessments.osce.views import bytes_of, pages
from assessments.osce.views.deciding import decided, move_targets, square_address, station_name
from lms.authz import only
from lms.i18n import _
from lms.web.forms import Form, attempted
from lms.web.pages import actor

_SQUARE = "/osce/circuits/<int:id>/board/<int:candidate>/<int:station>"


@pages.page(f"{_SQUARE}/move", needs=Osce.SETTLE, on=sheets.spot, methods=("POST",))
def move(spot: sheets.Spot) -> ResponseReturnValue:
    """Let sheets count for another candidate."""
    form, shown = forms.MoveForm(prefix="move"), sheets.board(spot.circuit, rulings.open_revision(spot.circuit))
    form.sheets.choices = [(str(one.id), "") for one in shown.squares[spot.station.id, spot.candidate.id].sheets]
    form.to.choices = move_targets(spot, shown)
    return decided(spot, "move", form, lambda: _move(spot, form), _("Written down. The sheet counts for the other."))


def _move(spot: sheets.Spot, form: forms.MoveForm) -> None:
    services.move(
        actor(),
        spot.candidate,
        station=spot.station,
        sheets_of=[UUID(number) for number in form.sheets.data or []],
        to=only(circuits.candidate_at(spot.circuit.id, form.to.data)),
        over=bytes_of(form.over.data),
        reason=form.reason.data or "",
    )


@pages.page(f"{_SQUARE}/miss", needs=Osce.SETTLE, on=sheets.spot, methods=("POST",))
def miss(spot: sheets.Spot) -> ResponseReturnValue:
    """Say that the candidate was not there, and what follows."""
    form = forms.MissForm(prefix="miss")
    return decided(spot, "miss", form, lambda: _miss(spot, form), _("Written down."))


def _miss(spot: sheets.Spot, form: forms.MissForm) -> None:
    services.miss(
        actor(),
        spot.candidate,
        station=spot.station,
        missed=Missed(form.missed.data),
        over=bytes_of(form.over.data),
        reason=form.reason.data or "",
    )


@pages.page(f"{_SQUARE}/void", needs=Osce.SETTLE, on=sheets.spot, methods=("POST",))
def void(spot: sheets.Spot) -> ResponseReturnValue:
    """Say that the station does not count for this candidate."""
    form = forms.VoidForm(prefix="void")
    return decided(spot, "void", form, lambda: _void(spot, form), _("Written down. The station does not count."))


def _void(spot: sheets.Spot, form: forms.VoidForm) -> None:
    over, reason = bytes_of(form.over.data), form.reason.data or ""
    services.void(actor(), spot.candidate, station=spot.station, over=over, reason=reason)


@pages.page(
    "/osce/circuits/<int:id>/board/stations/<int:number>",
    needs=Osce.READ,
    on=circuits.station_at,
    methods=("GET",),
)
def board_station(station: CircuitStation) -> ResponseReturnValue:
    """One station for everybody: what came in, and whether it counts."""
    return _station(station, forms.VoidForm(formdata=None))


@pages.page(
    "/osce/circuits/<int:id>/board/stations/<int:number>/void",
    needs=Osce.SETTLE,
    on=circuits.station_at,
    methods=("POST",),
)
def void_station(station: CircuitStation) -> ResponseReturnValue:
    """Say that a station counts for nobody."""
    form = forms.VoidForm()
    sent = bytes_of(form.over.data)
    if form.validate() and attempted(
        form, lambda: services.void_station(actor(), station, over=sent, reason=form.reason.data or "")
    ):
        flash(_("Written down. The station counts for nobody."), "done")
        return redirect(url_for("osce.board_station", id=station.circuit_id, number=station.id), 303)
    return _station(station, form), 422


def _station(station: CircuitStation, form: forms.VoidForm) -> str:
    circuit = station.circuit
    revision = rulings.open_revision(circuit) if circuit.state == State.RELEASED else None
    shown = sheets.board(circuit, revision)
    form.over.data = shown.hash_of(station.id).hex()
    said = rulings.said_of_station(station)
    return render_template(
        "osce/board_station.html",
        circuit=circuit,
        station=station,
        name=station_name(station),
        squares=[(one, shown.squares[station.id, one.id]) for one in shown.candidates],
        form=form,
        said=said,
        voided=any(one.row.ruling == Ruled.VOIDED and (one.holds or _of(one, revision)) for one in said),
        revision=revision,
        rules=actor().may(Osce.SETTLE, station)
        and not takes_part(actor(), circuit)
        and (circuit.state == State.RUNNING or revision is not None),
    )


def _of(said: rulings.Said, revision: object) -> bool:
    return revision is not None and said.revision is revision and not said.undone


@pages.page(
    "/osce/circuits/<int:id>/asides/<int:number>/accept", needs=Osce.SETTLE, on=rulings.aside_at, methods=("POST",)
)
def accept(row: SheetAside) -> ResponseReturnValue:
    """Let a sheet that was kept aside count."""
    form = forms.AsideForm(prefix=f"aside{row.id}")
    _acted(form, lambda: _accept(row, form), _("It counts now."))
    return redirect(_square_of(row.circuit_station_id, row.candidate_id), 303)


@pages.page(
    "/osce/circuits/<int:id>/asides/<int:number>/refuse", needs=Osce.SETTLE, on=rulings.aside_at, methods=("POST",)
)
def refuse(row: SheetAside) -> ResponseReturnValue:
    """Say that a sheet that was kept aside does not count."""
    form = forms.AsideForm(prefix=f"aside{row.id}")
    words = _("Refused. It stays where it is, for everybody to see.")
    _acted(form, lambda: services.refuse(actor(), row, reason=form.reason.data or ""), words)
    return redirect(_square_of(row.circuit_station_id, row.candidate_id), 303)


def _accept(row: SheetAside, form: forms.AsideForm) -> None:
    over, reason = bytes_of(form.over.data), form.reason.data or ""
    services.accept(actor(), row, over=over, reason=reason, alone=bool(form.alone.data))


@pages.page(
    "/osce/circuits/<int:id>/rulings/<int:number>/undo", needs=Osce.SETTLE, on=rulings.ruling_at, methods=("POST",)
)
def undo(row: SheetRuling) -> ResponseReturnValue:
    """Take a ruling back."""
    form = forms.WordForm(prefix=f"undo{row.id}")
    _acted(form, lambda: services.undo(actor(), row, reason=form.reason.data or ""), _("Undone."))
    if row.candidate_id is None:
        return redirect(url_for("osce.board_station", id=row.circuit_id, number=row.circuit_station_id), 303)
    asked = request.form.get("candidate", "")
    here = int(asked) if asked.isdigit() and int(asked) == row.to_candidate_id else row.candidate_id
    return redirect(_square_of(row.circuit_station_id, here), 303)


def _acted(form: Form, act: Callable[[], object], words: str) -> None:
    """Carry it out and say so; or say what was wrong."""
    if form.validate() and attempted(form, act):
        flash(words, "done")
        return
    wrong = [*form.form_errors, *(error for errors in form.errors.values() for error in errors)]
    flash(" ".join(dict.fromkeys(map(str, wrong))), "danger")


def _square_of(station: int, candidate: int) -> str:
    return square_address(only(sheets.spot_of(station, candidate)))
