"""How a circuit worked: what its statistics are made from, by station, by candidate, by sheet."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.osce.models import (
    Circuit,
    CircuitScore,
    CircuitStation,
    ExaminerAssignment,
    Sheet,
    State,
    StationStandard,
)
from assessments.osce.queries import results, sheets, standards
from assessments.osce.rules import quality
from assessments.osce.rules.examiners import Row
from assessments.osce.rules.judging import Cell
from assessments.osce.rules.outcome import Seen, Stand
from assessments.osce.rules.quality import Basis, Mark
from assessments.psychometrics.rules.borderline import ENOUGH
from assessments.stations.models import StationVersion
from assessments.stations.rules import Checklist, score
from lms.db import Everything, db
from lms.digests import digest

#: So many earlier sittings at most are pooled, the newest.
MOST_SITTINGS = 10


@dataclass(frozen=True)
class Place:
    """One station of a circuit: what was marked there, how it worked, and its cut."""

    station: CircuitStation
    checklist: Checklist
    basis: Basis
    #: the cut in force, and the setting it comes from, if one
    cut: Decimal
    standard: StationStandard | None

    @cached_property
    def found(self) -> quality.Station:
        """Its figures."""
        return quality.station(self.basis, len(self.checklist.levels))

    @property
    def fails(self) -> int:
        """How many stand below the cut in force."""
        return quality.fails(self.basis.marks, self.cut)

    @property
    def critical(self) -> int:
        """How many fail whatever the percent."""
        return sum(mark.critical for mark in self.basis.marks)


@dataclass(frozen=True)
class Quality:
    """A circuit in figures."""

    circuit: Circuit
    board: sheets.Board
    places: list[Place]
    in_force: standards.InForce

    @property
    def weights(self) -> dict[int, int]:
        """How much each station weighs."""
        return {place.station.id: place.station.weight for place in self.places}

    @property
    def cuts(self) -> dict[int, Decimal]:
        """The station cuts in force."""
        return {place.station.id: place.cut for place in self.places}

    @cached_property
    def reliability(self) -> quality.Reliability:
        """How surely it tells candidates apart."""
        percents = {
            place.station.id: {mark.candidate: mark.percent for mark in place.basis.marks} for place in self.places
        }
        return quality.reliability(percents, self.weights)

    @property
    def sem(self) -> Decimal | None:
        """The error of a candidate's percent over all stations, as it is kept with a standard."""
        found = self.reliability.sem
        return None if found is None else Decimal(f"{found:.3f}")

    def exam_cut(self, errors: Decimal) -> Decimal:
        """The mean of the station cuts and so many errors of measurement."""
        return quality.exam_cut(self.cuts, self.weights, self.sem, errors)

    @property
    def errors(self) -> list[Decimal]:
        """The numbers of errors of measurement that can be added: none but 0 where the error is not known."""
        return [errors for errors in quality.ERRORS if not errors or self.sem is not None]

    @property
    def choices(self) -> list[Decimal | None]:
        """No percent over all stations, and the one for each number of errors."""
        return [None, *map(self.exam_cut, self.errors)]

    @cached_property
    def seen(self) -> list[list[Seen]]:
        """Every candidate, station by station, against the station cuts in force."""
        cuts = standards.cuts(self.in_force)
        return [results.seen(self.board, one.id, cuts) for one in self.board.candidates]

    def place(self, station: int) -> Place | None:
        """One of its stations."""
        return next((one for one in self.places if one.station.id == station), None)


def of_circuit(circuit: Circuit) -> Quality:
    """A circuit in figures; the number of statements grows with neither candidates nor stations."""
    board, set_ = sheets.board(circuit), standards.in_force(circuit)
    lists = {station.id: Checklist.of(station.version.body) for station in board.stations}
    marks = {station.id: _marks(board, station, lists[station.id]) for station in board.stations}
    few = {station.station_version_id for station in board.stations if len(marks[station.id]) < ENOUGH}
    earlier = earlier_marks(circuit, few) if few else {}
    places = []
    for station in board.stations:
        checklist = lists[station.id]
        before, sittings = earlier.get(station.station_version_id, ([], 0))
        basis = Basis(marks[station.id], borderline_of(checklist), before, sittings)
        cut, standard = set_.cuts[station.id], set_.stations.get(station.id)
        places.append(Place(station, checklist, basis, cut, standard))
    return Quality(circuit, board, places, set_)


