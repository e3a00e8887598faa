"""Heads: what the log is now, written down here and, signed, in places that the database's owner does not rule."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from lms.db import transaction
from lms.errors import Conflict, Refused, Unavailable
from lms.ledger import formats, queries, rules
from lms.ledger.models import LedgerHead, LedgerHeadSignature
from lms.ledger.queries import Head
from lms.ledger.services.sealing import seal_rows

#: The name of the file in which the signer remembers what it signed.
REMEMBERED: Final = "ledger-heads.jsonl"


def write_head(session: orm.Session) -> LedgerHead | None:
    """Write down what the log is now; the newest head, or None while the log is empty."""
    log = queries.frontier(session)
    if log.size:
        head = pg.insert(LedgerHead).values(size=log.size, root=log.root())
        session.execute(head.on_conflict_do_nothing())
    return queries.latest_head(session)


def witness(session: orm.Session, path: Path) -> dict[str, Any]:
    """Write the newest head down, here and in a file outside; refuses to go on from a log that was cut."""
    last = formats.last_head(path)
    if last is not None:
        _must_go_on_from(session, last)
    with transaction(session):
        head = write_head(session)
        size = head.size if head else 0
    known = last.size if last else 0
    for one in queries.heads_after(session, known) if last else queries.heads_after(session, size - 1):
        formats.add_head(path, one)
    _bring_signature(session, path)
    return {"size": size, "new": size > known}


def _bring_signature(session: orm.Session, path: Path) -> None:
    """The signer signs a little after a head was written: its word follows in a line of its own."""
    signed = queries.newest_signed_head(session)
    if signed is not None and not any(one.signature and one.size >= signed.size for one in formats.last_heads(path)):
        formats.add_head(path, signed)


def witness_all(session: orm.Session, path: Path, others: Sequence[str] = ()) -> dict[str, Any]:
    """Commit to the rows that wait, then tell every witness; one that is away keeps nobody else from hearing.

    `others` are paths of files, or the addresses of object stores (`s3://bucket/prefix`). Raises Unavailable.
    """
    seal_rows(session)
    told, away = witness(session, path), list[str]()
    for other in others:
        try:
            _tell(session, other)
        except (Refused, OSError) as wrong:
            away.append(f"{other}: {wrong}")
    if away:
        raise Unavailable("these witnesses did not take the head: " + "; ".join(away))
    return told


def _tell(session: orm.Session, other: str) -> None:
    if "://" not in other:
        witness(session, Path(other))
        return
    for head in (queries.newest_head(session), queries.newest_signed_head(session)):
        if head is not None:
            formats.store_head(other, head)


def sign_head(session: orm.Session, folder: Path, key_id: str, sign: Callable[[bytes], bytes]) -> int | None:
    """Sign the newest head, as the signer alone may; its size, or None when there is nothing new.

    The signer remembers in a file of its own what it signed, and refuses a log that does not go on from there: also
    somebody who rewrites the whole database gets no signature for it. Raises Conflict.
    """
    kept, head = folder / REMEMBERED, queries.newest_head(session)
    last = formats.last_head(kept)
    if last is not None:
        _must_go_on_from(session, last)
    if head is None or (last is not None and head.size <= last.size):
        return None
    if queries.root(session, head.size) != head.root:
        raise Conflict(f"the head of {head.size} is not that of the ledger's entries")
    words = rules.head_words(head.size, head.root, head.at)
    signed = Head(head.size, head.root, "", head.at, key_id, sign(words))
    row = {"size": head.size, "key_id": key_id, "signature": signed.signature}
    session.execute(pg.insert(LedgerHeadSignature).values(row).on_conflict_do_nothing())
    formats.add_head(kept, signed)  # before the commit: what was signed is never forgotten
    return head.size


def _must_go_on_from(session: orm.Session, last: Head) -> None:
    """The witnessed log must be the beginning of this one (O(log n): the whole is for `ledger verify`)."""
    size = queries.size(session)
    if size < last.size:
        raise Conflict(f"the ledger has {size} entries, but {last.size} were witnessed")
    if queries.root(session, last.size) != last.root:
        raise Conflict(f"the first {last.size} entries of the ledger are not those witnessed")
