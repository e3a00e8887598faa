"""What a stall is, what can be known of one beforehand, and how it is said: pure functions over marks."""

from assessments.stall.rules.features import FEATURES, Design, design
from assessments.stall.rules.history import Attempt, History, Notes, tidy
from assessments.stall.rules.labels import labels
from assessments.stall.rules.parameters import Parameters

__all__ = ["FEATURES", "Attempt", "Design", "History", "Notes", "Parameters", "design", "labels", "tidy"]