def borderline_of(checklist: Checklist) -> int | None:
    """The place of the borderline rating in the scale."""
    return next((at for at, level in enumerate(checklist.levels) if level.borderline), None)


def _grades(checklist: Checklist) -> dict[str, int]:
    return {level.code: at for at, level in enumerate(checklist.levels)}


def _marks(board: sheets.Board, station: CircuitStation, checklist: Checklist) -> list[Mark]:
    grades, found = _grades(checklist), []
    for one in board.candidates:
        square = board.squares[station.id, one.id]
        if square.score is not None and square.counts is not None:
            made = Mark(one.id, square.score.percent, grades[square.counts.rating], square.score.critical)
            found.append(made)
    return found


def earlier_marks(circuit: Circuit, versions: Collection[int]) -> dict[int, tuple[list[Mark], int]]:
    """What counted at earlier released sittings of these station versions within reach, and at how many: by version."""
    places = _sittings(circuit, versions)
    if not places:
        return {}
    released = _released({one.circuit_id for one in places.values()})
    ratings = _ratings(released, places)
    found: dict[int, list[Mark]] = defaultdict(list)
    held: dict[int, set[int]] = defaultdict(set)
    for row in released:
        for at in row.stations:
            place = places.get(int(at["station"]))
            counts = _counts(row, at) if place is not None else None
            if place is not None and counts in ratings:
                found[place.version].append(Mark(row.candidate_id, Decimal(at["percent"]), ratings[counts]))
                held[place.version].add(place.circuit_id)
    return {version: (marks, len(held[version])) for version, marks in found.items()}


@dataclass(frozen=True)
class _Sitting:
    """One station of an earlier circuit."""

    circuit_id: int
    version: int
    grades: Mapping[str, int]


def _sittings(circuit: Circuit, versions: Collection[int]) -> dict[int, _Sitting]:
    """The stations of earlier released circuits that had these versions, the newest circuits."""
    query = (
        sa.select(CircuitStation.id, Circuit.id, StationVersion.id, StationVersion.body["levels"], Circuit.on_day)
        .join(Circuit, Circuit.id == CircuitStation.circuit_id)
        .join(StationVersion, StationVersion.id == CircuitStation.station_version_id)
        .where(
            CircuitStation.station_version_id.in_(versions),
            Circuit.state == State.RELEASED,
            Circuit.id != circuit.id,
            Circuit.on_day <= circuit.on_day,
        )
        .order_by(Circuit.on_day.desc(), Circuit.id.desc())
    )
    found: dict[int, _Sitting] = {}
    seen: dict[int, set[int]] = defaultdict(set)
    for number, held, version, levels, _day in db.session.execute(query):
        if held in seen[version] or len(seen[version]) < MOST_SITTINGS:
            seen[version].add(held)
            found[number] = _Sitting(held, version, {level["code"]: at for at, level in enumerate(levels)})
    return found


def _released(circuits: Iterable[int]) -> list[CircuitScore]:
    later = orm.aliased(CircuitScore)
    query = sa.select(CircuitScore).where(
        CircuitScore.circuit_id.in_(list(circuits)), ~sa.exists().where(later.supersedes_id == CircuitScore.id)
    )
    return list(db.session.scalars(query))


def _counts(row: CircuitScore, at: Mapping[str, Any]) -> UUID | None:
    """The sheet that counted for a candidate at a station, where it was marked."""
    rests = row.rests_on.get(str(at["station"]))
    if at["stand"] != Stand.MARKED or not rests or not rests["counts"]:
        return None
    return UUID(rests["counts"])


