"""Deciding what stands: which of two sheets, the close, and the release by a second officer."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from assessments.osce.events import CircuitReleased
from assessments.osce.models import (
    Circuit,
    CircuitCandidate,
    CircuitDecision,
    CircuitStation,
    Decided,
    SheetSettlement,
    State,
)
from assessments.osce.policy import Osce, takes_part
from assessments.osce.queries import sheets as queries
from assessments.osce.rules import RULES, Cell, Score
from assessments.results.models import ResultKind
from assessments.results.services import Evidence, record
from lms.authz import Actor
from lms.db import db
from lms.errors import Conflict, Invalid, NotAllowed
from lms.events import publish
from lms.i18n import _, _n
from lms.people.models import Person
from lms.service import service, tell


@service(needs=Osce.SETTLE, tells=("reason",))
def settle(
    actor: Actor, candidate: CircuitCandidate, *, station: CircuitStation, sheet: UUID, over: bytes, reason: str
) -> None:
    """Say which of the different sheets for a candidate at a station counts, and why."""
    circuit = _locked(actor, candidate.circuit, State.RUNNING)
    square = queries.board(circuit).squares.get((station.id, candidate.id))
    if square is None or square.judged.cell is not Cell.DIFFERENT or square.judged.over != over:
        raise Conflict(_("The sheets changed since you opened the page. Look at them again."))
    if sheet not in {one.id for one in square.sheets}:
        raise Invalid(_("Choose one of the sheets that stand."))
    if not reason.strip():
        raise Invalid(_("Say why."), field="reason")
    db.session.add(
        SheetSettlement(
            institution_id=circuit.institution_id,
            circuit_station_id=station.id,
            candidate_id=candidate.id,
            sheet_id=sheet,
            over_hash=over,
            reason=reason.strip(),
            person_id=actor.person_id,
        )
    )
    db.session.flush()
    tell(circuit=circuit.id, station=station.id, sheet=sheet)


@service(needs=Osce.CLOSE, tells=("reason",))
def close(actor: Actor, circuit: Circuit, *, content_hash: bytes, reason: str = "") -> None:
    """Freeze the sheets that were shown; none may differ, and who has no sheet needs a word about it."""
    _locked(actor, circuit, State.RUNNING)
    board = queries.board(circuit)
    if board.hash != content_hash:
        raise Conflict(_("Sheets came in since you opened the page. Look at the board again."))
    _no_conflicts(board)
    missing = len(board.of(Cell.MISSING))
    if missing and not reason.strip():
        words = _n("%(num)d sheet is missing. Say why.", "%(num)d sheets are missing. Say why.", missing)
        raise Invalid(words, field="reason")
    circuit.state, circuit.closed_by_id, circuit.closed_hash = State.CLOSED, actor.person_id, content_hash
    _write_down(actor, circuit, Decided.CLOSED, content_hash, reason)
    tell(circuit=circuit.id, hash=content_hash.hex(), missing=missing)


@service(needs=Osce.CLOSE, tells=("reason",))
def reopen(actor: Actor, circuit: Circuit, *, reason: str) -> None:
    """Let sheets come in again, for a tablet that was late or a mark that is corrected; before the release only."""
    _locked(actor, circuit, State.CLOSED)
    if not reason.strip():
        raise Invalid(_("Say why."), field="reason")
    hashed = circuit.closed_hash or b""
    circuit.state, circuit.closed_by_id, circuit.closed_hash = State.RUNNING, None, None
    _write_down(actor, circuit, Decided.REOPENED, hashed, reason)
    tell(circuit=circuit.id)


@service(needs=Osce.RELEASE)
def release(actor: Actor, circuit: Circuit, *, content_hash: bytes) -> int:
    """Let the frozen sheets stand as results, by another officer than the one who closed; how many results."""
    _locked(actor, circuit, State.CLOSED)
    if circuit.closed_by_id == actor.person_id:
        raise Conflict(_("You closed this circuit. Another officer must release it."))
    board = queries.board(circuit)
    if not (board.hash == circuit.closed_hash == content_hash):
        raise Conflict(_("The sheets are not those that were closed over. Open the circuit again and look."))
    _no_conflicts(board)
    persons = _persons(board)
    for at, square in board.squares.items():
        if square.counts is not None:
            _record(actor, board, at, persons)
    circuit.state, circuit.released_by_id = State.RELEASED, actor.person_id
    _write_down(actor, circuit, Decided.RELEASED, content_hash, "")
    publish(CircuitReleased(circuit.id))
    results = sum(square.counts is not None for square in board.squares.values())
    tell(circuit=circuit.id, hash=content_hash.hex(), results=results)
    return results


def _locked(actor: Actor, circuit: Circuit, state: State) -> Circuit:
    """The circuit, held until the end of the transaction, in this state; not for whoever takes part in it."""
    db.session.refresh(circuit, with_for_update=True)
    if circuit.state != state:
        raise Conflict(_("The circuit has gone on since; reload to see how it stands."))
    if takes_part(actor, circuit):
        raise NotAllowed
    return circuit


def _no_conflicts(board: queries.Board) -> None:
    open_conflicts = len(board.of(Cell.DIFFERENT))
    if open_conflicts:
        words = _n(
            "%(num)d candidate has sheets that differ. Settle it first.",
            "%(num)d candidates have sheets that differ. Settle them first.",
            open_conflicts,
        )
        raise Conflict(words)


def _write_down(actor: Actor, circuit: Circuit, decided: Decided, hashed: bytes, reason: str) -> None:
    db.session.add(
        CircuitDecision(
            institution_id=circuit.institution_id,
            circuit_id=circuit.id,
            decided=decided,
            content_hash=hashed,
            reason=reason.strip(),
            person_id=actor.person_id,
        )
    )
    db.session.flush()


def _persons(board: queries.Board) -> dict[int, Person]:
    """The candidates' own rows; whoever has moved out of the area is named, and the authority above releases."""
    wanted = {candidate.person_id: candidate for candidate in board.candidates}
    found = {one.id: one for one in db.session.scalars(sa.select(Person).where(Person.id.in_(wanted)))}
    gone = [candidate.name for number, candidate in wanted.items() if number not in found]
    if gone:
        raise Conflict(_("No longer in your area: %(names)s. The authority above must release.", names="、".join(gone)))
    return found


