"""What others may want to hear of institutions."""

from dataclasses import dataclass


@dataclass(frozen=True)
class InstitutionMoved:
    """An institution stands, with everything below it, under another one from now on."""

    institution_id: int
