"""Database servers, databases and processes for tests."""

import base64
import hashlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import orm

import config
from lms import jobs, vault
from lms.authz import Actor
from lms.db import act_as, grants, schema
from lms.postgres import EmbeddedServer, default_home
from tests import processes
from tests.factories import world as worlds
from tests.processes import Started

PASSWORD = secrets.token_urlsafe(24)
#: Below what Linux and macOS give to outgoing connections, above what browsers refuse (10080).
PORTS = range(12_000, 32_000)
#: Files there are kept in memory; only with so many bytes to spare.
MEMORY, ENOUGH = Path("/dev/shm"), 6 << 30
ROLES = (grants.OWNER, grants.APP, grants.SIGNER)
SECRETS = {
    "secret_key": secrets.token_urlsafe(48),
    "index_key": secrets.token_urlsafe(48),
    "data_keys": "k1:" + base64.b64encode(secrets.token_bytes(32)).decode(),
}


@dataclass(frozen=True)
class Server:
    """A running server, reached as its superuser."""

    superuser: str

    def url(self, database: str, role: str | None = None) -> str:
        """The address of one database, for one of our roles or the superuser."""
        made = sa.make_url(self.superuser).set(database=database)
        made = made.set(username=role, password=PASSWORD) if role else made
        return made.render_as_string(hide_password=False)

    def run(self, *statements: str, database: str = "postgres") -> None:
        """Statements as superuser, outside a transaction."""
        engine = sa.create_engine(self.url(database), poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)


@dataclass
class Database:
    """One database and the world in it."""

    server: Server
    name: str
    world: worlds.World

    def url(self, role: str = grants.APP) -> str:
        """Its address for one of our roles."""
        return self.server.url(self.name, role)


@contextmanager
def server(checkout: Path, *, measured: bool = False) -> Iterator[Server]:
    """A fresh server of this process's own; of another release where LMS_TEST_PROGRAMS names its folder.

    One to be `measured` is as an installation has it: what it commits is on the disk, and it vacuums by itself.
    """
    home = _own(_places(checkout)[1]) if measured else _home(checkout)
    programs = os.environ.get("LMS_TEST_PROGRAMS")
    # Tables whose rows are always rolled back would be vacuumed into many pages without a row, and the planner, taking
    # them for empty, would look through them again for each row of another.
    options = {} if measured else {"autovacuum": "off"}
    embedded = EmbeddedServer(home, options, installed=Path(programs) if programs else None)
    embedded.start()
    try:
        made = Server(embedded.superuser_url())
        _make_roles(made)
        yield made
    finally:
        embedded.stop()
        shutil.rmtree(home, ignore_errors=True)


def _places(checkout: Path) -> tuple[Path, Path]:
    """Where servers of tests may keep their files: in memory, and on the disk."""
    digest = hashlib.sha256(os.fsencode(checkout.resolve())).hexdigest()[:12]
    return MEMORY / f"clinical-skills-{os.geteuid()}-{digest}", default_home(checkout, "test-0").parent


def _home(checkout: Path) -> Path:
    """Where the server of this process keeps its files: in memory, where there is plenty.

    Tests end processes, not machines, so that a file in memory outlives whatever they do; and databases are cloned and
    dropped by the hundred, each of two thousand files, which a disk takes seconds for.
    """
    memory, disk = _places(checkout)
    roomy = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= ENOUGH
    return _own(memory if roomy else disk)


def _own(place: Path) -> Path:
    return place / f"test-{os.getpid()}"


def forget_dead_servers(checkout: Path, own: int) -> None:
    """Remove what killed test runs have left behind, wherever there was room for them then."""
    memory, disk = _places(checkout)
    for home in (*memory.glob("test-*"), *disk.glob("test-*")):
        number = home.name.removeprefix("test-")
        if number.isdigit() and int(number) != own and not Path(f"/proc/{number}").exists():
            EmbeddedServer(home).stop()
            shutil.rmtree(home, ignore_errors=True)
    with suppress(OSError):  # it is not there, or another process's server still is
        memory.rmdir()


def _make_roles(made: Server) -> None:
    for role in ROLES:
        made.run(
            f"DO $$ BEGIN CREATE ROLE {role} LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$",
            f"ALTER ROLE {role} PASSWORD '{PASSWORD}'",
        )


def template(made: Server) -> Database:
    """A database with the schema and the world; clone it, do not write in it."""
    name = f"test_{os.getpid()}_template"
    made.run(f"DROP DATABASE IF EXISTS {name}", f"CREATE DATABASE {name} OWNER {grants.OWNER} TEMPLATE template0")
    made.run(*prepare_statements(name), database=name)
    owner = sa.create_engine(made.url(name, grants.OWNER), poolclass=sa.NullPool)
    build_schema(owner)
    vault.configure(vault.Vault(vault.keys_from(SECRETS["data_keys"]), SECRETS["index_key"].encode()))
    with orm.Session(owner) as session:
        act_as(session, Actor.job("test"))
        world = worlds.build(session)
        session.commit()
    return Database(made, name, world)


