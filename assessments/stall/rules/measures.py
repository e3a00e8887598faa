"""How well an order tells stalls apart, and how far probabilities can be trusted."""

from dataclasses import dataclass

import numpy as np

from assessments.stall.rules.history import Floats, Ints


@dataclass(frozen=True)
class Bin:
    """Rows that were given nearly the same probability: the mean said, the share seen, how many."""

    said: float
    seen: float
    rows: int


def calibration(probability: Floats, label: Floats, most: int = 10) -> list[Bin]:
    """At most so many bins of nearly equal size, by probability; rows of one probability stay together."""
    edges = np.unique(np.quantile(probability, np.linspace(0, 1, most + 1)))
    bins = np.searchsorted(edges[1:-1], probability, side="right")
    return [
        Bin(float(probability[bins == b].mean()), float(label[bins == b].mean()), int((bins == b).sum()))
        for b in np.unique(bins)
    ]


def expected_error(bins: list[Bin]) -> float:
    """The mean distance between said and seen, every bin weighing as many rows as it has."""
    rows = sum(one.rows for one in bins)
    return sum(abs(one.said - one.seen) * one.rows for one in bins) / rows


class Ranking:
    """Rows ordered by a score, highest first; rows of one score stand together and are never told apart."""

    def __init__(self, score: Floats, label: Floats) -> None:
        order = np.argsort(-score, kind="stable")
        self._order, self._label = order, label[order]
        ordered = score[order]
        self._ends: Ints = np.flatnonzero(np.append(ordered[1:] != ordered[:-1], True))

    def auc_and_precision(self, weight: Floats | None = None) -> tuple[float, float]:
        """Area under the curve and average precision, every row counting `weight` times; NaN with one kind only."""
        times = np.ones(len(self._label)) if weight is None else weight[self._order]
        stalled = np.cumsum(times * self._label)[self._ends]
        others = np.cumsum(times * (1 - self._label))[self._ends]
        if not stalled[-1] or not others[-1]:
            return float("nan"), float("nan")
        new_stalled, new_others = np.diff(stalled, prepend=0.0), np.diff(others, prepend=0.0)
        auc = float(np.sum(new_others * (stalled - new_stalled / 2)) / (stalled[-1] * others[-1]))
        among = stalled / np.maximum(stalled + others, 1)
        return auc, float(np.sum(new_stalled * among) / stalled[-1])
