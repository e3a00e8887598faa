"""A small model of stalls: fitted, tried on what it has not seen, kept as signed bytes."""

from assessments.stall.model.fitting import Fitted, NotEnough, fit
from assessments.stall.model.storing import Refusal, pack, unpack
from assessments.stall.model.trial import Trial, try_out

__all__ = ["Fitted", "NotEnough", "Refusal", "Trial", "fit", "pack", "try_out", "unpack"]
