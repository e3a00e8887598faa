"""How every pair scores at a day: by the newest model, or by a plain rule where there is none."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from assessments.stall.models import StallModel
from assessments.stall.queries.marks import day_number
from assessments.stall.rules import Design, History, Parameters, design
from assessments.stall.rules.history import Floats
from lms import vault
from lms.errors import Invalid

if TYPE_CHECKING:
    from assessments.stall.model import Fitted


@dataclass(frozen=True)
class Scores:
    """All pairs at a day."""

    rows: Design
    #: of a stall; NaN by the plain rule
    probability: Floats
    #: who is flagged first; -inf: not at all
    order: Floats
    contributions: Floats | None
    model: StallModel | None


@dataclass(frozen=True)
class Threshold:
    """From which probability on a flag is worth a mentor's time: from this, and from so many times the usual one."""

    least: float = 0.25
    lift: float = 1.25


def signing_key() -> bytes:
    """Under which this installation signs its models: drawn from its own index key, and good for nothing else."""
    return vault.current().blind_index("stall: signature of a model")


def fitted(row: StallModel) -> "Fitted":
    """The model of a row; raises Invalid for bytes that are not to be trusted."""
    from assessments.stall import model  # noqa: PLC0415 - scikit-learn is loaded by those who need it, not by the web

    try:
        return model.unpack(row.content, row.signature, signing_key())
    except model.Refusal as refused:
        raise Invalid(f"the model {row.content_hash.hex()[:12]} is refused: {refused}") from None


def scores(history: History, today: date, row: StallModel | None, threshold: Threshold = Threshold()) -> Scores:
    """Score every pair that has enough marks up to today."""
    rows = design(history, [day_number(today)], Parameters())
    if row is None:
        return _by_rule(rows)
    learned = fitted(row)
    probability = learned.probability(rows.values)
    least = max(threshold.least, threshold.lift * float(row.card["base_rate"]))
    order = np.where(probability >= least, probability, -np.inf)
    return Scores(rows, probability, order, learned.contributions(rows.values), row)


def _by_rule(rows: Design) -> Scores:
    """The last three marks did not rise, mastery is not reached: the steepest fall first, then the longest pause."""
    slope, pause = rows.column("slope_three"), rows.column("days_since_last")
    stalls = (slope <= 0) & (rows.column("level") < Parameters().mastery)
    order = np.where(stalls, -slope + pause / 100, -np.inf)
    return Scores(rows, np.full(len(rows), np.nan), order, None, None)
