"""Policy versions and what they came to for each person. Nothing here is changed or removed."""

from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from lms.db import Model, Personal, day, utc


class InLedger:
    """A row whose words are committed to in the ledger and lie sealed beside it."""

    ledger_index: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("ledger_entry.index"), unique=True)
    sealed: orm.Mapped[bytes]


class PolicyVersion(InLedger, Model):
    """One version of a star policy, whole, and never edited: its hash is what decisions refer to."""

    __tablename__ = "policy_version"
    __append_only__ = True
    __database_fills__ = ("loaded_at",)
    __signer__ = ("SELECT",)
    __table_args__ = (
        sa.UniqueConstraint("code", "version"),
        sa.CheckConstraint("octet_length(content_hash) = 32", name="content_hash_is_sha256"),
        sa.CheckConstraint("version > 0", name="version_positive"),
    )

    code: orm.Mapped[str] = orm.mapped_column(sa.String(80))
    version: orm.Mapped[int]
    valid_from: orm.Mapped[day]
    content: orm.Mapped[dict[str, Any]] = orm.mapped_column(pg.JSONB)
    content_hash: orm.Mapped[bytes]
    loaded_at: orm.Mapped[utc]


class StarDecision(InLedger, Personal, Model):
    """How many stars one person's evidence came to under one policy version, and why."""

    __tablename__ = "star_decision"
    __append_only__ = True
    __database_fills__ = ("decided_at",)
    __signer__ = ("SELECT",)
    __table_args__ = (
        sa.CheckConstraint("star BETWEEN 0 AND 5", name="star_between_none_and_five"),
        sa.CheckConstraint("octet_length(evidence_hash) = 32", name="evidence_hash_is_sha256"),
        sa.Index(None, "person_id", "id"),
    )

    policy_version_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("policy_version.id"), index=True)
    evidence_hash: orm.Mapped[bytes]
    #: The results that were looked at, so that anybody can decide again.
    evidence_ids: orm.Mapped[list[int]] = orm.mapped_column(pg.ARRAY(sa.BigInteger))
    on_day: orm.Mapped[day]
    star: orm.Mapped[int]
    explanation: orm.Mapped[dict[str, Any]] = orm.mapped_column(pg.JSONB)
    #: The first day on which time alone may change it: something that counts will have expired.
    changes_on: orm.Mapped[date | None] = orm.mapped_column(index=True)
    decided_at: orm.Mapped[utc]

    policy_version: orm.Mapped[PolicyVersion] = orm.relationship()
