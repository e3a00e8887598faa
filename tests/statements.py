"""What goes to the database: heard before it is sent, and all of it over one connection."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from flask import Flask

from lms.db import db


@contextmanager
def heard(app: Flask, hear: Callable[[str], None]) -> Iterator[None]:
    """Meanwhile `hear` is called with every statement just before it is sent."""

    def before(_conn: object, _cursor: object, statement: str, *_: object) -> None:
        hear(statement)

    with app.app_context():
        engine = db.engine
    sa.event.listen(engine, "before_cursor_execute", before)
    try:
        yield
    finally:
        sa.event.remove(engine, "before_cursor_execute", before)


@contextmanager
def over_one_connection(app: Flask) -> Iterator[sa.RootTransaction]:
    """Meanwhile every session of the app shares one transaction, thrown away unless it is committed; commits inside
    are savepoints."""
    with app.app_context():
        maker, engine = db.sessionmaker, db.engine
    before = dict(maker.kw)
    with engine.connect() as connection:
        outer = connection.begin()
        maker.configure(binds=None, bind=connection, join_transaction_mode="create_savepoint")
        try:
            yield outer
        finally:
            maker.kw.clear()
            maker.kw.update(before)
            if outer.is_active:
                outer.rollback()
