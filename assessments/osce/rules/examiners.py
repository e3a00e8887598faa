"""How examiners marked beside others: severity, spread, agreement, signs of a halo. Never one number, never a ranking.

An examiner is compared only with others at the same station. What candidates can do is taken off first, by how they did
at their other stations, so that whoever had the weaker candidates does not look severe. Intervals are of 95 %; under
`ENOUGH` nothing is said.

Sources: Iramaneerat & Yudkowsky (2007) Eval Health Prof 30:266 (rater effects); Henderson (1975) Biometrics 31:423;
Efron & Tibshirani (1993) ch. 11 (jackknife); Shrout & Fleiss (1979) Psychol Bull 86:420; Cohen (1968) Psychol Bull
70:213.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from statistics import fmean

import numpy as np
import scipy

from assessments.psychometrics.rules.agreement import CONFIDENCE, Weights, Z, icc, kappa

#: With fewer sheets, or fewer candidates whom another marked too, it is too few to tell.
ENOUGH = 10
#: A difference smaller than this (points of a hundred) is nothing to talk about, however sure it is.
NOTABLE = 3.0
#: A spread this much narrower than others' is worth a look.
NARROW = 0.75
#: Candidates are left out in so many groups to see how sure a severity is; a variance below that is none.
_GROUPS, _NOTHING = 20, 1e-9

Floats = np.ndarray[tuple[int], np.dtype[np.float64]]
Indices = np.ndarray[tuple[int], np.dtype[np.int64]]


@dataclass(frozen=True)
class Row:
    """One sheet that stands: who marked whom where, the percent, the place of the rating, the share of each item."""

    station: int
    candidate: int
    examiner: int
    percent: float
    grade: int
    levels: int
    shares: Mapping[str, float]

    @property
    def unevenness(self) -> float | None:
        """How much the shares of the items differ within the sheet (standard deviation, points of a hundred)."""
        shares = [100 * share for share in self.shares.values()]
        return math.sqrt(_variance(shares)) if len(shares) > 1 else None


@dataclass(frozen=True)
class Estimate:
    """A figure with the number it rests on; without a value there were too few to tell."""

    n: int
    value: float | None = None
    low: float | None = None
    high: float | None = None

    def beyond(self, least: float) -> bool:
        """Whether it is surely not 0 and at least so far from it."""
        if self.value is None or self.low is None or self.high is None:
            return False
        return abs(self.value) >= least and (self.low > 0 or self.high < 0)


class Hint(StrEnum):
    """What is worth a talk; a hint is no verdict, and one in twenty is chance."""

    SEVERE = "severe"
    LENIENT = "lenient"
    NARROW = "narrow"
    HALO = "halo"
    EVEN = "even"


@dataclass(frozen=True)
class Examiner:
    """One examiner beside the others."""

    examiner: int
    sheets: int
    stations: tuple[int, ...]
    #: own marks less those of others at the same station, what candidates can do taken off; above 0 is lenient
    severity: Estimate
    #: own marks less those of another examiner of the same candidate at the same station
    against: Estimate
    #: own spread over that of others at the same station; below 1 is narrower
    spread: Estimate
    #: agreement with the other examiner of the same candidate: ICC(1) of percents, weighted kappa of ratings, and the
    #: share of items marked alike
    icc: Estimate
    kappa: Estimate
    equal: Estimate
    #: how closely percent and rating go together, here and with the others
    halo: Estimate
    halo_others: Estimate
    #: how uneven the items within a sheet are, less that of others; below 0 is more even
    evenness: Estimate

    @property
    def hints(self) -> tuple[Hint, ...]:
        """What is worth a talk."""
        close = self.halo.low is not None and self.halo_others.high is not None
        said = {
            Hint.SEVERE: self.severity.beyond(NOTABLE) and (self.severity.value or 0) < 0,
            Hint.LENIENT: self.severity.beyond(NOTABLE) and (self.severity.value or 0) > 0,
            Hint.NARROW: self.spread.high is not None and self.spread.high < 1 and (self.spread.value or 1) <= NARROW,
            Hint.HALO: close and (self.halo.low or 0) > (self.halo_others.high or 0),
            Hint.EVEN: self.evenness.beyond(NOTABLE) and (self.evenness.value or 0) < 0,
        }
        return tuple(hint for hint, there in said.items() if there)


def examiners(rows: Sequence[Row]) -> list[Examiner]:
    """Every examiner of these sheets, by number."""
    severities, uneven = _severities(rows), {id(row): row.unevenness for row in rows}
    by_station: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        by_station[row.station].append(row)
    pairs = _pairs(rows)
    numbers = sorted({row.examiner for row in rows})
    made = [_one(number, by_station, pairs[number], lambda row: uneven[id(row)]) for number in numbers]
    return [replace(one, severity=severities[one.examiner]) for one in made]


def _one(
    number: int,
    by_station: Mapping[int, list[Row]],
    pairs: list[tuple[Row, Row]],
    uneven: Callable[[Row], float | None],
) -> Examiner:
    own = {place: [row for row in rows if row.examiner == number] for place, rows in by_station.items()}
    own = {place: rows for place, rows in own.items() if rows}
    others = {place: [row for row in by_station[place] if row.examiner != number] for place in own}
    return Examiner(
        examiner=number,
        sheets=sum(map(len, own.values())),
        stations=tuple(own),
        severity=Estimate(0),
        against=_mean([mine.percent - other.percent for mine, other in pairs]),
        spread=_spread(own, others),
        icc=_icc(pairs),
        kappa=_kappa(pairs),
        equal=_bounded(_mean([_equal(mine, other) for mine, other in pairs])),
        halo=_correlation(own),
        halo_others=_correlation(others),
        evenness=_contrast(own, others, uneven),
    )


def _severities(rows: Sequence[Row]) -> dict[int, Estimate]:
    """What each examiner gives less what others at the same stations give, candidates taken off.

    Percent = station + examiner + candidate + error, candidates drawn at random (mixed model, by Henderson's equations
    with the candidates eliminated): whoever is marked by a severe examiner elsewhere does not look weak here, and where
    nobody shares a candidate the groups' means are compared. The error is of a jackknife over groups of candidates.
    """
    if not rows:
        return {}
    design = _Design(rows)
    whole = design.severities(np.zeros(0, dtype=int))
    groups = [np.arange(at, design.candidates, _GROUPS) for at in range(min(_GROUPS, design.candidates))]
    left = [design.severities(group) for group in groups]
    found = {}
    for at, number in enumerate(design.examiners):
        weights, n = design.beside(at)
        if n < ENOUGH or len(groups) < ENOUGH:
            found[number] = Estimate(n)
            continue
        drawn = np.array([weights @ one for one in left])
        error = math.sqrt((len(groups) - 1) * float(drawn.var()))
        found[number] = _around(n, float(weights @ whole), error, len(groups) - 1)
    return found


class _Design:
    """Sheets as the mixed model sees them: stations and examiners in columns, candidates in rows of sums."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.examiners = list(dict.fromkeys(row.examiner for row in rows))
        station, candidate = _numbered([row.station for row in rows]), _numbered([row.candidate for row in rows])
        examiner = _numbered([row.examiner for row in rows])
        self._stations, self.candidates = int(station.max()) + 1, int(candidate.max()) + 1
        columns = self._stations + len(self.examiners)
        percents = np.array([row.percent for row in rows])
        percents = percents - percents.mean()
        #: by candidate: how often each column occurs, and the sums of the percents there
        self._counts, self._sums = np.zeros((self.candidates, columns)), np.zeros((self.candidates, columns))
        self._cross = np.zeros((self.candidates, self._stations, len(self.examiners)))
        np.add.at(self._cross, (candidate, station, examiner), 1)
        for column in (station, self._stations + examiner):
            np.add.at(self._counts, (candidate, column), 1)
            np.add.at(self._sums, (candidate, column), percents)
        self._weakening = _weakening(percents, station, candidate)

    def severities(self, without: Indices) -> Floats:
        """What each examiner adds, fitted without some candidates."""
        keep = np.ones(self.candidates, dtype=bool)
        keep[without] = False
        counts, sums = self._counts[keep], self._sums[keep]
        of, total = counts[:, : self._stations].sum(axis=1), sums[:, : self._stations].sum(axis=1)
        cross = self._cross[keep].sum(axis=0)
        normal = np.diag(counts.sum(axis=0))
        normal[: self._stations, self._stations :], normal[self._stations :, : self._stations] = cross, cross.T
        held = counts / (of + self._weakening)[:, None]
        fitted = np.linalg.lstsq(normal - counts.T @ held, sums.sum(axis=0) - held.T @ total, rcond=1e-9)[0]
        made: Floats = fitted[self._stations :]
        return made

    def beside(self, at: int) -> tuple[Floats, int]:
        """How an examiner is held against others: weights of all severities, and how many sheets have others."""
        cross = self._cross.sum(axis=0)
        weights, own = np.zeros(len(self.examiners)), cross[:, at]
        others = cross.sum(axis=1) - own
        shared = (own > 0) & (others > 0)
        n = float(own[shared].sum())
        if not n:
            return weights, 0
        for place in np.flatnonzero(shared):
            weights -= own[place] / n * cross[place] / others[place]
        weights[at] = 1.0
        return weights, int(n)