def _record(actor: Actor, board: queries.Board, at: queries.Place, persons: dict[int, Person]) -> None:
    station = next(one for one in board.stations if one.id == at[0])
    candidate = next(one for one in board.candidates if one.id == at[1])
    square = board.squares[at]
    assert square.counts is not None
    assert square.score is not None
    evidence = Evidence(
        kind=ResultKind.PRACTICAL_EXAM,
        on_day=station.circuit.on_day,
        source_kind="osce_station",
        source_id=f"{station.id}:{candidate.id}",
        source=_source(station, candidate, square, square.score),
        value=square.score.percent,
        technique_id=station.version.station.technique_id,
        assessor_id=square.counts.examiner_id,
        critical_failure=square.score.critical,
    )
    record(actor, persons[candidate.person_id], evidence=evidence)


def _source(
    station: CircuitStation, candidate: CircuitCandidate, square: queries.Square, score: Score
) -> dict[str, Any]:
    """What a result rests on: the sheets with their hashes, the station's version, and what they came to."""
    return {
        "circuit": station.circuit_id,
        "closed": (station.circuit.closed_hash or b"").hex(),
        "station": station.id,
        "station_version": station.version.content_hash.hex(),
        "candidate": candidate.id,
        "sheets": sorted(sheet.content_hash.hex() for sheet in square.sheets),
        "counts": square.judged.counts,
        "rules": RULES,
        "percent": str(score.percent),
        "passed": score.passed,
        "critical_failed": list(score.critical_failed),
        "key_rule_met": score.key_rule_met,
    }
