"""A timetable as people read it: line by line, as a grid of each track, and each person's own day."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.osce.models import (
    Bound,
    Circuit,
    CircuitCandidate,
    CircuitStation,
    State,
    Timetable,
    TimetableBooking,
    TimetableSlot,
)
from assessments.osce.queries.refusals import span
from assessments.osce.queries.timetable import at_the_post_of, moment
from assessments.osce.rules.rotation import Place, Turn
from assessments.osce.rules.timetable import Booking, Plan, Visit, key_of
from assessments.stations.models import StationVersion
from lms import clock
from lms.db import db

#: States in which a timetable still says where to go.
_STATES = (State.PLANNED.value, State.RUNNING.value)


@dataclass(frozen=True)
class Line:
    """One candidate at one post: who, when, where, with whom."""

    visit: Visit
    candidate: CircuitCandidate
    station: CircuitStation | None
    room: str
    examiners: tuple[str, ...]

    @property
    def clock(self) -> str:
        """From–until, as the clock shows it."""
        return span(self.visit)

    def speaks_of(self, words: str) -> bool:
        """Whether number, name, room or an examiner holds these words."""
        sought = key_of(words)
        held = (str(self.candidate.number), self.candidate.name, self.room, *self.examiners)
        return sought == key_of(held[0]) if sought.isdigit() else any(sought in key_of(one) for one in held[1:])


@dataclass(frozen=True)
class Post:
    """One place of one track: its station and what is bound to it, in the order of time."""

    track: int
    place: Place
    station: CircuitStation | None
    bound: dict[Bound, list[Booking]]

    def called(self, kind: Bound) -> list[tuple[str, str]]:
        """Labels with the time since when, where it is not the whole day."""
        held = sorted(self.bound.get(kind, []), key=lambda b: (b.begins, b.seat))
        first = min((b.begins for b in held), default=0)
        return [(b.label, span(b) if self._piece(b, held, first) else "") for b in held]

    @staticmethod
    def _piece(one: Booking, held: Iterable[Booking], first: int) -> bool:
        return one.begins > first or any(b.begins >= one.ends for b in held)


@dataclass(frozen=True)
class Day:
    """A plan with everything it speaks of."""

    plan: Plan
    lines: list[Line]
    posts: list[Post]

    @property
    def tracks(self) -> list[int]:
        """The tracks in order."""
        return list(range(1, self.plan.tracks + 1))

    def at(self, track: int) -> list[Post]:
        """The posts of a track in the order of the rotation."""
        return [post for post in self.posts if post.track == track]

    def post(self, track: int, position: int) -> Post:
        """One place of one track."""
        return self.at(track)[position - 1]

    def cells(self, track: int) -> dict[tuple[int, int], list[Line]]:
        """Who stands where: by turn and position of a track (two only where the first was not there)."""
        found: dict[tuple[int, int], list[Line]] = defaultdict(list)
        for line in self.lines:
            if line.visit.track == track:
                found[line.visit.turn, line.visit.position].append(line)
        return found

    def turns(self, track: int) -> list[Turn]:
        """The turns in which somebody is to come in a track."""
        used = {line.visit.turn for line in self.lines if line.visit.track == track}
        return [turn for turn in self.plan.turns if turn.number in used]

    def by(self, key: Callable[[Line], Any], words: str = "") -> list[tuple[Any, list[Line]]]:
        """Lines under what they have in common, each in the order of time."""
        found: dict[Any, list[Line]] = defaultdict(list)
        for line in self.lines:
            if not words or line.speaks_of(words):
                found[key(line)].append(line)
        return [(one, sorted(lines, key=lambda line: line.visit.begins)) for one, lines in found.items()]

    def by_candidate(self, words: str = "") -> list[tuple[CircuitCandidate, list[Line]]]:
        """Each candidate's day, by number."""
        return sorted(self.by(lambda line: line.candidate, words), key=lambda pair: pair[0].number)

    def by_room(self, words: str = "") -> list[tuple[str, list[Line]]]:
        """Each room's day; rests aside."""
        rooms = self.by(lambda line: line.room if line.station is not None else "", words)
        return sorted(pair for pair in rooms if pair[0])

    def by_examiner(self, words: str = "") -> list[tuple[str, list[Line]]]:
        """Each examiner's day."""
        found: dict[str, list[Line]] = defaultdict(list)
        for line in self.lines:
            for name in line.examiners:
                found[name].append(line)
        sought = key_of(words)
        return [
            (name, sorted(lines, key=lambda line: line.visit.begins))
            for name, lines in sorted(found.items())
            if sought in key_of(name)
        ]