def _weakening(percents: Floats, station: Indices, candidate: Indices) -> float:
    """The variance within candidates over that between them, stations taken off: how much a mean is drawn in."""
    off = percents - _means(percents, station)[station]
    count = np.bincount(candidate)
    means = _means(off, candidate)
    free = len(off) - len(count)
    if free < 1 or len(count) < 2:
        return 1.0
    within = float(((off - means[candidate]) ** 2).sum()) / free
    between = float(means.var(ddof=1)) - within * float((1 / count).mean())
    return within / between if between > _NOTHING else 1 / _NOTHING


def _numbered(values: Sequence[Hashable]) -> Indices:
    """Each value by the place of its first appearance."""
    place = {value: at for at, value in enumerate(dict.fromkeys(values))}
    return np.array([place[value] for value in values])


def _means(values: Floats, of: Indices) -> Floats:
    found: Floats = np.bincount(of, values) / np.bincount(of)
    return found


def _pairs(rows: Sequence[Row]) -> dict[int, list[tuple[Row, Row]]]:
    """By examiner: own sheet and another examiner's of the same candidate at the same station."""
    squares: dict[tuple[int, int], list[Row]] = defaultdict(list)
    for row in rows:
        squares[row.station, row.candidate].append(row)
    found: dict[int, list[tuple[Row, Row]]] = defaultdict(list)
    for sheets in squares.values():
        for mine in sheets:
            found[mine.examiner] += [(mine, other) for other in sheets if other.examiner != mine.examiner]
    return found


