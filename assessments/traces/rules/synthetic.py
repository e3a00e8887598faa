"""Traces by formula: what a person would do who compresses exactly so. For the example file, the demo and tests."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from assessments.traces.rules.signal import Numbers, Trace


@dataclass(frozen=True)
class Person:
    """How somebody compresses: a raised cosine from `left` mm to `depth` mm, `rate` times a minute.

    `pauses` are seconds with hands off, by the number of the compression they come after; `fade` is how many mm
    shallower the last compression is than the first, `shake` the standard deviation of the sensor's noise in mm.
    """

    rate: float = 110
    depth: float = 55
    compressions: int = 220
    left: float = 1.0
    pauses: Mapping[int, float] = field(default_factory=dict)
    fade: float = 0.0
    shake: float = 0.0
    hertz: float = 100
    seed: int = 1


def trace_of(who: Person) -> Trace:
    """What the manikin writes down of it."""
    cycle = 60 / who.rate
    begins, at = [], 0.5
    for number in range(who.compressions):
        begins.append(at)
        at += cycle + who.pauses.get(number + 1, 0.0)
    seconds = np.round(np.arange(0, at + 0.5, 1 / who.hertz), 4)
    depth = _depths(who, seconds, np.array(begins), cycle)
    if who.shake:
        depth = depth + np.random.default_rng(who.seed).normal(0, who.shake, seconds.size)
    return Trace(seconds, np.round(depth, 2))


def _depths(who: Person, seconds: Numbers, begins: Numbers, cycle: float) -> Numbers:
    which = np.searchsorted(begins, seconds, side="right") - 1
    phase = (seconds - begins[np.maximum(which, 0)]) / cycle
    inside = (which >= 0) & (phase <= 1)
    deepest = who.depth - who.fade * np.maximum(which, 0) / max(1, who.compressions - 1)
    pressed = who.left + (deepest - who.left) * (1 - np.cos(2 * np.pi * np.minimum(phase, 1))) / 2
    return np.where(inside, pressed, 0.0)


def csv_of(trace: Trace, head: Sequence[str] = ("time_s", "depth_mm"), separator: str = ",") -> str:
    """The trace as a file: a head, and one line for each reading."""
    lines = [separator.join(head)]
    lines += [f"{second:.3f}{separator}{depth:.2f}" for second, depth in zip(trace.seconds, trace.depth, strict=True)]
    return "\r\n".join(lines) + "\r\n"