def clone(origin: Database) -> Database:
    """A database of one's own, with the world in it."""
    name = f"test_{os.getpid()}_{secrets.token_hex(4)}"
    origin.server.run(
        f"CREATE DATABASE {name} OWNER {grants.OWNER} TEMPLATE {origin.name} STRATEGY file_copy",
        f"GRANT CONNECT ON DATABASE {name} TO {grants.APP}, {grants.SIGNER}",
    )
    return Database(origin.server, name, origin.world)


def prepare_statements(name: str) -> list[str]:
    """The part of `database prepare` that comes after roles and database exist."""
    script = grants.prepare(name).split(f"\\connect {name}\n")[1]
    return [*filter(None, script.splitlines()), f"GRANT CONNECT ON DATABASE {name} TO {grants.APP}, {grants.SIGNER}"]


def build_schema(owner: sa.Engine) -> None:
    """All tables, the queue, the rights."""
    schema.migrate(owner, jobs.QUEUE_SCHEMA, jobs.queue_ddl())


def settings(database: Database, files: Path) -> config.Settings:
    """Settings for an app on this database."""
    return config.Settings(_env_file=None, **_values(database, files))  # type: ignore[call-arg]


def _values(database: Database, files: Path, port: int = 5000) -> dict[str, str]:
    return SECRETS | {
        "database_url": database.url(),
        "database_owner_url": database.url(grants.OWNER),
        "database_signer_url": database.url(grants.SIGNER),
        "public_url": f"http://127.0.0.1:{port}",
        "media_url": f"file://{files / 'media'}",
        "mail_folder": str(files / "mail"),
        "ledger_witness_path": str(files / "witness.jsonl"),
        "signing_key_path": str(files / "signing"),
        "simulated": "true",
    }


@dataclass
class Live:
    """A database of one's own with real processes on it."""

    database: Database
    environment: dict[str, str]
    port: int
    processes: list[Started] = field(default_factory=list)

    @property
    def world(self) -> worlds.World:
        """Who is there."""
        return self.database.world

    @property
    def address(self) -> str:
        """Where the web server answers."""
        return f"http://127.0.0.1:{self.port}"

    def web(self, port: int | None = None) -> Started:
        """Start a web server and wait until it is ready."""
        return self.serve("--threads", "4", port=port)

    def serve(
        self, *options: str, app: str = "lms:create_app()", port: int | None = None, within: float = 90
    ) -> Started:
        """Start a web server with these options and wait until it is ready."""
        at = port or self.port
        process = self.start(["gunicorn", app, "-b", f"127.0.0.1:{at}", "-k", "gthread", *options])
        wait_for(f"http://127.0.0.1:{at}/readyz", process, within)
        return process

    def worker(self) -> Started:
        """Start a background worker."""
        return self.start(["flask", "--app", "lms", "worker", "run", "--threads", "1"])

    def signer(self) -> Started:
        """Start the signer."""
        return self.start(["flask", "--app", "lms", "signer", "run", "--pause", "0.2"])

    def flask(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a command of the command line to its end."""
        ran = processes.run(["flask", "--app", "lms", *arguments], self.environment)
        if check:
            ran.check_returncode()
        return ran

    def kill(self, process: Started, how: int = signal.SIGKILL) -> None:
        """End a process that was started here."""
        process.send_signal(how)
        process.wait(90)  # a web server may take thirty seconds to end what it has begun
        self.processes.remove(process)

    def engine(self, role: str = grants.OWNER) -> sa.Engine:
        """A connection to look and meddle with, as owner by default."""
        return sa.create_engine(self.database.url(role), poolclass=sa.NullPool)

    def start(self, arguments: list[str]) -> Started:
        """Start `python -m …`; it ends with this database at the latest."""
        log = Path(self.environment["LMS_TEST_FILES"]) / "processes.log"
        process = Started(arguments, self.environment, log, log)
        self.processes.append(process)
        return process


@contextmanager
def live(made: Server, origin: Database, files: Path) -> Iterator[Live]:
    """Clone the template and clean up everything in the end."""
    database, port = clone(origin), free_port()
    variables = {f"LMS_{key.upper()}": value for key, value in _values(database, files, port).items()}
    own = {"LMS_ENV_FILE": os.devnull, "LMS_TEST_FILES": str(files)}
    environment = {k: v for k, v in os.environ.items() if not k.startswith("LMS_")} | variables | own
    running = Live(database, environment, port)
    try:
        yield running
    finally:
        for process in list(running.processes):
            running.kill(process)
        made.run(f"DROP DATABASE IF EXISTS {database.name} WITH (FORCE)")


def free_port() -> int:
    """A port nobody listens on, and that no connection is given before somebody does: those get theirs further up."""
    while True:
        port = secrets.choice(PORTS)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def wait_for(address: str, process: "Started | subprocess.Popen[bytes]", seconds: float = 90) -> None:
    """Until the address answers 200; fails at once when the process has died."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode} before it answered")
        try:
            with urllib.request.urlopen(address, timeout=10) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(address)
