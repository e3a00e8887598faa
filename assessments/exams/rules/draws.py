"""Drawing by lot: whatever meets the count is equally likely, in whichever order the things lie.

Things have sizes, because a series of questions under one case is drawn whole. `Urn` counts how many choices there are
that come to just the number wanted, and draws one of them with equal probability: a thing is taken with the share of
those choices that hold it (counting, then unranking; the numbers are exact whole numbers).
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")

#: A whole number from 0 to below its argument, each equally likely.
Below = Callable[[int], int]


class Urn:
    """Things of these sizes, from which up to `most` is drawn at a time."""

    def __init__(self, sizes: Sequence[int], most: int) -> None:
        self._sizes = list(sizes)
        # row i: in how many ways the things from number i on come to 0, 1, 2 … most
        row = [1] + [0] * most
        self._ways = [row]
        for size in reversed(self._sizes):
            row = [ways + (row[total - size] if total >= size else 0) for total, ways in enumerate(row)]
            self._ways.append(row)
        self._ways.reverse()

    def ways(self, count: int) -> int:
        """How many different choices come to just this number."""
        return self._ways[0][count] if 0 <= count < len(self._ways[0]) else 0

    def draw(self, count: int, below: Below) -> list[int]:
        """The numbers of things that come to `count`; each such choice is equally likely. ValueError without any."""
        if not self.ways(count):
            raise ValueError(f"nothing here comes to {count}")
        taken = []
        for number, size in enumerate(self._sizes):
            if count >= size:
                with_it = self._ways[number + 1][count - size]
                if with_it and below(self._ways[number][count]) < with_it:
                    taken.append(number)
                    count -= size
        return taken

    def near(self, count: int) -> list[int]:
        """The nearest numbers that can be drawn: the one below and the one above, as far as there are any."""
        possible = [number for number, ways in enumerate(self._ways[0]) if ways and number]
        lower, higher = [n for n in possible if n < count], [n for n in possible if n > count]
        return lower[-1:] + higher[:1]


def shuffled(things: Sequence[T], below: Below) -> list[T]:
    """The same things in an order of which each is equally likely (Fisher and Yates)."""
    mixed = list(things)
    for last in range(len(mixed) - 1, 0, -1):
        other = below(last + 1)
        mixed[last], mixed[other] = mixed[other], mixed[last]
    return mixed
