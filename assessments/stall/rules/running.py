"""What was known right after each attempt: from that attempt and those before it, never from a later one.

The figures are built rank by rank (all first attempts, then all second ones …), so that they cost a few operations on
whole arrays and none is touched by what other pairs do later, not even by rounding.
"""

from dataclasses import dataclass

import numpy as np

from assessments.stall.rules.history import Floats, History, Ints
from assessments.stall.rules.parameters import Parameters


@dataclass(frozen=True)
class Running:
    """Per attempt, as of that attempt."""

    #: mean of the marks so far, newer ones weighing more
    level: Floats
    #: the best mark so far, and when it was first reached
    best: Floats
    best_at: Floats
    #: points per attempt, by least squares over all so far; 0 at the first
    slope: Floats
    #: points per attempt over the last three; 0 before the third
    slope_three: Floats
    #: how much one mark differs from the next without any trend: root mean square step / √2
    unevenness: Floats


def running(history: History, parameters: Parameters) -> Running:
    """The figures of every attempt, at once."""
    size, score, at = len(history.at), history.score, history.at
    fade = 0.5 ** (1 / parameters.half_life)
    level, best, best_at, slope, slope_three, uneven = (np.zeros(size) for _ in range(6))
    weighted, weights, total, moment, steps = (np.zeros(history.pairs) for _ in range(5))
    pair, begins = np.arange(history.pairs), history.start[:-1]
    counts = np.diff(history.start)
    for rank in range(int(counts.max())):
        pair = pair[counts[pair] > rank]
        here = begins[pair] + rank
        mark, before = score[here], here - 1 if rank else here
        weighted[pair] = weighted[pair] * fade + mark
        weights[pair] = weights[pair] * fade + 1
        total[pair] += mark
        moment[pair] += rank * mark
        steps[pair] += (mark - score[before]) ** 2
        level[here] = weighted[pair] / weights[pair]
        rises = (mark > best[before]) | (rank == 0)
        best[here] = np.where(rises, mark, best[before])
        best_at[here] = np.where(rises, at[here], best_at[before])
        if rank:
            spread = (rank + 1) * ((rank + 1) ** 2 - 1) / 12
            slope[here] = (moment[pair] - total[pair] * rank / 2) / spread
            uneven[here] = np.sqrt(steps[pair] / (2 * rank))
        if rank >= 2:
            slope_three[here] = (mark - score[here - 2]) / 2
    return Running(level, best, best_at, slope, slope_three, uneven)


def last_until(history: History, moment: float) -> tuple[Ints, Ints]:
    """Per pair the number of the last attempt up to a moment (the first one where there is none), and how many."""
    counts = history.counts_until(moment)
    return history.start[:-1] + np.maximum(counts - 1, 0), counts


def level_at(history: History, figures: Running, moment: float) -> tuple[Floats, Ints]:
    """Per pair the level known at a moment (NaN before the first attempt), and how many marks it rests on."""
    last, counts = last_until(history, moment)
    return np.where(counts > 0, figures.level[last], np.nan), counts
