"""Papers, exams, who sits them, every answer as an event, and the marks that came of them."""

from assessments.exams.models.appeals import Appeal, AppealAnswer, Outcome
from assessments.exams.models.exams import (
    AnswerKey,
    Decided,
    Exam,
    ExamDecision,
    Feedback,
    Paper,
    PaperItem,
    PaperVersion,
    State,
)
from assessments.exams.models.incidents import (
    Incident,
    IncidentCandidate,
    What,
)
from assessments.exams.models.marking import (
    ExamScore,
    ItemRuling,
    Regrade,
    RegradeEnd,
    RegradeEnding,
    Ruling,
    ScoreRun,
)
from assessments.exams.models.rooms import (
    ExamRoom,
    ExamWindow,
)
from assessments.exams.models.sitting import (
    AnswerEvent,
    Attempt,
    AttemptBeat,
    AttemptClose,
    AttemptPause,
    Candidate,
    Ending,
    ExtraTime,
    LateDecision,
    LateEvent,
    Why,
)
from assessments.exams.models.standards import Method, Standard, StandardUse

__all__ = [
    "AnswerEvent",
    "AnswerKey",
    "Appeal",
    "AppealAnswer",
    "Attempt",
    "AttemptBeat",
    "AttemptClose",
    "AttemptPause",
    "Candidate",
    "Decided",
    "Ending",
    "Exam",
    "ExamDecision",
    "ExamRoom",
    "ExamScore",
    "ExamWindow",
    "ExtraTime",
    "Feedback",
    "Incident",
    "IncidentCandidate",
    "ItemRuling",
    "LateDecision",
    "LateEvent",
    "Method",
    "Outcome",
    "Paper",
    "PaperItem",
    "PaperVersion",
    "Regrade",
    "RegradeEnd",
    "RegradeEnding",
    "Ruling",
    "ScoreRun",
    "Standard",
    "StandardUse",
    "State",
    "What",
    "Why",
]
