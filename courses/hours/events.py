"""What others may want to hear of hours."""

from dataclasses import dataclass


@dataclass(frozen=True)
class HoursConfirmed:
    """Hours were entered, or taken back (`reverses` names the entry that no longer counts)."""

    entry_id: int
    person_id: int
    kind: str
    reverses: int | None


@dataclass(frozen=True)
class HoursBroughtIn:
    """Many hours of people at or below an institution were entered at once; told once for all of them."""

    institution_id: int
    written: int
    hash: str
