"""Rows of other tables, committed to in batches: the one text that stands for each, and whether they still say it."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm

from lms.db import Everything, Model
from lms.ledger import rules
from lms.ledger.models import LedgerBatch, LedgerRow
from lms.ledger.queries.words import Kept

#: Entries that commit to rows of other tables.
ROWS: Final = "ledger.rows"
#: Rooms (packages) all of whose append-only tables are committed to row by row; filled in wiring.py.
ROOMS: Final[set[str]] = set()
#: No transaction of ours writes a row and commits it later than this.
LATE: Final = timedelta(hours=1)
#: Rows that are read at once.
AT_ONCE: Final = 2000


def sealed_models() -> list[type[Model]]:
    """The tables whose rows are committed to, by name."""
    found = [m.class_ for m in Model.registry.mappers if _room(m.class_) and m.class_.__append_only__]
    return sorted(found, key=lambda model: model.__tablename__)


def _room(model: type[Model]) -> bool:
    return any(model.__module__.startswith(f"{room}.") for room in ROOMS)


def names_of(model: type[Model]) -> list[str]:
    """The columns that are hashed, the id first."""
    return ["id", *sorted(set(model.__table__.columns.keys()) - {"id"})]


def moment_of(model: type[Model]) -> Any:
    """The column in which the database writes when a row came in."""
    table = model.__table__
    times = [table.c[name] for name in model.__database_fills__ if isinstance(table.c[name].type, sa.DateTime)]
    return times[0] if times else None


def _said(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    """A column as the one text that stands for it, whatever the settings of the connection."""
    if isinstance(column.type, sa.DateTime):
        return sa.func.to_char(sa.func.timezone("UTC", column), 'YYYY-MM-DD"T"HH24:MI:SS.US')
    if isinstance(column.type, sa.Date):
        return sa.func.to_char(column, "YYYY-MM-DD")
    if isinstance(column.type, sa.LargeBinary) or isinstance(getattr(column.type, "impl", None), sa.LargeBinary):
        return sa.func.encode(column, "hex")
    return sa.cast(column, sa.Text)


def texts(table: Any, names: Iterable[str]) -> list[sa.ColumnElement[Any]]:
    """These columns of a table, each as text."""
    return [_said(table.c[name]).label(f"said_{name}") for name in names]


def row_words(values: Sequence[str | None]) -> bytes:
    """The one byte string (RFC 8785) that stands for a row: an array of the texts of its columns."""
    return json.dumps(list(values), ensure_ascii=False, separators=(",", ":")).encode()


# ---- what is not committed to yet --------------------------------------------------------------


@dataclass(frozen=True)
class Last:
    """The newest batch of a table: up to which id it went, and when."""

    id: int
    at: datetime


def last_batch(session: orm.Session, table: str) -> Last | None:
    """The highest id committed to, and when that was last done."""
    query = sa.select(sa.func.max(LedgerBatch.last), sa.func.max(LedgerBatch.at))
    last, at = session.execute(query.where(LedgerBatch.sealed_table == table)).one()
    return None if last is None else Last(last, at)


def _uncommitted(model: type[Model], columns: Sequence[Any]) -> sa.Select[Any]:
    table: Any = model.__table__
    same = sa.and_(LedgerRow.sealed_table == table.name, LedgerRow.row_id == table.c.id)
    return sa.select(*columns).select_from(table).where(~sa.exists().where(same)).order_by(table.c.id)


def unsealed(session: orm.Session, model: type[Model], above: int | None, most: int) -> list[tuple[int, list[Any]]]:
    """Rows no entry commits to yet, by id, with their texts; never one that claims to be older than it can be."""
    table: Any = model.__table__
    query = _uncommitted(model, [table.c.id, *texts(table, names_of(model))])
    if above is not None:
        query = query.where(table.c.id > above)
    moment, last = moment_of(model), last_batch(session, table.name)
    if moment is not None and last is not None:
        query = query.where(moment > last.at - LATE)
    found = session.execute(query.limit(most), execution_options=Everything)
    return [(row[0], list(row[1:])) for row in found]


def backdated(session: orm.Session, model: type[Model]) -> int | None:
    """A row that nobody committed to although it says that it was there when others were: it was put in later."""
    table: Any = model.__table__
    moment, last = moment_of(model), last_batch(session, table.name)
    if moment is None or last is None:
        return None
    query = _uncommitted(model, [table.c.id]).where(moment <= last.at - LATE).limit(1)
    found: int | None = session.scalar(query, execution_options=Everything)
    return found


def waiting(session: orm.Session) -> int:
    """How many rows wait to be committed to."""
    counts = [
        sa.select(sa.func.count()).select_from(_uncommitted(m, [sa.literal(1)]).subquery()) for m in sealed_models()
    ]
    return sum(session.scalar(count, execution_options=Everything) or 0 for count in counts)


# ---- what was committed to ---------------------------------------------------------------------


def batches(session: orm.Session, first: int, end: int) -> Iterable[Kept]:
    """The words of batches, for the ledger."""
    b = LedgerBatch
    query = sa.select(b.ledger_index, b.sealed, b.at, b.sealed_table, b.columns, b.rows, b.last, b.root)
    query = query.where(b.ledger_index >= first, b.ledger_index < end)
    for index, sealed, at, table, columns, rows, last, root in session.execute(query):
        said = {"table": table, "columns": columns, "rows": rows, "last": last, "root": root.hex()}
        yield Kept(index, sealed, at, said)


def fault_in(session: orm.Session, first: int, end: int) -> tuple[int, str] | None:
    """The first batch among these entries whose rows do not say what they did, and which row it is."""
    b = LedgerBatch
    query = sa.select(b.id, b.ledger_index, b.sealed_table, b.columns, b.rows, b.root).order_by(b.ledger_index)
    found = session.execute(query.where(b.ledger_index >= first, b.ledger_index < end)).all()
    for batch_id, index, table, columns, rows, root in found:
        if why := _fault(session, _Batch(batch_id, table, columns, rows, root)):
            return index, why
    return None


@dataclass(frozen=True)
class _Batch:
    id: UUID
    table: str
    columns: list[str]
    rows: int
    root: bytes


def _fault(session: orm.Session, batch: _Batch) -> str | None:
    table = Model.metadata.tables.get(batch.table)
    if table is None or not set(batch.columns) <= set(table.columns.keys()):
        return f"{batch.table} has not all of the columns that were committed to"
    log, ids = rules.Frontier(), list[int]()
    for number, salt, digest, *values in _rows(session, batch, table):
        if values[0] is None:
            return f"{batch.table} {number} is missing"
        if rules.commitment(salt, row_words(values)) != digest:
            return f"{batch.table} {number} was altered"
        log, _ = log.append(digest)
        ids.append(number)
    if len(ids) != batch.rows:
        return f"{batch.rows - len(ids)} hashes of rows of {batch.table} are missing"
    if log.root() != batch.root:
        return f"{batch.table} {ids[0]} to {ids[-1]}: one was altered together with its hash"
    return None


def _rows(session: orm.Session, batch: _Batch, table: sa.Table) -> Iterator[Any]:
    r = LedgerRow
    query = (
        sa.select(r.row_id, r.salt, r.digest, *texts(table, batch.columns))
        .outerjoin(table, table.c.id == r.row_id)
        .where(r.batch_id == batch.id, r.sealed_table == batch.table)
        .order_by(r.row_id)
    )
    return iter(session.execute(query, execution_options=Everything).all())


# ---- the proof of one row ----------------------------------------------------------------------


@dataclass(frozen=True)
class RowProof:
    """That one row is among those a batch commits to."""

    index: int
    table: str
    row_id: int
    salt: bytes
    words: bytes
    place: int
    rows: int
    path: tuple[bytes, ...]


def row_proof(session: orm.Session, table_name: str, row_id: int) -> RowProof | None:
    """The way from a row to the root of its batch; None where nothing commits to it (yet)."""
    row = session.get(LedgerRow, (table_name, row_id))
    batch = session.get(LedgerBatch, row.batch_id) if row else None
    table = Model.metadata.tables.get(table_name)
    if row is None or batch is None or table is None:
        return None
    query = sa.select(LedgerRow.digest, LedgerRow.row_id).where(LedgerRow.batch_id == batch.id)
    found = session.execute(query.order_by(LedgerRow.row_id)).all()
    digests, place = [one[0] for one in found], [one[1] for one in found].index(row_id)
    said = sa.select(*texts(table, batch.columns)).where(table.c.id == row_id)
    values = session.execute(said, execution_options=Everything).one_or_none() or [None]
    spans = rules.inclusion_spans(place, len(digests))
    path = tuple(rules.root_of(digests[span.first : span.end]) for span in spans)
    return RowProof(batch.ledger_index, table_name, row_id, row.salt, row_words(values), place, len(digests), path)
