"""A hospital of county A with a department of one place."""

import pytest
from flask import Flask
from sqlalchemy import orm

from tests.conftest import As
from tests.factories.rotations import Hospital
from tests.factories.world import World


@pytest.fixture
def hospital(app: Flask, as_: As, session: orm.Session) -> Hospital:
    return Hospital(as_, session)


@pytest.fixture
def department(hospital: Hospital, world: World) -> int:
    """One place; the examiner receives."""
    return hospital.department(world.a.manager, world.a.hospital, world.a.examiner)
