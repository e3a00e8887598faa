"""What waits to go out, and what became of it."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from lms.db import db
from lms.notifications.models import Choice, Delivery, Notice, Preference
from lms.notifications.rules.delivery import State
from lms.notifications.rules.kinds import Channel
from lms.people.models import Person

#: A job that sends dies, at the latest, so long before its claims are called unclear; a letter takes a minute at most.
STALE = timedelta(minutes=15)
#: States that somebody should look at.
TROUBLE = (State.FAILED, State.UNCLEAR)


def first_due(channels: list[Channel]) -> Any:
    """Person and channel of what has been due longest, by the database's clock; None: nothing is."""
    query = (
        sa.select(Delivery.person_id, Delivery.channel)
        .where(
            Delivery.state == State.WAITING,
            Delivery.due_at <= sa.func.clock_timestamp(),
            Delivery.channel.in_(channels),
        )
        .order_by(Delivery.due_at, Delivery.id)
        .limit(1)
    )
    return db.session.execute(query).first()


def due_of(person_id: int, channel: str) -> list[Delivery]:
    """All that is due for one person by one channel, oldest first."""
    query = (
        sa.select(Delivery)
        .where(
            Delivery.person_id == person_id,
            Delivery.channel == channel,
            Delivery.state == State.WAITING,
            Delivery.due_at <= sa.func.clock_timestamp(),
        )
        .options(orm.joinedload(Delivery.notice))
        .order_by(Delivery.id)
    )
    return list(db.session.scalars(query))


def addressee(person_id: int) -> Any:
    """Person and Preference (or None) of whoever gets a letter."""
    query = sa.select(Person, Preference).outerjoin(Preference, Preference.person_id == Person.id)
    return db.session.execute(query.where(Person.id == person_id)).one()


def switched_off(person_id: int, channel: str) -> set[str]:
    """Kinds that a person has switched off for a channel meanwhile."""
    query = sa.select(Choice.kind).where(Choice.person_id == person_id, Choice.channel == channel, Choice.how == "off")
    return set(db.session.scalars(query))


def stale() -> sa.Update:
    """Claims whose sender has died between asking and hearing."""
    return (
        sa.update(Delivery)
        .where(Delivery.state == State.SENDING, Delivery.claimed_at < sa.func.clock_timestamp() - STALE)
        .execution_options(synchronize_session=False)
    )


def trouble() -> sa.Select[*tuple[Any, ...]]:
    """What did not go out, or nobody knows, with whom it was for; newest first."""
    return (
        sa.select(Delivery, Person.name, Notice.kind, Notice.told_at)
        .join(Notice, Notice.id == Delivery.notification_id)
        .join(Person, Person.id == Delivery.person_id)
        .where(Delivery.state.in_(TROUBLE))
        .order_by(Delivery.id.desc())
    )


def standing() -> dict[tuple[str, str], int]:
    """How many deliveries of the area stand in which state, by channel and state."""
    query = sa.select(Delivery.channel, Delivery.state, sa.func.count()).group_by(Delivery.channel, Delivery.state)
    return {(channel, state): count for channel, state, count in db.session.execute(query)}


def oldest_waiting() -> Any:
    """Since when the oldest thing that is due waits; None where nothing does."""
    query = sa.select(sa.func.min(Delivery.due_at)).where(
        Delivery.state == State.WAITING, Delivery.due_at <= sa.func.clock_timestamp()
    )
    return db.session.scalar(query)
