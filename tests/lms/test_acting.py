"""On whose behalf a request or a job reads and writes."""

import pytest

from lms.authz import Actor
from lms.db import NoActor, act_as, db


def test_who_is_served_is_known_before_there_is_a_session(app):
    """A request that needs no session pays for none."""
    with app.app_context():
        db.serve(Actor.PUBLIC)
        assert db.actor is Actor.PUBLIC
        assert not db.begun


def test_a_session_made_later_reads_for_the_same(app):
    with app.app_context():
        db.serve(Actor.PUBLIC)
        with pytest.raises(RuntimeError, match="one session, one actor"):
            act_as(db.session, Actor.job("test"))


def test_a_job_s_session_says_for_whom(app):
    job = Actor.job("test")
    with app.app_context():
        act_as(db.session, job)
        assert db.actor is job


def test_nobody_is_nobody(app):
    with app.app_context(), pytest.raises(NoActor):
        _ = db.actor
