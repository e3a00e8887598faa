"""A county and its neighbour with people who have a past, and figures made of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import orm

from assessments.insight import jobs
from assessments.insight.models import InsightRun
from lms.app import create_app
from lms.db import db
from tests import databases
from tests.factories import past
from tests.factories.world import World


def refresh(app: Flask) -> int:
    """Make all figures, as the job does; the run."""
    with app.app_context():
        return int(jobs.refresh(lambda *_: None)["run"])


def places(world: World) -> list[int]:
    """Where people work: in both counties, at every level, at the city itself."""
    counties = (world.a, world.b)
    return [world.city, *(at for c in counties for at in (c.commission, c.hospital, c.township, c.clinic, c.clinic))]


@pytest.fixture
def run(app: Flask, session: orm.Session, world: World) -> InsightRun:
    """Figures over seventy people."""
    past.make(session, places(world), 70)
    session.commit()
    made = refresh(app)
    session.expire_all()
    return session.get_one(InsightRun, made)


@pytest.fixture
def live_figures(template: databases.Database) -> Iterator[sa.Engine]:
    """Connections of the application's own role to a database where commits are commits."""
    database = databases.clone(template)
    engine = sa.create_engine(database.url(), poolclass=sa.NullPool)
    yield engine
    engine.dispose()
    database.server.run(f"DROP DATABASE IF EXISTS {database.name} WITH (FORCE)")


@pytest.fixture
def own_app(template: databases.Database, tmp_path: Path) -> Iterator[Flask]:
    """The application on a database of its own, where jobs really run."""
    database = databases.clone(template)
    made = create_app(databases.settings(database, tmp_path))
    yield made
    with made.app_context():
        db.engine.dispose()
    made.extensions["queue"].storage.close()
    database.server.run(f"DROP DATABASE IF EXISTS {database.name} WITH (FORCE)")
