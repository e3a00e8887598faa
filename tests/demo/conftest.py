"""The city before its story: content, institutions, and the people who play in it."""

import pytest
from flask import Flask
from sqlalchemy import orm

from demo.story import city, people
from demo.story.stage import Stage
from lms.authz import Role
from lms.people.models import Category
from tests.factories import world as worlds
from tests.factories.world import World


@pytest.fixture
def stage(app: Flask, session: orm.Session, world: World) -> Stage:
    """Where the story is told, before it begins."""
    worlds.person(
        session, "admin", "信息中心", Category.ADMINISTRATOR, world.city, (Role.SYSTEM_ADMINISTRATOR, world.city)
    )
    session.commit()
    made = Stage(app)
    city.load_content(made)
    city.load_institutions(made)
    people.enter(made)
    return made
