"""What a trace of depth against time holds: compressions, their rate, depth and release, and the pauses between.

Terms follow Kramer-Johansen et al., Uniform reporting of measured quality of CPR, Resuscitation 2007;74:406-417.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import scipy

from assessments.traces.rules.targets import Targets

Numbers = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]
#: Says by which arithmetic figures were made; raise it with every change of `measure` or of the judging.
RULES = 1
#: Around a peak so many seconds are looked at to see how far it stands out.
_WINDOW = 6.0
#: Nobody compresses a chest faster; what looks like it is another unit of time, or noise.
FASTEST = 240.0
#: Seconds below which there is no rhythm to speak of.
SHORTEST = 5.0
#: Two peaks nearer than this are one compression with a trembling top.
_APART = 0.2
#: Readings must come at least so often that a peak between two of them is not missed.
SLOWEST_READING = 0.1


class Wrong(StrEnum):
    """Why nothing can be measured in a trace."""

    NO_COMPRESSION = "no_compression"
    IN_CENTIMETRES = "in_centimetres"
    ONE_COMPRESSION = "one_compression"
    TOO_FAST = "too_fast"
    TOO_FEW_READINGS = "too_few_readings"
    TOO_SHORT = "too_short"


class Unmeasurable(ValueError):
    """A trace in which nothing can be measured."""

    def __init__(self, wrong: Wrong) -> None:
        super().__init__(wrong.value)
        self.wrong = wrong


@dataclass(frozen=True, eq=False)
class Trace:
    """Depth in mm against seconds, as the instrument wrote them down; the seconds rise."""

    seconds: Numbers
    depth: Numbers


@dataclass(frozen=True)
class Pause:
    """Hands off: from when on, and for how long, in seconds."""

    begins: float
    lasts: float


@dataclass(frozen=True)
class Stretch:
    """What was done in one stretch of time, to see whether it changes."""

    begins: float
    ends: float
    compressions: int
    rate: float | None
    depth: float
    in_range: int
    released: int


@dataclass(frozen=True)
class Measured:
    """Everything that is known of a trace: times in seconds, depths in mm, rates per minute, counts."""

    compressions: int
    begins: float
    lasts: float
    rate_median: float
    rate_mean: float
    #: of so many intervals between two compressions (pauses left out) so many are within the rate that is asked
    intervals: int
    intervals_in_range: int
    intervals_fast: int
    depth_mean: float
    depth_median: float
    depth_in_range: int
    shallow: int
    deep: int
    released: int
    leaning_mean: float
    pauses: tuple[Pause, ...]
    fraction: float
    #: mm a minute, by least squares
    depth_slope: float
    depth_first: float
    depth_last: float
    stretches: tuple[Stretch, ...]

    @property
    def longest_pause(self) -> float:
        """Seconds of the longest time with hands off."""
        return max((one.lasts for one in self.pauses), default=0.0)


@dataclass(frozen=True, eq=False)
class Found:
    """Each compression: when, how deep, how much depth was left after it, and the time to the next one."""

    at: Numbers
    depth: Numbers
    left: Numbers
    gaps: Numbers


def find(trace: Trace, targets: Targets) -> Found:
    """The compressions of a trace; raises Unmeasurable where there are none, or where it cannot be compressions.

    A compression is a local maximum that stands out by at least `counts_from` mm within six seconds
    (topographic prominence, scipy.signal.find_peaks).
    """
    step = float(np.median(np.diff(trace.seconds))) if trace.seconds.size > 1 else 0.0
    if step > SLOWEST_READING or step <= 0:
        raise Unmeasurable(Wrong.TOO_FEW_READINGS)
    if trace.seconds[-1] - trace.seconds[0] < SHORTEST:
        raise Unmeasurable(Wrong.TOO_SHORT)
    window, apart = max(3, int(_WINDOW / step) | 1), max(1.0, _APART / step)
    peaks, about = scipy.signal.find_peaks(trace.depth, prominence=targets.counts_from, wlen=window, distance=apart)
    if peaks.size == 0:
        shallow = 1 <= float(trace.depth.max()) < targets.counts_from
        raise Unmeasurable(Wrong.IN_CENTIMETRES if shallow else Wrong.NO_COMPRESSION)
    at = _instants(trace, peaks, about)
    gaps = np.diff(at)
    working = gaps[gaps < float(targets.pause_from)]
    if working.size == 0:
        raise Unmeasurable(Wrong.ONE_COMPRESSION)
    every, _about = scipy.signal.find_peaks(trace.depth, prominence=targets.counts_from, wlen=window)
    if 60 / float(np.median(working)) > FASTEST or every.size > 2 * peaks.size:
        raise Unmeasurable(Wrong.TOO_FAST)
    left = _left(trace, peaks, at + float(targets.pause_from))
    # A hundredth of a millimetre is more than any instrument knows: what was written as 50 or 5 is not less or more.
    return Found(at, np.round(trace.depth[peaks], 2), np.round(left, 2), gaps)


def _instants(trace: Trace, peaks: Places, about: Mapping[str, Numbers]) -> Numbers:
    """When each compression was: half-way between going down and coming up through half its depth.

    The slope there is steep, so that neither noise nor few readings a second move it, as they do the deepest reading.
    """
    bases = (about["prominences"], about["left_bases"], about["right_bases"])
    _widths, _heights, left, right = scipy.signal.peak_widths(trace.depth, peaks, rel_height=0.5, prominence_data=bases)
    instants: Numbers = np.interp((left + right) / 2, np.arange(trace.seconds.size), trace.seconds)
    return instants


def _left(trace: Trace, peaks: Places, until: Numbers) -> Numbers:
    """The least depth after each compression: until the next one, or until it would be a pause."""
    ends = np.minimum(np.append(peaks[1:], trace.depth.size), np.searchsorted(trace.seconds, until))
    return np.array([trace.depth[begin:end].min() for begin, end in zip(peaks, ends, strict=True)])


def measure(found: Found, targets: Targets) -> Measured:
    """The figures of the compressions found.

    Rate: 60 / interval between two peaks, pauses left out (an interruption is an interval of at least `pause_from`;
    Landis et al. 2020, PMC7296394, compares 1, 2 and 3 s). Pause: interval less one usual compression (the median
    interval). Fraction: 1 - sum of pauses / time from the beginning of the first to the end of the last compression.
    """
    pausing = found.gaps >= float(targets.pause_from)
    working = found.gaps[~pausing]
    cycle = float(np.median(working))
    pauses = tuple(
        Pause(_round(at + cycle / 2), _round(gap - cycle))
        for at, gap in zip(found.at[:-1][pausing], found.gaps[pausing], strict=True)
    )
    lasts = float(found.at[-1] - found.at[0]) + cycle
    off = float((found.gaps[pausing] - cycle).sum())
    rates = np.round(60 / working, 2)
    right = _in_range(found, targets)
    return Measured(
        compressions=int(found.at.size),
        begins=_round(found.at[0] - cycle / 2),
        lasts=_round(lasts),
        rate_median=_round(60 / cycle),
        rate_mean=_round(60 / float(working.mean())),
        intervals=int(working.size),
        intervals_in_range=int(((rates >= targets.rate_low) & (rates <= targets.rate_high)).sum()),
        intervals_fast=int((rates > targets.rate_high).sum()),
        depth_mean=_round(found.depth.mean()),
        depth_median=_round(np.median(found.depth)),
        depth_in_range=int(right.sum()),
        shallow=int((found.depth < targets.depth_low).sum()),
        deep=int((found.depth > targets.depth_high).sum()) if targets.depth_high is not None else 0,
        released=int((found.left <= targets.recoil_within).sum()),
        leaning_mean=_round(np.maximum(found.left, 0).mean()),
        pauses=pauses,
        fraction=round(1 - off / lasts, 4),
        depth_slope=_slope(found),
        **_thirds(found),
        stretches=_stretches(found, targets, right, lasts),
    )


def _round(value: object) -> float:
    return round(float(value), 2)  # type: ignore[arg-type]


def _in_range(found: Found, targets: Targets) -> npt.NDArray[np.bool_]:
    high = np.inf if targets.depth_high is None else targets.depth_high
    return (found.depth >= targets.depth_low) & (found.depth <= high)


def _slope(found: Found) -> float:
    """How depth changes over time: ordinary least squares of peak depth on minutes."""
    minutes = (found.at - found.at.mean()) / 60
    spread = float((minutes**2).sum())
    return _round(float((minutes * (found.depth - found.depth.mean())).sum()) / spread) if spread else 0.0


def _thirds(found: Found) -> dict[str, float]:
    """Mean depth of the first and of the last third of the time: tiredness shows between them."""
    third = (found.at[-1] - found.at[0]) / 3
    first, last = found.depth[found.at <= found.at[0] + third], found.depth[found.at >= found.at[-1] - third]
    return {"depth_first": _round(first.mean()), "depth_last": _round(last.mean())}


def stretch_seconds(lasts: float) -> int:
    """How long one stretch is: 20 s as in PMC4404572, longer ones where a trace is long."""
    return next((seconds for seconds in (20, 60, 120) if lasts <= 15 * seconds), 300)


def _stretches(found: Found, targets: Targets, right: npt.NDArray[np.bool_], lasts: float) -> tuple[Stretch, ...]:
    width = stretch_seconds(lasts)
    which = ((found.at - found.at[0]) // width).astype(int)
    made: list[Stretch] = []
    for number in np.unique(which):
        mine = which == number
        gaps = found.gaps[mine[:-1]]
        working = gaps[gaps < float(targets.pause_from)]
        begins = float(found.at[0]) + width * int(number)
        made.append(
            Stretch(
                begins=_round(begins),
                ends=_round(min(begins + width, float(found.at[-1]))),
                compressions=int(mine.sum()),
                rate=_round(60 / float(np.median(working))) if working.size else None,
                depth=_round(found.depth[mine].mean()),
                in_range=int(right[mine].sum()),
                released=int((found.left[mine] <= targets.recoil_within).sum()),
            )
        )
    return tuple(made)


def missing_seconds(trace: Trace) -> float:
    """How long the instrument wrote nothing down: gaps between readings of more than a second, together."""
    gaps = np.diff(trace.seconds)
    return _round(gaps[gaps > 1].sum())
