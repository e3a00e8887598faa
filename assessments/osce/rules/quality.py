"""How stations and the whole circuit worked, where to cut, and what every choice would do. Cuts are exact."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

import numpy as np

from assessments.osce.rules.outcome import Asked, Outcome, Seen, Short, outcome
from assessments.psychometrics.rules import borderline, generalisability, items
from assessments.psychometrics.rules.borderline import Interval, Regression
from assessments.psychometrics.rules.standards import with_error

#: Samples of the interval of a cut, and where drawing begins: the same page twice shows the same interval.
TIMES, SEED = 1000, 1
#: What an officer may add to the mean of the station cuts, in standard errors of measurement.
ERRORS = (Decimal(0), Decimal(1), Decimal("1.64"), Decimal("1.96"))
#: What is wanted for decisions about people, and the most stations that are worth asking for.
WANTED, _MOST_STATIONS = 0.8, 40
_ANY = Decimal(0)


@dataclass(frozen=True)
class Mark:
    """One candidate at one station, as it counts; `grade` is the place of the global rating in its scale, from 0."""

    candidate: int
    percent: Decimal
    grade: int
    #: failed whatever the percent: a critical item, or too few key items
    critical: bool = False


@dataclass(frozen=True)
class Basis:
    """What a station's cut is worked out on; `borderline` is None where the form names no borderline rating."""

    marks: Sequence[Mark]
    borderline: int | None
    #: from earlier released sittings of the same version
    earlier: Sequence[Mark] = ()
    sittings: int = 0

    @property
    def pooled(self) -> list[Mark]:
        """This sitting and the earlier ones."""
        return [*self.marks, *self.earlier]


@dataclass(frozen=True)
class Station:
    """One station in figures; spread and mean in percent, None where there are too few."""

    n: int
    mean: float | None
    sd: float | None
    #: how many were given each rating, in the order of the scale
    ratings: tuple[int, ...]
    own: Regression | None
    #: with earlier sittings; None where there are none or none are needed
    pooled: Regression | None
    sittings: int


def regress(marks: Sequence[Mark], at: int | None) -> Regression | None:
    """Percent on global rating; None where there is nobody, or no borderline rating."""
    if not marks or at is None:
        return None
    return borderline.regress(_grades(marks), [Fraction(mark.percent) for mark in marks], Fraction(at))


def _grades(marks: Iterable[Mark]) -> list[Fraction]:
    return [Fraction(mark.grade) for mark in marks]


def interval(marks: Sequence[Mark], at: int) -> Interval:
    """Between what the cut lies, by the bootstrap."""
    scores = [Fraction(mark.percent) for mark in marks]
    return borderline.bootstrap(_grades(marks), scores, Fraction(at), times=TIMES, seed=SEED)


def station(basis: Basis, levels: int) -> Station:
    """How one station worked; earlier sittings are pooled where this one alone is too small."""
    marks = basis.marks
    percents = np.array([float(mark.percent) for mark in marks])
    ratings = np.bincount([mark.grade for mark in marks], minlength=levels)
    pool = len(marks) < borderline.ENOUGH and bool(basis.earlier)
    return Station(
        n=len(marks),
        mean=float(percents.mean()) if len(marks) else None,
        sd=float(percents.std(ddof=1)) if len(marks) > 1 else None,
        ratings=tuple(int(count) for count in ratings),
        own=regress(marks, basis.borderline),
        pooled=regress(basis.pooled, basis.borderline) if pool else None,
        sittings=basis.sittings if pool else 0,
    )


def rounded(value: Fraction, places: int = 2) -> Decimal:
    """Half up, once; a cut below 0 or above 100 percent is taken to the end of the scale."""
    held = min(max(value, Fraction(0)), Fraction(100))
    units = (2 * held.numerator * 10**places + held.denominator) // (2 * held.denominator)
    return Decimal(units).scaleb(-places)


def fails(marks: Sequence[Mark], cut: Decimal) -> int:
    """How many stand below a cut."""
    return sum(mark.percent < cut for mark in marks)


def told(found: Regression, drawn: Interval | None, sittings: int = 0) -> dict[str, object]:
    """A regression as it is kept with a standard: numbers as words, so that nothing is rounded on the way."""
    kept: dict[str, object] = {
        "n": found.n,
        "grades": found.grades,
        "slope": _word(found.slope),
        "intercept": _word(found.intercept),
        "r2": _word(found.r2),
        "cut": _word(found.cut),
        "se_cut": _word(found.se_cut),
        "group_n": found.group.n,
        "group_mean": _word(found.group.mean),
        "fails": found.fails,
        "guards": [guard.value for guard in found.guards],
    }
    if drawn is not None:
        kept |= {"low": _word(drawn.low), "high": _word(drawn.high), "draws": drawn.used, "seed": drawn.seed}
    return kept | ({"sittings": sittings} if sittings else {})


def _word(value: Fraction | float | None) -> str | None:
    return None if value is None else f"{float(value):.6f}"


