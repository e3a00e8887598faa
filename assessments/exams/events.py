"""What others may want to hear of exams."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ExamApproved:
    """Two officers have approved paper and key; its candidates may be told when it is."""

    exam_id: int


@dataclass(frozen=True)
class ExamReleased:
    """The results of an exam stand and may be seen."""

    exam_id: int
    run_id: int


@dataclass(frozen=True)
class ExamRegraded:
    """Results of a released exam were marked by a corrected key; those that changed have new versions."""

    exam_id: int
    run_id: int
    regrade_id: int


@dataclass(frozen=True)
class ExamAppealed:
    """A candidate does not accept a released result."""

    appeal_id: int


@dataclass(frozen=True)
class ExamAppealAnswered:
    """An officer has answered an appeal."""

    appeal_id: int