def _contrast(
    own: Mapping[int, list[Row]], others: Mapping[int, list[Row]], value: Callable[[Row], float | None]
) -> Estimate:
    """The mean difference to others at the same stations, weighed by own sheets (Welch's error, Student's interval)."""
    parts = []
    for place, rows in own.items():
        mine = [found for row in rows if (found := value(row)) is not None]
        theirs = [found for row in others[place] if (found := value(row)) is not None]
        if len(mine) > 1 and len(theirs) > 1:
            error = _variance(mine) / len(mine) + _variance(theirs) / len(theirs)
            parts.append((len(mine), fmean(mine) - fmean(theirs), error))
    n = sum(count for count, _difference, _error in parts)
    if n < ENOUGH:
        return Estimate(n)
    middle = sum(count * difference for count, difference, _error in parts) / n
    error = math.sqrt(sum((count / n) ** 2 * square for count, _difference, square in parts))
    return _around(n, middle, error, n - 1)


def _variance(values: Sequence[float]) -> float:
    """The sample variance (n − 1)."""
    middle = fmean(values)
    return sum((value - middle) ** 2 for value in values) / (len(values) - 1)


def _mean(values: Sequence[float]) -> Estimate:
    if len(values) < ENOUGH:
        return Estimate(len(values))
    return _around(len(values), fmean(values), math.sqrt(_variance(values) / len(values)), len(values) - 1)


