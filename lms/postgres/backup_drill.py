"""The drill: what the backups hold is restored, and its copy is destroyed and restored in turn, with a clock running.

1. The newest base backup and the log are restored into a copy, which is checked.
2. The copy is archived as a server is. While marks are written, an accident takes every table of the application; then
   the server is killed and its files are removed.
3. What the archive holds is restored to its end: which acknowledged marks are missing is the loss (RPO).
4. It is restored once more, to the moment before the accident, and checked: how long that takes is the RTO.
"""

import os
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg

from lms.postgres import processes
from lms.postgres.backup_archive import Archive
from lms.postgres.backup_base import take
from lms.postgres.backup_restore import restore
from lms.postgres.backup_source import Source, now
from lms.postgres.backup_store import BackupRefused, Store
from lms.postgres.server import EmbeddedServer

#: What is aimed at, in seconds.
RPO, RTO = 60.0, 600.0
#: Marks a second, seconds between two marks of the archive here, and that the archive has to begin.
RATE, EVERY, BEGINS_WITHIN = 20, 0.5, 60.0
_LOOK = 0.05
_MARKS = "lms_drill_mark"

#: Looks at a restored server and says what it found; `ok` among it.
Check = Callable[[EmbeddedServer], dict[str, Any]]
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Marks:
    """What was acknowledged by when, and the moment before the accident."""

    before: tuple[int, ...]
    after: tuple[int, ...]
    moment: datetime
    last_at: datetime


@dataclass(frozen=True)
class Found:
    """What was found in a restored copy: its marks, when the last was made, and how many tables there are."""

    marks: set[int]
    last_at: datetime | None
    tables: int


@dataclass(frozen=True)
class Drill:
    """One drill in an empty folder, of which nothing is left in the end."""

    store: Store
    ground: Path
    database: str
    check: Check
    tell: Tell
    installed: Path | None = None
    seconds: float = 4.0

    def run(self, to: datetime | None = None) -> dict[str, Any]:
        """Do it all; what it came to, with `ok` and every fault in words."""
        if self.ground.exists():
            raise BackupRefused(f"{self.ground} is there already: see what it is, then remove it")
        try:
            return self._run(to)
        finally:
            for home in ("copy", "end", "back"):
                self._remove(home)
            shutil.rmtree(self.ground, ignore_errors=True)

    def _run(self, to: datetime | None) -> dict[str, Any]:
        self.tell("restoring what the backups hold")
        copy = restore(self.store, self.ground / "copy", to, installed=self.installed)
        first = self.check(self._server("copy"))
        kept = Store(self.ground / "backups")
        self.tell("archiving the copy, working in it, and destroying it")
        marks = self._destroyed(kept)
        self.tell("restoring the copy to its last moment")
        end = restore(kept, self.ground / "end", installed=self.installed)
        at_the_end = self._found("end")
        self._remove("end")
        self.tell(f"restoring the copy to {marks.moment.isoformat()}")
        back = restore(kept, self.ground / "back", marks.moment, installed=self.installed)
        second = self.check(self._server("back"))
        told = {"backups": copy.as_json(), "to_the_end": end.as_json(), "to_a_time": back.as_json()}
        told |= {"checks": {"backups": first, "to_a_time": second}}
        slowest = max(one.seconds for one in (copy, end, back))
        return _outcome(marks, at_the_end, self._found("back"), slowest, told)

    def _destroyed(self, kept: Store) -> Marks:
        """The copy is worked in and lost; what was acknowledged until then."""
        server = self._server("copy")
        source = Source.at(server.superuser_url())
        with _archiving(kept, source, server.programs(), self.tell):
            line, _, _ = take(kept, source, server.programs())
            _until(lambda: line.reach() is not None, "the archive did not begin")
            marks = self._work(server)
            _kill(server)
        shutil.rmtree(server.data)
        return marks

    def _work(self, server: EmbeddedServer) -> Marks:
        """Marks, an accident half way, and more marks."""
        half = int(self.seconds * RATE / 2)
        with closing(_session(server, "postgres")) as session:
            session.execute(f"CREATE TABLE {_MARKS} (n int PRIMARY KEY, at timestamptz DEFAULT clock_timestamp())")
            before = tuple(_write(session, range(half)))
            moment = now(session)
            with closing(_session(server, self.database)) as careless:
                careless.execute("DROP SCHEMA public CASCADE")
            after = tuple(_write(session, range(half, 2 * half)))
            row = session.execute(f"SELECT max(at) FROM {_MARKS}").fetchone()  # noqa: S608 - our own name
        return Marks(before, after, moment, row[0] if row else moment)

    def _server(self, home: str) -> EmbeddedServer:
        return EmbeddedServer(self.ground / home, installed=self.installed)

    def _found(self, home: str) -> Found:
        """What a restored server has."""
        server = self._server(home)
        with closing(_session(server, "postgres")) as session:
            rows = session.execute(f"SELECT n, at FROM {_MARKS}").fetchall()  # noqa: S608 - our own name
        with closing(_session(server, self.database)) as session:
            row = session.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
        return Found({n for n, _ in rows}, max((at for _, at in rows), default=None), int(row[0]) if row else 0)

    def _remove(self, home: str) -> None:
        server = self._server(home)
        server.stop()
        shutil.rmtree(server.home, ignore_errors=True)


