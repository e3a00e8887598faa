"""Policy versions and what they came to for each person. Nothing here is changed or removed."""

from datetime import date
from decimal import Decimal
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
        sa.CheckConstraint("certainty BETWEEN 0 AND 1", name="certainty_is_a_share"),
        sa.Index(None, "person_id", "id"),
        sa.Index("ix_star_decision_borderline", "institution_id", postgresql_where=sa.text("borderline")),
    )

    policy_version_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("policy_version.id"), index=True)
    evidence_hash: orm.Mapped[bytes]
    #: The results that were looked at, so that anybody can decide again.
    evidence_ids: orm.Mapped[list[int]] = orm.mapped_column(pg.ARRAY(sa.BigInteger))
    on_day: orm.Mapped[day]
    star: orm.Mapped[int]
    #: The numbers of every requirement; `queries.decisions.explained` adds the words.
    explanation: orm.Mapped[dict[str, Any]] = orm.mapped_column(pg.JSONB)
    #: The chance that the star is truly reached, by the standard errors of the marks.
    certainty: orm.Mapped[Decimal] = orm.mapped_column(sa.Numeric(5, 4), server_default="1")
    #: Whether that is less than the policy wants: it may have to wait for a second look.
    borderline: orm.Mapped[bool] = orm.mapped_column(server_default=sa.false())
    #: The first day on which time alone may change it: something that counts will have expired.
    changes_on: orm.Mapped[date | None] = orm.mapped_column(index=True)
    decided_at: orm.Mapped[utc]

    policy_version: orm.Mapped[PolicyVersion] = orm.relationship()


class SecondLook(InLedger, Personal, Model):
    """What an officer said of a borderline decision before anything was proposed; the reason is in the sealed words."""

    __tablename__ = "second_look"
    __append_only__ = True
    __database_fills__ = ("at",)
    __table_args__ = (sa.CheckConstraint("by_id <> person_id", name="not_ones_own"),)

    decision_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("star_decision.id"), unique=True)
    confirmed: orm.Mapped[bool]
    by_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    at: orm.Mapped[utc]

    decision: orm.Mapped[StarDecision] = orm.relationship()
