"""Limits in one SQL table: how often something may be tried, by whom, in which window."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from lms import clock, vault
from lms.db import Everything, Model, db, utc
from lms.errors import TooMany
from lms.i18n import _n


class LimitWindow(Model):
    """How often one key was counted in one window; keys are kept as keyed hashes, never as addresses."""

    __tablename__ = "limit_window"
    __table_args__ = (sa.UniqueConstraint("key", "begins_at"),)

    key: orm.Mapped[bytes]
    begins_at: orm.Mapped[utc]
    count: orm.Mapped[int]


def count(name: str, key: str, *, most: int, per: timedelta) -> None:
    """Count one try; raises TooMany beyond `most` in the current window of length `per`.

    Counted in a transaction of its own, so that a refused or failed request still counts.
    """
    seconds = int(per.total_seconds())
    begins = _begins(per)
    row = {"key": _hashed(name, key), "begins_at": sa.func.to_timestamp(begins), "count": 1}
    insert = pg.insert(LimitWindow).values(row)
    upsert = insert.on_conflict_do_update(
        index_elements=["key", "begins_at"], set_={"count": LimitWindow.count + 1}
    ).returning(LimitWindow.count)
    tries = _at_once(upsert)
    if tries and tries > most:
        left = int(begins + seconds - clock.now().timestamp()) + 1
        raise TooMany(_wait(left), seconds=left)


def _wait(seconds: int) -> str:
    if seconds < 100:
        words = _n(
            "Too many tries. Come back in %(num)d second.", "Too many tries. Come back in %(num)d seconds.", seconds
        )
    else:
        words = _n(
            "Too many tries. Come back in %(num)d minute.",
            "Too many tries. Come back in %(num)d minutes.",
            -(-seconds // 60),
        )
    return str(words)


def forgive(name: str, key: str, *, per: timedelta) -> None:
    """Take back one try of the current window: it turned out to be right."""
    same = (LimitWindow.key == _hashed(name, key), LimitWindow.begins_at == sa.func.to_timestamp(_begins(per)))
    less = sa.update(LimitWindow).where(*same, LimitWindow.count > 0).values(count=LimitWindow.count - 1)
    _at_once(less.returning(LimitWindow.count))


def _at_once(statement: sa.Executable) -> Any:
    """Carry out and commit; inside a verb on a connection apart, else on the request's own, to spare the pool."""
    if db.session.info.get("in_transaction"):
        with db.sessionmaker() as session, session.begin():
            return session.scalar(statement, execution_options=Everything)
    tries = db.session.scalar(statement, execution_options=Everything)
    db.session.commit()
    return tries


def _hashed(name: str, key: str) -> bytes:
    return vault.current().blind_index(f"{name}:{key}")


def _begins(per: timedelta) -> float:
    seconds = int(per.total_seconds())
    return clock.now().timestamp() // seconds * seconds


def sweep() -> int:
    """Drop windows older than a day."""
    old = sa.delete(LimitWindow).where(LimitWindow.begins_at < clock.now() - timedelta(days=1))
    with db.sessionmaker() as session, session.begin():
        return session.execute(old, execution_options=Everything).rowcount  # type: ignore[attr-defined,no-any-return]
