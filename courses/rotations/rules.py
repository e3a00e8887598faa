"""Rotations without any database: days that count, what is owed, who gets which place. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise

ONE_DAY = timedelta(days=1)
#: The last day of what has no end yet.
OPEN_END = date(9999, 12, 31)
#: The longest rotation, and how long its receiving side may still speak of it once it is over.
MOST_DAYS = 1096
GRACE = timedelta(days=90)
#: How far back a rotation that was kept on paper may have ended when it is recorded afterwards.
PAPER = timedelta(days=3 * 366)


class State(StrEnum):
    """How far a rotation is."""

    PLANNED = "planned"
    UNDER_WAY = "under_way"
    INTERRUPTED = "interrupted"
    ENDED = "ended"
    EVALUATED = "evaluated"
    CANCELLED = "cancelled"
    RECORDED = "recorded"


#: The doctor is, or was, there, and the receiving side has not said yet how it went.
TO_EVALUATE = frozenset({State.ENDED, State.INTERRUPTED})
OPEN = frozenset({State.PLANNED, State.UNDER_WAY})


class Opens(StrEnum):
    """From where a department takes doctors; those of its own consortia always."""

    COUNTY = "county"
    EVERYWHERE = "everywhere"


class Outcome(StrEnum):
    """What the receiving side found: only what is passed counts."""

    PASSED = "passed"
    FAILED = "failed"


@dataclass(frozen=True, order=True)
class Stay:
    """Days at a department, the last one included; `key` names the rotation (0: a new one)."""

    begins_on: date
    last_on: date
    key: int = 0

    @property
    def days(self) -> int:
        """How many days, the first and the last included."""
        return (self.last_on - self.begins_on).days + 1

    def meets(self, other: "Stay") -> bool:
        """Whether the two share a day."""
        return self.begins_on <= other.last_on and other.begins_on <= self.last_on

    def within(self, first: date, last: date) -> int:
        """How many of its days lie in a period."""
        return max(0, (min(self.last_on, last) - max(self.begins_on, first)).days + 1)


@dataclass(frozen=True)
class Place:
    """One numbered place of a department: it is there from a day until a last day."""

    id: int
    opens_on: date
    closes_on: date = OPEN_END

    def holds(self, stay: Stay) -> bool:
        """Whether it is there on all days of a stay."""
        return self.opens_on <= stay.begins_on and stay.last_on <= self.closes_on


def free_place(stay: Stay, places: Sequence[Place], taken: Mapping[int, Sequence[Stay]]) -> int | None:
    """The first place that is free on all days of a stay while everybody else stays where they are."""
    for place in places:
        if place.holds(stay) and not any(stay.meets(other) for other in taken.get(place.id, ())):
            return place.id
    return None


def seated(
    stays: Iterable[Stay], places: Sequence[Place], fixed: Mapping[int, Sequence[Stay]]
) -> dict[int, int] | None:
    """A place for each of these stays beside those that are fixed, by key of the stay; None where it cannot be done.

    By first days, always the place that closes soonest (interval partitioning: Kleinberg & Tardos, Algorithm Design,
    2005, 4.1). Where all places are there on all days in question it fails only if some day has more stays than places.
    """
    taken = {place.id: list(fixed.get(place.id, ())) for place in places}
    found: dict[int, int] = {}
    by_end = sorted(places, key=lambda place: (place.closes_on, place.id))
    for stay in sorted(stays):
        number = free_place(stay, by_end, taken)
        if number is None:
            return None
        found[stay.key] = number
        taken[number].append(stay)
    return found


@dataclass(frozen=True)
class Load:
    """From a day until a last day: how many places there are, and how many are taken."""

    begins_on: date
    last_on: date
    places: int
    taken: int

    @property
    def free(self) -> int:
        """How many more doctors could be there; never below nothing."""
        return max(0, self.places - self.taken)


def loads(stays: Iterable[Stay], places: Iterable[Place], first: date, last: date) -> list[Load]:
    """How full a department is, in runs of days that are alike."""
    stays, places = list(stays), list(places)
    edges = {first, last + ONE_DAY}
    for begins, ends in [(s.begins_on, s.last_on) for s in stays] + [(p.opens_on, p.closes_on) for p in places]:
        edges |= {begins} if first < begins <= last else set()
        edges |= {ends + ONE_DAY} if first <= ends < last else set()
    marks = sorted(edges)
    found = []
    for begins, following in pairwise(marks):
        there = sum(p.opens_on <= begins <= p.closes_on for p in places)
        taken = sum(s.begins_on <= begins <= s.last_on for s in stays)
        found.append(Load(begins, following - ONE_DAY, there, taken))
    return found


def first_full(stay: Stay, stays: Iterable[Stay], places: Iterable[Place]) -> Load | None:
    """The first days of a wished stay on which nobody more can be taken; None where every day by itself has room."""
    return next((load for load in loads(stays, places, stay.begins_on, stay.last_on) if not load.free), None)


def next_free(stay: Stay, stays: Iterable[Stay], places: Iterable[Place], until: date) -> date | None:
    """The first day, after the wished one, from which as long a stay finds room on every day."""
    stays, places = list(stays), list(places)
    starts = {s.last_on + ONE_DAY for s in stays} | {p.opens_on for p in places}
    for begins in sorted(day for day in starts if stay.begins_on < day <= until):
        moved = Stay(begins, begins + (stay.last_on - stay.begins_on))
        if first_full(moved, stays, places) is None:
            return begins
    return None


@dataclass(frozen=True)
class Numbers:
    """What is asked: days in so many years, days a year in a consortium, days before certification."""

    stay_days: int = 180
    stay_years: int = 3
    consortium_days: int = 30
    star_days: int = 90


@dataclass(frozen=True)
class Owed:
    """One thing that is asked, what counts already, and what is planned or under way towards it."""

    what: str
    asked: int
    have: int
    ahead: int = 0
    first: date | None = None
    last: date | None = None

    @property
    def owes(self) -> int:
        """Days still missing; never below nothing."""
        return max(0, self.asked - self.have)

    @property
    def unplanned(self) -> int:
        """Days missing even when everything planned comes to pass."""
        return max(0, self.asked - self.have - self.ahead)

    @property
    def done(self) -> bool:
        """Whether nothing is owed."""
        return self.owes == 0


def years_back(today: date, years: int) -> date:
    """The first day of the period of so many years that ends today."""
    try:
        return today.replace(year=today.year - years) + ONE_DAY
    except ValueError:  # the 29th of February
        return today.replace(year=today.year - years, month=3, day=1)


def on_paper(stay: Stay, today: date) -> bool:
    """Whether a rotation ended too long ago to be spoken of as usual, yet so that its paper is still looked at."""
    return today - PAPER <= stay.last_on < today - GRACE


def counted(stay: Stay, present: int, first: date, last: date) -> int:
    """Days of a passed rotation that count in a period: no more than lie in it, and no more than were attended."""
    return min(present, stay.within(first, last))


def days_of(first: date, last: date, weekdays: Iterable[int]) -> Iterator[date]:
    """The days of a period that are one of these weekdays (Monday is 0)."""
    wanted, day = set(weekdays), first
    while day <= last:
        if day.weekday() in wanted:
            yield day
        day += ONE_DAY