def _outcome(marks: Marks, end: Found, back: Found, slowest: float, told: dict[str, Any]) -> dict[str, Any]:
    """What the drill came to, held against what is aimed at."""
    acknowledged = {*marks.before, *marks.after}
    lost = acknowledged - end.marks
    rpo = (marks.last_at - (end.last_at or marks.moment)).total_seconds() if lost else 0.0
    checks = told["checks"]
    faults = {
        "what the backups hold does not pass the checks": not checks["backups"].get("ok"),
        "what was restored to a time does not pass the checks": not checks["to_a_time"].get("ok"),
        "the accident was not in the archive's last moment": end.tables > 0,
        "marks from before the chosen moment are missing": not set(marks.before) <= back.marks,
        "marks from after the chosen moment came back": bool(set(marks.after) & back.marks),
        f"more than {RPO:.0f} s of acknowledged work was lost": rpo > RPO,
        f"a restore took more than {RTO:.0f} s": slowest > RTO,
    }
    wrong = [words for words, so in faults.items() if so]
    figures = {"acknowledged": len(acknowledged), "lost": len(lost), "rpo_seconds": rpo, "rto_seconds": slowest}
    return {"ok": not wrong, "faults": wrong, **figures, **told}


@contextmanager
def _archiving(store: Store, source: Source, programs: Path, tell: Tell) -> Iterator[None]:
    """An archive that runs meanwhile."""
    stop = threading.Event()
    archive = Archive(store, source, programs, tell)
    thread = threading.Thread(target=archive.run, args=(stop, EVERY), name="archive")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _write(session: psycopg.Connection, numbers: range) -> Iterator[int]:
    """Each mark, once it is acknowledged."""
    for number in numbers:
        session.execute(f"INSERT INTO {_MARKS} (n) VALUES (%s)", [number])  # noqa: S608 - our own name
        yield number
        time.sleep(1 / RATE)


def _kill(server: EmbeddedServer) -> None:
    """kill -9 for every process of a server, at once."""
    for process in processes.holders(server.data):
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
    _until(lambda: not processes.holders(server.data), "the server could not be killed")


def _until(holds: Callable[[], bool], otherwise: str) -> None:
    until = time.monotonic() + BEGINS_WITHIN
    while not holds():
        if time.monotonic() > until:
            raise BackupRefused(otherwise)
        time.sleep(_LOOK)


def _session(server: EmbeddedServer, database: str) -> psycopg.Connection:
    return psycopg.connect(server.superuser_url(database).replace("+psycopg", ""), autocommit=True)
