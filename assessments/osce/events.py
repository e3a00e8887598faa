"""What others may want to hear of practical exams."""

from dataclasses import dataclass


@dataclass(frozen=True)
class CircuitReleased:
    """The results of a circuit stand and may be seen."""

    circuit_id: int
