"""How topics stand, as bars that the server draws."""

from collections.abc import Sequence
from dataclasses import dataclass

from assessments.selftest.rules import WEAK, TopicStand

WIDTH, LINE = 100, 4


@dataclass(frozen=True)
class Bar:
    """One topic: how long its bar is, on a scale of `WIDTH`, and where the mark for *weak* stands."""

    stand: TopicStand
    length: int
    mark: int = int(WEAK * WIDTH)


def bars(stands: Sequence[TopicStand]) -> list[Bar]:
    """A bar for each of these topics."""
    return [Bar(one, int(one.share * WIDTH)) for one in stands]
