"""The timetable of one day as a value: who is bound to which post, who comes when; its faults, and what changed."""

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from typing import Any

from assessments.osce.rules.rotation import DAY, Place, Turn, cycle_of
from assessments.osce.rules.staffing import Pair


class Bound(StrEnum):
    """What a post binds for a time, so that it cannot be elsewhere."""

    EXAMINER = "examiner"
    ROOM = "room"
    PATIENT = "patient"
    DEVICE = "device"
    #: where candidates rest: several may wait in one room, so this alone may stand twice
    REST = "rest"


@dataclass(frozen=True)
class Booking:
    """That a person, room or thing is bound to a post for these minutes of the day."""

    kind: Bound
    key: str
    label: str
    track: int
    position: int
    station: int | None
    begins: int
    ends: int
    person: int | None = None
    seat: int = 1


@dataclass(frozen=True)
class Visit:
    """One candidate at one place for these minutes; `missed`: it did not take place."""

    candidate: int
    turn: int
    track: int
    position: int
    station: int | None
    begins: int
    ends: int
    missed: bool = False


@dataclass(frozen=True)
class Plan:
    """One version of a timetable; `away` examiners are gone for the day, `withdrawn` candidates do not come.

    Every booking that lasts until the end of the day lasts longer when the day does.
    """

    turns: tuple[Turn, ...]
    places: tuple[Place, ...]
    tracks: int
    change: int
    bookings: tuple[Booking, ...]
    visits: tuple[Visit, ...]
    away: frozenset[int] = frozenset()
    withdrawn: frozenset[int] = frozenset()
    breaks: tuple[tuple[int, int], ...] = ()

    @property
    def begins(self) -> int:
        """When the first turn begins."""
        return self.turns[0].begins

    @property
    def ends(self) -> int:
        """When the last booking ends."""
        return max(booking.ends for booking in self.bookings)

    @property
    def cycle(self) -> int:
        """The minutes of a turn."""
        return cycle_of(self.places)

    def at_post(self, kind: Bound, track: int, position: int, at: int) -> list[Booking]:
        """What of a kind is bound to a post at a moment."""
        post = (kind, track, position)
        return [b for b in self.bookings if (b.kind, b.track, b.position) == post and b.begins <= at < b.ends]


def key_of(label: str) -> str:
    """What makes two labels the same thing: wide and narrow letters, case and blanks aside."""
    return "".join(unicodedata.normalize("NFKC", label).casefold().split())


class Fault(StrEnum):
    """What a timetable must never have."""

    CANDIDATE_TWICE = "candidate_twice"
    POST_TWICE = "post_twice"
    BOUND_TWICE = "bound_twice"
    STATION_AGAIN = "station_again"
    STATION_LEFT_OUT = "station_left_out"
    NO_EXAMINER = "no_examiner"
    NO_ROOM = "no_room"
    BARRED = "barred"


def faults(plan: Plan, pairs: Iterable[Pair] = (), *, whole: Collection[int] = ()) -> list[tuple[Fault, Any]]:
    """Everything that is wrong with a plan, found without knowing how it was made; [] is a good plan.

    `pairs` must not meet (leave out what is allowed); the candidates in `whole` are at every station.
    """
    visits = [visit for visit in plan.visits if not visit.missed]
    found: list[tuple[Fault, Any]] = []
    found += [(Fault.CANDIDATE_TWICE, one) for one in _twice((v.candidate, v.begins, v.ends) for v in visits)]
    found += [(Fault.POST_TWICE, one) for one in _twice(((v.track, v.position), v.begins, v.ends) for v in visits)]
    bound = ((b.kind, b.key, b.begins, b.ends) for b in plan.bookings if b.kind is not Bound.REST)
    found += [(Fault.BOUND_TWICE, one) for one in _twice(((kind, key), at, until) for kind, key, at, until in bound)]
    seen = [(visit.candidate, visit.station) for visit in visits if visit.station is not None]
    found += [(Fault.STATION_AGAIN, one) for one, times in Counter(seen).items() if times > 1]
    stations = {place.station for place in plan.places if place.station is not None}
    left = {(candidate, station) for candidate in whole for station in stations} - set(seen)
    found += [(Fault.STATION_LEFT_OUT, one) for one in sorted(left)]
    return found + _badly_manned(plan, visits, {(pair.examiner, pair.candidate) for pair in pairs})


