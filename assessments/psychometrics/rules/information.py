"""Test information: for whom a test measures well, by the two-parameter logistic model.

Marginal maximum likelihood by the EM algorithm of Bock & Aitkin (1981) Psychometrika 46:443, abilities standard normal;
slopes may carry a lognormal prior (Mislevy 1986, Psychometrika 51:177), which few candidates need. Information is
I(θ) = Σ a² P (1 − P) (Birnbaum in Lord & Novick 1968, ch. 20). An item marked in parts enters with its share as if that
share of its points had been right (quasi-likelihood, Papke & Wooldridge 1996).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Numbers = NDArray[np.float64]

#: Below this many candidates no model is fitted.
ENOUGH = 60
_NODES = np.linspace(-5, 5, 31)
_ROUNDS = 500
#: What part of the likelihood no longer counts as a change.
_SAME = 1e-8
_SLOPES = (0.05, 6.0)


@dataclass(frozen=True)
class Fit:
    """Slope and intercept of every item, P = 1/(1 + exp(−(aθ + d))), in the order given."""

    slopes: tuple[float, ...]
    intercepts: tuple[float, ...]
    likelihood: float
    rounds: int
    converged: bool


@dataclass(frozen=True)
class Place:
    """One ability: the percent it is expected to score, the information there, and the standard error in percent."""

    ability: float
    percent: float
    information: float
    error: float


def fit(shares: ArrayLike, *, freq: Sequence[float] | None = None, prior: float | None = 0.5) -> Fit:
    """Fit the model to shares earned (0–1, NaN where not sat); `prior` is the spread of ln a, None for none."""
    x = np.atleast_2d(np.asarray(shares, dtype=float))
    weight = np.ones(len(x)) if freq is None else np.asarray(freq, dtype=float)
    sat = ~np.isnan(x)
    right, wrong = np.where(sat, x, 0.0), np.where(sat, 1 - x, 0.0)
    density = np.exp(-(_NODES**2) / 2)
    density /= density.sum()
    start = np.clip((weight @ right + 0.5) / (weight @ sat + 1), 0.01, 0.99)
    a, d = np.ones(x.shape[1]), np.log(start / (1 - start))
    before = -np.inf
    rounds = 0
    while rounds < _ROUNDS:
        rounds += 1
        yes, no = _logs(a, d)
        logs = right @ yes.T + wrong @ no.T + np.log(density)
        top = logs.max(axis=1, keepdims=True)
        mass = np.exp(logs - top)
        whole = mass.sum(axis=1, keepdims=True)
        likelihood = float(weight @ (np.log(whole) + top)[:, 0])
        after = mass / whole * weight[:, None]
        a, d = _better(a, d, after.T @ right, after.T @ sat, prior)
        if abs(likelihood - before) < _SAME * max(1.0, abs(likelihood)):
            break
        before = likelihood
    return Fit(tuple(map(float, a)), tuple(map(float, d)), likelihood, rounds, rounds < _ROUNDS)


def _logs(a: Numbers, d: Numbers) -> tuple[Numbers, Numbers]:
    """ln P and ln(1 − P) at every node for every item."""
    line = np.outer(_NODES, a) + d
    return -np.logaddexp(0, -line), -np.logaddexp(0, line)


def _better(a: Numbers, d: Numbers, right: Numbers, sat: Numbers, prior: float | None) -> tuple[Numbers, Numbers]:
    """Two Newton steps for every item at once on its expected table of right answers by ability."""
    x = _NODES[:, None]
    for _ in range(2):
        p = 1 / (1 + np.exp(-(np.outer(_NODES, a) + d)))
        residual, bend = right - sat * p, sat * p * (1 - p)
        g_a, g_d = (residual * x).sum(axis=0), residual.sum(axis=0)
        h_aa, h_ad, h_dd = (bend * x**2).sum(axis=0), (bend * x).sum(axis=0), bend.sum(axis=0)
        h_dd, g_d = h_dd + 0.04, g_d - 0.04 * d  # d ~ N(0, 5²), so that an item all get right stays finite
        if prior is not None:
            g_a = g_a - np.log(a) / (prior**2 * a)
            h_aa = h_aa + 1 / (prior * a) ** 2
        size = h_aa * h_dd - h_ad**2 + 1e-12
        step_a, step_d = (h_dd * g_a - h_ad * g_d) / size, (h_aa * g_d - h_ad * g_a) / size
        a = np.clip(a + np.clip(step_a, -0.5, 0.5), *_SLOPES)
        d = np.clip(d + np.clip(step_d, -1.0, 1.0), -12, 12)
    return a, d


def curve(found: Fit, points: ArrayLike, abilities: Sequence[float]) -> tuple[Place, ...]:
    """Information and error along ability, and the percent of all points expected there.

    The error in percent is that of ability times the slope of the expected percent (Lord 1980, ch. 5).
    """
    a, d = np.array(found.slopes), np.array(found.intercepts)
    most = np.asarray(points, dtype=float)
    made = []
    for ability in abilities:
        p = 1 / (1 + np.exp(-(a * ability + d)))
        information = float((a**2 * p * (1 - p)).sum())
        slope = float((most * a * p * (1 - p)).sum()) * 100 / float(most.sum())
        error = slope / np.sqrt(information) if information > 0 else 0.0
        made.append(Place(float(ability), 100 * float(most @ p) / float(most.sum()), information, float(error)))
    return tuple(made)
