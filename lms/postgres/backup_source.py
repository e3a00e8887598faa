"""The server that is backed up, as its backup role reaches it."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import LiteralString

import psycopg
import sqlalchemy as sa
from psycopg.conninfo import make_conninfo

from lms.postgres.backup_store import BackupRefused, Line, Store
from lms.postgres.backup_wal import Segments, position
from lms.postgres.folders import Account

#: What the slots of ours are called; the rest is drawn, so that no two lines are taken for one.
SLOT = "lms_"
ANSWERS_WITHIN = 10


@dataclass(frozen=True)
class Source:
    """Where the server is and who asks; the password goes to programs through their environment alone."""

    conninfo: str
    password: str

    @classmethod
    def at(cls, url: str) -> "Source":
        """The server of an address as the settings have it; which database it names does not matter."""
        try:
            made = sa.make_url(url)
        except sa.exc.ArgumentError as wrong:
            raise BackupRefused("the server's address is not one: give postgresql://role:password@host") from wrong
        words = {"host": made.host, "port": made.port, "user": made.username, **made.query}
        given = {name: str(value) for name, value in words.items() if value}
        try:
            return cls(make_conninfo(**given), made.password or "")
        except psycopg.ProgrammingError as wrong:
            raise BackupRefused(f"the server's address is not one: {_first_line(wrong)}") from wrong

    @property
    def environment(self) -> dict[str, str]:
        """What a program needs beside the address."""
        return {"PGPASSWORD": self.password, "PGCONNECT_TIMEOUT": str(ANSWERS_WITHIN), "PGAPPNAME": "lms backup"}

    def connect(self, **more: str) -> psycopg.Connection:
        """A session, each statement of which is its own transaction."""
        words = {"dbname": "postgres", "password": self.password, "connect_timeout": str(ANSWERS_WITHIN)}
        return psycopg.connect(make_conninfo(self.conninfo, **words, **more), autocommit=True)

    @contextmanager
    def session(self) -> Iterator[psycopg.Connection]:
        """A session for a while; refused with words if the server does not let us in."""
        try:
            connection = self.connect()
        except psycopg.OperationalError as away:
            raise BackupRefused(f"the server does not let us in: {_first_line(away)}") from away
        with connection:
            yield connection

    def identity(self) -> tuple[str, int]:
        """The server's system identifier and the timeline it writes."""
        try:
            with self.connect(replication="true") as connection:
                # The extended protocol is not spoken here, so neither is psycopg's `execute`.
                result = connection.pgconn.exec_(b"IDENTIFY_SYSTEM")
                return _text(result.get_value(0, 0)), int(_text(result.get_value(0, 1)))
        except psycopg.OperationalError as refused:
            words = f"the server does not let us replicate: {_first_line(refused)}"
            raise BackupRefused(f"{words} (docs/backup.md says what role is needed)") from refused


def line_of(store: Store, source: Source, account: Account) -> tuple[Line, bool]:
    """The line on which this server is kept, and whether it was begun just now."""
    system, timeline = source.identity()
    with store.alone("lines", waiting=True), source.session() as session:
        slots = _slots(session)
        for line in store.lines():
            if (line.system, line.segments.timeline) == (system, timeline) and line.slot in slots:
                return line, False
        return _begin(store, session, Segments(timeline, _segment_bytes(session)), system, account), True


def _begin(store: Store, session: psycopg.Connection, segments: Segments, system: str, account: Account) -> Line:
    slot = SLOT + secrets.token_hex(3)
    path = store.folder / f"{system}-{segments.timeline}-{slot.removeprefix(SLOT)}"
    line = Line(path, system, slot, segments)
    store.begin(line, account)
    session.execute("SELECT pg_create_physical_replication_slot(%s, true)", [slot])
    return line


def _slots(session: psycopg.Connection) -> set[str]:
    """The slots of ours that still hold all they promised; lost ones are dropped, for nothing can be had from them."""
    query = "SELECT slot_name, wal_status FROM pg_replication_slots WHERE starts_with(slot_name::text, %s)"
    found: dict[str, str] = dict(session.execute(query, [SLOT]).fetchall())
    for name in [name for name, status in found.items() if status == "lost"]:
        session.execute("SELECT pg_drop_replication_slot(%s)", [name])
        del found[name]
    return set(found)


def idle_slots(source: Source, own: str) -> dict[str, int]:
    """Other slots of ours that nobody reads from, and the bytes of log that each holds back."""
    query = """SELECT slot_name, pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::bigint FROM pg_replication_slots
               WHERE starts_with(slot_name::text, %s) AND NOT active AND slot_name <> %s"""
    with source.session() as session:
        return dict(session.execute(query, [SLOT, own]).fetchall())


def _segment_bytes(session: psycopg.Connection) -> int:
    row = session.execute("SELECT setting FROM pg_settings WHERE name = 'wal_segment_size'").fetchone()
    return int(row[0]) if row else 0


def now(session: psycopg.Connection) -> datetime:
    """The server's own time: what a restore to a time is measured by."""
    row = session.execute("SELECT clock_timestamp()").fetchone()
    moment: datetime = row[0] if row else datetime.min
    return moment


@dataclass(frozen=True)
class Mark:
    """Everything acknowledged before `at` lies before `place`; the mark itself is safe with all up to `flushed`."""

    at: datetime
    place: int
    flushed: int


def beat(session: psycopg.Connection) -> Mark:
    """Write a mark into the log.

    A log without a later commit cannot be restored to a time: the mark is that commit while nobody works.
    """
    at = now(session)
    place = _place(session, "SELECT pg_logical_emit_message(true, 'lms.backup', '')::text")
    return Mark(at, place, _place(session, "SELECT pg_current_wal_flush_lsn()::text"))


def _place(session: psycopg.Connection, query: LiteralString) -> int:
    row = session.execute(query).fetchone()
    return position(row[0]) if row else 0


def held(session: psycopg.Connection, slot: str) -> int:
    """Up to which place the reader of a slot has the log on its disk."""
    query = "SELECT restart_lsn::text FROM pg_replication_slots WHERE slot_name = %s"
    row = session.execute(query, [slot]).fetchone()
    return position(row[0]) if row and row[0] else 0


def programs_of(folder: Path) -> None:
    """Refuse a folder that holds no programs of PostgreSQL."""
    for name in ("pg_basebackup", "pg_receivewal", "pg_verifybackup"):
        if not (folder / name).exists():
            raise BackupRefused(f"{folder} has no {name}: give the folder of PostgreSQL's programs with --programs")


def _text(value: bytes | None) -> str:
    return (value or b"").decode()


def _first_line(wrong: Exception) -> str:
    return (str(wrong).strip().splitlines() or ["no reason given"])[0]