def _twice(spans: Iterable[tuple[Any, int, int]]) -> list[Any]:
    """The keys of those spans that overlap another of the same key."""
    by_key: dict[Any, list[tuple[int, int]]] = defaultdict(list)
    for key, begins, ends in spans:
        by_key[key].append((begins, ends))
    return [key for key, held in by_key.items() if any(b[0] < a[1] for a, b in pairwise(sorted(held)))]


def _badly_manned(plan: Plan, visits: Iterable[Visit], barred: Collection[tuple[int, int]]) -> list[tuple[Fault, Any]]:
    posts: dict[tuple[Bound, int, int], list[Booking]] = defaultdict(list)
    for booking in plan.bookings:
        posts[booking.kind, booking.track, booking.position].append(booking)
    found: list[tuple[Fault, Any]] = []
    for visit in visits:
        if visit.station is None:
            continue
        for kind, fault in ((Bound.EXAMINER, Fault.NO_EXAMINER), (Bound.ROOM, Fault.NO_ROOM)):
            held = [
                b for b in posts[kind, visit.track, visit.position] if b.begins < visit.ends and b.ends > visit.begins
            ]
            if not any(b.begins <= visit.begins and b.ends >= visit.ends for b in held):
                found.append((fault, visit))
            found += [(Fault.BARRED, (b.person, visit)) for b in held if (b.person, visit.candidate) in barred]
    return found


@dataclass(frozen=True)
class Moved:
    """One thing that is otherwise in the new plan: what it was, what it is; None where it is new or gone."""

    was: Any
    now: Any


@dataclass(frozen=True)
class Changes:
    """What a new plan changes: visits by candidate and station, and examiners, rooms and things at posts."""

    visits: tuple[Moved, ...]
    bookings: tuple[Moved, ...]
    ends: tuple[int, int]

    def __bool__(self) -> bool:
        """Whether anything is otherwise."""
        return bool(self.visits or self.bookings or self.ends[0] != self.ends[1])

    @property
    def candidates(self) -> set[int]:
        """Those for whom something is otherwise."""
        return {(move.now or move.was).candidate for move in self.visits}


def changes(old: Plan, new: Plan) -> Changes:
    """What is otherwise in the new plan; a booking that merely ends later with the day is no change."""
    visits = _paired(_standing(old.visits), _standing(new.visits))
    bookings = [
        move
        for move in _paired(_named(old.bookings), _named(new.bookings))
        if _lasting(old, move.was) != _lasting(new, move.now)
    ]
    return Changes(tuple(visits), tuple(bookings), (old.ends, new.ends))


def _standing(visits: Iterable[Visit]) -> dict[Any, Visit]:
    """Each candidate's visit of each station: the one that takes place, or the one that was missed without another."""
    ordered = sorted(visits, key=lambda visit: not visit.missed)
    return {(visit.candidate, visit.station or -visit.turn): visit for visit in ordered}


def _named(bookings: Iterable[Booking]) -> dict[Any, Booking]:
    return {(b.kind, b.track, b.position, b.seat, b.key, b.begins): b for b in bookings}


def _lasting(plan: Plan, booking: Booking | None) -> Booking | None:
    """A booking that lasts until the end of its plan's day, however long that is, written alike."""
    return replace(booking, ends=DAY * 2) if booking is not None and booking.ends == plan.ends else booking


def _paired(was: dict[Any, Any], now: dict[Any, Any]) -> list[Moved]:
    keys = [*was, *(key for key in now if key not in was)]
    return [Moved(was.get(key), now.get(key)) for key in keys if was.get(key) != now.get(key)]
