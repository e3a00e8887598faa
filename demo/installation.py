"""One installation in `var/`: secrets made at random, the embedded database, its roles and schema."""

import base64
import contextlib
import os
import secrets
import socket
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from config import CHECKOUT, ENV_FILE, Settings
from lms import jobs
from lms.db import grants, schema
from lms.postgres import EmbeddedServer, PostgresRefused, default_home

VAR = CHECKOUT / "var"
DATABASE = "lms"
FIRST_PORT = 8000


class DemoRefused(Exception):
    """The demo cannot start here; the message says why and what to do."""


@dataclass(frozen=True)
class Installed:
    """A database that runs, and the settings that lead to it."""

    server: EmbeddedServer
    settings: Settings

    @property
    def address(self) -> str:
        """Where people go."""
        return self.settings.public_url


def start_database() -> Installed:
    """Start the embedded server; on the first start make secrets, roles and the database."""
    VAR.mkdir(mode=0o700, exist_ok=True)
    server = _server()
    try:
        server.start()
    except PostgresRefused as refused:
        raise DemoRefused(str(refused)) from refused
    if not ENV_FILE.exists():
        _write_environment(server)
    settings = Settings.load()
    _make_roles_and_database(server, settings)
    return Installed(server, settings)


def stop_database() -> None:
    """Stop the embedded server."""
    _server().stop()


def _server() -> EmbeddedServer:
    return EmbeddedServer(default_home(CHECKOUT, "postgres"))


def _write_environment(server: EmbeddedServer) -> None:
    """The settings file of this installation: nobody else can read it, nothing in it is guessable."""
    port = _free_port()
    urls = {role: server.url(DATABASE, role, secrets.token_urlsafe(24)) for role in _ROLES}
    lines = {
        "LMS_DATABASE_URL": urls[grants.APP],
        "LMS_DATABASE_OWNER_URL": urls[grants.OWNER],
        "LMS_DATABASE_SIGNER_URL": urls[grants.SIGNER],
        "LMS_SECRET_KEY": secrets.token_urlsafe(48),
        "LMS_INDEX_KEY": secrets.token_urlsafe(48),
        "LMS_DATA_KEYS": "k1:" + base64.b64encode(secrets.token_bytes(32)).decode(),
        "LMS_PUBLIC_URL": f"http://localhost:{port}",  # a name, not a number: passkeys belong to names
        "LMS_SIMULATED": "true",
        "LMS_POLICY": "default",
    }
    write_private(ENV_FILE, "".join(f"{name}={value}\n" for name, value in lines.items()))


_ROLES = (grants.OWNER, grants.APP, grants.SIGNER)


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    fresh = path.with_suffix(".new")
    with contextlib.suppress(FileNotFoundError):
        fresh.unlink()
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    fresh.replace(path)


def _free_port() -> int:
    for port in (*range(FIRST_PORT, FIRST_PORT + 50), 0):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise DemoRefused("no free port on 127.0.0.1")


def _make_roles_and_database(server: EmbeddedServer, settings: Settings) -> None:
    urls = {
        grants.OWNER: settings.database_owner_url,
        grants.APP: settings.database_url,
        grants.SIGNER: settings.database_signer_url,
    }
    with _as_superuser(server, "postgres") as connection:
        known = set(connection.scalars(sa.text("SELECT rolname FROM pg_roles")))
        for role, url in urls.items():
            verb = "ALTER" if role in known else "CREATE"
            password = sa.make_url(url or "").password
            connection.exec_driver_sql(f"{verb} ROLE {role} LOGIN PASSWORD '{password}'")
        if connection.scalar(sa.text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": DATABASE}):
            return
        connection.exec_driver_sql(f"CREATE DATABASE {DATABASE} OWNER {grants.OWNER} TEMPLATE template0")
    with _as_superuser(server, DATABASE) as connection:
        script = grants.prepare(DATABASE)
        connection.exec_driver_sql(f"GRANT CONNECT ON DATABASE {DATABASE} TO {grants.APP}, {grants.SIGNER}")
        for statement in filter(None, script.split(f"\\connect {DATABASE}\n")[1].splitlines()):
            connection.exec_driver_sql(statement)


@contextlib.contextmanager
def _as_superuser(server: EmbeddedServer, database: str):  # type: ignore[no-untyped-def]
    engine = sa.create_engine(server.superuser_url(database), poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection


def migrate(installed: Installed) -> None:
    """Bring the database to the newest shape, as its owner."""
    owner = sa.create_engine(installed.settings.database_owner_url or "", poolclass=sa.NullPool)
    schema.migrate(owner, jobs.QUEUE_SCHEMA, jobs.queue_ddl())


def loaded() -> bool:
    """Whether the story has been told to its end."""
    return (VAR / "demo-accounts.json").exists()
