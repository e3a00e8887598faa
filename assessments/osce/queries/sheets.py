"""What was marked: the board of a circuit, an examiner's own sheets, a candidate's own stations."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.osce.models import (
    Circuit,
    CircuitCandidate,
    CircuitStation,
    ExaminerAssignment,
    Sheet,
    SheetAside,
    SheetSettlement,
    State,
    StationVersion,
)
from assessments.osce.queries import circuits
from assessments.osce.rules import Cell, Checklist, Handed, Judged, Score, judge, score, whole_hash
from lms import clock
from lms.authz import Actor
from lms.db import db
from lms.institutions.models import Institution

Place = tuple[int, int]  # circuit station, candidate


def current() -> sa.Select[Sheet]:
    """Sheets that no correction has superseded."""
    later = orm.aliased(Sheet)
    return sa.select(Sheet).where(~sa.exists().where(later.supersedes_id == Sheet.id))


def handed(sheet: Sheet) -> Handed:
    """What of a sheet decides."""
    return Handed(str(sheet.id), sheet.examiner_id, sheet.marks, sheet.rating, sheet.content_hash)


@dataclass
class Square:
    """One candidate at one station."""

    judged: Judged
    sheets: list[Sheet] = field(default_factory=list)
    score: Score | None = None

    @property
    def counts(self) -> Sheet | None:
        """The sheet that counts."""
        return next((sheet for sheet in self.sheets if str(sheet.id) == self.judged.counts), None)


@dataclass(frozen=True)
class Board:
    """A circuit as its officers see it."""

    stations: list[CircuitStation]
    candidates: list[CircuitCandidate]
    squares: dict[Place, Square]
    asides: int

    def of(self, cell: Cell) -> list[Place]:
        """The squares that stand like this."""
        return [place for place, square in self.squares.items() if square.judged.cell == cell]

    @property
    def hash(self) -> bytes:
        """Over every sheet and what counts."""
        return whole_hash((station, candidate, one.judged) for (station, candidate), one in self.squares.items())


def board(circuit: Circuit) -> Board:
    """Every candidate at every station; the number of statements does not grow with them."""
    stations, candidates = circuits.stations_of(circuit), circuits.candidates_of(circuit)
    places = [station.id for station in stations]
    sheets: dict[Place, list[Sheet]] = defaultdict(list)
    for sheet in db.session.scalars(current().where(Sheet.circuit_station_id.in_(places)).order_by(Sheet.id)):
        sheets[sheet.circuit_station_id, sheet.candidate_id].append(sheet)
    settled = settlements(places)
    lists = {station.id: Checklist.of(station.version.body) for station in stations}
    squares = {
        (place, one.id): square(lists[place], sheets[place, one.id], settled[place, one.id])
        for place in places
        for one in candidates
    }
    asides = sa.select(sa.func.count(sa.distinct(SheetAside.sheet_id))).where(
        SheetAside.circuit_station_id.in_(places),
        ~sa.exists().where(Sheet.__table__.c.id == SheetAside.sheet_id),
    )
    return Board(stations, candidates, squares, db.session.scalar(asides) or 0)


def square(checklist: Checklist, sheets: list[Sheet], settled: dict[bytes, str]) -> Square:
    """What some sheets come to together."""
    made = Square(judge([handed(sheet) for sheet in sheets], settled), sheets)
    counts = made.counts
    made.score = score(checklist, counts.marks) if counts is not None else None
    return made


def settlements(places: Iterable[int]) -> dict[Place, dict[bytes, str]]:
    """Which sheet somebody said counts, by the hash over those that differed."""
    found: dict[Place, dict[bytes, str]] = defaultdict(dict)
    row = SheetSettlement
    query = sa.select(row).where(row.circuit_station_id.in_(list(places)))
    for one in db.session.scalars(query):
        found[one.circuit_station_id, one.candidate_id][one.over_hash] = str(one.sheet_id)
    return found


@dataclass(frozen=True)
class Spot:
    """One candidate at one station, as a thing that a page is about."""

    candidate: CircuitCandidate
    station: CircuitStation

    @property
    def institution(self) -> Institution:
        """The circuit's."""
        return self.candidate.institution


def spot(id: int, candidate: int, station: int) -> Spot | None:
    """One candidate at one station of a circuit, by the address of the page."""
    examined, place = circuits.candidate_at(id, candidate), circuits.station_at(id, station)
    return Spot(examined, place) if examined is not None and place is not None else None


