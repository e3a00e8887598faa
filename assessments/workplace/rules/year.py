"""What a year of workplace assessments comes to: what is owed, by how many assessors, and how the level moves. Pure.

How many, and by how many different people, follows from how little one visit says: a single mini-CEX reaches a
generalisability coefficient of about .31; .8 takes nine visits by nine assessors (or three by three each). Twelve
visits by one assessor repeat the same person's severity twelve times and do not average it out.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction

#: How many assessments in a row one point of the trend sums up: as many as a level by marks rests on.
NEWEST = 3


@dataclass(frozen=True)
class Wanted:
    """So many assessments with a kind of form, in one technique or (without one) in any."""

    kind: str
    technique: str | None
    times: int


@dataclass(frozen=True)
class Requirement:
    """What is asked of a doctor of one category in a year."""

    total: int
    assessors: int
    wanted: tuple[Wanted, ...]


@dataclass(frozen=True)
class Deed:
    """One assessment, as far as a year is concerned."""

    kind: str
    technique: str
    assessor: int
    on_day: date
    level: int


@dataclass(frozen=True)
class Line:
    """How much of one want is done."""

    wanted: Wanted
    done: int

    @property
    def owed(self) -> int:
        """What is still missing."""
        return self.wanted.times - self.done


class Breadth(StrEnum):
    """By how many people somebody was assessed."""

    NOBODY = "nobody"
    ONE = "one"
    FEW = "few"
    ENOUGH = "enough"


@dataclass(frozen=True)
class Year:
    """What a year came to against what is asked."""

    requirement: Requirement
    lines: tuple[Line, ...]
    #: assessments beyond what any line asks for; they count in the total
    beyond: int
    assessors: Mapping[int, int]
    last_on: date | None

    @property
    def done(self) -> int:
        """All assessments."""
        return sum(self.assessors.values())

    @property
    def owed(self) -> int:
        """How many are missing in all: those that lines ask for, and those that the total asks beyond them."""
        return max(sum(line.owed for line in self.lines), self.requirement.total - self.done, 0)

    @property
    def assessors_owed(self) -> int:
        """How many different assessors are missing."""
        return max(0, self.requirement.assessors - len(self.assessors))

    @property
    def breadth(self) -> Breadth:
        """Whether enough different people looked."""
        if not self.assessors:
            return Breadth.NOBODY
        if not self.assessors_owed:
            return Breadth.ENOUGH
        return Breadth.ONE if len(self.assessors) == 1 else Breadth.FEW

    @property
    def met(self) -> bool:
        """Everything asked for is there."""
        return not self.owed and not self.assessors_owed


def tally(requirement: Requirement, deeds: Iterable[Deed]) -> Year:
    """Count every assessment once: towards its own technique first, then towards any technique, then beyond."""
    found = list(deeds)
    by_own = Counter((deed.kind, deed.technique) for deed in found)
    left = Counter(deed.kind for deed in found)
    lines: list[Line] = []
    for own in (True, False):
        for one in requirement.wanted:
            if (one.technique is not None) is not own:
                continue
            there = by_own[one.kind, one.technique] if one.technique is not None else left[one.kind]
            done = min(one.times, there)
            left[one.kind] -= done
            lines.append(Line(one, done))
    order = {one: number for number, one in enumerate(requirement.wanted)}
    lines.sort(key=lambda line: order[line.wanted])
    last = max((deed.on_day for deed in found), default=None)
    return Year(requirement, tuple(lines), left.total(), Counter(deed.assessor for deed in found), last)


def behind(year: Year, today: date, of: int) -> Fraction:
    """How many assessments somebody is behind an even pace through the calendar year `of` (below 0: ahead)."""
    begins, ends = date(of, 1, 1), date(of + 1, 1, 1)
    gone = Fraction(max(0, min((ends - begins).days, (today - begins).days + 1)), (ends - begins).days)
    return gone * year.requirement.total - (year.requirement.total - year.owed)


@dataclass(frozen=True)
class Course:
    """Where the newest three assessments of a technique lay on a day: their mean, the lowest, the highest."""

    on_day: date
    mean: Decimal
    low: int
    high: int


def course(levels: Sequence[tuple[date, int]]) -> list[Course]:
    """The trend of the level: for each assessment in order of days, the mean and spread of the newest three."""
    ordered = sorted(levels, key=lambda one: one[0])
    made = []
    for at, (on_day, _level) in enumerate(ordered):
        newest = [level for _day, level in ordered[max(0, at - NEWEST + 1) : at + 1]]
        made.append(Course(on_day, mean(newest), min(newest), max(newest)))
    return made


def mean(levels: Sequence[int]) -> Decimal:
    """The mean of some levels to one place, rounded half up."""
    return (Decimal(sum(levels)) / len(levels)).quantize(Decimal("0.1"), ROUND_HALF_UP)
