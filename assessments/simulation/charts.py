"""The drawing of a report: five bars, one for each section."""

from collections.abc import Sequence
from dataclasses import dataclass

from assessments.simulation.rules import Section, SectionScore

WIDTH, ROW, LEFT, RIGHT = 320, 30, 76, 52


@dataclass(frozen=True)
class Bar:
    """One section's bar: where it stands, how long it is, what stands beside it."""

    section: Section
    y: int
    length: int
    percent: str


@dataclass(frozen=True)
class Bars:
    """The whole drawing; `track` is the length of a full bar."""

    bars: tuple[Bar, ...]
    width: int
    height: int
    left: int
    track: int


def bars(sections: Sequence[SectionScore]) -> Bars:
    """Lay the sections out, one under the other."""
    track = WIDTH - LEFT - RIGHT
    drawn = tuple(
        Bar(one.section, number * ROW, round(track * one.share), f"{one.percent}%")
        for number, one in enumerate(sections)
    )
    return Bars(drawn, WIDTH, ROW * len(drawn), LEFT, track)
