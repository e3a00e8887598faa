"""Every address that somebody may use, asked with something that nobody should send: none falls over.

Each address gets one word, one body and one query of tests/campaigns/nonsense.py, in turn; the campaign sends all.
"""

import pytest
from flask import Flask
from sqlalchemy import orm

from tests.campaigns.nonsense import asking, one_each
from tests.conftest import As
from tests.factories.world import World

pytestmark = pytest.mark.slow


def test_nothing_makes_it_fall_over(app: Flask, session: orm.Session, as_: As, world: World) -> None:
    asked = asking(app, session, as_, world)
    asked.forms(one_each)
    asked.bodies(one_each)
    asked.queries(one_each)
    assert asked.faults == []
