"""How far raters agree: intraclass correlations of scores, kappa of categories.

Sources: Shrout & Fleiss (1979) Psychol Bull 86:420; McGraw & Wong (1996) Psychol Methods 1:30; Cohen (1960) Educ
Psychol Meas 20:37 and (1968) Psychol Bull 70:213; Fleiss, Cohen & Everitt (1969) Psychol Bull 72:323; Fleiss (1971)
Psychol Bull 76:378.
"""

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import scipy
from numpy.typing import ArrayLike

#: How sure intervals are, and how many standard errors that is.
CONFIDENCE = 0.95
Z = 1.959963984540054
_NOTHING = 1e-12

Range = tuple[float, float] | None


@dataclass(frozen=True)
class Icc:
    """Six intraclass correlations: of one rater and of the mean of k; None where there is nothing to compare."""

    n: int
    k: int
    icc1: float | None
    icc2: float | None
    icc3: float | None
    icc1k: float | None
    icc2k: float | None
    icc3k: float | None
    #: of icc1, icc2, icc3, with 95 %
    intervals: dict[str, Range]
    reason: str | None


@dataclass(frozen=True)
class _Squares:
    """Mean squares: between subjects, within subjects, between raters, what is left."""

    n: int
    k: int
    between: float
    within: float
    raters: float
    rest: float


def icc(ratings: ArrayLike) -> Icc:
    """Shrout & Fleiss 1979: rows are subjects, columns raters, every cell filled.

    ICC(1) other raters for every subject, ICC(2) the same raters drawn from many, ICC(3) just these raters; with k the
    mean of all of them. With B, W, J, E the mean squares: (B − W)/(B + (k − 1)W), (B − E)/(B + (k − 1)E + k(J − E)/n),
    (B − E)/(B + (k − 1)E), (B − W)/B, (B − E)/(B + (J − E)/n), (B − E)/B.
    """
    found = np.asarray(ratings, dtype=float)
    if found.ndim != 2 or min(found.shape) < 2:
        raise ValueError("agreement needs two subjects and two raters")
    m = _squares(found)
    b, w, j, e, n, k = m.between, m.within, m.raters, m.rest, m.n, m.k
    values = {
        "icc1": _part(b - w, b + (k - 1) * w),
        "icc2": _part(b - e, b + (k - 1) * e + k * (j - e) / n),
        "icc3": _part(b - e, b + (k - 1) * e),
        "icc1k": _part(b - w, b),
        "icc2k": _part(b - e, b + (j - e) / n),
        "icc3k": _part(b - e, b),
    }
    reason = None
    if None in values.values():
        reason = "subjects differ no more than raters do" if w else "nothing varies"
    return Icc(n, k, **values, intervals=_intervals(m), reason=reason)


def _squares(found: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]") -> _Squares:
    n, k = found.shape
    noise = _NOTHING**2 * float((found**2).sum())
    off = found - found.mean()
    rows, columns = off.mean(axis=1), off.mean(axis=0)

    def mean(parts: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]", times: int, freedom: int) -> float:
        """A mean square, 0 where it is only rounding."""
        whole = times * float((parts**2).sum())
        return whole / freedom if whole > noise else 0.0

    return _Squares(
        n,
        k,
        between=mean(rows, k, n - 1),
        within=mean(off - rows[:, None], 1, n * (k - 1)),
        raters=mean(columns, n, k - 1),
        rest=mean(off - rows[:, None] - columns[None, :], 1, (n - 1) * (k - 1)),
    )


def _part(true: float, whole: float) -> float | None:
    return true / whole if whole > 0 else None


def _quantile(over: float, under: float) -> float:
    return float(scipy.special.fdtri(over, under, (1 + CONFIDENCE) / 2))


def _intervals(m: _Squares) -> dict[str, Range]:
    n, k = m.n, m.k
    return {
        "icc1": _single(m.between, m.within, n - 1, n * (k - 1), k),
        "icc2": _absolute(m),
        "icc3": _single(m.between, m.rest, n - 1, (n - 1) * (k - 1), k),
    }


def _single(between: float, error: float, over: int, under: int, k: int) -> Range:
    """(F − 1)/(F + k − 1), F the observed ratio divided by its quantile, and multiplied by that the other way."""
    if error <= 0:
        return None
    low = between / error / _quantile(over, under)
    high = between / error * _quantile(under, over)
    return (low - 1) / (low + k - 1), (high - 1) / (high + k - 1)


