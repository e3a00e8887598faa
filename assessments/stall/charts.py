"""A small drawing of the marks behind a flag, for a phone: SVG coordinates, drawn by the template."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

WIDTH, HEIGHT, EDGE = 240, 56, 5


@dataclass(frozen=True)
class Spark:
    """Points of a line from left to right; what came after the flag begins at `after`."""

    points: tuple[tuple[float, float], ...]
    after: int
    #: where the mark to be reached lies
    wanted: float
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def before_line(self) -> str:
        """The line up to the flag, for `points=`."""
        return _line(self.points[: self.after])

    @property
    def after_line(self) -> str:
        """The line from the last mark before the flag on; empty while there is none."""
        return _line(self.points[max(self.after - 1, 0) :]) if self.after < len(self.points) else ""


def _line(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in points)


def spark(before: Sequence[Sequence[Any]], later: Sequence[Sequence[Any]], wanted: float) -> Spark:
    """Place marks ([day, percent]) by time and height; the scale spans them and the mark wanted, at least 20 points."""
    marks = [*before, *later]
    days = [date.fromisoformat(day).toordinal() for day, _ in marks]
    heights = [float(mark) for _, mark in marks]
    low, high = min([*heights, wanted]), max([*heights, wanted])
    spare = max(0.0, 20 - (high - low)) / 2
    low, high = low - spare, high + spare
    first, span = days[0], max(days[-1] - days[0], 1)

    def place(value: float) -> float:
        return round(EDGE + (HEIGHT - 2 * EDGE) * (high - value) / (high - low), 1)

    points = tuple(
        (round(EDGE + (WIDTH - 2 * EDGE) * (day - first) / span, 1), place(mark))
        for day, mark in zip(days, heights, strict=True)
    )
    return Spark(points, len(before), place(wanted))
