"""Tables of practice evaluation."""

from assessments.practice.models.evaluations import (
    Decided,
    Evaluation,
    EvaluationDecision,
    EvaluationForm,
    EvaluationFormVersion,
    EvaluationRecord,
    State,
    oldest_period,
)
from assessments.practice.models.indicators import Indicator, IndicatorImport, IndicatorValue, IndicatorVersion, Kind
from assessments.practice.models.results import (
    EvaluationAppeal,
    EvaluationAppealAnswer,
    EvaluationResult,
    Outcome,
)

__all__ = [
    "Decided",
    "Evaluation",
    "EvaluationAppeal",
    "EvaluationAppealAnswer",
    "EvaluationDecision",
    "EvaluationForm",
    "EvaluationFormVersion",
    "EvaluationRecord",
    "EvaluationResult",
    "Indicator",
    "IndicatorImport",
    "IndicatorValue",
    "IndicatorVersion",
    "Kind",
    "Outcome",
    "State",
    "oldest_period",
]
