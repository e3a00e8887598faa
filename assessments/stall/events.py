"""What others may want to hear of flags."""

from dataclasses import dataclass


@dataclass(frozen=True)
class FlagRaised:
    """A doctor's technique has been flagged as no longer rising."""

    flag_id: int
    person_id: int
    technique_id: int


@dataclass(frozen=True)
class FlagAnswered:
    """Somebody answered a flag; of several answers the last one counts."""

    flag_id: int
    person_id: int
    answer: str
