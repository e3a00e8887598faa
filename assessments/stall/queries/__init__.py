"""Selects: marks as attempts, flags with what became of them, the newest model."""

from assessments.stall.queries.flags import (
    Shown,
    Sought,
    answers,
    listing,
    of_pairs,
    open_counts,
    own,
    resting,
    shown,
    waiting,
)
from assessments.stall.queries.marks import KINDS, at_work, attempts, day_number, in_use, newest_model
from assessments.stall.queries.scores import Scores, Threshold, fitted, scores

__all__ = [
    "KINDS",
    "Scores",
    "Shown",
    "Sought",
    "Threshold",
    "answers",
    "at_work",
    "attempts",
    "day_number",
    "fitted",
    "in_use",
    "listing",
    "newest_model",
    "of_pairs",
    "open_counts",
    "own",
    "resting",
    "scores",
    "shown",
    "waiting",
]
