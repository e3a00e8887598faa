"""One embedded server: made, started, found again, stopped."""

import fcntl
import os
import secrets
import shutil
import signal
import socket
import stat
import struct
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from lms.postgres import folders, processes
from lms.postgres.defaults import INITDB, INITDB_FROM_17, SETTINGS, SUPERUSER
from lms.postgres.folders import PostgresRefused
from lms.postgres.programs import programs

# The shell puts the server into the background and leaves, so that nobody has to reap it and
# no pipe of ours stays open in it. Its first word is the log.
DETACH = '"$@" </dev/null >>"$0" 2>&1 & echo $!'
# The protocol's SSLRequest: the one question that is answered without a log-in.
MAY_I_ENCRYPT = struct.pack("!ii", 8, 80877103)
ANSWERS_WITHIN = 5.0
READY_WITHIN = 300.0  # a crash leaves work to redo
STOPPED_WITHIN = 60.0
ORPHANS_GONE_WITHIN = 30.0
PAUSE = 0.02


class EmbeddedServer:
    """A PostgreSQL that belongs to one folder and to nobody else."""

    def __init__(
        self,
        home: Path,
        settings: Mapping[str, str] | None = None,
        environment: Mapping[str, str] | None = None,
        installed: Path | None = None,
    ) -> None:
        """Nothing happens yet; settings and environment count from the next real start.

        `installed` is a folder of another release's programs, for those who must try one.
        """
        self.home = home.resolve()  # every process must arrive at the same socket
        self.data = self.home / "data"
        self._settings = dict(settings or {})
        self._environment = dict(environment or {})
        self._installed = installed
        self._account = folders.server_account()
        self._socket = folders.socket_folder(self.home, self._account)

    @property
    def log(self) -> Path:
        """The file in which the server writes now."""
        try:
            first = (self.data / "current_logfiles").read_text().splitlines()[0]
        except (OSError, IndexError):
            return self._start_log
        return Path(first.partition(" ")[2])

    @property
    def account(self) -> folders.Account:
        """The system user that the server's processes run as."""
        return self._account

    def programs(self) -> Path:
        """The folder of the programs it runs with."""
        folders.prepare_home(self.home, self._account)
        return self._bin()

    def start(self, within: float = READY_WITHIN) -> None:
        """See to it that the server answers, whatever state it was left in; `within` so many seconds."""
        folders.prepare_home(self.home, self._account)
        with self._lock():
            for folder in (self.home / "log", self._socket):
                folders.private_folder(folder, self._account)
            if not (self.data / "PG_VERSION").exists():
                self._initialise()
            folders.private_folder(self.data, self._account)
            self._bring_up(within)

    def adopt(self, fill: Callable[[Path], None]) -> None:
        """Take data made elsewhere: `fill` puts them into a folder, which gets its name only when it is whole."""
        folders.prepare_home(self.home, self._account)
        with self._lock():
            if self.data.exists() and any(self.data.iterdir()):
                raise PostgresRefused(f"{self.data} holds a database already: choose another home")
            unfinished = self._unfinished()
            fill(unfinished)
            folders.give(unfinished, self._account)
            self._name(unfinished)

    def stop(self) -> None:
        """End the server: sessions are cut, what was committed is kept."""
        if not self.home.exists():
            return
        with self._lock():
            found = processes.postmaster(self.data)
            if found is None:
                return
            os.kill(found[0], signal.SIGINT)
            deadline = time.monotonic() + STOPPED_WITHIN
            while processes.serves(found[0], self.data):
                if time.monotonic() > deadline:
                    raise PostgresRefused(f"the server did not stop: look into {self.log}")
                time.sleep(PAUSE)

    def running(self) -> bool:
        """Whether the server answers now."""
        found = processes.postmaster(self.data)
        return found is not None and found[1] and self._answers()

    def url(self, database: str, user: str, password: str | None = None) -> str:
        """The SQLAlchemy address of a database of this server."""
        who = quote(user, safe="") + (f":{quote(password, safe='')}" if password else "")
        where = f"host={quote(str(self._socket), safe='')}&port={folders.PORT}"
        return f"postgresql+psycopg://{who}@/{database}?{where}"

    def superuser_url(self, database: str = "postgres") -> str:
        """The address with every right; its password exists only in a 0600 file in home."""
        return self.url(database, SUPERUSER, self._password())

    @property
    def _start_log(self) -> Path:
        return self.home / "log" / "start.log"

    @contextmanager
    def _lock(self) -> Iterator[None]:
        flags = os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW
        descriptor = os.open(self.home / "lock", flags, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _answers(self) -> bool:
        """Whether somebody replies; a server just killed is still in the list of processes."""
        with socket.socket(socket.AF_UNIX) as caller:
            caller.settimeout(ANSWERS_WITHIN)
            try:
                caller.connect(str(self._socket / folders.SOCKET_NAME))
                caller.sendall(MAY_I_ENCRYPT)
                return caller.recv(1) != b""
            except OSError:
                return False

    def _password(self) -> str:
        path = self.home / "superuser"
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
        except FileNotFoundError as error:
            raise PostgresRefused(f"{path} is missing: restore it, or start first") from error
        with os.fdopen(descriptor) as file:
            found = os.fstat(file.fileno())
            if found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & 0o077:
                raise PostgresRefused(f"{path} is not private: see who read it, then 'chmod 600'")
            return file.read().strip()

    def make_password(self) -> str:
        """The superuser's password; made up now if this home has none yet."""
        path = self.home / "superuser"
        if not path.exists():
            descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_urlsafe(32) + "\n")
                file.flush()
                os.fsync(descriptor)
        return self._password()

    def _initialise(self) -> None:
        """Make the data folder, under its final name only when it is whole."""
        if self.data.exists() and any(self.data.iterdir()):
            raise PostgresRefused(f"{self.data} holds files but no PostgreSQL data: move it away, then start again")
        unfinished = self._unfinished()
        secret = self.home / "initdb-password"
        secret.unlink(missing_ok=True)
        try:
            secret.touch(mode=0o600, exist_ok=False)
            secret.write_text(self.make_password())
            os.chown(secret, self._account.uid, self._account.gid)
            self._run_initdb(unfinished, secret)
        finally:
            secret.unlink(missing_ok=True)
        self._name(unfinished)

    def _unfinished(self) -> Path:
        unfinished = self.home / "data-unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        folders.private_folder(unfinished, self._account)
        return unfinished

    def _name(self, unfinished: Path) -> None:
        """Give finished data their name, so that it outlives a power cut."""
        if self.data.exists():
            self.data.rmdir()
        unfinished.rename(self.data)
        _remember(self.home)

    def _run_initdb(self, data: Path, secret: Path) -> None:
        extra = INITDB_FROM_17 if int(self._release().partition(".")[0]) >= 17 else ()
        command = [str(self._bin() / "initdb"), *INITDB, *extra, f"--username={SUPERUSER}"]
        done = subprocess.run(
            [*command, f"--pwfile={secret}", f"--pgdata={data}"],
            cwd=self.home,
            env=self._process_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            umask=0o077,
            **self._account.for_subprocess(),
        )
        if done.returncode:
            raise PostgresRefused(f"initdb failed: {_last_line(done.stderr)}")

    def _bin(self) -> Path:
        return self._installed or programs(self.home, self._account)

    def _process_environment(self) -> dict[str, str]:
        own = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
        return own | self._environment

    def _bring_up(self, within: float) -> None:
        launched = None
        deadline = time.monotonic() + within
        while not self.running():
            if time.monotonic() > deadline:
                raise PostgresRefused(f"the server is not ready yet: look into {self.log}")
            if launched is not None and not processes.alive(launched):
                raise PostgresRefused(f"the server did not start: {self._last_words()}")
            # One that is only just starting or ending has our patience.
            if launched is None and processes.postmaster(self.data) is None:
                self._clear_remains()
                launched = self._launch()
            time.sleep(PAUSE)

    def _clear_remains(self) -> None:
        """After kill -9: wait for orphaned sessions, then drop the dead server's marks.

        PostgreSQL takes a mark for a live server as soon as its process number was given to
        another program, which after a restart of a container is the rule. The marks may go only
        when nobody works in the data folder any more.
        """
        deadline = time.monotonic() + ORPHANS_GONE_WITHIN
        while held := processes.holders(self.data):
            if time.monotonic() > deadline:
                raise PostgresRefused(f"a killed server left processes {held}: end them first")
            time.sleep(PAUSE)
        if processes.can_see_holders():
            mark = f"{folders.SOCKET_NAME}.lock"
            for stale in (self.data / "postmaster.pid", self._socket / mark):
                stale.unlink(missing_ok=True)

    def _launch(self) -> int:
        self._must_be_same_major()
        settings = SETTINGS | {
            "unix_socket_directories": f'"{self._socket}"',
            "log_directory": str(self.home / "log"),
        }
        words = [f"--{name}={value}" for name, value in (settings | self._settings).items()]
        with_shell = ["/bin/sh", "-c", DETACH, str(self._start_log)]
        started = subprocess.run(
            [*with_shell, str(self._bin() / "postgres"), "-D", str(self.data), *words],
            cwd=self.data,
            env=self._process_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            umask=0o077,
            start_new_session=True,
            **self._account.for_subprocess(),
        )
        return int(started.stdout)

    def _release(self) -> str:
        command = [str(self._bin() / "postgres"), "--version"]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        return said.split()[2]  # Debian adds words after the number

    def _must_be_same_major(self) -> None:
        made_by = (self.data / "PG_VERSION").read_text().strip()
        have = self._release()
        if have.partition(".")[0] != made_by:
            raise PostgresRefused(
                f"{self.data} was made by PostgreSQL {made_by}, the programs are {have}: "
                "dump with the old release and load into a new home"
            )

    def _last_words(self) -> str:
        logs = sorted((self.home / "log").glob("*.log"), key=lambda log: log.stat().st_mtime)
        text = "\n".join(log.read_text(errors="replace") for log in logs)
        fatal = [line for line in text.splitlines() if "FATAL" in line or "PANIC" in line]
        return fatal[-1] if fatal else _last_line(text)


def _remember(folder: Path) -> None:
    """Make a rename in the folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["no reason given"])[-1]
