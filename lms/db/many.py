"""Thousands of rows, or ids, in one statement."""

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from lms.db.models import Model


def insert_many(model: type[Model], rows: Sequence[dict[str, Any]]) -> pg.Insert:
    """INSERT these rows, all with the same columns: one array per column, so that one statement does for all.

    The caller adds ON CONFLICT and RETURNING. At least one row.
    """
    table: Any = model.__table__
    names = list(rows[0])
    arrays = [sa.literal([row[name] for row in rows], pg.ARRAY(_whole(table.c[name].type))) for name in names]
    given = sa.func.unnest(*arrays).table_valued(*names, name="given").render_derived()
    return pg.insert(table).from_select(names, sa.select(*(given.c[name] for name in names)))


def among(column: Any, ids: Collection[int]) -> sa.ColumnElement[bool]:
    """The column holds one of these ids, sent as one array.

    As a set to join with, and not `= ANY (array)`: where a plan is made for any array, PostgreSQL looks through all of
    it once for every row that it must look at twice (a bitmap that outgrew its memory), which took minutes for
    thousands of ids.
    """
    given = sa.func.unnest(sa.literal(list(ids), pg.ARRAY(sa.BigInteger)))
    return column.in_(sa.select(given))  # type: ignore[no-any-return]


def _whole(kind: Any) -> Any:
    """The type as a cast must name it: a cast to VARCHAR(n) would cut silently what the column refuses."""
    return sa.Text() if isinstance(kind, sa.String) else kind
