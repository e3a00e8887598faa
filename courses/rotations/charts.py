"""The calendar of a department as a drawing: a row for each place, a bar for each rotation, edges between months."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from courses.rotations.models import Rotation
from courses.rotations.rules import ONE_DAY, OPEN_END, Place, Stay

#: Half a year; units of the drawing: one day, one row, the strip of months above, the numbers at the left.
DAYS: Final = 184
DAY, ROW, TOP, LEFT = 5, 34, 26, 40


@dataclass(frozen=True)
class Bar:
    """A stretch of days on one row; without a name where the reader does not reach whose it is."""

    x: int
    y: int
    width: int
    stay: Rotation | None
    days: Stay

    @property
    def letters(self) -> int:
        """How many Chinese characters fit onto it."""
        return max(0, (self.width - 8) // 13)


@dataclass(frozen=True)
class Month:
    """Where a month begins."""

    x: int
    first: date


@dataclass(frozen=True)
class Calendar:
    """The whole drawing."""

    width: int
    height: int
    rows: Sequence[tuple[int, int]]
    months: Sequence[Month]
    bars: Sequence[Bar]
    closed: Sequence[Bar]
    today: int


def calendar(
    places: Sequence[Place], taken: Sequence[tuple[Stay, int]], known: Mapping[int, Rotation], first: date, today: date
) -> Calendar:
    """The half year that begins on a day."""
    last = first + timedelta(days=DAYS - 1)
    shown = [place for place in places if place.opens_on <= last and place.closes_on >= first]
    row_of = {place.id: number for number, place in enumerate(shown)}
    return Calendar(
        width=LEFT + DAYS * DAY,
        height=TOP + ROW * max(1, len(shown)),
        rows=[(number + 1, TOP + number * ROW) for number in range(len(shown))],
        months=[Month(_x(day, first), day) for day in _months(first, last)],
        bars=[
            _bar(stay, row_of[seat], first, last, known.get(stay.key))
            for stay, seat in taken
            if seat in row_of and stay.within(first, last)
        ],
        closed=[
            _bar(stay, row_of[place.id], first, last, None) for place in shown for stay in _closed(place, first, last)
        ],
        today=_x(today, first) if first <= today <= last else 0,
    )


def _x(on: date, first: date) -> int:
    return LEFT + (on - first).days * DAY


def _bar(stay: Stay, row: int, first: date, last: date, known: Rotation | None) -> Bar:
    begins = max(stay.begins_on, first)
    return Bar(_x(begins, first), TOP + row * ROW, stay.within(first, last) * DAY, known, stay)


def _closed(place: Place, first: date, last: date) -> list[Stay]:
    """The days of a drawing on which a place is not there."""
    before = [Stay(first, place.opens_on - ONE_DAY)] if place.opens_on > first else []
    after = [Stay(place.closes_on + ONE_DAY, last)] if place.closes_on < min(last, OPEN_END) else []
    return before + after


def _months(first: date, last: date) -> list[date]:
    found, day = [first], (first.replace(day=28) + timedelta(days=4)).replace(day=1)
    while day <= last:
        found.append(day)
        day = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
    return found
