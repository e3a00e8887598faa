"""Where measurements happen: one embedded server, the simulated city in a database, copies of it, web servers."""

import os
import secrets
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import orm

import config
from demo.story import city, exams, learning, people, stations
from demo.story.stage import Stage
from lms import ids
from lms.authz import Actor
from lms.db import act_as, db, grants
from lms.people.models import Person, SignIn
from lms.people.queries import hash_of
from tests import databases

#: As the demo and docs/operations.md start it; the floor gets the same.
GUNICORN = ("--workers", "2", "--threads", "8", "--worker-class", "gthread")


@dataclass(frozen=True)
class Copy:
    """A database of one's own with the city in it."""

    server: databases.Server
    name: str
    files: Path

    def variables(self, port: int = 5000) -> dict[str, str]:
        """The settings of an application on it."""
        made = {name.upper(): value for name, value in databases.SECRETS.items()}
        made |= {
            "DATABASE_URL": self.server.url(self.name, grants.APP),
            "DATABASE_OWNER_URL": self.server.url(self.name, grants.OWNER),
            "DATABASE_SIGNER_URL": self.server.url(self.name, grants.SIGNER),
            "PUBLIC_URL": f"http://127.0.0.1:{port}",
            "MEDIA_URL": f"file://{self.files / 'media'}",
            "MAIL_FOLDER": str(self.files / "mail"),
            "LEDGER_WITNESS_PATH": str(self.files / "witness.jsonl"),
            "SIGNING_KEY_PATH": str(self.files / "signing"),
            "SIMULATED": "true",
        }
        return {f"LMS_{name}": value for name, value in made.items()}

    def environment(self, port: int = 5000) -> dict[str, str]:
        """What a process on it is started with."""
        return {k: v for k, v in os.environ.items() if not k.startswith("LMS_")} | self.variables(port)

    @contextmanager
    def stage(self) -> Iterator[Stage]:
        """The application itself, to prepare something; closed again before anything is measured."""
        given = {name.removeprefix("LMS_").lower(): value for name, value in self.variables().items()}
        stage = Stage.build(config.Settings.load(_env_file=None, **given))
        try:
            yield stage
        finally:
            with stage.app.app_context():
                db.engine.dispose()
            stage.app.extensions["queue"].storage.close()

    def sign_in(self, *accounts: str) -> list[str]:
        """Tokens of browsers in which these people are signed in."""
        engine = sa.create_engine(self.server.url(self.name, grants.OWNER), poolclass=sa.NullPool)
        tokens = [ids.token() for _ in accounts]
        with orm.Session(engine) as session:
            act_as(session, Actor.job("bench"))
            for account, token in zip(accounts, tokens, strict=True):
                person = session.scalars(sa.select(Person).where(Person.account == account)).one()
                place = person.institution_id
                session.add(SignIn(person_id=person.id, institution_id=place, token_hash=hash_of(token)))
            session.commit()
        return tokens


@dataclass(frozen=True)
class Arena:
    """The server, and the city from which every measurement takes its copy."""

    server: databases.Server
    city: Copy
    folder: Path

    @contextmanager
    def copy(self) -> Iterator[Copy]:
        """A fresh copy of the city; gone afterwards."""
        name = f"bench_{secrets.token_hex(4)}"
        files = self.folder / name
        files.mkdir()
        self.server.run(
            f"CREATE DATABASE {name} OWNER {grants.OWNER} TEMPLATE {self.city.name} STRATEGY file_copy",
            f"GRANT CONNECT ON DATABASE {name} TO {grants.APP}, {grants.SIGNER}",
        )
        try:
            yield Copy(self.server, name, files)
        finally:
            self.server.run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@contextmanager
def opened() -> Iterator[Arena]:
    """Start the server and tell the city's story; everything is gone afterwards."""
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as folder,
        databases.server(config.CHECKOUT, measured=True) as server,
    ):
        made = Copy(server, "bench_city", Path(folder))
        server.run(f"CREATE DATABASE {made.name} OWNER {grants.OWNER} TEMPLATE template0")
        server.run(*databases.prepare_statements(made.name), database=made.name)
        owner = sa.create_engine(server.url(made.name, grants.OWNER), poolclass=sa.NullPool)
        databases.build_schema(owner)
        with made.stage() as stage:
            _tell(stage)
        yield Arena(server, made, Path(folder))


def _tell(stage: Stage) -> None:
    """The demo's story as far as it needs no process of its own."""
    city.load_content(stage)
    city.load_institutions(stage)
    people.enter(stage)
    learning.begin(stage)
    exams.hold(stage)
    stations.hold(stage)
    stage.settle()


@contextmanager
def serving(app: str, environment: dict[str, str], port: int, log: Path) -> Iterator[None]:
    """A web server with this application, until the block ends."""
    command = [sys.executable, "-m", "gunicorn", app, *GUNICORN, "--bind", f"127.0.0.1:{port}", "--no-control-socket"]
    with log.open("ab") as out:
        process = subprocess.Popen(command, env=environment, cwd=config.CHECKOUT, stdout=out, stderr=out)
    try:
        databases.wait_for(f"http://127.0.0.1:{port}/readyz", process, 60)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)


@contextmanager
def both(copy: Copy) -> Iterator[tuple[int, int]]:
    """The application and the floor side by side on this copy; the ports of the two."""
    ours, floor = databases.free_port(), databases.free_port()
    columns = "id uuid PRIMARY KEY, item bigint NOT NULL, answer text[] NOT NULL"
    table = f"CREATE TABLE IF NOT EXISTS floor_answer ({columns}, at timestamptz DEFAULT clock_timestamp())"
    copy.server.run(table, f"GRANT INSERT, SELECT ON floor_answer TO {grants.APP}", database=copy.name)
    address = copy.server.url(copy.name, grants.APP).replace("postgresql+psycopg://", "postgresql://", 1)
    with (
        serving("lms:create_app()", copy.environment(ours), ours, copy.files / "ours.log"),
        serving("bench.floor:app", copy.environment(floor) | {"BENCH_URL": address}, floor, copy.files / "floor.log"),
    ):
        yield ours, floor


def flask(copy: Copy, *arguments: str) -> Sequence[str]:
    """Run a command of the command line to its end; the lines it wrote."""
    command = [sys.executable, "-m", "flask", "--app", "lms", *arguments]
    done = subprocess.run(
        command, env=copy.environment(), cwd=config.CHECKOUT, capture_output=True, text=True, timeout=600, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments)}: {done.stderr.strip()[-600:] or done.stdout[-600:]}")
    return done.stdout.splitlines()
