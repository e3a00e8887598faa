"""The numbers that say what a stall is; a trained model keeps those it was trained under."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Parameters:
    """What counts as history, as rising, and as enough to speak of. docs/stall.md gives the reasons."""

    #: marks that must stand before anything is said of a learner's skill
    least_attempts: int = 3
    #: days after the cutoff in which a skill must have risen
    horizon_days: int = 180
    #: marks after the cutoff without which nobody knows
    least_later: int = 2
    #: points by which the later mean must exceed the level before
    gain: float = 3.0
    #: the level from which a skill need only be kept
    mastery: float = 85.0
    #: a mark's weight in the level halves with every so many later marks
    half_life: float = 2.0
    #: days between the cutoffs a model is taught with
    step_days: int = 30

    def __post_init__(self) -> None:
        if self.least_attempts < 3 or self.least_later < 1 or self.horizon_days < 1 or self.step_days < 1:
            raise ValueError("three marks before, one after, and a day each are the least")
        if not (0 < self.mastery <= 100 and self.gain >= 0 and self.half_life > 0):
            raise ValueError("mastery lies within 0–100, gain is not negative, the half-life is positive")