def _absolute(m: _Squares) -> Range:
    """The interval of ICC(2): Satterthwaite's degrees of freedom for k·ICC·J + (n(1 + (k − 1)ICC) − k·ICC)E."""
    n, k, b, j, e = m.n, m.k, m.between, m.raters, m.rest
    one = _part(b - e, b + (k - 1) * e + k * (j - e) / n)
    if one is None or e <= 0 or b <= 0:
        return None
    ratio = j / e
    mixed = n * (1 + (k - 1) * one) - k * one
    freedom = (k - 1) * (n - 1) * (k * one * ratio + mixed) ** 2
    freedom /= (n - 1) * k**2 * one**2 * ratio**2 + mixed**2
    f_high, f_low = _quantile(n - 1, freedom), _quantile(freedom, n - 1)
    spread = k * j + (k * n - k - n) * e
    low = n * (b - f_high * e) / (f_high * spread + n * b)
    high = n * (f_low * b - e) / (spread + n * f_low * b)
    return low, high


class Weights(StrEnum):
    """How much a disagreement counts: all alike, or more the further apart."""

    NONE = "none"
    LINEAR = "linear"
    QUADRATIC = "quadratic"


@dataclass(frozen=True)
class Kappa:
    """Agreement beyond chance; `agreement` and `expected` are the (weighted) shares, None where it cannot be had."""

    n: int
    raters: int
    categories: int
    agreement: float
    expected: float
    kappa: float | None
    se: float | None
    low: float | None
    high: float | None
    reason: str | None


def kappa(
    first: Sequence[Hashable],
    second: Sequence[Hashable],
    *,
    categories: Sequence[Hashable],
    weights: Weights = Weights.NONE,
) -> Kappa:
    """Cohen's kappa of two raters, (pₒ − pₑ)/(1 − pₑ), weighted 1 − |i − j|/(c − 1) or 1 − ((i − j)/(c − 1))².

    `categories` is the whole scale in its order: a category nobody used keeps its place. The error is that of Fleiss,
    Cohen & Everitt 1969.
    """
    if not first or len(first) != len(second):
        raise ValueError("two raters judge the same subjects, one at least")
    table = _table(first, second, categories)
    agreed = _weights(len(categories), weights)
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    seen, chance = float((agreed * table).sum()), float((agreed * np.outer(rows, columns)).sum())
    n, c = len(first), len(categories)
    if 1 - chance < _NOTHING:
        return Kappa(n, 2, c, seen, chance, None, None, None, None, "both raters used one category only")
    value = (seen - chance) / (1 - chance)
    error = _error(table, agreed, seen, chance, n)
    return Kappa(n, 2, c, seen, chance, value, error, max(-1.0, value - Z * error), min(1.0, value + Z * error), None)


def _table(
    first: Sequence[Hashable], second: Sequence[Hashable], categories: Sequence[Hashable]
) -> "np.ndarray[tuple[int, int], np.dtype[np.float64]]":
    place = {category: at for at, category in enumerate(categories)}
    table = np.zeros((len(categories), len(categories)))
    for one, other in zip(first, second, strict=True):
        table[place[one], place[other]] += 1
    return table / len(first)


def _weights(count: int, weights: Weights) -> "np.ndarray[tuple[int, int], np.dtype[np.float64]]":
    if weights is Weights.NONE or count < 2:
        return np.eye(count)
    places = np.arange(count)
    apart: np.ndarray[tuple[int, int], np.dtype[np.float64]]
    apart = np.abs(places[:, None] - places[None, :]) / (count - 1)
    return 1 - (apart if weights is Weights.LINEAR else apart**2)


def _error(
    table: "np.ndarray[tuple[int, int], np.dtype[np.float64]]",
    agreed: "np.ndarray[tuple[int, int], np.dtype[np.float64]]",
    seen: float,
    chance: float,
    n: int,
) -> float:
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    mean_rows, mean_columns = agreed @ columns, rows @ agreed
    off = agreed * (1 - chance) - (mean_rows[:, None] + mean_columns[None, :]) * (1 - seen)
    variance = float((table * off**2).sum()) - (seen * chance - 2 * chance + seen) ** 2
    return math.sqrt(max(0.0, variance) / n) / (1 - chance) ** 2


def fleiss(ratings: Sequence[Sequence[Hashable]], *, categories: Sequence[Hashable]) -> Kappa:
    """Kappa of as many raters for every subject, who need not be the same ones: (P̄ − P̄ₑ)/(1 − P̄ₑ) (Fleiss 1971)."""
    raters = len(ratings[0]) if ratings else 0
    if raters < 2 or any(len(row) != raters for row in ratings):
        raise ValueError("every subject is judged by as many raters, two at least")
    counts = np.array([[row.count(category) for category in categories] for row in map(list, ratings)], dtype=float)
    n = len(ratings)
    seen = float(((counts**2).sum(axis=1) - raters).sum()) / (n * raters * (raters - 1))
    chance = float(((counts.sum(axis=0) / (n * raters)) ** 2).sum())
    whole = (n, raters, len(categories), seen, chance)
    if 1 - chance < _NOTHING:
        return Kappa(*whole, None, None, None, None, "all raters used one category only")
    return Kappa(*whole, (seen - chance) / (1 - chance), None, None, None, None)
