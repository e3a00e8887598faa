"""An office, free places and a pair of county A."""

import pytest
from flask import Flask
from sqlalchemy import orm

from tests.conftest import As
from tests.factories import mentoring
from tests.factories.world import World


@pytest.fixture
def office(app: Flask, as_: As, session: orm.Session) -> mentoring.Office:
    return mentoring.Office(as_, session)


@pytest.fixture
def pairing(office: mentoring.Office, world: World) -> int:
    """A doctor and an examiner of county A, agreed on paper a hundred days ago."""
    office.offer(world.a.manager, world.a.examiner)
    return office.pair(world.a.manager, world.a.doctor, world.a.examiner, begins=mentoring.ago(100))
