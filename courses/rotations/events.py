"""What others may want to hear of rotations."""

from dataclasses import dataclass


@dataclass(frozen=True)
class RotationPlanned:
    """A doctor has a place at a department; `changed` when only its days are new."""

    rotation_id: int
    changed: bool = False


@dataclass(frozen=True)
class RotationStopped:
    """A rotation was cancelled before it began, or interrupted."""

    rotation_id: int


@dataclass(frozen=True)
class RotationEnded:
    """A rotation is over and its receiving side has said how it went; a correction is told again."""

    rotation_id: int
    evaluation_id: int


@dataclass(frozen=True)
class PracticeConfirmed:
    """The receiving side stands by hours of practice on days of a rotation."""

    practice_id: int


@dataclass(frozen=True)
class RotationRecorded:
    """A rotation that was kept on paper was recorded afterwards and waits for a second person."""

    rotation_id: int
