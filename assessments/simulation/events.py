"""What others may want to hear of simulated cases."""

from dataclasses import dataclass


@dataclass(frozen=True)
class CaseHandedIn:
    """A consultation has ended and is scored."""

    run_id: int
    person_id: int
