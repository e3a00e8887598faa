"""Points of candidates on items, and the few sums every statistic of a test is made of.

A place without a number (NaN) says that this candidate did not sit this item: papers drawn from a pool have many. Each
row may stand for several candidates who answered alike (`weight`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Numbers = NDArray[np.float64]

#: Below this part of its own size a spread is rounding and no spread.
_NOTHING = 1e-12


@dataclass(frozen=True, eq=False)
class Responses:
    """Points row by row, the most each item gives, and how many candidates each row stands for."""

    points: Numbers
    most: Numbers
    weight: Numbers

    @property
    def sat(self) -> NDArray[np.bool_]:
        """Where a candidate sat an item."""
        return ~np.isnan(self.points)

    @property
    def complete(self) -> bool:
        """Whether everybody sat every item."""
        return bool(self.sat.all())

    @property
    def n(self) -> float:
        """How many candidates there are."""
        return float(self.weight.sum())

    def of(self) -> Numbers:
        """The most each candidate could have earned."""
        found: Numbers = np.where(self.sat, self.most, 0.0).sum(axis=1)
        return found

    def earned(self) -> Numbers:
        """What each candidate earned."""
        found: Numbers = np.nansum(self.points, axis=1)
        return found

    def totals(self) -> Numbers:
        """Points of each candidate where all sat the same; else percent of what each could have earned."""
        return self.earned() if self.complete else 100 * _divided(self.earned(), self.of())

    def rests(self, item: int) -> Numbers:
        """The share each candidate earned of all other items sat."""
        own = np.nan_to_num(self.points[:, item])
        could = self.of() - np.where(self.sat[:, item], self.most[item], 0.0)
        return _divided(self.earned() - own, could)

    def without(self, item: int) -> "Responses":
        """The same test without one item."""
        return Responses(np.delete(self.points, item, axis=1), np.delete(self.most, item), self.weight)


def _divided(part: Numbers, whole: Numbers) -> Numbers:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def responses(points: ArrayLike, *, most: ArrayLike | None = None, freq: Sequence[float] | None = None) -> Responses:
    """Points as given; an item's most is 1 where nothing above 1 stands in it, else the highest found, unless said."""
    matrix = np.atleast_2d(np.asarray(points, dtype=float))
    if matrix.ndim != 2 or matrix.size == 0:
        raise ValueError("there are no points")
    highest = np.nan_to_num(matrix, nan=0.0).max(axis=0)
    tops = np.maximum(highest, 1.0) if most is None else np.asarray(most, dtype=float)
    weight = np.ones(len(matrix)) if freq is None else np.asarray(freq, dtype=float)
    return Responses(matrix, tops, weight)


def mean(values: Numbers, weight: Numbers) -> float:
    """The weighted mean."""
    return float((values * weight).sum() / weight.sum())


def variance(values: Numbers, weight: Numbers) -> float:
    """The sample variance (n − 1), every row as often as its weight says."""
    return float(((values - mean(values, weight)) ** 2 * weight).sum() / (weight.sum() - 1))


def varies(values: Numbers) -> bool:
    """Whether the values differ by more than rounding."""
    return len(values) > 0 and float(np.ptp(values)) > _NOTHING * max(1.0, float(np.abs(values).max()))


def correlation(left: Numbers, right: Numbers, weight: Numbers) -> float | None:
    """Pearson's correlation; with a right-or-wrong item it is the point-biserial. None without spread."""
    if weight.sum() < 3 or not (varies(left) and varies(right)):
        return None
    a, b = left - mean(left, weight), right - mean(right, weight)
    found = float((a * b * weight).sum() / np.sqrt((a * a * weight).sum() * (b * b * weight).sum()))
    return max(-1.0, min(1.0, found))


def part_of_extremes(totals: Numbers, weight: Numbers, part: float, *, upper: bool) -> Numbers:
    """How much of each row stands among the best (or worst) `part`; rows that tie at the border share its places alike.

    Sharing keeps the figure free of the order in which candidates stand in the file.
    """
    places = max(1.0, float(np.floor(part * weight.sum() + 0.5)))
    keyed = np.round(-totals if upper else totals, 9)
    _, group = np.unique(keyed, return_inverse=True)
    sizes = np.bincount(group, weights=weight)
    before = np.concatenate(([0.0], np.cumsum(sizes)[:-1]))
    taken: Numbers = np.clip((places - before) / sizes, 0.0, 1.0)[group]
    return taken
