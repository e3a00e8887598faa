"""What is known of every pair at a cutoff, from attempts up to it and from nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assessments.stall.rules.history import Floats, History, Ints
from assessments.stall.rules.labels import labels
from assessments.stall.rules.parameters import Parameters
from assessments.stall.rules.running import Running, last_until, level_at, running

#: The columns of a design, in order. Counts and days are log(1 + x): the tenth day tells more than the 210th.
FEATURES = (
    "marks",
    "days_since_last",
    "spacing",
    "level",
    "above",
    "slope_three",
    "slope_all",
    "last_surprise",
    "below_best",
    "days_since_best",
    "unevenness",
    "recent_90",
    "recent_180",
    "gain_180",
    "others_ahead",
    "others_gain",
    "others_recent",
    "peers_ahead",
    "skill_rate",
)


@dataclass(frozen=True)
class Design:
    """One row per eligible pair and cutoff."""

    values: Floats
    #: per row: which pair of the history, at which cutoff
    pair: Ints
    cutoff: Floats
    #: per row: what came after; NaN where nobody knows (yet)
    label: Floats

    def __len__(self) -> int:
        return len(self.pair)

    def where(self, rows: np.ndarray) -> "Design":
        """Some of the rows."""
        return Design(self.values[rows], self.pair[rows], self.cutoff[rows], self.label[rows])

    def column(self, name: str) -> Floats:
        """One feature by name."""
        return self.values[:, FEATURES.index(name)]


def design(history: History, cutoffs: Sequence[float], parameters: Parameters) -> Design:
    """Features and labels of all pairs that are eligible at these cutoffs, built as whole arrays."""
    figures = running(history, parameters)
    parts = [_at(history, figures, float(cutoff), parameters) for cutoff in cutoffs]
    if not parts:
        return Design(np.empty((0, len(FEATURES))), np.empty(0, np.int64), np.empty(0), np.empty(0))
    joined = [np.concatenate(column) for column in zip(*parts, strict=True)]
    return Design(*joined)


def _at(
    history: History, figures: Running, cutoff: float, parameters: Parameters
) -> tuple[Floats, Ints, Floats, Floats]:
    eligible = history.counts_until(cutoff) >= parameters.least_attempts
    columns = snapshot(history, figures, cutoff, parameters)
    values = np.column_stack([columns[name] for name in FEATURES])[eligible]
    pair = np.flatnonzero(eligible).astype(np.int64)
    label = labels(history, cutoff, parameters, figures)[eligible]
    return values, pair, np.full(len(pair), cutoff), label


def snapshot(history: History, figures: Running, cutoff: float, parameters: Parameters) -> dict[str, Floats]:
    """Every feature of every pair as of a cutoff; what a pair without attempts gets is not used."""
    last, counts = last_until(history, cutoff)
    level = np.where(counts > 0, figures.level[last], np.nan)
    earlier, _ = level_at(history, figures, cutoff - 180)
    first_at, last_at = history.at[history.start[:-1]], history.at[last]
    gain = level - earlier
    in_90, in_180 = _within(history, cutoff, 90), _within(history, cutoff, 180)
    return {
        "marks": np.log1p(counts),
        "days_since_last": _log_days(cutoff - last_at),
        "spacing": _log_days((last_at - first_at) / np.maximum(counts - 1, 1)),
        "level": level,
        "above": np.maximum(level - parameters.mastery, 0),
        "slope_three": figures.slope_three[last],
        "slope_all": figures.slope[last],
        "last_surprise": history.score[last] - level,
        "below_best": figures.best[last] - level,
        "days_since_best": _log_days(cutoff - figures.best_at[last]),
        "unevenness": figures.unevenness[last],
        "recent_90": np.log1p(in_90),
        "recent_180": np.log1p(in_180),
        "gain_180": gain,
        "others_ahead": _mean_of_others(history.learner, level) - level,
        "others_gain": _mean_of_others(history.learner, gain),
        "others_recent": np.log1p(np.bincount(history.learner, weights=in_90)[history.learner] - in_90),
        "peers_ahead": _mean_of_others(history.skill, level) - level,
        "skill_rate": _skill_rate(history, figures, cutoff, parameters),
    }


def _within(history: History, cutoff: float, days: float) -> Floats:
    """Per pair how many attempts lie in the days up to the cutoff."""
    return (history.counts_until(cutoff) - history.counts_until(cutoff - days)).astype(np.float64)


def _log_days(days: Floats) -> Floats:
    return np.log1p(np.maximum(days, 0))


def _mean_of_others(group: Ints, values: Floats) -> Floats:
    """Per pair the mean over the other pairs of its group that have a value; NaN where there is none."""
    has = np.isfinite(values)
    filled = np.where(has, values, 0.0)
    total = np.bincount(group, weights=filled)[group] - filled
    count = np.bincount(group, weights=has)[group] - has
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(count > 0, total / count, np.nan)


def _skill_rate(history: History, figures: Running, cutoff: float, parameters: Parameters) -> Floats:
    """How many of the other learners stalled in this skill, as far as it was known at the cutoff.

    The labels of one horizon ago, which end at the cutoff; few of them are drawn towards a half.
    """
    known = labels(history, cutoff - parameters.horizon_days, parameters, figures)
    has = np.isfinite(known)
    filled = np.where(has, known, 0.0)
    stalled = np.bincount(history.skill, weights=filled)[history.skill] - filled
    count = np.bincount(history.skill, weights=has)[history.skill] - has
    return np.where(count > 0, (stalled + 2) / (count + 4), np.nan)
