"""What the tests ask of a server."""

from pathlib import Path

import psycopg

from lms.postgres import (
    EmbeddedServer,
)

CHECKOUT = Path(__file__).resolve().parents[3]


def connect(server: EmbeddedServer) -> psycopg.Connection:
    """A session with every right."""
    return psycopg.connect(server.superuser_url().replace("+psycopg", ""), autocommit=True)


def postmaster(server: EmbeddedServer) -> int:
    """The process id that the server's own mark names."""
    return int((server.data / "postmaster.pid").read_text().split()[0])


def write_a_row(server: EmbeddedServer) -> None:
    """Something that must be found again."""
    with connect(server) as session:
        session.execute("CREATE TABLE kept (word text)")
        session.execute("INSERT INTO kept VALUES ('县医院')")


def read_the_row(server: EmbeddedServer) -> str:
    """What was written, as found now."""
    with connect(server) as session:
        row = session.execute("SELECT word FROM kept").fetchone()
    assert row is not None
    return str(row[0])


START = "import sys; from pathlib import Path; from lms.postgres import EmbeddedServer as E; "
