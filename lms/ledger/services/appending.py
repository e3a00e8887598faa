"""Appending to the ledger, from inside the transaction of whoever has something to record.

These functions stand below the verbs: they ask for no right and commit nothing. Call them as the last
thing before the commit, because from the first append to the commit nobody else can append.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm

from lms.ledger import models, queries, rules
from lms.ledger.models import LedgerEntry, LedgerSubject

#: The advisory lock that makes appends wait for one another.
LOCK: Final = int.from_bytes(b"ledger")
#: Entries that say that a person's key was destroyed.
KEY_DESTROYED: Final = "ledger.key-destroyed"


@dataclass(frozen=True)
class Statement:
    """Something to be recorded: its kind, its words, and the person it is about, if any."""

    kind: str
    text: Mapping[str, object]
    subject: UUID | None = None


@dataclass(frozen=True)
class Recorded:
    """Where it was recorded, and the sealed words for the caller to keep."""

    index: int
    sealed: bytes


def append(session: orm.Session, kind: str, text: Mapping[str, object], subject: UUID | None = None) -> Recorded:
    """Record one statement; the caller keeps the sealed words in a row of its own."""
    return append_many(session, [Statement(kind, text, subject)])[0]


def append_many(session: orm.Session, statements: Sequence[Statement]) -> list[Recorded]:
    """Record many statements at once, in their order, in a constant number of database calls."""
    if not statements:
        return []
    session.flush()  # our own rows first: whatever they wait for, they must not wait for it under the lock
    at = _take_turn(session)
    log = queries.frontier(session)
    keys = _keys(session, {s.subject for s in statements if s.subject is not None})
    rows, recorded = [], []
    for statement in statements:
        salt, text = secrets.token_bytes(rules.SALT_BYTES), _document(statement, at)
        commitment, index = rules.commitment(salt, text), log.size
        log, completed = log.append(commitment)
        rows.append(_row(index, statement.kind, commitment, completed))
        key = keys.get(statement.subject) if statement.subject else None
        place = models.place_of(statement.kind, index)
        sealed = models.seal_words(salt + text, place, statement.subject, key)
        recorded.append(Recorded(index, sealed))
    session.execute(sa.insert(LedgerEntry), rows)
    return recorded


def destroy_key(session: orm.Session, subject: UUID) -> bool:
    """Erase all words about a person by destroying their key, and record that; False if there is none."""
    session.flush()
    at = _take_turn(session)  # else words could be sealed under the key while it goes
    row = session.get(LedgerSubject, subject, with_for_update=True, populate_existing=True)
    if row is None or row.sealed_key is None:
        return False
    recorded = append(session, KEY_DESTROYED, {"subject": str(subject)})
    row.sealed_key, row.destroyed_at = None, at
    row.destroyed_index, row.destruction = recorded.index, recorded.sealed
    session.flush()
    return True


def _take_turn(session: orm.Session) -> datetime:
    turn = sa.select(sa.func.pg_advisory_xact_lock(LOCK), sa.func.clock_timestamp())
    at: datetime = session.execute(turn).one()[1]
    return at


def _document(statement: Statement, at: datetime) -> bytes:
    words: dict[str, object] = {"at": at.isoformat(), "kind": statement.kind, "words": dict(statement.text)}
    return rules.canonical(words)


def _row(index: int, kind: str, commitment: bytes, completed: tuple[bytes, ...]) -> dict[str, object]:
    nodes = b"".join(completed)
    return {"index": index, "kind": kind, "commitment": commitment, "nodes": nodes}


def _keys(session: orm.Session, subjects: set[UUID]) -> dict[UUID, bytes]:
    """The living keys of these subjects; who has none gets one, who had theirs destroyed gets none."""
    if not subjects:
        return {}
    query = sa.select(LedgerSubject.id, LedgerSubject.sealed_key).where(LedgerSubject.id.in_(subjects))
    sealed: dict[UUID, bytes | None] = dict(session.execute(query).all())
    new = {one: models.new_sealed_key(one) for one in subjects - sealed.keys()}
    if new:
        rows = [{"id": one, "sealed_key": key} for one, key in new.items()]
        session.execute(sa.insert(LedgerSubject), rows)
    living = {**sealed, **new}
    return {one: models.open_key(one, key) for one, key in living.items() if key is not None}
