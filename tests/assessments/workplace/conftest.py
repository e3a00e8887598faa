"""A clinic for each test."""

import pytest
from flask import Flask
from sqlalchemy import orm

from tests.conftest import As
from tests.factories.workplace import Clinic


@pytest.fixture
def clinic(app: Flask, as_: As, session: orm.Session) -> Clinic:
    """A form, a requirement, three techniques, and hands for everybody."""
    return Clinic(app, as_, session)
