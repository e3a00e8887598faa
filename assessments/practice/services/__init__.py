"""The verbs of practice evaluation."""

from assessments.practice.services.appeals import answer, appeal
from assessments.practice.services.evaluations import accept, assign, give_back, score, submit
from assessments.practice.services.indicators import apply, send

__all__ = ["accept", "answer", "appeal", "apply", "assign", "give_back", "score", "send", "submit"]
