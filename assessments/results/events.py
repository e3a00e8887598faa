"""What others may want to hear of evidence."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ResultRecorded:
    """A result, or a new version of one, stands in the table of evidence."""

    result_id: int
    person_id: int
    kind: str


@dataclass(frozen=True)
class ResultsRecorded:
    """Many marks came in at once: whom they are about, and those rows among them that supersede others."""

    person_ids: tuple[int, ...]
    corrected_ids: tuple[int, ...]


@dataclass(frozen=True)
class HistoryBroughtIn:
    """Many results about people at or below an institution came in at once; told once for all of them."""

    institution_id: int
    written: int
    hash: str
