"""Every address that somebody may use, asked with all that nobody should send: none falls over.

`make campaigns ARGS=tests/campaigns/campaign_bad_input.py`; test_bad_input.py asks each address with one of each kind.
"""

import pytest
from flask import Flask
from sqlalchemy import orm

from tests.campaigns.nonsense import Asking, asking, every
from tests.conftest import As
from tests.factories.world import World


@pytest.fixture
def asked(app: Flask, session: orm.Session, as_: As, world: World) -> Asking:
    """Everything there is, with a sample of each."""
    return asking(app, session, as_, world)


def test_no_form_makes_it_fall_over(asked: Asking) -> None:
    asked.forms(every)
    assert asked.faults == []


def test_no_body_makes_it_fall_over(asked: Asking) -> None:
    asked.bodies(every)
    assert asked.faults == []


def test_no_query_makes_it_fall_over(asked: Asking) -> None:
    asked.queries(every)
    assert asked.faults == []
