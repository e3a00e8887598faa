"""Migrations: one head, no difference from the models, and up, down, up with rows present."""

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory

from lms import jobs
from lms.db import grants, schema
from tests import databases


@pytest.fixture
def owner(template: databases.Database) -> sa.Engine:
    """A database of one's own with the world in it, as its owner."""
    made = databases.clone(template)
    return sa.create_engine(made.url(grants.OWNER), poolclass=sa.NullPool)


def tables(owner: sa.Engine) -> set[str]:
    return set(sa.inspect(owner).get_table_names())


def test_there_is_one_head(owner: sa.Engine) -> None:
    with owner.connect() as connection:
        assert len(ScriptDirectory.from_config(schema.alembic_config(connection)).get_heads()) == 1


@pytest.mark.filterwarnings("ignore:Did not recognize type 'ltree'")
def test_the_models_and_the_migrations_say_the_same(owner: sa.Engine) -> None:
    with owner.begin() as connection:
        command.check(schema.alembic_config(connection))


@pytest.mark.filterwarnings("ignore:Did not recognize type 'ltree'")
def test_a_difference_is_seen(owner: sa.Engine) -> None:
    with owner.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE person ADD COLUMN planted text")
    with owner.begin() as connection, pytest.raises(Exception, match="planted"):
        command.check(schema.alembic_config(connection))


def test_up_down_up_with_rows_present(owner: sa.Engine) -> None:
    before = tables(owner)
    with owner.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM person"))
    with owner.begin() as connection:
        command.downgrade(schema.alembic_config(connection), "base")
    assert tables(owner) <= {"alembic_version"}
    schema.migrate(owner, jobs.QUEUE_SCHEMA, jobs.queue_ddl())
    assert tables(owner) == before
    schema.migrate(owner, jobs.QUEUE_SCHEMA, jobs.queue_ddl())
