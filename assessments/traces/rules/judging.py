"""What the figures are worth against a guideline: five aspects, each met or not, and one percentage."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction

from assessments.traces.rules.signal import Measured
from assessments.traces.rules.targets import Targets

_CENT = Decimal("0.01")


class Aspect(StrEnum):
    """What chest compressions are looked at for; in the order in which one is told."""

    DEPTH = "depth"
    RATE = "rate"
    RECOIL = "recoil"
    PAUSES = "pauses"
    FRACTION = "fraction"


class How(StrEnum):
    """What was right or wrong in one aspect."""

    GOOD = "good"
    SHALLOW = "shallow"
    DEEP = "deep"
    FADING = "fading"
    SLOW = "slow"
    FAST = "fast"
    LEANING = "leaning"
    LONG_PAUSE = "long_pause"
    LOW_FRACTION = "low_fraction"


@dataclass(frozen=True)
class Finding:
    """One aspect: whether the guideline's number is met, in which way not, and which share of it was right."""

    aspect: Aspect
    met: bool
    how: How
    share: Decimal


def judge(found: Measured, targets: Targets) -> tuple[Finding, ...]:
    """Each aspect against its target.

    Met is what the guideline's own number says of the whole: mean depth, median rate, share leaned on, longest pause,
    fraction. `share` says how much of it was right: compressions in the range of depth, intervals in the range of
    rate, compressions released, the longest pause that is allowed / the longest one, the fraction / the better
    fraction.
    """
    return (
        _depth(found, targets),
        _rate(found, targets),
        _recoil(found, targets),
        _pauses(found, targets),
        _fraction(found, targets),
    )


def percent(findings: tuple[Finding, ...]) -> Decimal:
    """The mean of the five shares, each counting alike; rounded once, half up, to two places."""
    whole = sum((Fraction(one.share) for one in findings), Fraction(0)) / len(findings)
    return _rounded(whole)


def is_evidence(found: Measured, targets: Targets) -> bool:
    """Whether the run is long enough to say how somebody compresses."""
    return found.lasts >= targets.evidence_from


def _rounded(share: Fraction) -> Decimal:
    return (Decimal(share.numerator) / Decimal(share.denominator)).quantize(_CENT, ROUND_HALF_UP)


def _share(count: int, of: int) -> Decimal:
    return _rounded(Fraction(100 * count, of))


def _depth(found: Measured, targets: Targets) -> Finding:
    share = _share(found.depth_in_range, found.compressions)
    if found.depth_mean < targets.depth_low:
        fades = found.depth_last < targets.depth_low <= found.depth_first
        return Finding(Aspect.DEPTH, False, How.FADING if fades else How.SHALLOW, share)
    if targets.depth_high is not None and found.depth_mean > targets.depth_high:
        return Finding(Aspect.DEPTH, False, How.DEEP, share)
    return Finding(Aspect.DEPTH, True, _uneven_depth(found, targets), share)


def _uneven_depth(found: Measured, targets: Targets) -> How:
    """What most often goes wrong where the mean is right."""
    if found.depth_in_range == found.compressions:
        return How.GOOD
    if found.depth_last < targets.depth_low <= found.depth_first:
        return How.FADING
    return How.SHALLOW if found.shallow >= found.deep else How.DEEP


def _rate(found: Measured, targets: Targets) -> Finding:
    share = _share(found.intervals_in_range, found.intervals)
    if found.rate_median < targets.rate_low:
        return Finding(Aspect.RATE, False, How.SLOW, share)
    if found.rate_median > targets.rate_high:
        return Finding(Aspect.RATE, False, How.FAST, share)
    wrong = found.intervals - found.intervals_in_range
    uneven = How.FAST if 2 * found.intervals_fast > wrong else How.SLOW
    return Finding(Aspect.RATE, True, uneven if wrong else How.GOOD, share)


def _recoil(found: Measured, targets: Targets) -> Finding:
    leaned = found.compressions - found.released
    met = 100 * leaned <= targets.leaning_most * found.compressions
    return Finding(Aspect.RECOIL, met, How.LEANING if leaned else How.GOOD, _share(found.released, found.compressions))


def _pauses(found: Measured, targets: Targets) -> Finding:
    longest = Fraction(str(found.longest_pause))
    met = longest <= targets.pause_longest
    share = Decimal("100.00") if met else _rounded(100 * targets.pause_longest / longest)
    return Finding(Aspect.PAUSES, met, How.GOOD if met else How.LONG_PAUSE, share)


def _fraction(found: Measured, targets: Targets) -> Finding:
    reached = 100 * Fraction(str(found.fraction))
    how = How.GOOD if reached >= targets.fraction_better else How.LOW_FRACTION
    share = _rounded(min(Fraction(100), 100 * reached / targets.fraction_better))
    return Finding(Aspect.FRACTION, reached >= targets.fraction_least, how, share)
