"""Where to cut a station by its examiners' global grades: borderline regression and borderline group, with guards.

Sources: Wood, Humphrey-Murto & Norman (2006) Adv Health Sci Educ 11:115; Kramer et al. (2003) Med Educ 37:132; Pell et
al. (2010) Med Teacher 32:802 (R² of a station); Homer et al. (2020) Adv Health Sci Educ 25:275 (small cohorts);
Livingston & Zieky (1982) Passing scores; Efron & Tibshirani (1993) An introduction to the bootstrap, ch. 13.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

import numpy as np

#: Fewer grades than this draw no line, below this fit the line says little, under so many candidates it is unsure.
LEAST_GRADES, LEAST_FIT, ENOUGH = 3, 0.5, 50
#: How sure the bootstrap interval is, and how many numbers are drawn at a time.
CONFIDENCE, _AT_ONCE = 0.95, 2_000_000


class Guard(StrEnum):
    """What speaks against a cut by borderline regression; some refuse it, the others only warn."""

    SLOPE = "slope"
    FEW_GRADES = "few_grades"
    OUTSIDE = "outside"
    LOW_FIT = "low_fit"
    FEW_CANDIDATES = "few_candidates"
    NOBODY_BORDERLINE = "nobody_borderline"

    @property
    def refuses(self) -> bool:
        """Whether there is no cut at all because of it."""
        return self in (Guard.SLOPE, Guard.FEW_GRADES)


@dataclass(frozen=True)
class Group:
    """The candidates whom the examiners called borderline: how many, their mean score, and its error."""

    n: int
    mean: Fraction | None
    se: float | None


@dataclass(frozen=True)
class Regression:
    """Scores on global grades; `cut` is what the line foretells at the borderline grade, None where a guard refuses."""

    n: int
    grades: int
    slope: Fraction | None
    intercept: Fraction | None
    r2: float | None
    cut: Fraction | None
    se_cut: float | None
    group: Group
    fails: int | None
    guards: tuple[Guard, ...]

    @property
    def refused(self) -> tuple[Guard, ...]:
        """Why there is no cut."""
        return tuple(one for one in self.guards if one.refuses)


@dataclass(frozen=True)
class Interval:
    """Between what a cut lies when candidates are drawn again and again; `used` of `drawn` draws had two grades."""

    low: float | None
    high: float | None
    drawn: int
    used: int
    seed: int


@dataclass(frozen=True)
class _Sums:
    """Exact sums over candidates, grades counted from the borderline grade."""

    n: int
    x: Fraction
    y: Fraction
    xx: Fraction
    xy: Fraction
    yy: Fraction

    @property
    def sxx(self) -> Fraction:
        return self.xx - self.x * self.x / self.n

    @property
    def sxy(self) -> Fraction:
        return self.xy - self.x * self.y / self.n

    @property
    def syy(self) -> Fraction:
        return self.yy - self.y * self.y / self.n

    @property
    def r2(self) -> Fraction | None:
        """The share of the variance that the line explains; None where nothing varies."""
        return self.sxy**2 / (self.sxx * self.syy) if self.sxx and self.syy else None


def _sums(grades: Sequence[Fraction], scores: Sequence[Fraction], at: Fraction) -> _Sums:
    """The sums in whole numbers over one denominator each: exact, and fast for many."""
    across, one = _whole([grade - at for grade in grades])
    up, other = _whole(scores)
    return _Sums(
        len(across),
        Fraction(sum(across), one),
        Fraction(sum(up), other),
        Fraction(sum(x * x for x in across), one * one),
        Fraction(sum(x * y for x, y in zip(across, up, strict=True)), one * other),
        Fraction(sum(y * y for y in up), other * other),
    )


def _whole(values: Sequence[Fraction]) -> tuple[list[int], int]:
    """Fractions over their common denominator."""
    common = math.lcm(*(value.denominator for value in values))
    return [value.numerator * (common // value.denominator) for value in values], common


def regress(grades: Sequence[Fraction], scores: Sequence[Fraction], borderline: Fraction) -> Regression:
    """Least squares of score on grade: cut = a + b · borderline grade (Kramer 2003; Wood 2006), exact in fractions.

    R² = Sxy²/(Sxx·Syy); error of the cut = s √(1/n + (g − x̄)²/Sxx), s² = (Syy − Sxy²/Sxx)/(n − 2): that of the line's
    height there, not of one candidate's score.
    """
    if not scores:
        raise ValueError("there are no candidates")
    found = _sums(grades, scores, borderline)
    slope = found.sxy / found.sxx if found.sxx else None
    used = len(set(grades))
    in_group = group(grades, scores, borderline)
    guards = _guards(found, used, in_group, not min(grades) <= borderline <= max(grades))
    height = (found.y - slope * found.x) / found.n if slope is not None else None
    refused = any(one.refuses for one in guards)
    cut = None if refused else height
    return Regression(
        n=found.n,
        grades=used,
        slope=slope,
        intercept=height - slope * borderline if slope is not None and height is not None else None,
        r2=None if found.r2 is None else float(found.r2),
        cut=cut,
        se_cut=None if refused else _error(found),
        group=in_group,
        fails=None if cut is None else sum(score < cut for score in scores),
        guards=guards,
    )


def _guards(found: _Sums, used: int, in_group: Group, outside: bool) -> tuple[Guard, ...]:
    said = {
        Guard.FEW_GRADES: used < LEAST_GRADES,
        Guard.SLOPE: used > 1 and found.sxy <= 0,
        Guard.OUTSIDE: outside,
        Guard.LOW_FIT: found.r2 is not None and found.r2 < LEAST_FIT,
        Guard.FEW_CANDIDATES: found.n < ENOUGH,
        Guard.NOBODY_BORDERLINE: not in_group.n,
    }
    return tuple(guard for guard, there in said.items() if there)


def _error(found: _Sums) -> float | None:
    """The standard error of the line's height at the borderline grade, from which grades are counted."""
    if found.n < 3 or not found.sxx:
        return None
    rest = (found.syy - found.sxy**2 / found.sxx) / (found.n - 2)
    return math.sqrt(rest * (Fraction(1, found.n) + (found.x / found.n) ** 2 / found.sxx))


