"""What others may want to hear of evaluations."""

from dataclasses import dataclass


@dataclass(frozen=True)
class EvaluationAssigned:
    """An assessor has been asked to look at a doctor's work."""

    evaluation_id: int


@dataclass(frozen=True)
class EvaluationAccepted:
    """The result of an evaluation stands and may be seen."""

    evaluation_id: int


@dataclass(frozen=True)
class EvaluationAppealed:
    """A doctor does not accept a result."""

    appeal_id: int


@dataclass(frozen=True)
class EvaluationAppealAnswered:
    """An officer has answered an appeal."""

    appeal_id: int