@dataclass(frozen=True)
class Reliability:
    """How surely the circuit tells candidates apart; `sem` is the error of a candidate's percent over all stations."""

    n: int
    stations: int
    mean: float | None
    sd: float | None
    alpha: float | None
    low: float | None
    high: float | None
    sem: float | None
    #: by station: with the rest of the circuit, and alpha without it
    with_rest: Mapping[int, float | None]
    without: Mapping[int, float | None]
    #: against a fixed cut, where stations that are hard for all count as error too
    phi: float | None
    #: how many stations like these would reach what is wanted; None: more than anybody can run
    stations_wanted: int | None
    reason: str | None


_NONE = Reliability(0, 0, None, None, None, None, None, None, {}, {}, None, None, "few")


def reliability(percents: Mapping[int, Mapping[int, Decimal]], weights: Mapping[int, int]) -> Reliability:
    """Cronbach's alpha over stations among candidates marked at every one, and Φ of the candidates × stations design.

    `percents` is by station and candidate. Stations weigh as they do in the percent over all; SEM = s √(1 − α).
    """
    places = list(percents)
    whole = set.intersection(*(set(row) for row in percents.values())) if places else set()
    if len(whole) < 2 or len(places) < 2:
        return replace(_NONE, n=len(whole), stations=len(places))
    matrix = np.array([[float(percents[place][one]) for place in places] for one in sorted(whole)])
    weight = np.array([weights[place] for place in places], dtype=float)
    found = items.analyse(matrix * weight, names=[str(place) for place in places])
    study = generalisability.study(matrix)
    total = float(weight.sum())
    return Reliability(
        n=len(whole),
        stations=len(places),
        mean=found.mean / total,
        sd=None if found.sd is None else found.sd / total,
        alpha=found.alpha,
        low=found.alpha_low,
        high=found.alpha_high,
        sem=None if found.sem is None else found.sem / total,
        with_rest={place: one.r_ir for place, one in zip(places, found.items, strict=True)},
        without={place: one.alpha_if_deleted for place, one in zip(places, found.items, strict=True)},
        phi=study.phi,
        stations_wanted=_wanted(study.variance),
        reason=None if found.alpha is not None else "flat",
    )


def _wanted(parts: generalisability.Variance) -> int | None:
    numbers = range(1, _MOST_STATIONS + 1)
    return next((n for n in numbers if (generalisability.level(parts, n).phi or 0) >= WANTED), None)


def mean_cut(cuts: Mapping[int, Decimal], weights: Mapping[int, int]) -> Fraction:
    """The weighed mean of the station cuts."""
    total: Fraction = sum((Fraction(cut) * weights[place] for place, cut in cuts.items()), Fraction(0))
    return total / sum(weights[place] for place in cuts)


def exam_cut(cuts: Mapping[int, Decimal], weights: Mapping[int, int], sem: Decimal | None, errors: Decimal) -> Decimal:
    """The mean of the station cuts and so many standard errors of measurement on top."""
    error = Fraction(sem) if sem is not None else Fraction(0)
    return rounded(with_error(mean_cut(cuts, weights), error, Fraction(errors)))


@dataclass(frozen=True)
class Consequence:
    """How many would pass if so many stations had to be passed: with no percent over all, and with each of those."""

    least: int
    passing: tuple[int, ...]


def consequences(candidates: Sequence[Sequence[Seen]], exam_cuts: Sequence[Decimal | None]) -> list[Consequence]:
    """For every least number of stations, and every percent over all, how many pass; nothing of both asks for all."""
    if not candidates or not candidates[0]:
        return []
    plain = [outcome(seen, Asked(None, 0)) for seen in candidates]
    passed = np.array([one.stations_passed for one in plain])
    counted = np.array([one.stations_counted for one in plain])
    every = np.array([one.passed for one in plain])
    marked = np.array([not {Short.MISSING, Short.NOTHING} & {*one.why} for one in plain])
    above = [marked & _above(candidates, plain, cut) for cut in exam_cuts]
    alike = dict(zip(counted.tolist(), candidates, strict=True))
    rows = []
    for least in range(len(candidates[0]) + 1):
        # how many are needed of those that count is the outcome's business
        needed = {count: outcome(seen, Asked(_ANY, least)).stations_needed for count, seen in alike.items()}
        enough = passed >= np.array([needed[count] for count in counted.tolist()])
        free = [cut is None and not least for cut in exam_cuts]
        passing = [every if nothing else enough & over for nothing, over in zip(free, above, strict=True)]
        rows.append(Consequence(least, tuple(int(one.sum()) for one in passing)))
    return rows


def _above(
    candidates: Sequence[Sequence[Seen]], plain: Sequence[Outcome], cut: Decimal | None
) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """Who reaches a percent over all; where a station does not count, what is asked has moved with it."""
    reached = []
    for seen, one in zip(candidates, plain, strict=True):
        if cut is None or one.percent is None:
            reached.append(cut is None)
        elif one.stations_counted == len(seen):
            reached.append(one.percent >= cut)
        else:
            reached.append(Short.CUT not in outcome(seen, Asked(cut, 0)).why)
    return np.array(reached)
