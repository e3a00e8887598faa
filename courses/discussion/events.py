"""What others may want to hear of questions and answers."""

from dataclasses import dataclass


@dataclass(frozen=True)
class QuestionChanged:
    """What a question and its answers say, or whether they are shown, changed: for the index."""

    question_id: int


@dataclass(frozen=True)
class QuestionAnswered:
    """Somebody answered a question."""

    question_id: int
    answer_id: int


@dataclass(frozen=True)
class AnswerAccepted:
    """Whoever asked said which answer helped."""

    question_id: int
    answer_id: int


@dataclass(frozen=True)
class QuestionWaits:
    """A question has waited for a day; told once for each."""

    question_id: int


@dataclass(frozen=True)
class EntryReported:
    """Somebody thinks that a text should not stand where it stands."""

    entry_id: int
    report_id: int


@dataclass(frozen=True)
class EntryRuled:
    """It was decided whether a text is shown."""

    entry_id: int
    ruling_id: int
