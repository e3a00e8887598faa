"""The archive: the log received as it is written, and a mark every few seconds that says up to when it is held."""

import ctypes
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg

from lms.postgres import folders
from lms.postgres.backup_base import surroundings
from lms.postgres.backup_source import Source, beat, held, idle_slots, line_of, programs_of
from lms.postgres.backup_store import BackupRefused, Line, Store

Receiver = subprocess.Popen[bytes]

#: Seconds between two marks, that one waits for the archive to hold a mark, and between two looks.
EVERY, PATIENCE, LOOK = 5.0, 30.0, 0.02
#: Seconds before a receiver that ended is started again, at first and at most, and that one has to end.
AGAIN, AT_MOST, ENDS_WITHIN = 0.5, 15.0, 10.0
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None)  # found before the fork: little may be done after it


@dataclass(frozen=True)
class Archive:
    """The log of one server on its way into one folder."""

    store: Store
    source: Source
    programs: Path
    tell: Callable[[str], None]

    def run(self, stop: threading.Event, every: float = EVERY) -> None:
        """Receive and mark; what ends is begun again, until told to stop."""
        programs_of(self.programs)
        account = folders.server_account()
        folders.prepare_home(self.store.folder, account)
        pause = AGAIN
        with self.store.alone("archive", waiting=False):  # two would take the slot from one another
            while not stop.is_set():
                began = time.monotonic()
                try:
                    self._keep(account, stop, every)
                except BackupRefused as refused:
                    self.tell(str(refused))
                # What held for long is begun again soon; what fails at once is not asked every moment.
                pause = AGAIN if time.monotonic() - began > AT_MOST else min(pause * 2, AT_MOST)
                stop.wait(pause)

    def _keep(self, account: folders.Account, stop: threading.Event, every: float) -> None:
        """One receiver, from its start to its end."""
        line, fresh = line_of(self.store, self.source, account)
        if fresh:
            self.tell(f"a new line begins in {line.path}: take a base backup")
        for name, size in idle_slots(self.source, line.slot).items():
            self.tell(f"nobody reads the slot {name}, which holds back {size >> 20} MB: drop it if nobody will")
        log = line.path / "receiver.log"
        receiver = self._receive(line, log, account)
        try:
            self._mark(line, receiver, stop, every)
        finally:
            _end(receiver)
        if not stop.is_set():
            words = log.read_text(errors="replace").strip().splitlines()
            self.tell(f"the receiver ended: {words[-1] if words else 'no reason given'}")

    def _receive(self, line: Line, log: Path, account: folders.Account) -> Receiver:
        words = ["--directory", str(line.wal), "--slot", line.slot, "--synchronous", "--no-loop", "--no-password"]
        with log.open("wb") as said:
            return subprocess.Popen(
                [str(self.programs / "pg_receivewal"), *words, "--dbname", self.source.conninfo],
                cwd="/",
                env=surroundings(self.source.environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=said,
                umask=0o077,
                preexec_fn=_end_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509 - one thread only
                **account.for_subprocess(),
            )

    def _mark(self, line: Line, receiver: Receiver, stop: threading.Event, every: float) -> None:
        """Marks, as long as there is a receiver."""
        with self.source.session() as session:
            while not stop.is_set() and receiver.poll() is None:
                try:
                    mark = beat(session)
                    if _arrives(session, line.slot, mark.flushed, receiver):
                        line.reached(mark.at, mark.place)
                except psycopg.OperationalError as away:
                    first = str(away).strip().partition("\n")[0]
                    raise BackupRefused(f"the server went away: {first}") from away
                stop.wait(every)


def _arrives(session: psycopg.Connection, slot: str, place: int, receiver: Receiver) -> bool:
    """Whether the archive comes to hold the log up to a place, as its receiver tells the server."""
    until = time.monotonic() + PATIENCE
    while held(session, slot) < place:
        if time.monotonic() > until or receiver.poll() is not None:
            return False
        time.sleep(LOOK)
    return True


def _end(receiver: Receiver) -> None:
    receiver.terminate()
    try:
        receiver.wait(ENDS_WITHIN)
    except subprocess.TimeoutExpired:
        receiver.kill()
        receiver.wait()


def _end_with_parent() -> None:
    """Between fork and exec: a receiver left alone after kill -9 would keep the slot from the next one."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
