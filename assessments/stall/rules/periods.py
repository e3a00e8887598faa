"""Which cutoffs a model is taught with and which it is tried on: what it learns from ends before the trial begins."""

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assessments.stall.rules.history import History
from assessments.stall.rules.parameters import Parameters

#: Days after the first mark of all in which there is too little history to speak of.
WARM_UP = 60
#: How many of the last cutoffs are for the trial, and how much of all learners.
TRIED = 3
UNSEEN = 0.3


class TooShort(ValueError):
    """The history is too short for what was asked; the message says how long it would have to be."""


@dataclass(frozen=True)
class Periods:
    """Cutoffs to learn from, and later ones to be tried on."""

    taught: tuple[float, ...]
    tried: tuple[float, ...]


def teaching(history: History, parameters: Parameters) -> tuple[float, ...]:
    """All cutoffs whose horizon has passed, oldest first; raises TooShort."""
    first, last = history.span
    begins, ends = first + WARM_UP, last - parameters.horizon_days
    if ends < begins:
        least = WARM_UP + parameters.horizon_days
        raise TooShort(f"the marks span {last - first:.0f} days; at least {least} are needed")
    steps = int((ends - begins) // parameters.step_days)
    return tuple(ends - parameters.step_days * back for back in range(steps, -1, -1))


def periods(history: History, parameters: Parameters) -> Periods:
    """The last cutoffs for the trial, and of the others those whose horizon ends before it begins; raises TooShort."""
    try:
        every = teaching(history, parameters)
    except TooShort:
        every = ()
    tried = every[-TRIED:]
    taught = tuple(cutoff for cutoff in every[:-TRIED] if cutoff + parameters.horizon_days <= tried[0])
    if not taught:
        first, last = history.span
        least = WARM_UP + 2 * parameters.horizon_days + (TRIED - 1) * parameters.step_days
        raise TooShort(
            f"the marks span {last - first:.0f} days; to learn and then be tried on later time {least} are needed"
        )
    return Periods(taught, tried)


def unseen(history: History) -> NDArray[np.bool_]:
    """Per pair whether its learner is kept for the trial: by a hash of the name, so that more data move nobody."""
    share = [int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") / 2**64 for name in history.learners]
    return (np.array(share) < UNSEEN)[history.learner]
