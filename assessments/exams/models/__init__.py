"""Papers, exams, who sits them, every answer as an event, and the marks that came of them."""

from assessments.exams.models.exams import (
    AnswerKey,
    Decided,
    Exam,
    ExamDecision,
    Paper,
    PaperItem,
    PaperVersion,
    State,
)
from assessments.exams.models.marking import (
    ExamScore,
    ScoreRun,
)
from assessments.exams.models.sitting import (
    AnswerEvent,
    Attempt,
    AttemptBeat,
    AttemptClose,
    Candidate,
    Ending,
    ExtraTime,
    LateEvent,
    Why,
)

__all__ = [
    "AnswerEvent",
    "AnswerKey",
    "Attempt",
    "AttemptBeat",
    "AttemptClose",
    "Candidate",
    "Decided",
    "Ending",
    "Exam",
    "ExamDecision",
    "ExamScore",
    "ExtraTime",
    "LateEvent",
    "Paper",
    "PaperItem",
    "PaperVersion",
    "ScoreRun",
    "State",
    "Why",
]
