"""Tablets that an officer has let in, and who was briefed on which."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import orm

from lms.db import InScope, Model, Personal, Sealed, utc

_when = sa.DateTime(timezone=True)


class Tablet(InScope, Model):
    """One browser on one tablet: announced by an officer, enrolled by its own key, perhaps revoked.

    The key never changes: a tablet whose browser was wiped is announced again and is another row, so that what the
    first one signed can be checked for ever.
    """

    __tablename__ = "tablet"
    __table_args__ = (
        sa.UniqueConstraint("key_hash"),
        sa.UniqueConstraint("code_hash"),
        sa.CheckConstraint("label <> ''", name="labelled"),
        sa.CheckConstraint("octet_length(key_hash) = 32", name="key_hash_is_sha256"),
        sa.CheckConstraint(
            "(public_key IS NULL) = (enrolled_at IS NULL) AND (key_hash IS NULL) = (enrolled_at IS NULL)",
            name="enrolled_with_a_key",
        ),
        sa.CheckConstraint(
            "(code IS NULL) = (code_hash IS NULL) AND (code IS NULL) = (code_until IS NULL)"
            " AND (code IS NULL OR enrolled_at IS NULL)",
            name="a_code_until_enrolled",
        ),
        sa.CheckConstraint(
            "(revoked_at IS NULL) = (revoked_by_id IS NULL) AND (revoked_at IS NULL) = (revoked_why = '')",
            name="revoked_by_somebody_for_a_reason",
        ),
    )

    label: orm.Mapped[str] = orm.mapped_column(sa.String(60))
    #: the one-time code while it waits for its tablet
    code: orm.Mapped[str | None] = orm.mapped_column(Sealed)
    code_hash: orm.Mapped[bytes | None]
    code_until: orm.Mapped[datetime | None] = orm.mapped_column(_when)
    #: SubjectPublicKeyInfo in DER, and its SHA-256, which is the device's name
    public_key: orm.Mapped[bytes | None]
    key_hash: orm.Mapped[bytes | None]
    enrolled_by_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    announced_at: orm.Mapped[utc]
    enrolled_at: orm.Mapped[datetime | None] = orm.mapped_column(_when)
    revoked_by_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    revoked_at: orm.Mapped[datetime | None] = orm.mapped_column(_when)
    revoked_why: orm.Mapped[str] = orm.mapped_column(server_default="")
    last_seen_at: orm.Mapped[datetime | None] = orm.mapped_column(_when)

    @property
    def state(self) -> str:
        """`waiting` for its tablet, `enrolled`, or `revoked`."""
        if self.revoked_at is not None:
            return "revoked"
        return "waiting" if self.enrolled_at is None else "enrolled"


class TabletBriefing(Personal, Model):
    """That an examiner prepared a tablet for a day; `institution` is the tablet's."""

    __tablename__ = "tablet_briefing"
    __append_only__ = True
    __database_fills__ = ("at",)
    __table_args__ = (sa.Index(None, "tablet_id", "at"), sa.Index(None, "person_id", "at"))

    tablet_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("tablet.id"))
    at: orm.Mapped[utc]

    tablet: orm.Mapped[Tablet] = orm.relationship()
