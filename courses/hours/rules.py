"""Arithmetic of hours. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from lms.i18n import _l


class HoursKind(StrEnum):
    """The three kinds that make a doctor: 理论、模拟、实践."""

    THEORY = "theory"
    SIMULATION = "simulation"
    PRACTICE = "practice"


#: What kinds are called.
KINDS = {HoursKind.THEORY: _l("Theory"), HoursKind.SIMULATION: _l("Simulation"), HoursKind.PRACTICE: _l("Practice")}
#: What hours come from, in words.
SOURCES = {
    "lesson": _l("Lesson"),
    "lesson_more": _l("Lesson"),
    "case_run": _l("Simulated case"),
    "rotation_day": _l("Rotation"),
    "by_hand": _l("Entered by a manager"),
    "reversal": _l("taken back"),
}
#: What proves itself, in words for where else a name would stand.
OWN_RECORD = {
    "lesson": _l("the lesson’s own record"),
    "lesson_more": _l("the lesson’s own record"),
    "case_run": _l("the case’s own record"),
}
#: What came later from the same source counts like it.
LATER = {"lesson_more": "lesson"}
#: Hours of continuing education a year, until an administrator says otherwise.
DEFAULT_TARGET = 40 * 60


@dataclass(frozen=True)
class Statement:
    """A person's minutes of one year against what is asked."""

    minutes: Mapping[str, int]
    target: int

    @property
    def total(self) -> int:
        """All kinds together."""
        return sum(self.minutes.values())

    @property
    def owed(self) -> int:
        """Minutes still missing; never below nothing."""
        return max(0, self.target - self.total)

    @property
    def reached(self) -> bool:
        """Whether the year is fulfilled."""
        return self.owed == 0


def hours(minutes: int, *, up: bool = False) -> str:
    """Minutes as hours with one decimal: what one has is cut (119 → 1.9), what one owes is rounded `up`."""
    sign = "-" if minutes < 0 else ""
    tenths = (abs(minutes) + (5 if up else 0)) // 6
    return f"{sign}{tenths // 10}.{tenths % 10}"


class CreditClass(StrEnum):
    """The two classes of continuing education: Ⅰ 类、Ⅱ 类."""

    FIRST = "I"
    SECOND = "II"


CLASSES = {CreditClass.FIRST: _l("Class I"), CreditClass.SECOND: _l("Class II")}


@dataclass(frozen=True)
class Line:
    """Which hours become credits of which class: every whole `minutes` of them gives `credits`, at most `most` a year.

    No kinds, or no sources, means all of them.
    """

    credit_class: CreditClass
    minutes: int
    credits: Decimal
    kinds: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    most: Decimal | None = None

    def takes(self, kind: str, source: str) -> bool:
        """Whether hours of a kind from a source are counted by this line."""
        return (not self.kinds or kind in self.kinds) and (not self.sources or source in self.sources)

    def earns(self, minutes: int) -> Decimal:
        """Credits for so many minutes: whole units only, never below nothing, never more than the most."""
        whole = max(0, minutes) // self.minutes * self.credits
        return whole if self.most is None else min(whole, self.most)


@dataclass(frozen=True)
class Scheme:
    """How hours become credits, and how many credits a year are asked."""

    lines: tuple[Line, ...]
    asked: Decimal

    def line_for(self, kind: str, source: str) -> int | None:
        """The first line that takes these hours: nothing is counted twice."""
        return next((n for n, line in enumerate(self.lines) if line.takes(kind, source)), None)


@dataclass(frozen=True)
class Earning:
    """What one line made of a year."""

    line: Line
    minutes: int

    @property
    def credits(self) -> Decimal:
        """The credits of it."""
        return self.line.earns(self.minutes)


def credited(scheme: Scheme, minutes: Mapping[tuple[str, str], int]) -> list[Earning]:
    """The credits of a year by line, from its minutes by kind and source."""
    by_line = dict.fromkeys(range(len(scheme.lines)), 0)
    for (kind, source), spent in minutes.items():
        line = scheme.line_for(kind, source)
        if line is not None:
            by_line[line] += spent
    return [Earning(scheme.lines[number], spent) for number, spent in by_line.items()]


#: Three hours of theory are one credit of class I, six hours of doing one of class II, until somebody says otherwise.
DEFAULT_SCHEME = Scheme(
    (
        Line(CreditClass.FIRST, 180, Decimal(1), (HoursKind.THEORY.value,), (), Decimal(10)),
        Line(
            CreditClass.SECOND, 360, Decimal(1), (HoursKind.SIMULATION.value, HoursKind.PRACTICE.value), (), Decimal(20)
        ),
    ),
    Decimal(25),
)
