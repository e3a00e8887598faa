"""Deciding what stands: which of two sheets counts, the close, and opening again; the release is in releasing.py."""

from uuid import UUID

from assessments.osce.models import (
    Circuit,
    CircuitCandidate,
    CircuitStation,
    Decided,
    SheetSettlement,
    State,
)
from assessments.osce.policy import Osce
from assessments.osce.queries import sheets as queries
from assessments.osce.rules.judging import Cell
from assessments.osce.services.holding import given, held, no_conflicts, write_down
from lms.authz import Actor
from lms.db import db
from lms.errors import Conflict, Invalid
from lms.i18n import _, _n
from lms.service import service, tell


@service(needs=Osce.SETTLE, tells=("reason",))
def settle(
    actor: Actor, candidate: CircuitCandidate, *, station: CircuitStation, sheet: UUID, over: bytes, reason: str
) -> None:
    """Say which of the different sheets for a candidate at a station counts, and why."""
    circuit = held(actor, candidate.circuit, State.RUNNING)
    square = queries.board(circuit).squares.get((station.id, candidate.id))
    if square is None or square.judged.cell is not Cell.DIFFERENT or square.judged.over != over:
        raise Conflict(_("The sheets changed since you opened the page. Look at them again."))
    if sheet not in {one.id for one in square.sheets}:
        raise Invalid(_("Choose one of the sheets that stand."))
    db.session.add(
        SheetSettlement(
            institution_id=circuit.institution_id,
            circuit_station_id=station.id,
            candidate_id=candidate.id,
            sheet_id=sheet,
            over_hash=over,
            reason=given(reason),
            person_id=actor.person_id,
        )
    )
    db.session.flush()
    tell(circuit=circuit.id, station=station.id, sheet=sheet)


@service(needs=Osce.CLOSE, tells=("reason",))
def close(actor: Actor, circuit: Circuit, *, content_hash: bytes, reason: str = "") -> None:
    """Freeze the sheets that were shown; none may differ, and who has no sheet needs a word about it."""
    held(actor, circuit, State.RUNNING)
    board = queries.board(circuit)
    if board.hash != content_hash:
        raise Conflict(_("Sheets came in since you opened the page. Look at the board again."))
    no_conflicts(board)
    missing = len(board.of(Cell.MISSING, Cell.AWAITED))
    if missing and not reason.strip():
        words = _n("%(num)d sheet is missing. Say why.", "%(num)d sheets are missing. Say why.", missing)
        raise Invalid(words, field="reason")
    circuit.state, circuit.closed_by_id, circuit.closed_hash = State.CLOSED, actor.person_id, content_hash
    write_down(actor, circuit, Decided.CLOSED, content_hash, reason)
    tell(circuit=circuit.id, hash=content_hash.hex(), missing=missing)


@service(needs=Osce.CLOSE, tells=("reason",))
def reopen(actor: Actor, circuit: Circuit, *, reason: str) -> None:
    """Let sheets come in again, for a tablet that was late or a mark that is corrected; before the release only."""
    held(actor, circuit, State.CLOSED)
    reason = given(reason)
    hashed = circuit.closed_hash or b""
    circuit.state, circuit.closed_by_id, circuit.closed_hash = State.RUNNING, None, None
    write_down(actor, circuit, Decided.REOPENED, hashed, reason)
    tell(circuit=circuit.id)
