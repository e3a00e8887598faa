"""The app refuses to start on a database that could lose an answer or let the app rewrite one."""

import time

import sqlalchemy as sa
import structlog

from lms.db.grants import append_only_tables, closed_tables

log = structlog.get_logger("database")

#: Seconds that a web server which starts waits for its database, and between two tries. More than gunicorn gives a
#: worker process to be ready (30 s): one that is late is started again, one that refuses to start ends all of it.
PATIENCE, AGAIN = 60, 1
MINIMUM_VERSION = 150000
_POWERS = {
    "rolsuper": "is a superuser",
    "rolcreaterole": "may create roles",
    "rolcreatedb": "may create databases",
    "rolbypassrls": "may bypass row security",
    "rolreplication": "may replicate",
}
_DANGEROUS_ROLES = ("pg_write_all_data", "pg_execute_server_program", "pg_write_server_files", "pg_read_server_files")


class DatabaseRefused(Exception):
    """The database is not safe to work on; the message names every reason."""


def check(engine: sa.Engine, patience: float = 0) -> None:
    """Raise DatabaseRefused unless durability is on and the app's role is as weak as it must be.

    A database that does not answer is asked again for `patience` seconds before it is refused too.
    """
    with _opened(engine, patience) as connection:
        reasons = [*_unsafe_settings(connection), *_too_powerful(connection)]
        reasons += [*_may_rewrite(connection), *_may_forge(connection)]
    if reasons:
        raise DatabaseRefused("\n".join(reasons))


def _opened(engine: sa.Engine, patience: float) -> sa.Connection:
    until = time.monotonic() + patience
    while True:
        try:
            return engine.connect()
        except sa.exc.OperationalError as away:
            words = "the database does not answer: start it, or correct LMS_DATABASE_URL"
            if time.monotonic() >= until:
                raise DatabaseRefused(words) from away
            log.warning("database_away", words=words, again_in=AGAIN)
            time.sleep(AGAIN)


def _unsafe_settings(connection: sa.Connection) -> list[str]:
    reasons = []
    version = int(connection.scalar(sa.text("SHOW server_version_num")) or 0)
    if version < MINIMUM_VERSION:
        reasons.append(f"PostgreSQL 15 or newer is needed, this is {version // 10000}")
    for name in ("fsync", "full_page_writes", "synchronous_commit"):
        if connection.scalar(sa.text(f"SHOW {name}")) == "off":
            reasons.append(f"{name} is off: an acknowledged answer could be lost; set it to on")
    return reasons


def _too_powerful(connection: sa.Connection) -> list[str]:
    powers = connection.execute(sa.text("SELECT * FROM pg_roles WHERE rolname = current_user")).mappings().one()
    reasons = [f"the app's database role {words}" for name, words in _POWERS.items() if powers[name]]
    member = sa.text("SELECT r FROM unnest(CAST(:roles AS text[])) r WHERE pg_has_role(current_user, r, 'MEMBER')")
    reasons += [
        f"the app's database role is a member of {r}"
        for r in connection.scalars(member, {"roles": list(_DANGEROUS_ROLES)})
    ]
    owned = """SELECT count(*) FROM pg_class WHERE relkind = 'r'
               AND relowner = current_user::regrole AND relnamespace = 'public'::regnamespace"""
    if connection.scalar(sa.text(owned)):
        reasons.append("the app's database role owns tables; use the owner's role for migrations only")
    if connection.scalar(sa.text("SELECT has_schema_privilege('public', 'CREATE')")):
        reasons.append("the app's database role may create tables in schema public")
    return reasons


def _may_rewrite(connection: sa.Connection) -> list[str]:
    query = sa.text(
        """SELECT c.relname FROM pg_class c
           WHERE c.relname = ANY(:names) AND c.relnamespace = 'public'::regnamespace
             AND (has_table_privilege(c.oid, 'DELETE') OR has_table_privilege(c.oid, 'TRUNCATE')
                  OR has_table_privilege(c.oid, 'TRIGGER') OR has_any_column_privilege(c.oid, 'UPDATE'))
           ORDER BY 1"""
    )
    return [
        f"the app's database role may change or delete rows of {name}, which is append-only"
        for name in connection.scalars(query, {"names": append_only_tables()})
    ]


def _may_forge(connection: sa.Connection) -> list[str]:
    query = sa.text(
        """SELECT c.relname FROM pg_class c
           WHERE c.relname = ANY(:names) AND c.relnamespace = 'public'::regnamespace
             AND has_any_column_privilege(c.oid, 'INSERT') ORDER BY 1"""
    )
    return [
        f"the app's database role may write rows of {name}, which only the signer may"
        for name in connection.scalars(query, {"names": closed_tables()})
    ]