def day_of(circuit: Circuit, plan: Plan) -> Day:
    """A plan with its candidates and stations: two statements."""
    listed = sa.select(CircuitCandidate).where(CircuitCandidate.circuit_id == circuit.id)
    candidates = {row.id: row for row in db.session.scalars(listed)}
    placed = sa.select(CircuitStation).where(CircuitStation.circuit_id == circuit.id)
    with_title = orm.joinedload(CircuitStation.version).joinedload(StationVersion.station)
    stations = {row.id: row for row in db.session.scalars(placed.options(with_title))}
    bound: dict[tuple[int, int], dict[Bound, list[Booking]]] = defaultdict(lambda: defaultdict(list))
    for booking in plan.bookings:
        bound[booking.track, booking.position][booking.kind].append(booking)
    posts = [
        Post(track, place, stations.get(place.station or 0), bound[track, place.position])
        for track in range(1, plan.tracks + 1)
        for place in plan.places
    ]
    lines = []
    for visit in plan.visits:
        held = bound[visit.track, visit.position]
        room = _there(held[Bound.ROOM] + held[Bound.REST], visit)
        sits = tuple(_there(held[Bound.EXAMINER], visit))
        station = stations.get(visit.station or 0)
        lines.append(Line(visit, candidates[visit.candidate], station, (room or [""])[0], sits))
    return Day(plan, lines, posts)


def _there(held: Iterable[Booking], visit: Visit) -> list[str]:
    now = [b for b in held if b.begins <= visit.begins < b.ends]
    return [b.label for b in sorted(now, key=lambda b: b.seat)]


@dataclass(frozen=True)
class Own:
    """One slot of one's own day; `station` is its number alone: what is asked there is seen at the door."""

    circuit: Circuit
    candidate: CircuitCandidate
    begins_at: datetime
    ends_at: datetime
    track: int
    station: int | None
    room: str

    @property
    def clock(self) -> str:
        """From–until, as the clock on the wall shows it."""
        return f"{clock.local(self.begins_at):%H:%M}–{clock.local(self.ends_at):%H:%M}"


def _newest() -> sa.Select[Any]:
    """Ids of the timetables in force of circuits that are planned or run, today or later."""
    return (
        sa.select(sa.func.max(Timetable.id))
        .join(Circuit, Circuit.id == Timetable.circuit_id)
        .where(Circuit.on_day >= clock.today(), Circuit.state.in_(_STATES))
        .group_by(Timetable.circuit_id, Circuit.on_day)
        .having(sa.func.max(Timetable.begins_at) >= moment(clock.today(), 0))
    )


def own_slots(person_id: int) -> list[Own]:
    """Where a candidate has to be today and later, in the order of time."""
    slot, room = TimetableSlot, orm.aliased(TimetableBooking)
    query = (
        sa.select(Circuit, CircuitCandidate, slot, CircuitStation.position, sa.func.coalesce(room.label, ""))
        .join(CircuitCandidate, CircuitCandidate.id == slot.candidate_id)
        .join(Circuit, Circuit.id == CircuitCandidate.circuit_id)
        .outerjoin(CircuitStation, CircuitStation.id == slot.circuit_station_id)
        .outerjoin(room, sa.and_(at_the_post_of(room, slot), room.kind.in_([Bound.ROOM, Bound.REST])))
        .where(slot.person_id == person_id, slot.timetable_id.in_(_newest()), ~slot.missed)
        .order_by(slot.begins_at)
    )
    return [
        Own(circuit, candidate, row.begins_at, row.ends_at, row.track, station, label)
        for circuit, candidate, row, station, label in db.session.execute(query)
        if clock.local(row.begins_at).date() == circuit.on_day
    ]


@dataclass(frozen=True)
class Duty:
    """One stretch at one post for an examiner."""

    circuit: Circuit
    station: CircuitStation
    track: int
    room: str
    begins_at: datetime
    ends_at: datetime
    candidates: int

    @property
    def clock(self) -> str:
        """From–until, as the clock on the wall shows it."""
        return f"{clock.local(self.begins_at):%H:%M}–{clock.local(self.ends_at):%H:%M}"


def own_posts(person_id: int) -> list[Duty]:
    """Where an examiner sits today and later, in the order of time."""
    seat, room, slot = TimetableBooking, orm.aliased(TimetableBooking), TimetableSlot.__table__
    come = sa.select(sa.func.count()).where(
        slot.c.timetable_id == seat.timetable_id,
        slot.c.track == seat.track,
        slot.c.position == seat.position,
        slot.c.begins_at >= seat.begins_at,
        slot.c.begins_at < seat.ends_at,
        ~slot.c.missed,
    )
    query = (
        sa.select(Circuit, CircuitStation, seat, sa.func.min(room.label), come.scalar_subquery())
        .join(CircuitStation, CircuitStation.id == seat.circuit_station_id)
        .join(Circuit, Circuit.id == CircuitStation.circuit_id)
        .outerjoin(room, sa.and_(at_the_post_of(room, seat), room.kind == Bound.ROOM))
        .where(seat.person_id == person_id, seat.kind == Bound.EXAMINER, seat.timetable_id.in_(_newest()))
        .group_by(Circuit.id, CircuitStation.id, seat.id)
        .order_by(seat.begins_at)
    )
    return [
        Duty(circuit, station, row.track, label or "", row.begins_at, row.ends_at, count)
        for circuit, station, row, label, count in db.session.execute(query)
        if clock.local(row.begins_at).date() == circuit.on_day
    ]
