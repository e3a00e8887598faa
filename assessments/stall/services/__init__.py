"""The verbs of the stall model: train, watch, answer."""

from assessments.stall.services.answering import answer
from assessments.stall.services.training import train
from assessments.stall.services.watching import CAPACITY, Capacity, watch

__all__ = ["CAPACITY", "Capacity", "answer", "train", "watch"]
