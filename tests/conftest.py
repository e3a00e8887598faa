"""One real PostgreSQL per test process, the schema and a small world made once, one transaction per test."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck
from hypothesis import settings as properties
from sqlalchemy import orm

from config import CHECKOUT, Settings
from lms import uncollected
from lms.app import create_app
from lms.authz import Actor
from lms.db import act_as, db
from lms.jobs import WORK, Job
from lms.people.queries import actor_for
from tests import databases
from tests.factories.world import World
from tests.pages import Page
from tests.statements import heard, over_one_connection

# The same examples in every run, and none is failed for being slow: machines differ, and some are busy.
properties.register_profile(
    "same everywhere", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
properties.load_profile("same everywhere")


@pytest.fixture(scope="session")
def server() -> Iterator[databases.Server]:
    """The database server of this test process."""
    with databases.server(CHECKOUT) as running:
        yield running


@pytest.fixture(scope="session")
def template(server: databases.Server) -> databases.Database:
    """A migrated database with the world in it, from which others are cloned."""
    return databases.template(server)


@pytest.fixture(scope="session")
def settings(template: databases.Database, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings as strong as production's."""
    return databases.settings(databases.clone(template), tmp_path_factory.mktemp("files"))


@pytest.fixture(scope="session")
def built(settings: Settings) -> Iterator[Flask]:
    """The whole application, wired once."""
    with uncollected():
        app = create_app(settings)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    app.extensions["acting"] = None
    signed_in = app.extensions.get("identify")
    app.extensions["identify"] = lambda: app.extensions["acting"] or (signed_in() if signed_in else Actor.PUBLIC)
    yield app
    with app.app_context():
        db.engine.dispose()
    app.extensions["queue"].storage.close()


@pytest.fixture
def app(built: Flask) -> Iterator[Flask]:
    """The application in one outer transaction that is thrown away; every commit inside is a savepoint."""
    with over_one_connection(built):
        yield built
    built.extensions["acting"] = None


@pytest.fixture
def world(template: databases.Database) -> World:
    """Ids of the institutions and persons every test starts with."""
    return template.world


@pytest.fixture
def session(app: Flask) -> Iterator[orm.Session]:
    """The test's own session, which sees everything; never the one a request uses."""
    with app.app_context():
        maker = db.sessionmaker
    with maker() as made:
        act_as(made, Actor.job("test"))
        yield made


As = Callable[[int | Actor], AbstractContextManager[Actor]]


@pytest.fixture
def as_(app: Flask) -> As:
    """Act as somebody inside services: `with as_(world.a.doctor) as actor: verb(actor, thing)`."""

    @contextmanager
    def act(who: int | Actor) -> Iterator[Actor]:
        with app.app_context():
            actor = actor_for(who) if isinstance(who, int) else who
            act_as(db.session, actor)
            yield actor

    return act


@pytest.fixture
def page(app: Flask) -> Page:
    """Pages as a person sees them, each one checked: title, one h1, unique ids, labels, CSP."""
    return Page(app)


@pytest.fixture
def work_off(app: Flask, session: orm.Session) -> Callable[[], None]:
    """Do the jobs that wait, inside the transaction of the test (a worker has a connection of its own)."""

    def off() -> None:
        session.commit()
        for job in session.scalars(sa.select(Job).where(Job.state == "queued").order_by(Job.id)):
            with app.app_context():
                outcome = WORK[job.name](lambda done, total: None, **job.arguments)
            job.state, job.outcome = "done", outcome
        session.commit()

    return off


@pytest.fixture
def as_work_ends(app: Flask, work_off: Callable[[], None]) -> Callable[[], AbstractContextManager[None]]:
    """The jobs that wait end in the moment before a page looks at one: `with as_work_ends(): page.get(...)`."""

    @contextmanager
    def ending() -> Iterator[None]:
        looked: list[str] = []

        def end(statement: str) -> None:
            if not looked and statement.startswith("SELECT job."):
                looked.append(statement)
                work_off()

        with heard(app, end):
            yield
        assert looked, "no job was looked at"

    return ending


@pytest.fixture
def queries(app: Flask) -> Iterator[list[str]]:
    """Every statement sent to the database during the test."""
    sent: list[str] = []
    with heard(app, sent.append):
        yield sent


@pytest.fixture
def live(template: databases.Database, server: databases.Server, tmp_path: Path) -> Iterator[databases.Live]:
    """A database of one's own and real processes on it: web servers and workers (see tests/databases.py)."""
    with databases.live(server, template, tmp_path) as running:
        yield running


def pytest_sessionstart() -> None:
    """What a killed run has left must not take the room of this one."""
    if "PYTEST_XDIST_WORKER" not in os.environ:  # once, before any of this run's servers begins
        databases.forget_dead_servers(CHECKOUT, os.getpid())


def pytest_sessionfinish() -> None:
    """Nothing of ours may outlive the tests."""
    databases.forget_dead_servers(CHECKOUT, os.getpid())
