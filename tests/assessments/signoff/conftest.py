"""The ward of these tests."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import orm

from tests.conftest import As
from tests.factories.signoff import Ward
from tests.factories.world import World


@pytest.fixture
def ward(app: Flask, as_: As, session: orm.Session, world: World) -> Iterator[Ward]:
    yield Ward(app, as_, session, world)
