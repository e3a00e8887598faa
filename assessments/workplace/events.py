"""What others may want to hear of workplace assessments."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class WorkplaceAssessed:
    """An assessment was handed in, or corrected."""

    encounter_id: UUID


@dataclass(frozen=True)
class WorkplaceRequested:
    """A doctor asks somebody to watch and assess, or a request was handed on to them."""

    request_id: int
    assessor_id: int


@dataclass(frozen=True)
class WorkplaceDeclined:
    """Whoever was asked said no."""

    request_id: int
