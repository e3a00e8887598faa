"""The ground of a campaign: a database server of its own that may be killed, web servers, the proxy before them."""

import itertools
import os
import shutil
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

import config
from lms.postgres import EmbeddedServer, default_home, processes
from tests import databases
from tests.processes import Started

SERVER = "lms:create_app()"
_numbers = itertools.count(1)


@dataclass
class Ground:
    """A database server that belongs to this campaign alone, with a database to copy."""

    embedded: EmbeddedServer
    origin: databases.Database
    kills: int = 0

    def kill(self) -> None:
        """kill -9 of the database server: the postmaster and every session, all in one moment."""
        found = processes.postmaster(self.embedded.data)
        assert found is not None, "there is no database server to kill"
        for pid in (found[0], *processes.holders(self.embedded.data)):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.kills += 1

    def recover(self) -> None:
        """Start it again, as the operating system would."""
        self.embedded.start()

    def restart(self, **changed: Mapping[str, str]) -> None:
        """End it properly and start it with other settings or another environment."""
        self.embedded.stop()
        self.embedded = EmbeddedServer(self.embedded.home, **changed)  # type: ignore[arg-type]
        self.embedded.start()

    @contextmanager
    def live(self, files: Path) -> Iterator[databases.Live]:
        """A copy of the database, and whatever processes are started on it."""
        with databases.live(self.origin.server, self.origin, files) as running:
            yield running


@contextmanager
def ground() -> Iterator[Ground]:
    """Build it; everything is gone afterwards, whatever was killed meanwhile."""
    home = default_home(config.CHECKOUT, f"campaign-{os.getpid()}-{next(_numbers)}")
    embedded = EmbeddedServer(home)
    embedded.start()
    try:
        made = databases.Server(embedded.superuser_url())
        databases._make_roles(made)
        yield Ground(embedded, databases.template(made))
    finally:
        EmbeddedServer(home).stop()
        shutil.rmtree(home, ignore_errors=True)


@dataclass
class Web:
    """A web server of two worker processes, at one address for the whole campaign."""

    live: databases.Live
    app: str = SERVER
    workers: int = 2
    process: Started = field(init=False)

    def start(self) -> None:
        """Start it and wait until it answers; a database that is only just recovering has our patience."""
        options = ("--workers", str(self.workers), "--threads", "8", "--no-control-socket")
        self.process = self.live.serve(*options, app=self.app, within=120)

    def children(self) -> list[int]:
        """The worker processes."""
        own = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(child) for child in own.read_text().split()]

    def kill(self) -> None:
        """kill -9 of the web server, workers first, so that none is left to answer."""
        for child in self.children():
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        self.live.kill(self.process)

    def kill_one_worker(self) -> None:
        """kill -9 of the oldest worker; its master starts another."""
        with suppress(ProcessLookupError):
            os.kill(self.children()[0], signal.SIGKILL)

    def answers(self) -> None:
        """Wait until it answers again; one that ended is started again, as the operating system would.

        A worker that is just starting when the database goes away cannot look at it, and gunicorn then ends altogether.
        """
        try:
            databases.wait_for(f"{self.live.address}/readyz", self.process, 60)
        except RuntimeError:
            self.live.processes.remove(self.process)
            self.start()


@contextmanager
def proxy(live: databases.Live, seed: int) -> Iterator[int]:
    """The bad network before the web server; the port where clients reach it."""
    port = databases.free_port()
    process = live.start(["tests.campaigns.proxy", str(port), str(live.port), str(seed)])
    try:
        yield port
    finally:
        live.kill(process, signal.SIGTERM)


def rows(live: databases.Live, table: sa.FromClause) -> list[sa.Row[tuple[object, ...]]]:
    """Everything in a table, read past the application."""
    engine = live.engine()
    with engine.connect() as connection:
        found = connection.execute(sa.select(table)).all()
    engine.dispose()
    return list(found)


def until(holds: object, seconds: float) -> bool:
    """Wait until it holds, at most so long; whether it does."""
    end = time.monotonic() + seconds
    while not holds():  # type: ignore[operator]
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True
