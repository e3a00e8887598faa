"""Classical item and test analysis: facility, discrimination, reliability with its interval, error of measurement.

Sources: Lord & Novick (1968) Statistical theories of mental test scores; Cronbach (1951) Psychometrika 16:297; Feldt,
Woodruff & Salih (1987) Applied Psychological Measurement 11:93; Kelley (1939) J Educ Psychol 30:17; Brennan (2001)
Generalizability theory, ch. 2.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import ArrayLike

from assessments.psychometrics.rules.responses import (
    Responses,
    correlation,
    mean,
    part_of_extremes,
    responses,
    variance,
    varies,
)

#: The part of all candidates that stands in the upper and in the lower group (Kelley 1939).
EXTREME = 0.27
#: How sure the interval of alpha is.
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Item:
    """One item: `p` the share of its points earned, `r_it` with itself in the total, `r_ir` without."""

    item: str
    n: int
    p: float | None
    r_it: float | None
    r_ir: float | None
    alpha_if_deleted: float | None
    d27: float | None
    reason: str | None


@dataclass(frozen=True)
class Test:
    """A whole test among all candidates; `mean`, `sd` and `sem` in points, or in percent where papers differ."""

    __test__ = False  # not a class of tests

    n: int
    k: int
    mean: float
    sd: float | None
    alpha: float | None
    alpha_low: float | None
    alpha_high: float | None
    sem: float | None
    percent: bool
    items: tuple[Item, ...]
    reason: str | None
    warnings: tuple[str, ...]


def analyse(
    points: ArrayLike,
    *,
    names: Sequence[str] | None = None,
    most: ArrayLike | None = None,
    freq: Sequence[float] | None = None,
) -> Test:
    """Every classical figure of a test: rows are candidates, columns items, NaN where an item was not sat."""
    found = responses(points, most=most, freq=freq)
    n, k = round(found.n), found.points.shape[1]
    totals = found.totals()
    sd = math.sqrt(variance(totals, found.weight)) if n > 1 else None
    alpha, reason = reliability(found)
    low, high = interval(alpha, n, k) if alpha is not None else (None, None)
    called = list(names) if names is not None else [f"i{number}" for number in range(1, k + 1)]
    return Test(
        n=n,
        k=k,
        mean=mean(totals, found.weight),
        sd=sd,
        alpha=alpha,
        alpha_low=low,
        alpha_high=high,
        sem=None if alpha is None or sd is None else sd * math.sqrt(1 - max(0.0, alpha)),
        percent=not found.complete,
        items=tuple(_item(found, at, name) for at, name in enumerate(called)),
        reason=reason,
        warnings=_warnings(n, alpha, found),
    )


def _warnings(n: int, alpha: float | None, found: Responses) -> tuple[str, ...]:
    said = []
    if n < 30:
        said.append(f"{n} candidates: figures of single items and alpha are hardly more than chance below 30")
    if alpha is not None and alpha < 0:
        said.append("alpha is below 0: the items go against each other; sem is taken at alpha 0")
    if not found.complete:
        said.append("candidates sat different items: mean, sd and sem are percent, alpha is that of drawn items")
    return tuple(said)


def _item(found: Responses, at: int, name: str) -> Item:
    sat = found.sat[:, at]
    own, weight = found.points[sat, at], found.weight[sat]
    if not len(own):
        return Item(name, 0, None, None, None, None, None, "nobody sat this item")
    reduced = reliability(found.without(at))[0] if found.points.shape[1] > 2 else None
    reason = None if varies(own) else "everybody earned the same"
    if reason is None and weight.sum() < 3:
        reason = "fewer than three candidates"
    if reason is None and found.points.shape[1] < 2:
        reason = "there is no other item"
    return Item(
        item=name,
        n=round(float(weight.sum())),
        p=mean(own, weight) / float(found.most[at]),
        r_it=correlation(own, found.totals()[sat], weight),
        r_ir=correlation(own, found.rests(at)[sat], weight),
        alpha_if_deleted=reduced,
        d27=_extremes(found, at),
        reason=reason,
    )


def _extremes(found: Responses, at: int) -> float:
    """D: the share of the points earned by the best 27 % less that of the worst 27 % (Kelley 1939)."""
    sat = found.sat[:, at]
    own, weight, totals = found.points[sat, at], found.weight[sat], found.totals()[sat]
    upper, lower = (
        mean(own, weight * part_of_extremes(totals, weight, EXTREME, upper=upper)) for upper in (True, False)
    )
    return (upper - lower) / float(found.most[at])


def reliability(found: Responses) -> tuple[float | None, str | None]:
    """Cronbach's alpha, k/(k − 1) · (1 − Σ s²ᵢ / s²ₓ); with 0/1 items it is KR-20. Else None, and why.

    Where candidates sat different items: 1 − mean error variance / variance of the percentages, each candidate's error
    variance that of a mean of items drawn at random, n/(n − 1) · Σ(xᵢ − P·mᵢ)² / (Σmᵢ)² (items within persons, Brennan
    2001 §2; KR-21 where all items are 0/1): it counts the luck of the draw as error, and alpha cannot.
    """
    n, k = found.n, found.points.shape[1]
    totals = found.totals()
    if n < 2:
        return None, "alpha needs two candidates"
    if k < 2:
        return None, "alpha needs two items"
    if not varies(totals):
        return None, "everybody has the same total"
    whole = variance(totals, found.weight)
    if found.complete:
        parts = sum(variance(column, found.weight) for column in found.points.T)
        return k / (k - 1) * (1 - parts / whole), None
    errors = _drawn_error(found)
    if errors is None:
        return None, "somebody sat fewer than two items"
    return 1 - mean(errors, found.weight) / whole, None


def _drawn_error(found: Responses) -> np.ndarray[tuple[int], np.dtype[np.float64]] | None:
    counts = found.sat.sum(axis=1)
    could = found.of()
    if counts.min() < 2 or could.min() <= 0:
        return None
    share = found.earned() / could
    residual = np.where(found.sat, np.nan_to_num(found.points) - share[:, None] * found.most, 0.0)
    errors: np.ndarray[tuple[int], np.dtype[np.float64]] = (
        1e4 * counts / (counts - 1) * (residual**2).sum(axis=1) / could**2
    )
    return errors


def interval(alpha: float, n: int, k: int) -> tuple[float | None, float | None]:
    """Between what alpha lies with 95 %: (1 − α)/(1 − α̂) follows F(n − 1, (n − 1)(k − 1)) (Feldt et al. 1987)."""
    if n < 2 or k < 2:
        return None, None
    low, high = (1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2
    f_high, f_low = (float(scipy.special.fdtri(n - 1, (n - 1) * (k - 1), q)) for q in (high, low))
    return 1 - (1 - alpha) * f_high, 1 - (1 - alpha) * f_low
