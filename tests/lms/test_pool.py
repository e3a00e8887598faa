"""Connections that died while they rested are replaced before anybody notices."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from lms.db import pool
from tests import databases


@pytest.fixture
def engine(template: databases.Database) -> Iterator[sa.Engine]:
    made = sa.create_engine(template.url(), pool_size=1, max_overflow=0)
    pool.try_rested(made)
    yield made
    made.dispose()


def who(engine: sa.Engine) -> int:
    with engine.connect() as connection:
        return int(connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())


def end(template: databases.Database, backend: int) -> None:
    template.server.run(f"SELECT pg_terminate_backend({backend}, 5000)", database=template.name)


def test_a_rested_connection_that_died_is_replaced(engine, template, monkeypatch):
    first = who(engine)
    end(template, first)
    monkeypatch.setattr(pool, "RESTED", 0.0)
    assert who(engine) != first


def test_a_connection_in_steady_use_is_not_asked_but_one_failure_mends_the_pool(engine, template):
    first = who(engine)
    assert who(engine) == first
    end(template, first)
    with pytest.raises(sa.exc.OperationalError):
        who(engine)
    assert who(engine) != first


def test_steady_use_costs_no_question(engine, monkeypatch):
    asked = []
    monkeypatch.setattr(engine.dialect, "do_ping", lambda connection: asked.append(connection) or True)
    for _ in range(5):
        who(engine)
    assert asked == []
    monkeypatch.setattr(pool, "RESTED", 0.0)
    who(engine)
    assert len(asked) == 1
