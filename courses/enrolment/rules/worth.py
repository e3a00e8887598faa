"""What a lesson that was learned is worth in minutes, beside all others of the same person. Pure.

Each lesson has a window: from when it was opened until it was done. Its minutes were spent somewhere in that window,
and no second was spent on two lessons. So between any two moments, the lessons whose windows lie inside cannot be worth
more than the time between them: that is enough for a timetable to exist in which each gets its minutes (P. Hall 1935,
for intervals; the earliest-deadline rule of J. R. Jackson 1955 finds it). Whatever the order in which lessons become
known, each is given as much as fits beside what was given before, and the sum is always the largest possible but for
the minutes that are cut to whole ones.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction


@dataclass(frozen=True)
class Window:
    """When something was learned, and the minutes it was given."""

    opened_at: datetime
    done_at: datetime
    minutes: int


def worth(opened_at: datetime, done_at: datetime, *, most: timedelta, others: Iterable[Window]) -> int:
    """Whole minutes for what was done in this window: at most `most`, and at most the time nobody else was given."""
    near = _touching(opened_at, done_at, others)
    room = min(most, _room(opened_at, done_at, near))
    return max(0, room // timedelta(minutes=1))


def _touching(opened_at: datetime, done_at: datetime, others: Iterable[Window]) -> list[Window]:
    """Windows that overlap this one, or one that does, and so on: what is apart from all these cannot matter."""
    rest = sorted((one for one in others if one.minutes), key=lambda one: one.opened_at)
    begin, end, near = opened_at, done_at, []
    while inside := [one for one in rest if one.opened_at < end and one.done_at > begin]:
        near += inside
        rest = [one for one in rest if not (one.opened_at < end and one.done_at > begin)]
        begin, end = min(begin, *(one.opened_at for one in inside)), max(end, *(one.done_at for one in inside))
    return near


def _room(opened_at: datetime, done_at: datetime, near: Sequence[Window]) -> timedelta:
    """The least time left between any two moments around this window."""
    ends = sorted({done_at, *(one.done_at for one in near if one.done_at > done_at)})
    room = done_at - opened_at
    for start in {opened_at, *(one.opened_at for one in near if one.opened_at < opened_at)}:
        inside = sorted((one for one in near if one.opened_at >= start), key=lambda one: one.done_at)
        given, at = timedelta(0), 0
        for end in ends:
            while at < len(inside) and inside[at].done_at <= end:
                given += timedelta(minutes=inside[at].minutes)
                at += 1
            room = min(room, end - start - given)
    return room


def offline_part(minutes: int, offline: tuple[timedelta, timedelta]) -> int:
    """How many of these minutes were learned without network: in the proportion of the time, half a minute up."""
    off, whole = offline
    if not whole:
        return 0
    share = Fraction(off // timedelta(microseconds=1), whole // timedelta(microseconds=1))
    return int(minutes * share + Fraction(1, 2))
