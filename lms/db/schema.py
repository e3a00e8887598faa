"""Bringing a database to the shape of the models: migrations, the queue's tables, the rights of the roles."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from lms.db.grants import grants

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


def alembic_config(connection: sa.Connection) -> Config:
    """Alembic, pointed at our migrations and at an open connection of the owner."""
    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    made.attributes["connection"] = connection
    return made


def migrate(owner: sa.Engine, queue_schema: str, queue_ddl: list[str], revision: str = "head") -> None:
    """Upgrade (or bring to `revision`), then make the queue and give the roles their rights; idempotent."""
    with owner.begin() as connection:
        command.upgrade(alembic_config(connection), revision)
        finish(connection, queue_schema, queue_ddl)


def finish(connection: sa.Connection, queue_schema: str, queue_ddl: list[str]) -> None:
    """The queue's own tables and the grants, after the schema stands."""
    connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {queue_schema}")
    connection.exec_driver_sql(f"SET LOCAL search_path = {queue_schema}")
    for statement in queue_ddl:
        connection.exec_driver_sql(statement)
    connection.exec_driver_sql("SET LOCAL search_path = public")
    for statement in grants(queue_schema):
        connection.exec_driver_sql(statement)
