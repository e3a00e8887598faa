"""Files of the ledger: heads kept outside the database, the export, the proof of one entry.

They are read by `verifier.py`, which describes them.
"""

import json
import os
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from obstore import get, put
from obstore import list as list_objects
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import from_url
from sqlalchemy import orm

from lms import vault
from lms.errors import Conflict, Invalid, Refused, Unavailable
from lms.ledger import queries
from lms.ledger.models import LedgerEntry
from lms.ledger.queries import Growth, Head, Keys, Opened, Proof, RowProof, tree
from lms.ledger.queries.words import SOURCES, Erased

Line = dict[str, Any]
_CHUNK = 1000
#: So much of the end of a file of heads is read when only the newest matter.
_TAIL = 1 << 16


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
        return head_from(json.loads(line), f"{path.name}, line {number}")
    except (ValueError, KeyError, TypeError) as wrong:
        raise Invalid("this is not a head of the ledger", file=path.name, line=number) from wrong


def head_from(values: Any, kept_by: str) -> Head:
    """The head that these values speak of; raises ValueError, KeyError or TypeError."""
    size, root = values["size"], bytes.fromhex(values["root"])
    if type(size) is not int or size < 0 or len(root) != 32:
        raise ValueError(size)
    key, signature = str(values.get("key", "")), bytes.fromhex(values.get("signature", ""))
    return Head(size, root, kept_by, str(values.get("at", "")), key, signature)


def last_heads(path: Path) -> list[Head]:
    """The newest lines of a file of heads (it may be years long), oldest first."""
    if not path.exists():
        return []
    try:
        with path.open("rb") as file:
            file.seek(max(file.seek(0, os.SEEK_END) - _TAIL, 0))
            cut = file.tell() > 0
            lines = file.read().decode("utf-8", "replace").splitlines()[cut:]
    except OSError as wrong:
        raise Refused(f"{path.name}: {wrong}") from wrong
    return [_head(path, number - len(lines), line) for number, line in enumerate(lines) if line.strip()]


def last_head(path: Path) -> Head | None:
    """The newest head in a file, if there is one."""
    return newest(last_heads(path))


def add_head(path: Path, head: Head) -> None:
    """Write one head down outside the database; it is on the disk when this returns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(head_line(head)) + "\n")
        file.flush()
        os.fsync(file.fileno())


def head_line(head: Head) -> Line:
    """A head as files and the verifier have it."""
    line: Line = {"type": "head", "size": head.size, "root": head.root.hex(), "at": head.at}
    return {**line, "key": head.key_id, "signature": head.signature.hex()} if head.signature else line


# ---- heads in an object store ------------------------------------------------------------------


def store_head(address: str, head: Head) -> None:
    """Write one head into an object store under the name of its size; it is never written over there.

    Raises Conflict where the store has another head of this size, Unavailable where it cannot be reached.
    """
    name = f"{head.size:020d}{'-signed' if head.signature else ''}.json"
    text = json.dumps(head_line(head)).encode()
    try:
        store = from_url(address)
        put(store, name, text, mode="create")
    except AlreadyExistsError:
        kept = head_from(json.loads(bytes(get(store, name).bytes())), address)
        if kept.root != head.root:
            raise Conflict(f"{address} knows another head of {head.size} entries") from None
    except (BaseError, ValueError) as wrong:
        raise Unavailable(str(wrong)) from wrong


def stored_heads(address: str) -> list[Head]:
    """All heads in an object store, oldest first; raises Unavailable, or Invalid for what is no head."""
    try:
        store = from_url(address)
        names = sorted(one["path"] for some in list_objects(store) for one in some if one["path"].endswith(".json"))
        found = [(name, bytes(get(store, name).bytes())) for name in names]
    except (BaseError, ValueError) as wrong:
        raise Unavailable(str(wrong)) from wrong
    return [_head(Path(name), 1, text.decode("utf-8", "replace")) for name, text in found]


def heads_of(witness: str) -> list[Head]:
    """The heads that a witness keeps: a file, or an object store by its address."""
    return stored_heads(witness) if "://" in witness else read_heads(Path(witness))


# ---- the export --------------------------------------------------------------------------------


def export(session: orm.Session, path: Path, *, with_words: bool = False) -> int:
    """Write the ledger to a file; the number of its entries. Heads first: a file cut short is seen.

    Every line ends with the hash of all that stands before it, so that the line is named in which a byte changed.
    """
    size, sum_ = tree.size(session), b""
    with path.open("w", encoding="utf-8") as file:
        for line in _lines(session, size, with_words=with_words):
            text = json.dumps(line, ensure_ascii=False)[:-1]
            sum_ = sha256(sum_ + text.encode()).digest()
            file.write(f'{text}, "sum": "{sum_.hex()}"}}\n')
    return size


def _lines(session: orm.Session, size: int, *, with_words: bool) -> Iterator[Line]:
    for head in queries.stored_heads(session):
        if head.size < size or (head.size == size and head.signature):
            yield head_line(head)
    if size:
        now = session.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
        yield head_line(Head(size, tree.root(session, size), "", queries.moment(now)))
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


def growth_line(growth: Growth) -> Line:
    """The proof that the log went on from what it was, as the verifier reads it."""
    line = {"type": "growth", "old": growth.old, "new": growth.new, "old_root": growth.old_root.hex()}
    return {**line, "new_root": growth.new_root.hex(), "proof": [step.hex() for step in growth.path]}


def row_line(row: RowProof) -> Line:
    """The proof of one row, to stand beside that of the batch that commits to it."""
    line = {"table": row.table, "id": row.row_id, "salt": row.salt.hex(), "text": row.words.decode()}
    return {**line, "place": row.place, "rows": row.rows, "proof": [step.hex() for step in row.path]}


def newest(heads: Iterable[Head]) -> Head | None:
    """The largest of some heads."""
    return max(heads, key=lambda head: head.size, default=None)
