"""What people were told, by which ways it went out, and how they want to be told."""

from datetime import datetime, time
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from lms.db import Model, Personal, one_of, utc
from lms.i18n import DEFAULT, LANGUAGES
from lms.notifications.rules.delivery import State
from lms.notifications.rules.kinds import Channel, How

_when = sa.DateTime(timezone=True)
_LANGUAGES = ", ".join(f"'{code}'" for code in LANGUAGES)


class Notice(Personal, Model):
    """One thing a person was told: the facts; the words are made when they are read."""

    __tablename__ = "notification"
    __table_args__ = (
        # nobody is told twice
        sa.UniqueConstraint("person_id", "kind", "matter"),
        sa.CheckConstraint("matter <> ''", name="about_something"),
        sa.CheckConstraint("jsonb_typeof(facts) = 'object'", name="facts_are_named"),
        sa.Index(None, "person_id", "id"),
        sa.Index("ix_notification_unread", "person_id", postgresql_where=sa.text("read_at IS NULL")),
    )

    kind: orm.Mapped[str] = orm.mapped_column(sa.String(60))
    #: what it is about, in the words of whoever tells; the same matter is told once
    matter: orm.Mapped[str] = orm.mapped_column(sa.String(120))
    facts: orm.Mapped[dict[str, Any]] = orm.mapped_column(pg.JSONB)
    told_at: orm.Mapped[utc]
    read_at: orm.Mapped[datetime | None] = orm.mapped_column(_when)

    deliveries: orm.Mapped[list["Delivery"]] = orm.relationship(order_by="Delivery.id", viewonly=True)


class Delivery(Personal, Model):
    """That a notice goes out by a channel, not before a moment, and what became of it."""

    __tablename__ = "notification_delivery"
    __table_args__ = (
        sa.UniqueConstraint("notification_id", "channel"),
        sa.CheckConstraint(one_of("channel", Channel), name="channel_known"),
        sa.CheckConstraint(one_of("state", State), name="state_known"),
        sa.CheckConstraint("tries >= 0", name="tries_not_negative"),
        sa.CheckConstraint("(state = 'sending') = (claimed_at IS NOT NULL)", name="claimed_while_sending"),
        sa.CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent_at_a_time"),
        sa.CheckConstraint("state NOT IN ('failed', 'unclear', 'dropped') OR why <> ''", name="says_why"),
        sa.Index("ix_notification_delivery_waiting", "due_at", "id", postgresql_where=sa.text("state = 'waiting'")),
        sa.Index("ix_notification_delivery_sending", "claimed_at", postgresql_where=sa.text("state = 'sending'")),
    )

    notification_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("notification.id"))
    channel: orm.Mapped[str] = orm.mapped_column(sa.String(10))
    state: orm.Mapped[str] = orm.mapped_column(sa.String(10), server_default=State.WAITING)
    due_at: orm.Mapped[datetime] = orm.mapped_column(_when)
    tries: orm.Mapped[int] = orm.mapped_column(server_default="0")
    claimed_at: orm.Mapped[datetime | None] = orm.mapped_column(_when)
    sent_at: orm.Mapped[datetime | None] = orm.mapped_column(_when)
    #: the letter it went in, several notices to a letter
    letter: orm.Mapped[UUID | None] = orm.mapped_column(index=True)
    why: orm.Mapped[str] = orm.mapped_column(sa.String(120), server_default="")

    notice: orm.Mapped[Notice] = orm.relationship(viewonly=True)


class Choice(Personal, Model):
    """How a person wants to be told of a kind by a channel; without one, the kind says."""

    __tablename__ = "notification_choice"
    __table_args__ = (
        sa.UniqueConstraint("person_id", "kind", "channel"),
        sa.CheckConstraint(one_of("channel", Channel), name="channel_known"),
        sa.CheckConstraint(one_of("how", How), name="how_known"),
    )

    kind: orm.Mapped[str] = orm.mapped_column(sa.String(60))
    channel: orm.Mapped[str] = orm.mapped_column(sa.String(10))
    how: orm.Mapped[str] = orm.mapped_column(sa.String(10))


class Preference(Personal, Model):
    """When a person wants to be left alone, the hour of the digest, and the language of letters."""

    __tablename__ = "notification_preference"
    __table_args__ = (
        sa.UniqueConstraint("person_id"),
        sa.CheckConstraint(f"language IN ({_LANGUAGES})", name="language_known"),
    )

    quiet_from: orm.Mapped[time]
    quiet_until: orm.Mapped[time]
    digest_at: orm.Mapped[time]
    language: orm.Mapped[str] = orm.mapped_column(sa.String(20), server_default=DEFAULT)
