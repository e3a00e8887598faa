"""What officers ruled in a circuit: which rulings are in force, what lies aside undecided, and who said what."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.osce.models import (
    Circuit,
    CircuitCandidate,
    CircuitStation,
    Revision,
    RevisionEnd,
    RevisionEnding,
    Sheet,
    SheetAside,
    SheetRuling,
    SheetSettlement,
)
from assessments.osce.rules.judging import Missed, Place, Ruled, Ruling, in_force
from lms.db import Everything, db
from lms.people.models import Person


@dataclass(frozen=True)
class Rulings:
    """The rulings of a circuit as far as they hold."""

    standing: list[Ruling]
    #: sheets that once lay aside: they count only while they are accepted
    conditional: frozenset[str]
    by_place: Mapping[tuple[int, int | None], list[Ruling]]
    reasons: Mapping[int, str]

    def at(self, place: Place) -> list[Ruling]:
        """Those that say something of this candidate at this station, or of the station for everybody."""
        station, candidate = place
        return self.by_place.get((station, candidate), []) + self.by_place.get((station, None), [])

    def why(self, place: Place) -> str:
        """What the officer said who took this station out of the count, or who said that nobody was there."""
        said = [one.id for one in self.at(place) if one.ruled in (Ruled.VOIDED, Ruled.MISSED)]
        return self.reasons[said[-1]] if said else ""

    @cached_property
    def decided(self) -> set[str]:
        """Sheets that lay aside and were accepted or refused."""
        return {one.sheet for one in self.standing if one.sheet and one.ruled in (Ruled.ACCEPTED, Ruled.REFUSED)}


def rulings(circuit: Circuit, revision: Revision | None = None) -> Rulings:
    """What holds now; with a revision, what would hold if it were released. One statement."""
    released = sa.select(RevisionEnd.revision_id).where(RevisionEnd.ending == RevisionEnding.RELEASED)
    holds = sa.or_(SheetRuling.revision_id.is_(None), SheetRuling.revision_id.in_(released))
    if revision is not None:
        holds = sa.or_(holds, SheetRuling.revision_id == revision.id)
    query = sa.select(SheetRuling, holds).where(SheetRuling.circuit_id == circuit.id).order_by(SheetRuling.id)
    rows = db.session.execute(query).all()
    standing = in_force(ruling(row) for row, held in rows if held)
    by_place: dict[tuple[int, int | None], list[Ruling]] = defaultdict(list)
    for one in standing:
        by_place[one.station, one.to or one.candidate].append(one)
    once_aside = frozenset(str(row.sheet_id) for row, _held in rows if row.ruling == Ruled.ACCEPTED)
    return Rulings(standing, once_aside, dict(by_place), {row.id: row.reason for row, _held in rows})


def ruling(row: SheetRuling) -> Ruling:
    """What of a ruling decides."""
    return Ruling(
        row.id,
        Ruled(row.ruling),
        row.circuit_station_id,
        row.candidate_id,
        str(row.sheet_id) if row.sheet_id else None,
        row.to_candidate_id,
        Missed(row.missed) if row.missed else None,
        row.alone,
        row.undoes_id,
        row.over_hash,
    )


@dataclass(frozen=True)
class Said:
    """One act of an officer on sheets, with whatever stands beside it in the history of a square."""

    row: SheetRuling
    name: str
    #: whether it holds now: not undone, and not of a revision that waits or was withdrawn
    holds: bool
    revision: Revision | None = None
    #: whether a later ruling takes it back, or would once its revision is released
    undone: bool = False


def said_of(station: CircuitStation, candidate: CircuitCandidate) -> list[Said]:
    """Every ruling on one candidate at one station, the whole station's too, newest first; undone ones with it."""
    row = SheetRuling
    here = sa.or_(row.candidate_id == candidate.id, row.to_candidate_id == candidate.id, row.candidate_id.is_(None))
    return _said(row.circuit_station_id == station.id, here)


def said_of_station(station: CircuitStation) -> list[Said]:
    """Every ruling on a station for everybody, newest first."""
    return _said(SheetRuling.circuit_station_id == station.id, SheetRuling.candidate_id.is_(None))


def _said(*where: sa.ColumnElement[bool]) -> list[Said]:
    query = (
        sa.select(SheetRuling, Person.name, Revision)
        .join(Person, Person.id == SheetRuling.person_id)
        .outerjoin(Revision, Revision.id == SheetRuling.revision_id)
        .where(*where)
        .order_by(SheetRuling.id.desc())
        .options(orm.joinedload(Revision.end))
    )
    rows = db.session.execute(query, execution_options=Everything).all()
    undone = {one.undoes_id for one, _name, revision in rows if not _withdrawn(revision)}
    gone = {one.undoes_id for one, _name, revision in rows if _released(revision)}
    return [
        Said(one, name, one.id not in gone and _released(revision), revision, one.id in undone)
        for one, name, revision in rows
    ]


def _withdrawn(revision: Revision | None) -> bool:
    return revision is not None and revision.end is not None and revision.end.ending == RevisionEnding.WITHDRAWN


def _released(revision: Revision | None) -> bool:
    return revision is None or (revision.end is not None and revision.end.ending == RevisionEnding.RELEASED)


def settled_of(station: CircuitStation, candidate: CircuitCandidate) -> list[tuple[SheetSettlement, str]]:
    """Which of several sheets somebody said counts, and who said so, newest first."""
    row = SheetSettlement
    query = sa.select(row, Person.name).join(Person, Person.id == row.person_id)
    query = query.where(row.circuit_station_id == station.id, row.candidate_id == candidate.id).order_by(row.id.desc())
    return [(one, name) for one, name in db.session.execute(query, execution_options=Everything)]


def names_of(sheets: Iterable[Sheet | SheetAside]) -> dict[int, str]:
    """What the examiners of these sheets are called, whoever they work for."""
    query = sa.select(Person.id, Person.name).where(Person.id.in_({one.examiner_id for one in sheets}))
    rows: Any = db.session.execute(query, execution_options=Everything)
    return dict(rows.all())


def ruling_at(id: int, number: int) -> SheetRuling | None:
    """One ruling of one circuit, by the address of the page."""
    return db.session.scalar(sa.select(SheetRuling).where(SheetRuling.id == number, SheetRuling.circuit_id == id))


def aside_at(id: int, number: int) -> SheetAside | None:
    """One sheet kept aside in one circuit, by the address of the page."""
    query = sa.select(SheetAside).join(CircuitStation, CircuitStation.id == SheetAside.circuit_station_id)
    return db.session.scalar(query.where(SheetAside.id == number, CircuitStation.circuit_id == id))


def undecided(places: Iterable[int], said: Rulings) -> list[SheetAside]:
    """Sheets kept aside that neither stand by themselves nor were decided, oldest first; each once, as it last came."""
    sheet = Sheet.__table__
    stands = sa.exists().where(sheet.c.id == SheetAside.sheet_id, sheet.c.content_hash == SheetAside.content_hash)
    query = sa.select(SheetAside, stands).where(SheetAside.circuit_station_id.in_(list(places)))
    waiting = {}
    for row, standing in db.session.execute(query.order_by(SheetAside.id)):
        number = str(row.sheet_id)
        if number not in said.decided and (not standing or number in said.conditional):
            waiting[number] = row
    return list(waiting.values())


def open_revision(circuit: Circuit) -> Revision | None:
    """The revision that waits for its rulings or for a second officer."""
    ended = sa.exists().where(RevisionEnd.revision_id == Revision.id)
    return db.session.scalar(sa.select(Revision).where(Revision.circuit_id == circuit.id, ~ended))
