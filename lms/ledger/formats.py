"""Files of the ledger: heads kept outside the database, the export, the proof of one entry.

They are read by `verifier.py`, which describes them.
"""

import json
import os
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from lms import vault
from lms.errors import Invalid, Refused
from lms.ledger.models import LedgerEntry, LedgerHead
from lms.ledger.queries import Head, Keys, Opened, Proof, tree
from lms.ledger.queries.words import SOURCES, Erased

Line = dict[str, Any]
_CHUNK = 1000


# ---- heads outside the database ----------------------------------------------------------------


def read_heads(path: Path) -> list[Head]:
    """The heads that were witnessed, oldest first; none if there is no such file yet."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    except (OSError, UnicodeError) as wrong:
        raise Refused(f"{path.name}: {wrong}") from wrong
    return [_head(path, number, line) for number, line in enumerate(lines, 1) if line.strip()]


def _head(path: Path, number: int, line: str) -> Head:
    try:
        values = json.loads(line)
        size, root = values["size"], bytes.fromhex(values["root"])
        if type(size) is not int or size < 0 or len(root) != 32:
            raise ValueError(line)
    except (ValueError, KeyError, TypeError) as wrong:
        raise Invalid("this is not a head of the ledger", file=path.name, line=number) from wrong
    return Head(size, root, f"{path.name}, line {number}")


def add_head(path: Path, size: int, root: bytes, at: datetime) -> None:
    """Write one head down outside the database; it is on the disk when this returns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(_head_line(size, root, at)) + "\n"
    with path.open("a", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _head_line(size: int, root: bytes, at: datetime) -> Line:
    return {"type": "head", "size": size, "root": root.hex(), "at": at.isoformat()}


# ---- the export --------------------------------------------------------------------------------


def export(session: orm.Session, path: Path, *, with_words: bool = False) -> int:
    """Write the ledger to a file; the number of its entries. Heads first: a file cut short is seen."""
    size = tree.size(session)
    with path.open("w", encoding="utf-8") as file:
        for line in _lines(session, size, with_words=with_words):
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
    return size


def _lines(session: orm.Session, size: int, *, with_words: bool) -> Iterator[Line]:
    heads = sa.select(LedgerHead).where(LedgerHead.size < size).order_by(LedgerHead.size)
    for head in session.scalars(heads):
        yield _head_line(head.size, head.root, head.at)
    if size:
        now = session.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
        yield _head_line(size, tree.root(session, size), now)
    for first in range(0, size, _CHUNK):
        yield from _entries(session, first, min(first + _CHUNK, size), with_words=with_words)


def _entries(session: orm.Session, first: int, end: int, *, with_words: bool) -> Iterator[Line]:
    words = _words(session, first, end) if with_words else {}
    table = LedgerEntry
    query = (
        sa.select(table.index, table.kind, table.recorded_at, table.commitment)
        .where(table.index >= first, table.index < end)
        .order_by(table.index)
    )
    for index, kind, at, commitment in session.execute(query):
        line = {"type": "entry", "index": index, "kind": kind, "recorded_at": at.isoformat()}
        yield {**line, "commitment": commitment.hex(), **words.get(index, {})}


def _words(session: orm.Session, first: int, end: int) -> dict[int, Line]:
    """What can be opened; erased or altered words stay closed, and the verifier counts them so."""
    keys, shown = Keys(session), dict[int, Line]()
    for kind, source in SOURCES.items():
        for kept in source(session, first, end):
            try:
                shown[kept.index] = _shown(keys.open(kind, kept.index, kept.sealed))
            except (Erased, vault.CannotOpen):
                continue
    return shown


def _shown(opened: Opened) -> Line:
    return {"salt": opened.salt.hex(), "text": opened.text.decode()}


# ---- one proof ---------------------------------------------------------------------------------


def proof_line(proof: Proof, opened: Opened | None = None) -> Line:
    """The proof of one entry as the verifier reads it, with its words where they may be shown."""
    line = {"type": "proof", "index": proof.index, "kind": proof.kind}
    line |= {"recorded_at": proof.recorded_at.isoformat(), "commitment": proof.commitment.hex()}
    line |= {"size": proof.size, "root": proof.root.hex(), "proof": [h.hex() for h in proof.path]}
    return {**line, **(_shown(opened) if opened else {})}


def newest(heads: Iterable[Head]) -> Head | None:
    """The largest of some heads."""
    return max(heads, key=lambda head: head.size, default=None)
