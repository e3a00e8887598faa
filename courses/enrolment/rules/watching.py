"""What of a film or sound was watched: pieces that were played, each second of it once, one at a time. Pure."""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

#: So many parts of a hundred must have been watched.
ENOUGH = 90
#: Nobody learns from a film that runs faster than this.
FASTEST = 2
#: A device's clock and its player may differ by this much in a piece.
SLACK = timedelta(seconds=1)


class Verdict(StrEnum):
    """Why a piece counts or does not."""

    COUNTS = "counts"
    TOO_FAST = "too_fast"  # more of the film than the time it took allows
    TWICE = "twice"  # most of that time is spoken for by another piece
    BEFORE = "before"  # made before the lesson was opened or downloaded


@dataclass(frozen=True)
class Piece:
    """A stretch of a film, in milliseconds of it, and when it was played, on the server's clock."""

    start: int
    stop: int
    began_at: datetime
    ended_at: datetime


@dataclass(frozen=True)
class Watched:
    """What was watched of one film or sound of so many seconds: stretches in order that do not touch."""

    seconds: int
    ranges: tuple[tuple[int, int], ...] = ()

    @property
    def covered(self) -> int:
        """Milliseconds of it that were watched at least once."""
        return min(self.seconds * 1000, sum(stop - start for start, stop in self.ranges))

    @property
    def percent(self) -> int:
        """Whole parts of a hundred, cut."""
        return self.covered // (self.seconds * 10)

    @property
    def enough(self) -> bool:
        """Whether it counts as watched."""
        return self.covered >= self.seconds * 10 * ENOUGH

    @property
    def missing(self) -> timedelta:
        """What was not watched."""
        return timedelta(milliseconds=self.seconds * 1000 - self.covered)


def union(ranges: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """The stretches that these cover, in order; what is watched twice is there once."""
    found: list[tuple[int, int]] = []
    for start, stop in sorted(ranges):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], stop)
        else:
            found.append((start, stop))
    return tuple(found)


def least_to_watch(films: Iterable[Watched]) -> timedelta:
    """The time that must have passed to watch enough of them all, played as fast as is allowed."""
    return sum((timedelta(seconds=one.seconds) * ENOUGH / 100 / FASTEST for one in films), timedelta(0))


class OneAtATime:
    """The time of one person that is spoken for by pieces played: a person watches one film at a time."""

    def __init__(self, taken: Iterable[tuple[datetime, datetime]] = ()) -> None:
        self._taken: list[tuple[datetime, datetime]] = []
        for began, ended in sorted(taken):
            self._take(began, ended)

    def judge(self, piece: Piece, *, heard: datetime) -> Verdict:
        """Whether a piece counts, and if so take its time; `heard` is when the server first heard of the lesson."""
        took = piece.ended_at - piece.began_at
        if timedelta(milliseconds=piece.stop - piece.start) > took * FASTEST + SLACK:
            return Verdict.TOO_FAST
        if piece.began_at < heard - SLACK - took / 2:
            return Verdict.BEFORE
        if self._spoken_for(piece.began_at, piece.ended_at) * 2 > took:
            return Verdict.TWICE
        self._take(piece.began_at, piece.ended_at)
        return Verdict.COUNTS

    def _around(self, began: datetime, ended: datetime) -> tuple[int, int]:
        """Which of the stretches taken (they do not touch) touch this one: from, to before."""
        first = bisect_left(self._taken, began, key=lambda one: one[1])
        last = first
        while last < len(self._taken) and self._taken[last][0] <= ended:
            last += 1
        return first, last

    def _spoken_for(self, began: datetime, ended: datetime) -> timedelta:
        first, last = self._around(began, ended)
        overlaps = (min(ended, stop) - max(began, start) for start, stop in self._taken[first:last])
        return sum(overlaps, timedelta(0))

    def _take(self, began: datetime, ended: datetime) -> None:
        first, last = self._around(began, ended)
        near = self._taken[first:last]
        whole = min([began, *(one[0] for one in near)]), max([ended, *(one[1] for one in near)])
        self._taken[first:last] = [whole]
