"""What happened, told to whoever subscribed: after the commit, through an outbox, once per subscriber."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from lms import ids
from lms.db import Everything, Model, after_commit, db, transaction, utc


class OutboxEvent(Model):
    """One thing that happened, committed with the change it speaks of."""

    __tablename__ = "outbox_event"
    __append_only__ = True
    __database_fills__ = ("at",)

    id: orm.Mapped[UUID] = orm.mapped_column(primary_key=True)  # type: ignore[assignment]
    kind: orm.Mapped[str]
    payload: orm.Mapped[dict[str, Any]] = orm.mapped_column(pg.JSONB)
    at: orm.Mapped[utc]


class OutboxDelivery(Model):
    """That one subscriber has dealt with one event; written in the same transaction as what it did."""

    __tablename__ = "outbox_delivery"
    __append_only__ = True
    __database_fills__ = ("at",)
    __table_args__ = (sa.UniqueConstraint("event_id", "subscriber"),)

    event_id: orm.Mapped[UUID] = orm.mapped_column(sa.ForeignKey("outbox_event.id"))
    subscriber: orm.Mapped[str]
    at: orm.Mapped[utc]


@dataclass(frozen=True)
class Subscriber:
    """Who wants to hear of a kind of event; `hear` gets the event's payload."""

    name: str
    kind: str
    hear: Callable[[dict[str, Any]], None]


SUBSCRIBERS: dict[str, Subscriber] = {}
#: Called with an event's id after its commit, to have it delivered soon (a job, when the app runs).
NUDGE: list[Callable[[UUID], None]] = []


def subscribe(kind: type, name: str, hear: Callable[[dict[str, Any]], None]) -> None:
    """Hear of every event of this dataclass, exactly once each (called in wiring.py)."""
    SUBSCRIBERS[name] = Subscriber(name, kind.__name__, hear)


def publish(event: Any) -> UUID:
    """Write the event beside the change; it is told only if the change is committed."""
    event_id = ids.uuid7()
    db.session.add(OutboxEvent(id=event_id, kind=type(event).__name__, payload=_plain(asdict(event))))
    after_commit(db.session, lambda: _nudge(event_id))
    return event_id


def _nudge(event_id: UUID) -> None:
    for nudge in NUDGE:
        nudge(event_id)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def undelivered(limit: int = 500) -> list[UUID]:
    """Events that some subscriber has not dealt with yet, oldest first."""
    if not SUBSCRIBERS:
        return []
    columns = sa.column("subscriber", sa.String), sa.column("kind", sa.String)
    wanted = sa.values(*columns, name="wanted").data([(s.name, s.kind) for s in SUBSCRIBERS.values()])
    done = sa.exists().where(
        OutboxDelivery.event_id == OutboxEvent.id, OutboxDelivery.subscriber == wanted.c.subscriber
    )
    query = (
        sa.select(OutboxEvent.id)
        .join(wanted, wanted.c.kind == OutboxEvent.kind)
        .where(~done)
        .group_by(OutboxEvent.id)
        .order_by(OutboxEvent.id)
        .limit(limit)
    )
    return list(db.session.scalars(query.execution_options(**Everything)))


def subscribers_of(event_id: UUID) -> list[str]:
    """Names of those who want to hear of this event."""
    event = db.session.get(OutboxEvent, event_id, execution_options=Everything)
    return [s.name for s in SUBSCRIBERS.values() if event is not None and s.kind == event.kind]


def deliver(event_id: UUID, name: str) -> bool:
    """Tell one subscriber, unless it has heard already; safe to call twice at once.

    Call it in a session of its own: what the subscriber does is done on its own behalf.
    """
    event = db.session.get_one(OutboxEvent, event_id, execution_options=Everything)
    payload = dict(event.payload)
    claim = (
        pg.insert(OutboxDelivery)
        .values(event_id=event_id, subscriber=name)
        .on_conflict_do_nothing()
        .returning(OutboxDelivery.id)
    )
    with transaction(db.session):
        if db.session.execute(claim, execution_options=Everything).first() is None:
            return False
        SUBSCRIBERS[name].hear(payload)
    return True
