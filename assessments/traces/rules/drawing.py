"""A trace made small enough to be drawn: its outline and its compressions, whatever its length."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from assessments.traces.rules.signal import Found, Numbers, Trace
from assessments.traces.rules.targets import Targets

#: Points of the outline, and compressions of each kind that are marked.
POINTS, MARKS = 1600, 250
#: Width of one bar of the distribution, in mm.
BAND = 5


def outline(trace: Trace, points: int = POINTS) -> tuple[Numbers, Numbers]:
    """At most so many points: of each stretch of readings the lowest and the highest, so that no peak is lost."""
    size = trace.depth.size
    if size <= points:
        return trace.seconds, trace.depth
    edges = np.linspace(0, size, points // 2 + 1).astype(int)
    keep: list[int] = []
    for begin, end in pairwise(edges.tolist()):
        low, high = int(trace.depth[begin:end].argmin()), int(trace.depth[begin:end].argmax())
        keep += sorted({begin + low, begin + high})
    places = np.array(keep)
    return trace.seconds[places], trace.depth[places]


def drawn(trace: Trace, found: Found, targets: Targets) -> dict[str, Any]:
    """What the charts of a report are made of, as plain values: outline, faults, rates, and how depths are spread."""
    seconds, depth = outline(trace)
    working = found.gaps < float(targets.pause_from)
    high = np.inf if targets.depth_high is None else targets.depth_high
    rates = np.flatnonzero(working)
    return {
        "outline": [_plain(seconds, 2), _plain(depth, 1)],
        "shallow": _marked(found, found.depth < targets.depth_low, found.depth),
        "deep": _marked(found, found.depth > high, found.depth),
        "leaning": _marked(found, found.left > targets.recoil_within, found.left),
        "rates": _some(found.at[rates], 60 / found.gaps[rates], 2 * MARKS),
        "depths": spread(found.depth),
    }


def spread(depths: Numbers) -> dict[str, int]:
    """How many compressions were this deep, by whole millimetres rounded down."""
    values, counts = np.unique(np.floor(depths).astype(int), return_counts=True)
    return {str(value): int(count) for value, count in zip(values, counts, strict=True)}


def bands(counts: Mapping[str, int], width: int) -> list[tuple[int, int]]:
    """How many compressions lie in each band of depth, by its least depth; no band between two is left out."""
    found: dict[int, int] = {}
    for text, number in counts.items():
        begin = int(text) // width * width
        found[begin] = found.get(begin, 0) + number
    return [(begin, found.get(begin, 0)) for begin in range(min(found), max(found) + width, width)]


def _plain(values: Numbers, digits: int) -> list[float]:
    return [round(float(value), digits) for value in values]


def _some(at: Numbers, values: Numbers, most: int) -> list[list[float]]:
    if at.size > most:
        chosen = np.linspace(0, at.size - 1, most).astype(int)
        at, values = at[chosen], values[chosen]
    return [_plain(at, 2), _plain(values, 1)]


def _marked(found: Found, which: npt.NDArray[np.bool_], values: Numbers) -> list[list[float]]:
    return _some(found.at[which], values[which], MARKS)
