"""What was marked: the board of a circuit, an examiner's own sheets, a candidate's own stations."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.osce.models import (
    Circuit,
    CircuitCandidate,
    CircuitStation,
    ExaminerAssignment,
    Revision,
    RevisionEnd,
    Sheet,
    SheetAside,
    SheetRuling,
    SheetSettlement,
    State,
)
from assessments.osce.queries import circuits, rulings
from assessments.osce.rules import judging
from assessments.osce.rules.judging import Cell, Handed, Judged, Kept, Place, Ruling, judge, whole_hash
from assessments.stations.models import StationVersion
from assessments.stations.rules import Checklist, Score, score
from lms import clock
from lms.authz import Actor
from lms.db import db
from lms.institutions.models import Institution


def current() -> sa.Select[Sheet]:
    """Sheets that no correction has superseded, whatever was ruled about them."""
    later = orm.aliased(Sheet)
    return sa.select(Sheet).where(~sa.exists().where(later.supersedes_id == Sheet.id))


def handed(sheet: Sheet) -> Handed:
    """What of a sheet decides."""
    return Handed(str(sheet.id), sheet.examiner_id, sheet.marks, sheet.rating, sheet.content_hash)


@dataclass
class Square:
    """One candidate at one station; `sheets` are those that are about this candidate by what was ruled."""

    judged: Judged
    sheets: list[Sheet] = field(default_factory=list)
    score: Score | None = None
    asides: int = 0
    #: what an officer said who ruled instead of a sheet
    why: str = ""

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
    #: sheets kept aside that nobody has decided about
    undecided: list[SheetAside]

    @property
    def asides(self) -> int:
        """How many sheets lie aside undecided."""
        return len(self.undecided)

    def of(self, *cells: Cell) -> list[Place]:
        """The squares that stand like one of these."""
        return [place for place, square in self.squares.items() if square.judged.cell in cells]

    @property
    def hash(self) -> bytes:
        """Over every sheet and what counts."""
        return self._hash(self.squares)

    def hash_of(self, station: int) -> bytes:
        """The same of one station."""
        return self._hash(place for place in self.squares if place[0] == station)

    def _hash(self, places: Iterable[Place]) -> bytes:
        return whole_hash((*place, self.squares[place].judged) for place in places)


def board(circuit: Circuit, revision: Revision | None = None) -> Board:
    """Every candidate at every station; the number of statements does not grow with them.

    With a revision: as it would be if that were released.
    """
    stations, candidates = circuits.stations_of(circuit), circuits.candidates_of(circuit)
    places = [station.id for station in stations]
    said = rulings.rulings(circuit, revision)
    lying = {str(one.id): one for one in db.session.scalars(_of(places))}
    where = judging.placed(map(_kept, lying.values()), said.standing, said.conditional)
    settled, aside = settlements(places), rulings.undecided(places, said)
    lists = {station.id: Checklist.of(station.version.body) for station in stations}
    squares = {}
    for place in ((station.id, one.id) for station in stations for one in candidates):
        sheets = [lying[number] for number in where.get(place, ())]
        squares[place] = made = square(lists[place[0]], sheets, settled[place], said.at(place))
        made.why = said.why(place) if made.judged.ruled else ""
    for one in aside:
        if (found := squares.get((one.circuit_station_id, one.candidate_id))) is not None:
            found.asides += 1
    return Board(stations, candidates, squares, aside)


def _of(places: list[int]) -> sa.Select[Sheet]:
    return sa.select(Sheet).where(Sheet.circuit_station_id.in_(places)).order_by(Sheet.id)


def _kept(sheet: Sheet) -> Kept:
    corrects = str(sheet.supersedes_id) if sheet.supersedes_id else None
    return Kept(str(sheet.id), sheet.circuit_station_id, sheet.candidate_id, corrects)


def square(checklist: Checklist, sheets: list[Sheet], settled: dict[bytes, str], said: Sequence[Ruling] = ()) -> Square:
    """What some sheets come to together, and what was ruled instead."""
    chosen = judging.alone([handed(sheet) for sheet in sheets], said)
    made = Square(judging.ruled(judge(chosen, settled), said), sheets)
    counts = made.counts
    made.score = score(checklist, counts.marks) if counts is not None else None
    return made


def awaited(circuit: Circuit) -> list[Place]:
    """Excused candidates who wait for a make-up: (station, candidate) for which there is no sheet yet."""
    return board(circuit).of(Cell.AWAITED)


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

    @property
    def circuit(self) -> Circuit:
        """In which it is."""
        return self.candidate.circuit


def spot(id: int, candidate: int, station: int) -> Spot | None:
    """One candidate at one station of a circuit, by the address of the page."""
    examined, place = circuits.candidate_at(id, candidate), circuits.station_at(id, station)
    return Spot(examined, place) if examined is not None and place is not None else None


def spot_of(station: int, candidate: int) -> Spot | None:
    """The same by the two themselves."""
    place, examined = db.session.get(CircuitStation, station), db.session.get(CircuitCandidate, candidate)
    return Spot(examined, place) if place is not None and examined is not None else None


def history(station: CircuitStation, candidate: CircuitCandidate) -> list[Sheet]:
    """Every sheet there ever was for one candidate at one station, or that was moved there, the newest first."""
    moved = sa.select(SheetRuling.sheet_id).where(SheetRuling.to_candidate_id == candidate.id)
    query = sa.select(Sheet).where(
        Sheet.circuit_station_id == station.id, sa.or_(Sheet.candidate_id == candidate.id, Sheet.id.in_(moved))
    )
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
            sa.or_(
                Circuit.state.in_([State.PLANNED, State.RUNNING]),
                Circuit.on_day == today,
                Circuit.id.in_(_in_revision()),
            ),
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


def _in_revision() -> sa.Select[int]:
    """Ids of the circuits whose released results are being revised: a second examiner may be asked for a sheet."""
    row, end = Revision.__table__, RevisionEnd.__table__
    return sa.select(row.c.circuit_id).where(~sa.exists().where(end.c.revision_id == row.c.id))


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
