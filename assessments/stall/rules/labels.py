"""What came after a cutoff: the only place that looks at it."""

import numpy as np

from assessments.stall.rules.history import Floats, History
from assessments.stall.rules.parameters import Parameters
from assessments.stall.rules.running import Running, level_at, running


def labels(history: History, cutoff: float, parameters: Parameters, figures: Running | None = None) -> Floats:
    """Per pair: 1 stalled, 0 rose (or kept its mastery), NaN nobody knows.

    A pair stalls when the mean of the marks in (cutoff, cutoff + horizon] stays below
    min(level before + gain, mastery), the level being what was known at the cutoff.
    """
    figures = figures or running(history, parameters)
    after = (history.at > cutoff) & (history.at <= cutoff + parameters.horizon_days)
    later = np.bincount(history.pair[after], minlength=history.pairs)
    total = np.bincount(history.pair[after], weights=history.score[after], minlength=history.pairs)
    level, counts = level_at(history, figures, cutoff)
    known = (counts >= parameters.least_attempts) & (later >= parameters.least_later)
    target = np.minimum(level + parameters.gain, parameters.mastery)
    with np.errstate(invalid="ignore", divide="ignore"):
        stalled = (total / later < target).astype(np.float64)
    return np.where(known, stalled, np.nan)
