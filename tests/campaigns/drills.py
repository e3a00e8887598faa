"""An installation to practise on: decisions about many doctors, as much ballast as wanted, and its backups."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy import orm

import config
from assessments.certification import jobs
from assessments.certification.models import StarDecision
from assessments.certification.queries import policies
from assessments.certification.services import deciding
from assessments.results.models import ResultKind
from assessments.results.policy import Results
from assessments.results.services import Brought, Evidence, record_many
from lms import clock
from lms.app import create_app
from lms.authz import Actor
from lms.db import act_as, db
from lms.institutions.models import Institution
from lms.ledger import services as ledger
from lms.postgres import EmbeddedServer, default_home
from tests import databases
from tests.assessments.certification.conftest import load_policy
from tests.campaigns.ground import Ground
from tests.factories import cohorts
from tests.processes import Started
from tests.waiting import wait_until

WORKER = Actor.job("drill", Results.RECORD, *sorted(jobs.ACTOR.job_may))
AT_ONCE = 200
KINDS = (ResultKind.THEORY_EXAM, ResultKind.PRACTICAL_EXAM, ResultKind.PRACTICE_EVALUATION)


@dataclass
class Practice:
    """A database with decisions, and where its backups and drills are."""

    live: databases.Live
    ground: Path

    def flask(self, *arguments: str) -> tuple[int, Any]:
        """A command with `--json`: its exit code, and what it said or why it refused."""
        return _told(self.live.flask(*arguments, "--json", check=False))

    def patiently(self, *arguments: str) -> tuple[int, Any]:
        """The same for what takes more than two minutes."""
        command = [sys.executable, "-m", "flask", "--app", "lms", *arguments, "--json"]
        said = {"capture_output": True, "text": True, "check": False}
        return _told(subprocess.run(command, env=self.live.environment, cwd=config.CHECKOUT, **said))

    def archive(self) -> Started:
        """The archive, as the system's units start it."""
        return self.live.start(["flask", "--app", "lms", "database", "archive", "--every", "0.5"])

    def archived(self) -> None:
        """Wait until everything there is now is in the archive."""
        at = clock.now().isoformat()
        wait_until(lambda: max(self._reaches(), default="") > at)

    def _reaches(self) -> list[str]:
        return [json.loads(path.read_text())["at"] for path in (self.ground / "backups").glob("*/reach.json")]


def _told(ran: "subprocess.CompletedProcess[str]") -> tuple[int, Any]:
    return ran.returncode, json.loads(ran.stdout) if ran.stdout.strip() else ran.stderr


@contextmanager
def practice(ground: Ground, live: databases.Live) -> Iterator[Practice]:
    """Backups of this server in a folder of their own; nothing is left."""
    place = default_home(config.CHECKOUT, f"test-{os.getpid()}-practice")
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    place.chmod(0o711)
    live.environment |= {"LMS_BACKUP_SERVER": ground.embedded.superuser_url()}
    live.environment |= {"LMS_BACKUP_FOLDER": str(place / "backups")}
    try:
        yield Practice(live, place)
    finally:
        for process in list(live.processes):
            live.kill(process, 15)
        for home in (place / "drill").glob("*/data"):  # of a drill that was itself killed
            EmbeddedServer(home.parent).stop()
        shutil.rmtree(place, ignore_errors=True)


def decide(live: databases.Live, files: Path, people: int) -> None:
    """So many doctors with three results each, a decision about each, and a head of the ledger kept elsewhere."""
    with orm.Session(live.engine()) as session:
        act_as(session, Actor.job("drill"))
        numbers = cohorts.persons(session, live.world, people, prefix="drill")
    with _application(live, files) as app:
        load_policy(app)
        policies.configure("first-way")
        with app.app_context():
            act_as(db.session, WORKER)
            for first in range(0, len(numbers), AT_ONCE):
                _some(live.world.a.township, numbers[first : first + AT_ONCE])
        with app.app_context():
            act_as(db.session, Actor.job("ledger"))
            ledger.witness_all(db.session, Path(live.environment["LMS_LEDGER_WITNESS_PATH"]))


@contextmanager
def _application(live: databases.Live, files: Path) -> Iterator[Flask]:
    app = create_app(databases.settings(live.database, files))
    try:
        yield app
    finally:
        with app.app_context():
            db.engine.dispose()
        app.extensions["queue"].storage.close()


def _some(place: int, numbers: Sequence[int]) -> None:
    marks = [Brought(number, _evidence(number, kind)) for number in numbers for kind in KINDS]
    record_many(WORKER, db.session.get_one(Institution, place), marks=marks)
    deciding.decide_many(WORKER, None, person_ids=numbers)
    db.session.expunge_all()


def _evidence(number: int, kind: ResultKind) -> Evidence:
    value = Decimal(40 + (number * 7 + len(kind)) % 60)
    source = {"source_kind": "drill", "source_id": f"{number}-{kind}", "source": {"n": number}}
    return Evidence(kind=kind, on_day=clock.today(), value=value, **source)


def ballast(live: databases.Live, megabytes: int) -> None:
    """Rows of about a kilobyte that do not shrink, in a schema of their own."""
    with live.engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("CREATE SCHEMA ballast")
        for part in range(0, megabytes, 256):
            rows = min(256, megabytes - part) * 1024
            text = "(SELECT string_agg(md5(random()::text), '') FROM generate_series(1, 30) WHERE n IS NOT NULL)"
            connection.exec_driver_sql(
                f"CREATE TABLE ballast.part_{part} AS SELECT n, {text} AS words FROM generate_series(1, {rows}) n"
            )


def decisions(live: databases.Live) -> int:
    """How many decisions there are."""
    with orm.Session(live.engine()) as session:
        act_as(session, Actor.job("drill"))
        return session.scalar(sa.select(sa.func.count()).select_from(StarDecision)) or 0
