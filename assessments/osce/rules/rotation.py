"""When each turn begins and who stands at which place in it.

Clock arithmetic and a cyclic Latin scheme: exact, nothing is searched for. Every moment is a whole number of minutes
after midnight of the day. In turn t the n-th of a group stands at place (n + t) mod places, so that in as many turns as
there are places everybody has been everywhere once and nobody meets anybody.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

DAY = 24 * 60
MOST_TRACKS = 8
MOST_CANDIDATES = 1000


class Cannot(StrEnum):
    """Why there is no timetable, or no such change of it."""

    NO_CANDIDATES = "no_candidates"
    TOO_MANY_CANDIDATES = "too_many_candidates"
    NO_STATIONS = "no_stations"
    TRACKS = "tracks"
    MINUTES = "minutes"
    TOO_SHORT = "too_short"
    CLOCK = "clock"
    BREAK = "break"
    REST = "rest"
    TOO_LONG = "too_long"
    NO_ROOM = "no_room"
    TWICE = "twice"
    TOO_FEW_EXAMINERS = "too_few_examiners"
    STATION_UNMANNED = "station_unmanned"
    BARRED = "barred"
    UNSOLVED = "unsolved"
    OVER = "over"
    NOT_THERE = "not_there"
    NOBODY_FREE = "nobody_free"
    NOTHING_CHANGES = "nothing_changes"
    NO_PLACE = "no_place"
    MARKED = "marked"


class Impossible(Exception):
    """A wish that cannot be met; `why` and `facts` say what stands in the way and who."""

    def __init__(self, why: Cannot, **facts: Any) -> None:
        super().__init__(why.value)
        self.why, self.facts = why, facts


@dataclass(frozen=True)
class Place:
    """One place of the rotation; `station` is None for a rest."""

    position: int
    station: int | None
    minutes: int


@dataclass(frozen=True)
class Turn:
    """One rotation of the day, numbered from 1; `wave` is the group of candidates that goes round in it."""

    number: int
    wave: int
    begins: int


@dataclass(frozen=True)
class Pace:
    """The clock of the day; `minutes` of each station (None: its own), `change` between turns, `gap` between groups."""

    begins: int = 8 * 60 + 30
    latest: int = 18 * 60
    minutes: int | None = None
    change: int = 2
    gap: int = 10
    breaks: tuple[tuple[int, int], ...] = ((12 * 60, 13 * 60),)


def checked(pace: Pace) -> Pace:
    """The same pace, its breaks in order; raises Impossible where it says what no clock can show."""
    for name, minutes, least in (("change", pace.change, 0), ("gap", pace.gap, 0), ("minutes", pace.minutes, 1)):
        if minutes is not None and not least <= minutes <= 240:
            raise Impossible(Cannot.MINUTES, field=name, least=least, most=240)
    if not 0 <= pace.begins < pace.latest <= DAY:
        raise Impossible(Cannot.CLOCK, field="latest")
    for begins, ends in pace.breaks:
        if not 0 <= begins < ends <= DAY or ends - begins >= pace.latest - pace.begins:
            raise Impossible(Cannot.BREAK, begins=begins, ends=ends)
    return Pace(pace.begins, pace.latest, pace.minutes, pace.change, pace.gap, tuple(sorted(pace.breaks)))


def rotation(stations: Sequence[tuple[int, int]], rests: Collection[int], rhythm: int | None) -> list[Place]:
    """The places in order: stations (id, own minutes) with a rest after each of the given ordinals (0: before all)."""
    if not stations:
        raise Impossible(Cannot.NO_STATIONS)
    wrong = [after for after in rests if not 0 <= after <= len(stations)]
    if wrong:
        raise Impossible(Cannot.REST, after=wrong[0], most=len(stations))
    longest = max(minutes for _, minutes in stations)
    if rhythm is not None and rhythm < longest:
        at = next(number for number, (_, minutes) in enumerate(stations, 1) if minutes > rhythm)
        raise Impossible(Cannot.TOO_SHORT, station=at, minutes=stations[at - 1][1], rhythm=rhythm)
    cycle = rhythm or longest
    order: list[tuple[int | None, int]] = [(None, cycle)] * (1 if 0 in rests else 0)
    for number, (station, minutes) in enumerate(stations, 1):
        order.append((station, rhythm or minutes))
        order += [(None, cycle)] * (1 if number in rests else 0)
    return [Place(position, station, minutes) for position, (station, minutes) in enumerate(order, 1)]


def cycle_of(places: Iterable[Place]) -> int:
    """The minutes of a turn: those of its longest place."""
    return max(place.minutes for place in places)


def turns(pace: Pace, cycle: int, a_wave: int, waves: int) -> list[Turn]:
    """When every turn begins; raises Impossible where the day would be too long. A break never cuts a turn."""
    made: list[Turn] = []
    at = pace.begins
    for wave in range(1, waves + 1):
        for _ in range(a_wave):
            at = clear_of(pace.breaks, at, cycle)
            made.append(Turn(len(made) + 1, wave, at))
            at += cycle + pace.change
        at += pace.gap - pace.change
    if made and made[-1].begins + cycle > pace.latest:
        fit = sum(1 for turn in made if turn.begins + cycle <= pace.latest) // a_wave
        raise Impossible(Cannot.TOO_LONG, ends=made[-1].begins + cycle, latest=pace.latest, waves=waves, fit=fit)
    return made


def clear_of(breaks: Iterable[tuple[int, int]], at: int, minutes: int) -> int:
    """The first moment from `at` on from which so many minutes lie outside every break (breaks in order)."""
    for begins, ends in breaks:
        if at < ends and at + minutes > begins:
            at = ends
    return at


def waves_for(candidates: int, tracks: int, places: int) -> int:
    """In how many groups, one after another, so many candidates go round: the fewest that hold them."""
    return -(-candidates // (tracks * places))


def place_in(order: int, turn: int, places: int) -> int:
    """The index of the place at which the n-th of a group stands in a turn, all from 0."""
    return (order + turn) % places
