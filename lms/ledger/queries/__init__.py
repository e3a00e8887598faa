"""Reading the ledger: its tree, the words of its entries, and whether all of it still holds."""

from lms.ledger.queries.tree import Proof, frontier, latest_head, peaks, proof, root, size
from lms.ledger.queries.verify import Finding, Head, verify
from lms.ledger.queries.words import (
    SOURCES,
    Erased,
    Kept,
    Keys,
    Opened,
    Source,
    destroyed_keys,
    open_words,
)

__all__ = [
    "SOURCES",
    "Erased",
    "Finding",
    "Head",
    "Kept",
    "Keys",
    "Opened",
    "Proof",
    "Source",
    "destroyed_keys",
    "frontier",
    "latest_head",
    "open_words",
    "peaks",
    "proof",
    "root",
    "size",
    "verify",
]
