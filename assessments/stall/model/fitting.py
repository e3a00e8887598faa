"""A logistic regression over standardised features, calibrated on learners that each part of it has not seen."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from assessments.stall.rules.features import FEATURES, Design
from assessments.stall.rules.history import Floats, Ints
from assessments.stall.rules.parameters import Parameters

#: Below this a model would learn its few learners by heart.
LEAST_LEARNERS, LEAST_OF_EACH = 20, 20
_FOLDS = 5
_SEED = 17


class NotEnough(ValueError):
    """There is nothing to learn from; the message says what is missing."""


@dataclass(frozen=True)
class Fitted:
    """A fitted model: the linear part that explains, and the curve that makes its score a probability."""

    pipeline: Pipeline
    curve: LogisticRegression
    parameters: Parameters

    def probability(self, values: Floats) -> Floats:
        """Of a stall, per row of a design."""
        if not len(values):
            return np.empty(0)
        score = self.pipeline.decision_function(values).reshape(-1, 1)
        return self.curve.predict_proba(score)[:, 1]  # type: ignore[no-any-return]

    def contributions(self, values: Floats) -> Floats:
        """Per row and feature: how far it moves the score from that of an average row; what was missing is added."""
        imputed = self.pipeline[:-1].transform(values)
        each = imputed * self.pipeline[-1].coef_[0]
        parts = each[:, : len(FEATURES)].copy()
        indicator = self.pipeline[0].indicator_
        for column, feature in enumerate(indicator.features_ if indicator is not None else ()):
            parts[:, feature] += each[:, len(FEATURES) + column]
        return parts  # type: ignore[no-any-return]

    def coefficients(self) -> dict[str, float]:
        """What a standard deviation of each feature does to the score; the largest first."""
        by_name = dict(zip(FEATURES, map(float, self.pipeline[-1].coef_[0]), strict=False))
        return dict(sorted(by_name.items(), key=lambda one: -abs(one[1])))


def fit(design: Design, learner: Ints, parameters: Parameters) -> Fitted:
    """Learn from the rows whose label is known; `learner` says per row whose it is. Raises NotEnough."""
    known = np.isfinite(design.label)
    values, label, learner, cutoff = design.values[known], design.label[known], learner[known], design.cutoff[known]
    _check(label, learner)
    score = np.empty(len(label))
    for seen, unseen in GroupKFold(_FOLDS, shuffle=True, random_state=_SEED).split(values, label, learner):
        score[unseen] = _linear(values[seen], label[seen]).decision_function(values[unseen])
    late = _late(cutoff, label)
    curve = LogisticRegression(C=1e6).fit(score[late].reshape(-1, 1), label[late])
    return Fitted(_linear(values, label), curve, parameters)


def _late(cutoff: Floats, label: Floats) -> NDArray[np.bool_]:
    """The last third of the cutoffs, if they show enough: how often skills stall drifts while a cohort grows older."""
    late = cutoff >= np.quantile(np.unique(cutoff), 2 / 3)
    stalled = label[late].sum()
    enough = min(stalled, late.sum() - stalled) >= LEAST_OF_EACH
    return late if enough else np.ones(len(label), dtype=np.bool_)


def fit_rule(column: Floats, label: Floats) -> LogisticRegression:
    """The probability that goes with a single figure, so that a plain rule can be held against the model."""
    return LogisticRegression(C=1e6).fit(column.reshape(-1, 1), label)


def _linear(values: Floats, label: Floats) -> Pipeline:
    steps: list[tuple[str, Any]] = [
        ("fill", SimpleImputer(strategy="mean", add_indicator=True, keep_empty_features=True)),
        ("scale", StandardScaler()),
        ("weigh", LogisticRegression(C=1.0, max_iter=1000)),
    ]
    return Pipeline(steps).fit(values, label)


def _check(label: Floats, learner: Ints) -> None:
    learners, stalled = len(np.unique(learner)), int(label.sum())
    if learners < LEAST_LEARNERS:
        raise NotEnough(f"{learners} learners whose later marks are known; at least {LEAST_LEARNERS} are needed")
    if min(stalled, len(label) - stalled) < LEAST_OF_EACH:
        raise NotEnough(
            f"{stalled} of {len(label)} cases stalled; at least {LEAST_OF_EACH} of each kind are needed to learn"
        )
