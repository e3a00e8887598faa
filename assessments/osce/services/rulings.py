"""Rulings: the ways out when a sheet or a station went wrong. Each is a row beside the sheets; none of them changes.

While a circuit runs a ruling holds at once and is frozen with the sheets. Once results are released it belongs to a
revision and holds when another officer releases that.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from assessments.osce.models import (
    Circuit,
    CircuitCandidate,
    CircuitStation,
    Revision,
    Sheet,
    SheetAside,
    SheetRuling,
    State,
)
from assessments.osce.policy import Osce
from assessments.osce.queries import rulings as queries
from assessments.osce.queries import sheets
from assessments.osce.rules.judging import Cell, Missed, Ruled
from assessments.osce.services.holding import given, held
from assessments.stations.rules import Checklist, Written, WrongSheet, read
from lms.authz import Actor
from lms.db import db
from lms.digests import digest
from lms.errors import Conflict, Invalid
from lms.i18n import _
from lms.service import service, tell

_DECIDING = (State.RUNNING, State.RELEASED)
#: Columns that a tablet's sheet has wherever it lies, beside what was handed in.
_CARRIED = sorted(
    {column.key for column in Sheet.__table__.columns}
    & {column.key for column in SheetAside.__table__.columns}
    - {"id", "institution_id", "circuit_station_id", "candidate_id", "examiner_id", "content_hash"}
)


@service(needs=Osce.SETTLE, tells=("reason",))
def move(
    actor: Actor,
    candidate: CircuitCandidate,
    *,
    station: CircuitStation,
    sheets_of: Sequence[UUID],
    to: CircuitCandidate,
    over: bytes,
    reason: str,
) -> int:
    """Say that these sheets were written for the wrong candidate and count for another; how many."""
    circuit, revision = _open(actor, candidate.circuit)
    square = _seen(circuit, revision, station, candidate, over)
    if to.circuit_id != circuit.id or to.id == candidate.id:
        raise Invalid(_("Choose another candidate of this circuit."), field="to")
    here = {sheet.id: sheet for sheet in square.sheets}
    if not sheets_of or set(sheets_of) - here.keys():
        raise Invalid(_("Choose sheets that stand for this candidate at this station."), field="sheets")
    if any(here[number].examiner_id == to.person_id for number in sheets_of):
        raise Invalid(_("Nobody marks themselves."), field="to")
    held_now = {one.sheet: one for one in queries.rulings(circuit, revision).standing if one.ruled is Ruled.MOVED}
    word = _Word(over, reason, revision)
    for number in dict.fromkeys(sheets_of):
        if str(number) in held_now:
            raise Conflict(_("This sheet was moved here by a ruling. Undo that ruling instead."))
        _rule(actor, station, Ruled.MOVED, word, candidate=candidate, sheet_id=number, to=to)
    tell(circuit=circuit.id, station=station.id, sheets=[str(one) for one in sheets_of], to=to.number)
    return len(sheets_of)


@service(needs=Osce.SETTLE, tells=("missed", "reason"))
def miss(
    actor: Actor, candidate: CircuitCandidate, *, station: CircuitStation, missed: Missed, over: bytes, reason: str
) -> SheetRuling:
    """Say that the candidate was not at the station: excused, failed, or not counted. A sheet that comes counts."""
    circuit, revision = _open(actor, candidate.circuit)
    square = _seen(circuit, revision, station, candidate, over)
    if square.sheets:
        raise Conflict(_("There is a sheet for this candidate at this station. Look at it first."))
    if square.judged.cell is Cell.VOIDED and not _missed(circuit, revision, station, candidate):
        raise Conflict(_("This station does not count for this candidate already."))
    tell(circuit=circuit.id, station=station.id)
    return _rule(actor, station, Ruled.MISSED, _Word(over, reason, revision), candidate=candidate, missed=missed)


def _missed(circuit: Circuit, revision: Revision | None, station: CircuitStation, candidate: CircuitCandidate) -> bool:
    said = queries.rulings(circuit, revision).at((station.id, candidate.id))
    return all(one.ruled is Ruled.MISSED for one in said)


@service(needs=Osce.SETTLE, tells=("reason",))
def void(
    actor: Actor, candidate: CircuitCandidate, *, station: CircuitStation, over: bytes, reason: str
) -> SheetRuling:
    """Say that a station does not count for one candidate, whatever sheet there is."""
    circuit, revision = _open(actor, candidate.circuit)
    square = _seen(circuit, revision, station, candidate, over)
    if square.judged.cell is Cell.VOIDED:
        raise Conflict(_("This station does not count for this candidate already."))
    tell(circuit=circuit.id, station=station.id)
    return _rule(actor, station, Ruled.VOIDED, _Word(over, reason, revision), candidate=candidate)


@service(needs=Osce.SETTLE, tells=("reason",))
def void_station(actor: Actor, station: CircuitStation, *, over: bytes, reason: str) -> SheetRuling:
    """Say that a station counts for nobody; `over` is the hash of all its sheets, as the page showed it."""
    circuit, revision = _open(actor, station.circuit)
    board = sheets.board(circuit, revision)
    if board.hash_of(station.id) != over:
        raise Conflict(_("Sheets came in since you opened the page. Look at the board again."))
    standing = queries.rulings(circuit, revision).standing
    if any(one.ruled is Ruled.VOIDED and one.station == station.id and one.candidate is None for one in standing):
        raise Conflict(_("This station counts for nobody already."))
    tell(circuit=circuit.id, station=station.id)
    return _rule(actor, station, Ruled.VOIDED, _Word(over, reason, revision))


@service(needs=Osce.SETTLE, tells=("reason",))
def accept(actor: Actor, aside: SheetAside, *, over: bytes, reason: str, alone: bool = False) -> SheetRuling:
    """Let a sheet that was kept aside count, beside the others or (`alone`) in place of them."""
    station = db.session.get_one(CircuitStation, aside.circuit_station_id)
    candidate = db.session.get_one(CircuitCandidate, aside.candidate_id)
    circuit, revision = _open(actor, station.circuit)
    _seen(circuit, revision, station, candidate, over)
    _undecided(circuit, revision, aside)
    _stand(aside, station, candidate)
    tell(circuit=circuit.id, station=station.id, sheet=aside.sheet_id, aside=aside.why, hash=aside.content_hash.hex())
    named: dict[str, Any] = {"candidate": candidate, "sheet_id": aside.sheet_id, "aside_id": aside.id, "alone": alone}
    return _rule(actor, station, Ruled.ACCEPTED, _Word(over, reason, revision), **named)


@service(needs=Osce.SETTLE, tells=("reason",))
def refuse(actor: Actor, aside: SheetAside, *, reason: str) -> SheetRuling:
    """Say that a sheet kept aside does not count; it stays where it is. In every state, for it changes no mark."""
    station = db.session.get_one(CircuitStation, aside.circuit_station_id)
    candidate = db.session.get_one(CircuitCandidate, aside.candidate_id)
    circuit = held(actor, station.circuit, *State)
    _undecided(circuit, queries.open_revision(circuit), aside)
    tell(circuit=circuit.id, station=station.id, sheet=aside.sheet_id, aside=aside.why, hash=aside.content_hash.hex())
    named: dict[str, Any] = {"candidate": candidate, "sheet_id": aside.sheet_id, "aside_id": aside.id}
    return _rule(actor, station, Ruled.REFUSED, _Word(aside.content_hash, reason, None), **named)


@service(needs=Osce.SETTLE, tells=("reason",))
def undo(actor: Actor, ruling: SheetRuling, *, reason: str) -> SheetRuling:
    """Take a ruling back; what it was stays in the history, and it can be ruled anew."""
    station = db.session.get_one(CircuitStation, ruling.circuit_station_id)
    circuit, revision = station.circuit, None
    if ruling.ruling == Ruled.REFUSED:
        held(actor, circuit, *State)
    else:
        circuit, revision = _open(actor, circuit)
    standing = {one.id for one in queries.rulings(circuit, revision).standing}
    if ruling.id not in standing:
        raise Conflict(_("This ruling does not hold any more."))
    tell(circuit=circuit.id, station=station.id, ruling=ruling.id)
    candidate = db.session.get(CircuitCandidate, ruling.candidate_id) if ruling.candidate_id else None
    named: dict[str, Any] = {"candidate": candidate, "undoes_id": ruling.id}
    return _rule(actor, station, Ruled.UNDONE, _Word(ruling.over_hash, reason, revision), **named)


def _open(actor: Actor, circuit: Circuit) -> tuple[Circuit, Revision | None]:
    """The circuit, held; after the release with the revision to which rulings belong."""
    held(actor, circuit, *_DECIDING)
    if circuit.state != State.RELEASED:
        return circuit, None
    revision = queries.open_revision(circuit)
    if revision is None:
        raise Conflict(_("The results are released. Open a revision first; another officer releases it."))
    return circuit, revision


def _seen(
    circuit: Circuit, revision: Revision | None, station: CircuitStation, candidate: CircuitCandidate, over: bytes
) -> sheets.Square:
    """The square that a ruling is about, as it was seen; raises where it belongs elsewhere or has changed since."""
    square = sheets.board(circuit, revision).squares.get((station.id, candidate.id))
    if square is None:
        raise Invalid(_("This candidate is not in this circuit."))
    if square.judged.over != over:
        raise Conflict(_("The sheets changed since you opened the page. Look at them again."))
    return square


def _undecided(circuit: Circuit, revision: Revision | None, aside: SheetAside) -> None:
    if str(aside.sheet_id) in queries.rulings(circuit, revision).decided:
        raise Conflict(_("This sheet has been decided about already. Undo that ruling first."))


def _stand(aside: SheetAside, station: CircuitStation, candidate: CircuitCandidate) -> None:
    """Write the sheet among the others, word for word; it counts only while a ruling lets it."""
    kept = db.session.scalar(sa.select(Sheet.content_hash).where(Sheet.id == aside.sheet_id))
    if kept == aside.content_hash:
        return
    if kept is not None:
        raise Conflict(_("Another sheet has this number. Nothing was written over it."))
    written, content = _written(aside, station, candidate), aside.content
    corrects = UUID(content["supersedes"]) if content["supersedes"] else None
    row = pg.insert(Sheet).values(
        id=aside.sheet_id,
        institution_id=station.institution_id,
        person_id=candidate.person_id,
        circuit_station_id=station.id,
        candidate_id=candidate.id,
        examiner_id=aside.examiner_id,
        version=_version(aside, corrects),
        supersedes_id=corrects,
        reason=written.reason,
        marks=dict(written.marks),
        rating=written.rating,
        comment=written.comment,
        begun_at=written.begun_at,
        own_clock=written.own_clock,
        content_hash=aside.content_hash,
        **{name: getattr(aside, name) for name in _CARRIED},
    )
    if db.session.scalar(row.on_conflict_do_nothing().returning(Sheet.id)) is None:
        raise Conflict(_("What it corrects has been corrected otherwise already. It can only be refused."))


def _written(aside: SheetAside, station: CircuitStation, candidate: CircuitCandidate) -> Written:
    """What was handed in, read again by the checklist; raises where it could never count."""
    content = aside.content
    belongs = content.get("station") == station.id and content.get("candidate") == candidate.id
    if not belongs or digest(content) != aside.content_hash or candidate.circuit_id != station.circuit_id:
        raise Conflict(_("What lies here is not a sheet of this candidate at this station. It can only be refused."))
    if aside.examiner_id == candidate.person_id:
        raise Conflict(_("Nobody marks themselves."))
    try:
        return read(Checklist.of(station.version.body), content)
    except WrongSheet:
        raise Conflict(_("This sheet does not fit the checklist. It can only be refused.")) from None


def _version(aside: SheetAside, corrects: UUID | None) -> int:
    """The number of the version it becomes; raises where it does not follow what stands."""
    query = sa.select(Sheet.id, Sheet.version).where(
        Sheet.circuit_station_id == aside.circuit_station_id,
        Sheet.candidate_id == aside.candidate_id,
        Sheet.examiner_id == aside.examiner_id,
    )
    versions = {row.id: row.version for row in db.session.execute(query)}
    if corrects is None and versions:
        raise Conflict(_("Another sheet of this examiner stands for this candidate. Let them correct it instead."))
    if corrects is not None and corrects not in versions:
        raise Conflict(_("It corrects a sheet that does not stand. Accept that one first."))
    return max(versions.values(), default=0) + 1


@dataclass(frozen=True)
class _Word:
    """Over what an officer decides, why, and in which revision."""

    over: bytes
    reason: str
    revision: Revision | None


def _rule(
    actor: Actor,
    station: CircuitStation,
    ruled: Ruled,
    word: _Word,
    *,
    candidate: CircuitCandidate | None = None,
    to: CircuitCandidate | None = None,
    **named: Any,
) -> SheetRuling:
    row = SheetRuling(
        institution_id=station.institution_id,
        circuit_id=station.circuit_id,
        circuit_station_id=station.id,
        candidate_id=candidate.id if candidate else None,
        to_candidate_id=to.id if to else None,
        ruling=ruled,
        over_hash=word.over,
        reason=given(word.reason),
        revision_id=word.revision.id if word.revision else None,
        person_id=actor.person_id,
        **named,
    )
    db.session.add(row)
    db.session.flush()
    return row
