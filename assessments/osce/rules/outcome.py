"""What a candidate came to over a whole circuit: station by station against the cuts, and the exam. Exact decimals.

What was ruled out leaves the arithmetic and takes its share of what is asked with it:

- the percent is the weighed mean of the percents of the stations that count, rounded once, half up, to two places;
- the exam cut moves by the difference between the weighed mean of the station cuts that count and that of all station
  cuts, so that what a standard adds to their mean (k standard errors) stays the same;
- the least number of stations shrinks in proportion and is rounded down, in favour of the candidate, but not to none.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

#: Says by which arithmetic an outcome was made; raise it with every change of `outcome`.
RULES = 1


class Stand(StrEnum):
    """How a candidate stands at one station when results are counted."""

    MARKED = "marked"
    #: was not there and not excused: counts as nothing done
    ABSENT = "absent"
    #: does not count, by a ruling
    VOIDED = "voided"
    #: no sheet and no ruling: the whole cannot be passed
    MISSING = "missing"


class Failing(StrEnum):
    """Why a station is not passed."""

    CRITICAL = "critical"
    KEY_RULE = "key_rule"
    CUT = "cut"
    ABSENT = "absent"
    MISSING = "missing"


class Short(StrEnum):
    """Why the exam is not passed."""

    CUT = "cut"
    STATIONS = "stations"
    MISSING = "missing"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Seen:
    """What is known of a candidate at one station; `percent` where there is a mark."""

    station: int
    cut: Decimal
    stand: Stand
    percent: Decimal | None = None
    critical: bool = False
    keys_met: bool = True
    weight: int = 1


@dataclass(frozen=True)
class Asked:
    """What is asked over all stations: a percent, a number of stations; nothing of both asks for every station."""

    exam: Decimal | None = None
    least_stations: int = 0


@dataclass(frozen=True)
class AtStation:
    """What a candidate came to at one station."""

    station: int
    stand: Stand
    percent: Decimal | None
    cut: Decimal
    passed: bool
    why: tuple[Failing, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What a candidate came to in all, and why it was not a pass."""

    stations: tuple[AtStation, ...]
    percent: Decimal | None
    cut: Decimal | None
    stations_passed: int
    stations_counted: int
    stations_needed: int
    why: tuple[Short, ...]

    @property
    def passed(self) -> bool:
        """Nothing that was asked is short."""
        return not self.why


def at_station(seen: Seen) -> AtStation:
    """One station against its cut; a critical item not done or an unmet key rule fails it whatever the percent."""
    if seen.stand is Stand.VOIDED:
        return AtStation(seen.station, seen.stand, None, seen.cut, passed=False)
    if seen.stand is Stand.MISSING:
        return AtStation(seen.station, seen.stand, None, seen.cut, passed=False, why=(Failing.MISSING,))
    if seen.stand is Stand.ABSENT:
        return AtStation(seen.station, seen.stand, Decimal(0), seen.cut, passed=False, why=(Failing.ABSENT,))
    assert seen.percent is not None
    short = {
        Failing.CRITICAL: seen.critical,
        Failing.KEY_RULE: not seen.keys_met,
        Failing.CUT: seen.percent < seen.cut,
    }
    why = tuple(one for one, holds in short.items() if holds)
    return AtStation(seen.station, seen.stand, seen.percent, seen.cut, passed=not why, why=why)


def outcome(stations: Sequence[Seen], asked: Asked) -> Outcome:
    """All stations of one candidate together, in the order given."""
    found = tuple(at_station(seen) for seen in stations)
    counted = [seen for seen in stations if seen.stand is not Stand.VOIDED]
    weights = {seen.station: seen.weight for seen in stations}
    marks = [(one.percent, weights[one.station]) for one in found if one.percent is not None]
    percent = _rounded(_mean(marks)) if marks else None
    needed, cut = _needed(asked, len(stations), len(counted)), _cut(asked.exam, stations, counted)
    passed = sum(one.passed for one in found)
    short = {
        Short.NOTHING: percent is None,
        Short.MISSING: any(one.stand is Stand.MISSING for one in found),
        Short.CUT: percent is not None and cut is not None and percent < cut,
        Short.STATIONS: passed < needed,
    }
    why = tuple(one for one, holds in short.items() if holds)
    return Outcome(found, percent, cut, passed, len(counted), needed, why)


def _needed(asked: Asked, stations: int, counted: int) -> int:
    """How many stations must be passed of those that count."""
    if asked.exam is None and not asked.least_stations:
        return counted
    least = min(asked.least_stations, stations)
    return max(least * counted // stations, min(least, counted, 1)) if stations else 0


def _cut(exam: Decimal | None, stations: Sequence[Seen], counted: Sequence[Seen]) -> Decimal | None:
    """The percent asked over the stations that count."""
    if exam is None or not counted:
        return exam
    if len(counted) == len(stations):
        return exam
    every, those = (_mean([(one.cut, one.weight) for one in some]) for some in (stations, counted))
    return min(max(_rounded(Fraction(exam) + those - every), Decimal(0)), Decimal(100))


def _mean(weighed: Iterable[tuple[Decimal, int]]) -> Fraction:
    weighed = list(weighed)
    total: Fraction = sum((Fraction(value) * weight for value, weight in weighed), Fraction(0))
    return total / sum(weight for _value, weight in weighed)


def _rounded(share: Fraction) -> Decimal:
    """Half up, to two places, in whole numbers: nothing is rounded twice."""
    cents = (200 * share.numerator + share.denominator) // (2 * share.denominator)
    return Decimal(cents).scaleb(-2)
