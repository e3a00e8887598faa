"""What can go otherwise on the day, what a new plan has to respect, and from which turn on it may differ."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from assessments.osce.rules.rotation import Cannot, Impossible
from assessments.osce.rules.staffing import Judge, Pair
from assessments.osce.rules.timetable import Booking, Plan


class What(StrEnum):
    """What went otherwise."""

    EXAMINER_AWAY = "examiner_away"
    EXAMINER_BACK = "examiner_back"
    CANDIDATE_AWAY = "candidate_away"
    CANDIDATE_LATE = "candidate_late"
    CANDIDATE_MISSED = "candidate_missed"
    PLACE = "place"
    ROOM_LOST = "room_lost"
    STATION_OUT = "station_out"
    DELAY = "delay"


@dataclass(frozen=True)
class Event:
    """Something that went otherwise, from a minute of the day on; each kind reads what it needs."""

    what: What
    at: int = 0
    person: int | None = None
    substitute: int | None = None
    station: int | None = None
    track: int | None = None
    room: str = ""
    to: str = ""
    minutes: int = 0
    #: for PLACE: candidates and those of their stations that still need a slot; none: all that they have not done
    candidates: tuple[int, ...] = ()


@dataclass(frozen=True)
class Known:
    """What a new plan has to respect: the minute it is, who could examine, who must not meet, what is marked."""

    now: int
    judges: tuple[Judge, ...] = ()
    pairs: tuple[Pair, ...] = ()
    marked: frozenset[tuple[int, int]] = frozenset()  # candidate, station

    @property
    def barred(self) -> frozenset[tuple[int, int]]:
        """Examiner and candidate who must not meet."""
        return frozenset((pair.examiner, pair.candidate) for pair in self.pairs)


def since_when(plan: Plan, event: Event, known: Known) -> int:
    """The beginning of the first turn that has not begun and is not before the event."""
    for turn in plan.turns:
        if turn.begins > known.now and turn.begins >= event.at:
            return turn.begins
    raise Impossible(Cannot.OVER)


def split(bookings: Iterable[Booking], here: Callable[[Booking], bool], at: int) -> tuple[list[Booking], list[Booking]]:
    """All bookings with those that are meant cut off at a moment; and what was cut off."""
    kept: list[Booking] = []
    cut: list[Booking] = []
    for booking in bookings:
        if not here(booking) or booking.ends <= at:
            kept.append(booking)
            continue
        cut.append(replace(booking, begins=max(booking.begins, at)))
        if booking.begins < at:
            kept.append(replace(booking, ends=at))
    return kept, cut
