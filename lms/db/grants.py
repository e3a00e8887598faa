"""The three database roles and what each may do, as SQL made from the models."""

from collections.abc import Iterator

import sqlalchemy as sa

from lms.db.models import Model

OWNER, APP, SIGNER = "lms_owner", "lms_app", "lms_signer"
#: Reads every file of the server and no table: who keeps backups.
BACKUP = "lms_backup"
EXTENSIONS = ("ltree", "btree_gist", "pg_trgm")


def prepare(database: str = "lms") -> str:
    """The script a database administrator runs once: roles, database, extensions (passwords by psql prompt)."""
    lines = [f"CREATE ROLE {role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE;" for role in (OWNER, APP, SIGNER)]
    lines += [f"CREATE ROLE {BACKUP} LOGIN REPLICATION NOSUPERUSER NOCREATEDB NOCREATEROLE;"]
    lines += [f"\\password {role}" for role in (OWNER, APP, SIGNER, BACKUP)]
    lines += [
        f"CREATE DATABASE {database} OWNER {OWNER} ENCODING 'UTF8' TEMPLATE template0;",
        f"REVOKE ALL ON DATABASE {database} FROM PUBLIC;",
        f"GRANT CONNECT ON DATABASE {database} TO {APP}, {SIGNER};",
        f"\\connect {database}",
        *(f"CREATE EXTENSION IF NOT EXISTS {name};" for name in EXTENSIONS),
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC;",
        f"GRANT ALL ON SCHEMA public TO {OWNER};",
        f"GRANT USAGE ON SCHEMA public TO {APP}, {SIGNER};",
    ]
    return "\n".join(lines) + "\n"


def grants(queue_schema: str, app: str = APP, signer: str = SIGNER) -> Iterator[str]:
    """Statements the owner runs after every migration; running them again changes nothing."""
    for role in (app, signer):
        yield f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}"
    for table, model in _tables():
        yield from _for_table(table, model, app, signer)
    yield f"GRANT USAGE ON SCHEMA {queue_schema} TO {app}"
    yield f"GRANT ALL ON ALL TABLES IN SCHEMA {queue_schema} TO {app}"
    yield f"GRANT ALL ON ALL SEQUENCES IN SCHEMA {queue_schema} TO {app}"
    yield f"GRANT SELECT ON alembic_version TO {app}"


def _tables() -> list[tuple[sa.Table, type[Model]]]:
    pairs = [(m.local_table, m.class_) for m in Model.registry.mappers]
    tables = [(table, model) for table, model in pairs if isinstance(table, sa.Table)]
    return sorted(tables, key=lambda pair: pair[0].name)


def _for_table(table: sa.Table, model: type[Model], app: str, signer: str) -> Iterator[str]:
    if model.__append_only__:
        yield _grant(model.__app__, table, model, app)
    else:
        yield f'GRANT SELECT, INSERT, UPDATE, DELETE ON "{table.name}" TO {app}'
    if model.__signer__:
        yield _grant(model.__signer__, table, model, signer)


def _grant(powers: tuple[str, ...], table: sa.Table, model: type[Model], role: str) -> str:
    """INSERT is granted by column, so that ids and times are the database's own."""
    columns = ", ".join(f'"{c.name}"' for c in table.columns if _may_choose(c, model))
    words = ", ".join(f"INSERT ({columns})" if power == "INSERT" else power for power in powers)
    return f'GRANT {words} ON "{table.name}" TO {role}'


def _may_choose(column: sa.Column[object], model: type[Model]) -> bool:
    return column.identity is None and column.name not in model.__database_fills__


def append_only_tables() -> list[str]:
    """Names of the tables on which certificates rest."""
    return [table.name for table, model in _tables() if model.__append_only__]


def closed_tables() -> list[str]:
    """Names of the tables that the app may only read, because another role alone writes them."""
    return [table.name for table, model in _tables() if model.__append_only__ and "INSERT" not in model.__app__]
