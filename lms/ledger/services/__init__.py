"""Writing: statements and rows into the ledger, and what the ledger is to places outside the database.

These functions stand below the verbs: they ask for no right.
"""

from lms.ledger.services.appending import (
    KEY_DESTROYED,
    LOCK,
    Recorded,
    Statement,
    append,
    append_many,
    destroy_key,
)
from lms.ledger.services.sealing import seal_rows
from lms.ledger.services.witnessing import sign_head, witness, witness_all, write_head

__all__ = [
    "KEY_DESTROYED",
    "LOCK",
    "Recorded",
    "Statement",
    "append",
    "append_many",
    "destroy_key",
    "seal_rows",
    "sign_head",
    "witness",
    "witness_all",
    "write_head",
]
