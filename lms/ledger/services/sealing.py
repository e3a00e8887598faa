"""Committing to rows of other tables: every field of every mark, decision, certificate, policy and key."""

import secrets
from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import orm

from lms import ids
from lms.db import Model, transaction
from lms.db.many import insert_many
from lms.ledger import queries, rules
from lms.ledger.models import LedgerBatch, LedgerRow
from lms.ledger.services.appending import append

#: A row that was written earlier and committed later than its neighbours has an id at most this much lower.
BEHIND: Final = 10_000
#: The advisory lock under which one batch is made at a time.
LOCK: Final = int.from_bytes(b"batches")


def seal_rows(session: orm.Session, *, whole: bool = False) -> int:
    """Commit to all rows that no entry commits to yet, one entry a table and batch; how many rows those were.

    Looks a little behind the newest id, with `whole` at every row there is. Safe to repeat and to run twice at once.
    """
    sealed = 0
    for model in queries.sealed_models():
        while made := _batch(session, model, whole=whole):
            sealed += made
            if made < queries.AT_ONCE:
                break
    return sealed


def _batch(session: orm.Session, model: type[Model], *, whole: bool) -> int:
    with transaction(session):
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
        last = queries.last_batch(session, model.__tablename__)
        above = last.id - BEHIND if last and not whole else None
        found = queries.unsealed(session, model, above, queries.AT_ONCE)
        if found:
            _commit_to(session, model, found)
    return len(found)


def _commit_to(session: orm.Session, model: type[Model], found: Sequence[tuple[int, list[Any]]]) -> None:
    batch, table = ids.uuid7(), model.__tablename__
    rows, log = [], rules.Frontier()
    for number, values in found:
        salt = secrets.token_bytes(rules.SALT_BYTES)
        digest = rules.commitment(salt, queries.row_words(values))
        log, _ = log.append(digest)
        rows.append({"sealed_table": table, "row_id": number, "batch_id": batch, "salt": salt, "digest": digest})
    session.execute(insert_many(LedgerRow, rows))
    words: dict[str, Any] = {"table": table, "columns": queries.names_of(model), "rows": len(rows)}
    words |= {"last": found[-1][0], "root": log.root().hex()}
    recorded = append(session, queries.ROWS, words)  # last: nobody else can append until the commit
    made = {"id": batch, "sealed_table": table, "columns": words["columns"], "rows": len(rows), "last": words["last"]}
    made |= {"root": log.root(), "ledger_index": recorded.index, "sealed": recorded.sealed}
    session.execute(sa.insert(LedgerBatch).values(made))