def _ratings(released: Iterable[CircuitScore], places: Mapping[int, _Sitting]) -> dict[UUID | None, int]:
    """The place of the rating of every sheet that counted."""
    wanted = {
        counts: places[int(at["station"])].grades
        for row in released
        for at in row.stations
        if int(at["station"]) in places and (counts := _counts(row, at)) is not None
    }
    query = sa.select(Sheet.id, Sheet.rating).where(Sheet.id.in_(list(wanted)))
    return {number: wanted[number][rating] for number, rating in db.session.execute(query)}


def rows_of(board: sheets.Board) -> list[Row]:
    """Every sheet that stands in a circuit, as examiners are compared by it."""
    found = []
    for station in board.stations:
        checklist = Checklist.of(station.version.body)
        for one in board.candidates:
            square = board.squares[station.id, one.id]
            if square.judged.cell is not Cell.VOIDED:
                found += [row(checklist, station.id, one.id, sheet) for sheet in square.sheets]
    return found


def row(checklist: Checklist, station: int, candidate: int, sheet: Sheet) -> Row:
    """One sheet as examiners are compared by it."""
    points = {item.code: item.points for item in checklist.items}
    return Row(
        station=station,
        candidate=candidate,
        examiner=sheet.examiner_id,
        percent=float(score(checklist, sheet.marks).percent),
        grade=_grades(checklist)[sheet.rating],
        levels=len(checklist.levels),
        shares={code: given / points[code] for code, given in sheet.marks.items()},
    )


def names_of(board: sheets.Board) -> dict[int, str]:
    """What the examiners of a circuit are called."""
    return {one.examiner_id: one.name for station in board.stations for one in station.examiners}


def code(circuit: Circuit, examiner: int) -> bytes:
    """An order of a circuit's examiners that tells nothing about who they are; the same as long as the sheets are."""
    return digest({"closed": (circuit.closed_hash or b"").hex(), "examiner": examiner})


def examined_by(person_id: int) -> list[Row]:
    """Every sheet that stands in the released circuits in which a person examined: their own and those beside them.

    Whoever examined may not see the others' sheets; only figures about themselves are made of them.
    """
    judges, places = ExaminerAssignment.__table__, CircuitStation.__table__
    held = (
        sa.select(places.c.circuit_id)
        .join(judges, judges.c.circuit_station_id == places.c.id)
        .join(Circuit.__table__, Circuit.__table__.c.id == places.c.circuit_id)
        .where(judges.c.examiner_id == person_id, Circuit.__table__.c.state == State.RELEASED.value)
        .distinct()
    )
    later = orm.aliased(CircuitScore)
    scores = sa.select(CircuitScore.candidate_id, CircuitScore.rests_on).where(
        CircuitScore.circuit_id.in_(held), ~sa.exists().where(later.supersedes_id == CircuitScore.id)
    )
    whose = {
        UUID(number): (int(place), candidate)
        for candidate, rests in db.session.execute(scores, execution_options=Everything)
        for place, one in rests.items()
        for number in one["sheets"]
    }
    return _rows(whose)


def _rows(whose: Mapping[UUID, tuple[int, int]]) -> list[Row]:
    """Sheets by number, with the station and the candidate they count for."""
    places = {place for place, _candidate in whose.values()}
    bodies = (
        sa.select(CircuitStation.id, StationVersion.body)
        .join(StationVersion, StationVersion.id == CircuitStation.station_version_id)
        .where(CircuitStation.id.in_(places))
    )
    lists = {number: Checklist.of(body) for number, body in db.session.execute(bodies, execution_options=Everything)}
    query = sa.select(Sheet).where(Sheet.id.in_(list(whose))).order_by(Sheet.id)
    found = db.session.scalars(query, execution_options=Everything)
    return [row(lists[whose[sheet.id][0]], *whose[sheet.id], sheet) for sheet in found]
