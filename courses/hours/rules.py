"""Arithmetic of hours. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class HoursKind(StrEnum):
    """The three kinds that make a doctor: 理论、模拟、实践."""

    THEORY = "theory"
    SIMULATION = "simulation"
    PRACTICE = "practice"


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
