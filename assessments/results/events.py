"""What others may want to hear of evidence."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ResultRecorded:
    """A result, or a new version of one, stands in the table of evidence."""

    result_id: int
    person_id: int
    kind: str
