"""Pages of lists that may be long: two statements, however long they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from lms.db.sessions import db

PAGE = 25


@dataclass(frozen=True)
class Slice:
    """One page of a list that may be long."""

    rows: Sequence[Any]
    number: int
    pages: int
    total: int


def cut(query: sa.Select[*tuple[Any, ...]], number: int, size: int = PAGE) -> Slice:
    """The page of this number; two statements however long the list is."""
    total = db.session.scalar(sa.select(sa.func.count()).select_from(query.order_by(None).subquery())) or 0
    pages = max(1, -(-total // size))
    number = min(max(1, number), pages)
    rows = db.session.execute(query.limit(size).offset((number - 1) * size)).all()
    return Slice(rows, number, pages, total)
