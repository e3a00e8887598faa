"""What others may want to hear of practical exams."""

from dataclasses import dataclass


@dataclass(frozen=True)
class CircuitReleased:
    """The results of a circuit stand and may be seen."""

    circuit_id: int


@dataclass(frozen=True)
class CircuitRevised:
    """Released results of a circuit changed, by a revision that two officers stand for."""

    circuit_id: int
    run_id: int
    revision_id: int


@dataclass(frozen=True)
class CircuitAppealed:
    """A candidate does not accept a released result."""

    appeal_id: int


@dataclass(frozen=True)
class CircuitAppealAnswered:
    """An appeal was rejected, or answered by a revision of the result."""

    appeal_id: int
