"""The marks of one transaction under one entry of the ledger: the root of a Merkle tree over their rows."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from assessments.results.models import ResultBatch
from assessments.results.queries import sealed
from lms import ids
from lms.db import before_commit, db
from lms.ledger import services as ledger

#: The name under which the end of a transaction is awaited, once for all marks in it.
_SEAL: Final = "seal the marks"
#: The most marks under one entry: so much is read at once when the ledger is verified.
MOST: Final = 5000


def batch(marks: int) -> UUID:
    """The batch that so many marks about to be written belong to; it goes into the ledger at the transaction's end."""
    info = db.session.info
    if _SEAL not in info["before_commit"]:
        info["marks"] = []
        before_commit(db.session, _SEAL, _seal)
    batches: list[tuple[UUID, int]] = info["marks"]
    number, held = batches.pop() if batches else (ids.uuid7(), 0)
    if held and held + marks > MOST:
        batches.append((number, held))
        number, held = ids.uuid7(), 0
    batches.append((number, held + marks))
    return number


def _seal() -> None:
    # Last of all: from the first append to the commit nobody else can append.
    trees = {number: sealed.tree_of(db.session, number) for number, _held in db.session.info["marks"]}
    written = {number: tree for number, tree in trees.items() if tree.leaves}  # the others stood already
    if not written:
        return
    _enter(written, opening=False)
    if not db.session.scalar(sa.select(sa.exists().where(ResultBatch.opening))):
        _enter({ids.uuid7(): sealed.tree_of(db.session, None)}, opening=True)


def _enter(trees: Mapping[UUID, sealed.Tree], *, opening: bool) -> None:
    words = [ledger.Statement(sealed.BATCH, tree.words(number)) for number, tree in trees.items()]
    rows = [
        {"id": number, "opening": opening, "leaves": tree.packed(), "ledger_index": one.index, "sealed": one.sealed}
        for (number, tree), one in zip(trees.items(), ledger.append_many(db.session, words), strict=True)
    ]
    db.session.execute(sa.insert(ResultBatch), rows)