def history(station: CircuitStation, candidate: CircuitCandidate) -> list[Sheet]:
    """Every sheet there ever was for one candidate at one station, the newest first."""
    query = sa.select(Sheet).where(Sheet.circuit_station_id == station.id, Sheet.candidate_id == candidate.id)
    return list(db.session.scalars(query.order_by(Sheet.submitted_at.desc())))


def asides(station: CircuitStation, candidate: CircuitCandidate) -> list[SheetAside]:
    """Sheets that came when none was taken."""
    query = sa.select(SheetAside).where(
        SheetAside.circuit_station_id == station.id, SheetAside.candidate_id == candidate.id
    )
    return list(db.session.scalars(query.order_by(SheetAside.received_at.desc())))


def own(station: CircuitStation, examiner: int) -> list[Sheet]:
    """The sheets of one examiner at one station that stand."""
    query = current().where(Sheet.circuit_station_id == station.id, Sheet.examiner_id == examiner)
    return list(db.session.scalars(query.order_by(Sheet.id)))


@dataclass(frozen=True)
class Duty:
    """One station at which somebody examines."""

    station: CircuitStation
    candidates: int
    marked: int

    @property
    def today(self) -> bool:
        """Whether its day is today."""
        return self.station.circuit.on_day == clock.today()


def duties(actor: Actor) -> list[Duty]:
    """Where the actor examines: what runs and what is to come, today's first, and of these what runs."""
    today = clock.today()
    sits, written = CircuitCandidate.__table__, Sheet.__table__
    count = (
        sa.select(sa.func.count()).where(sits.c.circuit_id == CircuitStation.circuit_id).correlate(CircuitStation)
    ).scalar_subquery()
    marked = (
        sa.select(sa.func.count(sa.distinct(written.c.candidate_id)))
        .where(written.c.circuit_station_id == CircuitStation.id, written.c.examiner_id == actor.person_id)
        .correlate(CircuitStation)
    ).scalar_subquery()
    query = (
        sa.select(CircuitStation, count, marked)
        .join(ExaminerAssignment, ExaminerAssignment.circuit_station_id == CircuitStation.id)
        .join(Circuit, Circuit.id == CircuitStation.circuit_id)
        .where(
            ExaminerAssignment.examiner_id == actor.person_id,
            ExaminerAssignment.begins_on <= today,
            ExaminerAssignment.ends_on > today,
            sa.or_(Circuit.state.in_([State.PLANNED, State.RUNNING]), Circuit.on_day == today),
        )
        .order_by(
            (Circuit.on_day != today),
            (Circuit.state != State.RUNNING),
            Circuit.on_day,
            Circuit.id,
            CircuitStation.position,
        )
        .options(
            orm.contains_eager(CircuitStation.circuit),
            orm.joinedload(CircuitStation.version).joinedload(StationVersion.station),
        )
    )
    return [Duty(*row) for row in db.session.execute(query)]


@dataclass(frozen=True)
class Mine:
    """One circuit a person was or will be examined in."""

    candidate: CircuitCandidate
    circuit: Circuit


def mine(person_id: int) -> list[Mine]:
    """The circuits of one candidate, newest first."""
    query = (
        sa.select(CircuitCandidate, Circuit)
        .join(Circuit, Circuit.id == CircuitCandidate.circuit_id)
        .where(CircuitCandidate.person_id == person_id)
        .order_by(Circuit.on_day.desc(), Circuit.id.desc())
    )
    return [Mine(*row) for row in db.session.execute(query)]


@dataclass(frozen=True)
class Outcome:
    """One station of a released circuit as the candidate may read it."""

    station: CircuitStation
    checklist: Checklist
    sheet: Sheet
    score: Score
    comments: list[str]


def outcomes(candidate: CircuitCandidate) -> list[Outcome]:
    """What a candidate came to at each station; empty until the release, because the fence shows no sheet before."""
    stations = circuits.stations_of(candidate.circuit)
    sheets: dict[int, list[Sheet]] = defaultdict(list)
    for sheet in db.session.scalars(current().where(Sheet.candidate_id == candidate.id).order_by(Sheet.id)):
        sheets[sheet.circuit_station_id].append(sheet)
    settled = settlements([station.id for station in stations])
    found = []
    for station in stations:
        checklist = Checklist.of(station.version.body)
        one = square(checklist, sheets[station.id], settled[station.id, candidate.id])
        if one.counts is not None and one.score is not None:
            said = [sheet.comment for sheet in one.sheets if sheet.comment]
            found.append(Outcome(station, checklist, one.counts, one.score, said))
    return found
