"""Whether somebody is good enough yet, or not any more: cumulative sums of successes and failures in their order.

Every step adds what one more result says for the one hypothesis against the other, a logarithm of likelihoods; what
lies further back is never forgotten, only outweighed. Sources: Wald (1947) Sequential analysis; de Leval et al. (1994)
J Thorac Cardiovasc Surg 107:914 and Bolsin & Colson (2000) Int J Qual Health Care 12:433 (CUSUM of a trainee); Biau et
al. (2008) Br J Surg 95:925 and Biau & Porcher (2010) Stat Med 29:1900 (LC-CUSUM); Steiner et al. (2000) Biostatistics
1:441 (risk-adjusted CUSUM).
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lms.errors import Invalid


@dataclass(frozen=True)
class Signal:
    """A line that the path has reached: at which result, counted from 1, and which line."""

    at: int
    line: str


@dataclass(frozen=True)
class Cusum:
    """Failures against what is acceptable: `s` is taken off for a success, 1 − s added for a failure.

    At `h1` or above the share of failures is that of the unacceptable; at `h0` or below that of the acceptable.
    """

    s: float
    h0: float
    h1: float
    path: tuple[float, ...]
    signals: tuple[Signal, ...]


@dataclass(frozen=True)
class LearningCurve:
    """Whether adequate performance is proved yet; `competent_at` is the result that proved it, None while none has."""

    w_success: float
    w_failure: float
    path: tuple[float, ...]
    competent_at: int | None


@dataclass(frozen=True)
class RiskAdjusted:
    """Adverse outcomes against how likely they were; after a signal the sum begins at 0 again."""

    weights: tuple[float, ...]
    path: tuple[float, ...]
    signals: tuple[Signal, ...]


def _share(name: str, value: float) -> None:
    if not 0 < value < 1:
        raise Invalid(f"{name} must lie between 0 and 1, and be neither", field=name)


def cusum(results: Sequence[bool], *, p0: float, p1: float, alpha: float, beta: float) -> Cusum:
    """The sum of failures less what is expected; two lines in Wald's distances.

    `p0` and `p1` are the shares of failures that are acceptable and unacceptable, `alpha` and `beta` the risks of
    calling good performance bad and bad performance good. A line that has been reached counts once, until the path has
    been back between the lines. Raises Invalid for shares out of order.
    """
    for name, value in {"p0": p0, "p1": p1, "alpha": alpha, "beta": beta}.items():
        _share(name, value)
    if p0 >= p1:
        raise Invalid("p0, what is acceptable, must be below p1", field="p0")
    if alpha + beta >= 1:
        raise Invalid("alpha and beta must be below 1 together", field="alpha")
    for_failure, for_success = math.log(p1 / p0), math.log((1 - p0) / (1 - p1))
    whole = for_failure + for_success
    s = for_success / whole
    h0, h1 = -math.log((1 - alpha) / beta) / whole, math.log((1 - beta) / alpha) / whole
    path, sum_ = [], 0.0
    for success in results:
        sum_ += -s if success else 1 - s
        path.append(sum_)
    return Cusum(s, h0, h1, tuple(path), tuple(_reached(path, h0, h1)))


def _reached(path: Iterable[float], h0: float, h1: float) -> Iterable[Signal]:
    before = ""
    for at, value in enumerate(path, 1):
        line = "h1" if value >= h1 else "h0" if value <= h0 else ""
        if line and line != before:
            yield Signal(at, line)
        before = line


def learning_curve(results: Sequence[bool], *, p0: float, delta: float, h: float) -> LearningCurve:
    """LC-CUSUM: evidence that failures are at most `p0`, against `p0 + delta`; it never falls below 0.

    What is held to be true until the opposite is proved is that somebody is not competent yet. Raises Invalid for
    shares that are none, and for a limit `h` that is not above 0.
    """
    _share("p0", p0)
    _share("p0 + delta", p0 + delta)
    if delta <= 0 or not 0 < h < math.inf:
        raise Invalid("delta and h must be above 0", field="delta" if delta <= 0 else "h")
    w_success, w_failure = math.log((1 - p0) / (1 - p0 - delta)), math.log(p0 / (p0 + delta))
    path, sum_ = [], 0.0
    for success in results:
        sum_ = max(0.0, sum_ + (w_success if success else w_failure))
        path.append(sum_)
    return LearningCurve(w_success, w_failure, tuple(path), next((n for n, v in enumerate(path, 1) if v >= h), None))


def risk_adjusted(expected: Sequence[float], adverse: Sequence[bool], *, odds_ratio: float, h: float) -> RiskAdjusted:
    """Evidence that the odds of an adverse outcome are `odds_ratio` times those expected of each patient.

    `expected[i]` is the probability of the adverse outcome for that patient, `adverse[i]` whether it came. An odds
    ratio above 1 looks for worse than expected, below 1 for better. Raises Invalid where nothing could be told.
    """
    if not 0 < odds_ratio < math.inf or odds_ratio == 1 or not 0 < h < math.inf:
        raise Invalid("the odds ratio must be above 0 and not 1, and h above 0", field="odds_ratio")
    weights, path, signals, sum_ = [], [], [], 0.0
    for at, (p, came) in enumerate(zip(expected, adverse, strict=True), 1):
        _share("p", p)
        weight = math.log((odds_ratio if came else 1) / (1 - p + odds_ratio * p))
        sum_ = max(0.0, sum_ + weight)
        weights.append(weight)
        path.append(sum_)
        if sum_ >= h:
            signals.append(Signal(at, "h"))
            sum_ = 0.0
    return RiskAdjusted(tuple(weights), tuple(path), tuple(signals))