def group(grades: Sequence[Fraction], scores: Sequence[Fraction], borderline: Fraction) -> Group:
    """The borderline group: the mean score of those with the borderline grade, and s/√n (Livingston & Zieky 1982)."""
    own = [score for grade, score in zip(grades, scores, strict=True) if grade == borderline]
    if not own:
        return Group(0, None, None)
    middle = sum(own, Fraction(0)) / len(own)
    if len(own) < 2:
        return Group(1, middle, None)
    variance = sum(((one - middle) ** 2 for one in own), Fraction(0)) / (len(own) - 1)
    return Group(len(own), middle, math.sqrt(variance / len(own)))


def bootstrap(
    grades: Sequence[Fraction], scores: Sequence[Fraction], borderline: Fraction, *, times: int, seed: int
) -> Interval:
    """The middle 95 % of the cuts of samples drawn with replacement, candidates as pairs (percentile bootstrap).

    Draws in which everybody has one grade have no line and are left out; `used` says how many were not.
    """
    cuts = draws(grades, scores, borderline, times=times, seed=seed)
    if not len(cuts):
        return Interval(None, None, times, 0, seed)
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(cuts, [tail, 1 - tail])
    return Interval(float(low), float(high), times, len(cuts), seed)


def draws(
    grades: Sequence[Fraction], scores: Sequence[Fraction], borderline: Fraction, *, times: int, seed: int
) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """The cut of each of so many samples; the same seed gives the same samples."""
    x = np.array([float(grade - borderline) for grade in grades])
    y = np.array([float(score) for score in scores])
    chance, n = np.random.default_rng(seed), len(x)
    step = max(1, _AT_ONCE // n)
    parts = [_cuts(x, y, chance.integers(0, n, (min(step, times - at), n))) for at in range(0, times, step)]
    return np.concatenate(parts)


def _cuts(
    x: "np.ndarray[tuple[int], np.dtype[np.float64]]",
    y: "np.ndarray[tuple[int], np.dtype[np.float64]]",
    chosen: "np.ndarray[tuple[int, int], np.dtype[np.int64]]",
) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    across, up = x[chosen], y[chosen]
    mean_x, mean_y = across.mean(axis=1), up.mean(axis=1)
    off = across - mean_x[:, None]
    sxx, sxy = (off**2).sum(axis=1), (off * up).sum(axis=1)
    there = across.max(axis=1) > across.min(axis=1)
    found: np.ndarray[tuple[int], np.dtype[np.float64]] = mean_y[there] - sxy[there] / sxx[there] * mean_x[there]
    return found


@dataclass(frozen=True)
class Exam:
    """The cut over several stations: the mean of theirs, and its error as if stations erred independently."""

    stations: int
    cut: Fraction | None
    se_cut: float | None


def exam(stations: Sequence[Regression]) -> Exam:
    """Σ cut / k and √(Σ se²)/k over k stations; None where a station has no cut."""
    cuts = [one.cut for one in stations if one.cut is not None]
    if not cuts or len(cuts) < len(stations):
        return Exam(len(stations), None, None)
    errors = [one.se_cut for one in stations if one.se_cut is not None]
    whole = math.sqrt(sum(error**2 for error in errors)) / len(cuts) if len(errors) == len(cuts) else None
    return Exam(len(stations), sum(cuts, Fraction(0)) / len(cuts), whole)
