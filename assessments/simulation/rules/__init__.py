"""The rules of a simulated case: its score, what it earns, and the doctor's way beside the expert's."""

from assessments.simulation.rules.earning import COUNTS_AGAIN, Uncredited, counts_again, spent, uncredited
from assessments.simulation.rules.review import Line, Review, Step, Verdict, review
from assessments.simulation.rules.scoring import (
    REVOCABLE,
    RULES,
    Act,
    Happened,
    Key,
    Score,
    Section,
    SectionScore,
    Worth,
    input_hash,
    score,
    standing,
)

__all__ = [
    "COUNTS_AGAIN",
    "REVOCABLE",
    "RULES",
    "Act",
    "Happened",
    "Key",
    "Line",
    "Review",
    "Score",
    "Section",
    "SectionScore",
    "Step",
    "Uncredited",
    "Verdict",
    "Worth",
    "counts_again",
    "input_hash",
    "review",
    "score",
    "spent",
    "standing",
    "uncredited",
]