def _around(n: int, middle: float, error: float, free: int) -> Estimate:
    reach = float(scipy.special.stdtrit(free, (1 + CONFIDENCE) / 2)) * error
    return Estimate(n, middle, middle - reach, middle + reach)


def _bounded(found: Estimate) -> Estimate:
    """A share stays from 0 to 1."""
    if found.low is None or found.high is None:
        return found
    return Estimate(found.n, found.value, max(0.0, found.low), min(1.0, found.high))


def _spread(own: Mapping[int, list[Row]], others: Mapping[int, list[Row]]) -> Estimate:
    """√(s²/s²) of the percents within stations, own over others'; its square follows F."""
    shared = [place for place in own if len(own[place]) > 1 and len(others[place]) > 1]
    (mine, free), (theirs, other_free) = (_within(rows, shared) for rows in (own, others))
    n = free + len(shared)
    if n < ENOUGH or other_free + len(shared) < ENOUGH or not theirs:
        return Estimate(n)
    ratio, side = mine / theirs, (1 + CONFIDENCE) / 2
    high, low = scipy.special.fdtri(other_free, free, side), scipy.special.fdtri(free, other_free, side)
    return Estimate(n, math.sqrt(ratio), math.sqrt(ratio / low), math.sqrt(ratio * high))


def _within(rows: Mapping[int, list[Row]], places: Sequence[int]) -> tuple[float, int]:
    """The variance of percents within stations, and its degrees of freedom."""
    free = sum(len(rows[place]) - 1 for place in places)
    if not free:
        return 0.0, 0
    total = sum(_variance([row.percent for row in rows[place]]) * (len(rows[place]) - 1) for place in places)
    return total / free, free


def _icc(pairs: Sequence[tuple[Row, Row]]) -> Estimate:
    """ICC(1): the other examiner is not always the same one."""
    if len(pairs) < ENOUGH:
        return Estimate(len(pairs))
    found = icc([[mine.percent, other.percent] for mine, other in pairs])
    low, high = found.intervals["icc1"] or (None, None)
    return Estimate(len(pairs), found.icc1, low, high)


def _kappa(pairs: Sequence[tuple[Row, Row]]) -> Estimate:
    if len(pairs) < ENOUGH:
        return Estimate(len(pairs))
    scale = range(max(row.levels for pair in pairs for row in pair))
    mine, others = [one.grade for one, _other in pairs], [other.grade for _one, other in pairs]
    found = kappa(mine, others, categories=scale, weights=Weights.QUADRATIC)
    return Estimate(len(pairs), found.kappa, found.low, found.high)


def _equal(mine: Row, other: Row) -> float:
    """The share of the items both marked that they marked alike."""
    both = [code for code in mine.shares if code in other.shares]
    return sum(mine.shares[code] == other.shares[code] for code in both) / len(both) if both else 1.0


def _correlation(by_station: Mapping[int, list[Row]]) -> Estimate:
    """How percent and rating go together within stations (Fisher's interval)."""
    across, up = [], []
    for rows in by_station.values():
        if len(rows) > 1:
            middle, height = fmean(row.grade for row in rows), fmean(row.percent for row in rows)
            across += [row.grade - middle for row in rows]
            up += [row.percent - height for row in rows]
    n = len(across)
    squares = sum(x * x for x in across) * sum(y * y for y in up)
    if n < ENOUGH or squares <= 0:
        return Estimate(n)
    r = max(-1.0, min(1.0, sum(x * y for x, y in zip(across, up, strict=True)) / math.sqrt(squares)))
    if abs(r) > 1 - 1e-9:
        return Estimate(n, r, r, r)
    reach = Z / math.sqrt(n - 3)
    return Estimate(n, r, math.tanh(math.atanh(r) - reach), math.tanh(math.atanh(r) + reach))
