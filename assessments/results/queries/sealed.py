"""The marks as the ledger knows them: each row is a leaf, the rows of one transaction are one tree."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import groupby
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.results.models import Result, ResultBatch
from lms.db import Everything
from lms.ledger.queries import Kept
from lms.ledger.rules import HASH_BYTES, Frontier, leaf_hash

#: The kind of the entries that hold the marks of one transaction.
BATCH: Final = "results.batch"
#: Every column of a mark: none of them can be changed unseen.
COLUMNS: Final = ("id", *sorted({one.name for one in Result.__table__.columns} - {"id", "batch_id"}))
_AT_ONCE: Final = 5000
_LEAF: Final = 8 + HASH_BYTES


@dataclass(frozen=True)
class Tree:
    """Marks in the order of their ids, each with the hash of its row, and the root (RFC 9162) over them."""

    leaves: Mapping[int, bytes]
    root: bytes

    def words(self, batch: UUID) -> dict[str, object]:
        """What the ledger is told."""
        return {"batch": str(batch), "marks": len(self.leaves), "root": self.root.hex()}

    def packed(self) -> bytes:
        """The leaves as they are kept beside the words, so that a changed mark can be named."""
        return b"".join(number.to_bytes(8, "big") + one for number, one in self.leaves.items())


def leaf(row: Iterable[Any]) -> bytes:
    """One mark as bytes: its columns, in the order of COLUMNS, as one JSON object in its RFC 8785 form."""
    # Names are ASCII and values texts, whole numbers, truth and null: for those json writes what RFC 8785 asks.
    named = {name: _plain(value) for name, value in zip(COLUMNS, row, strict=True)}
    return json.dumps(named, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="microseconds")
        case date():
            return value.isoformat()
        case Decimal():
            return str(value)
        case bytes() | memoryview():
            return bytes(value).hex()
        case _:
            return value


def tree_of(session: orm.Session, batch: UUID | None) -> Tree:
    """The tree over the marks of one batch; None: over those written before there were batches."""
    wanted = Result.batch_id.is_(None) if batch is None else Result.batch_id == batch
    return _tree(_rows(session, wanted))


def _tree(rows: Iterable[Any]) -> Tree:
    log, leaves = Frontier(), dict[int, bytes]()
    for _batch, number, *row in rows:
        log, completed = log.append(leaf([number, *row]))
        leaves[number] = completed[0]
    return Tree(leaves, log.root())


def _rows(session: orm.Session, wanted: sa.ColumnElement[bool]) -> Iterator[Any]:
    columns = [getattr(Result, name) for name in COLUMNS]
    query = sa.select(Result.batch_id, *columns).where(wanted).order_by(Result.batch_id, Result.id)
    return iter(session.execute(query.execution_options(yield_per=_AT_ONCE, **Everything)))


def kept(session: orm.Session, first: int, end: int) -> Iterable[Kept]:
    """The words of the batches between two entries of the ledger, beside what their marks come to now."""
    query = sa.select(ResultBatch).where(ResultBatch.ledger_index >= first, ResultBatch.ledger_index < end)
    batches = list(session.scalars(query.order_by(ResultBatch.ledger_index)))
    if not batches:
        return
    rows = _rows(session, Result.batch_id.in_([one.id for one in batches if not one.opening]))
    trees = {number: _tree(some) for number, some in groupby(rows, key=lambda row: row[0])}
    for one in batches:
        tree = tree_of(session, None) if one.opening else trees.get(one.id, _tree(()))
        yield Kept(one.ledger_index, one.sealed, one.at, _other(one.leaves, tree) | tree.words(one.id))


def is_unchanged(packed: bytes, mark: Result) -> bool:
    """Whether the row of a mark is the one whose hash is kept with its batch."""
    now = leaf_hash(leaf(getattr(mark, name) for name in COLUMNS))
    return _unpacked(packed).get(mark.id) == now


def _unpacked(packed: bytes) -> dict[int, bytes]:
    parts = (packed[at : at + _LEAF] for at in range(0, len(packed), _LEAF))
    return {int.from_bytes(part[:8], "big"): part[8:] for part in parts}


def _other(packed: bytes, tree: Tree) -> dict[str, object]:
    """The first mark whose row is not the one whose hash is kept; a word nobody committed to, which names it."""
    then = _unpacked(packed)
    numbers = sorted(then.keys() | tree.leaves.keys())
    return next(({f"mark {one}": "other"} for one in numbers if then.get(one) != tree.leaves.get(one)), {})
