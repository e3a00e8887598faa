"""The model beside plain rules, on learners it has not seen and on later time than it has learned from."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assessments.stall.model.fitting import NotEnough, fit, fit_rule
from assessments.stall.rules.features import Design, design
from assessments.stall.rules.history import Floats, History, Ints
from assessments.stall.rules.measures import Bin, Ranking, calibration, expected_error
from assessments.stall.rules.parameters import Parameters
from assessments.stall.rules.periods import periods, unseen

#: Single figures held against the model: whatever is highest is taken to stall first. The last one shows how much of
#: a stall is only marks falling back towards the mean after lucky ones.
RULES: dict[str, Callable[[Design], Floats]] = {
    "days_since_last": lambda rows: rows.column("days_since_last"),
    "slope_of_last_three": lambda rows: -rows.column("slope_three"),
    "level_alone": lambda rows: rows.column("level"),
}
#: the two of them that the model must beat
PLAIN = ("days_since_last", "slope_of_last_three")
RESAMPLES = 500
_SEED = 17


@dataclass(frozen=True)
class Figure:
    """A figure with the range in which 95 % of resamples over learners lie."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Scored:
    """How one way of predicting did."""

    auc: Figure
    average_precision: Figure
    brier: float
    calibration_error: float
    calibration: list[Bin]


@dataclass(frozen=True)
class Trial:
    """What was learned from, what was tried, and how everything did."""

    taught_rows: int
    taught_learners: int
    taught_cutoffs: int
    tried_rows: int
    tried_learners: int
    tried_cutoffs: int
    base_rate: float
    base_rate_taught: float
    ways: dict[str, Scored]
    #: average precision of the model less that of the better plain rule, over the same resamples
    ahead: Figure
    coefficients: dict[str, float]

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def try_out(history: History, parameters: Parameters, resamples: int = RESAMPLES) -> Trial:
    """Learn from some learners' past and be tried on the others' later time; raises NotEnough or TooShort."""
    when, held_out = periods(history, parameters), unseen(history)
    taught = _known(design(history, when.taught, parameters), ~held_out)
    tried = _known(design(history, when.tried, parameters), held_out)
    fitted = fit(taught, history.learner[taught.pair], parameters)
    if len(np.unique(tried.label)) < 2:
        raise NotEnough(f"the {len(tried)} cases of the trial are all of one kind; nothing can be told apart")
    said = fitted.probability(tried.values)
    ways = {"model": (said, said)}
    for name, rule in RULES.items():
        curve = fit_rule(rule(taught), taught.label)
        ways[name] = (rule(tried), curve.predict_proba(rule(tried).reshape(-1, 1))[:, 1])
    whose = history.learner[tried.pair]
    ranked = {name: Ranking(order, tried.label) for name, (order, _) in ways.items()}
    drawn = _resampled(whose, ranked, resamples)
    return Trial(
        taught_rows=len(taught),
        taught_learners=len(np.unique(history.learner[taught.pair])),
        taught_cutoffs=len(when.taught),
        tried_rows=len(tried),
        tried_learners=len(np.unique(whose)),
        tried_cutoffs=len(when.tried),
        base_rate=float(tried.label.mean()),
        base_rate_taught=float(taught.label.mean()),
        ways={name: _scored(ranked[name], said, tried.label, drawn[name]) for name, (_, said) in ways.items()},
        ahead=_ahead(ranked, drawn),
        coefficients=fitted.coefficients(),
    )


def _known(rows: Design, pairs: NDArray[np.bool_]) -> Design:
    return rows.where(np.isfinite(rows.label) & pairs[rows.pair])


def _scored(ranked: Ranking, said: Floats, label: Floats, drawn: Floats) -> Scored:
    bins, (auc, precision) = calibration(said, label), ranked.auc_and_precision()
    return Scored(
        auc=_figure(auc, drawn[:, 0]),
        average_precision=_figure(precision, drawn[:, 1]),
        brier=float(np.mean((said - label) ** 2)),
        calibration_error=expected_error(bins),
        calibration=bins,
    )


def _ahead(ranked: dict[str, Ranking], drawn: dict[str, Floats]) -> Figure:
    """Against the plain rule that did better, chosen with all rows."""
    precision = {name: order.auc_and_precision()[1] for name, order in ranked.items()}
    rival = max(PLAIN, key=lambda name: precision[name])
    return _figure(precision["model"] - precision[rival], drawn["model"][:, 1] - drawn[rival][:, 1])


def _figure(value: float, drawn: Floats) -> Figure:
    drawn = drawn[np.isfinite(drawn)]
    low, high = np.quantile(drawn, [0.025, 0.975]) if len(drawn) else (value, value)
    return Figure(value, float(low), float(high))


def _resampled(whose: Ints, ranked: dict[str, Ranking], times: int) -> dict[str, Floats]:
    """Per way: AUC and average precision of so many draws of learners with replacement, the same draws for all."""
    random, (names, learner) = np.random.default_rng(_SEED), np.unique(whose, return_inverse=True)
    drawn: dict[str, list[tuple[float, float]]] = {name: [] for name in ranked}
    for _ in range(times):
        often = np.bincount(random.integers(0, len(names), len(names)), minlength=len(names))[learner]
        for name, order in ranked.items():
            drawn[name].append(order.auc_and_precision(often.astype(np.float64)))
    return {name: np.array(values).reshape(-1, 2) for name, values in drawn.items()}
