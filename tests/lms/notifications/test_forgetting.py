"""Old messages go after the days an installation keeps them; nobody is told anew of what is still kept."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import orm

from lms import clock
from lms.notifications import jobs
from lms.notifications.models import Delivery, Notice
from tests.lms.notifications.conftest import NEEDED, Post

SILENT: Any = lambda done, total: None  # noqa: E731 - a job that tells nobody how far it is


def age(session: orm.Session, days: int, *numbers: int) -> None:
    """As if they had been told so long ago."""
    told = clock.now() - timedelta(days=days)
    session.execute(sa.update(Notice).where(Notice.id.in_(numbers)).values(told_at=told))
    session.commit()


def told(session: orm.Session) -> list[int]:
    session.expire_all()
    return list(session.scalars(sa.select(Notice.id).order_by(Notice.id)))


def forget(app: Flask) -> int:
    with app.app_context():
        found: int = jobs.forget_old(SILENT)["removed"]
        return found


def test_what_is_older_goes_and_what_still_goes_out_stays(
    app: Flask, post: Post, world: Any, session: orm.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "AT_ONCE", 2)
    post.reach(world.a.doctor)
    for n in range(6):
        post.tell(world.a.doctor, world.b.doctor, n=n)
    numbers = told(session)
    assert len(numbers) == 12
    age(session, 731, *numbers[:8])
    age(session, 729, *numbers[8:])
    waiting = session.scalars(sa.select(Delivery).where(Delivery.notification_id == numbers[0])).one()
    session.execute(sa.update(Delivery).where(Delivery.id != waiting.id).values(state="dropped", why="read"))
    session.commit()
    assert forget(app) == 7
    assert told(session) == [numbers[0], *numbers[8:]]
    left = set(session.scalars(sa.select(Delivery.notification_id)))
    assert left <= set(told(session))
    assert forget(app) == 0


def test_who_keeps_them_for_ever_loses_nothing(
    app: Flask, post: Post, world: Any, session: orm.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = app.config["LMS"].model_copy(update={"notices_days": 0})
    monkeypatch.setitem(app.config, "LMS", kept)
    post.tell(world.a.doctor, kind=NEEDED)
    age(session, 30_000, *told(session))
    assert forget(app) == 0
    assert len(told(session)) == 1


def test_what_is_kept_is_not_told_again(post: Post, world: Any, session: orm.Session) -> None:
    assert post.tell(world.a.doctor) == 1
    age(session, 729, *told(session))
    assert post.tell(world.a.doctor) == 0
