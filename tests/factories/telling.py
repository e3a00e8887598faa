"""Letting people be told of everything that happened, as the worker does it."""

from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy import orm

from lms import events
from lms.authz import Actor
from lms.db import act_as, db, transaction
from lms.notifications.models import Notice


def hear(app: Flask, session: orm.Session) -> int:
    """Deliver what nobody was told of yet to those who tell people; how many deliveries there were."""
    session.commit()
    with app.app_context():
        act_as(db.session, Actor.job("test"))
        heard = [(one, name) for one in events.undelivered() for name in events.subscribers_of(one)]
    wanted = [(event, name) for event, name in heard if name.startswith("notify.")]
    told = 0
    for event, name in wanted:
        with app.app_context():
            told += events.deliver(event, name)
    session.expire_all()
    return told


def told(session: orm.Session, kind: str) -> dict[int, dict[str, Any]]:
    """Who was told of a kind, and the facts of the newest notice."""
    query = sa.select(Notice.person_id, Notice.facts).where(Notice.kind == kind).order_by(Notice.id)
    return {row.person_id: row.facts for row in session.execute(query)}


def again(app: Flask, session: orm.Session) -> None:
    """Let every event be told once more to everybody, as if nobody remembered that it had been."""
    session.commit()
    rows = list(session.execute(sa.select(events.OutboxEvent.kind, events.OutboxEvent.payload)))
    for kind, payload in rows:
        for one in events.SUBSCRIBERS.values():
            if one.kind == kind and one.name.startswith("notify."):
                with app.app_context(), transaction(db.session):
                    one.hear(dict(payload))
    session.expire_all()


def count(session: orm.Session) -> int:
    """How many notices there are."""
    return session.scalar(sa.select(sa.func.count()).select_from(Notice)) or 0
