"""The verbs of workplace assessment: asking, watching and marking, answering."""

from assessments.workplace.services.answering import acknowledge, reflect, withdraw
from assessments.workplace.services.assessing import assess, correct, record_result
from assessments.workplace.services.requesting import decline, delegate, expire, request, take_back

__all__ = [
    "acknowledge",
    "assess",
    "correct",
    "decline",
    "delegate",
    "expire",
    "record_result",
    "reflect",
    "request",
    "take_back",
    "withdraw",
]
