"""The policy on what follows from stars, and the subsidy of a month as it was settled. Nothing here is ever changed."""

from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from lms.db import InScope, Model, Personal, day, utc


class FollowsPolicy(Model):
    """One version of the policy on what follows from stars, whole."""

    __tablename__ = "follows_policy"
    __append_only__ = True
    __database_fills__ = ("loaded_at",)
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


class SubsidyPreparation(InScope, Model):
    """One officer's word that the list of a month is right as it was shown; another officer settles it."""

    __tablename__ = "subsidy_preparation"
    __append_only__ = True
    __database_fills__ = ("prepared_at",)
    __table_args__ = (
        sa.Index(None, "institution_id", "month"),
        sa.CheckConstraint("extract(day from month) = 1", name="month_begins"),
        sa.CheckConstraint("octet_length(content_hash) = 32", name="content_hash_is_sha256"),
        sa.CheckConstraint("persons >= 0 AND yuan >= 0", name="not_negative"),
    )

    month: orm.Mapped[date]
    persons: orm.Mapped[int]
    yuan: orm.Mapped[Decimal] = orm.mapped_column(sa.Numeric(12, 2))
    content_hash: orm.Mapped[bytes]
    prepared_by_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"))
    prepared_at: orm.Mapped[utc]


class SubsidyMonth(InScope, Model):
    """The subsidy of a month below one health authority: prepared by one officer, settled by another."""

    __tablename__ = "subsidy_month"
    __append_only__ = True
    __database_fills__ = ("settled_at",)
    __table_args__ = (
        sa.UniqueConstraint("institution_id", "month"),
        sa.CheckConstraint("extract(day from month) = 1", name="month_begins"),
        sa.CheckConstraint("octet_length(content_hash) = 32", name="content_hash_is_sha256"),
        sa.CheckConstraint("persons >= 0 AND yuan >= 0", name="not_negative"),
        sa.CheckConstraint("prepared_by_id <> settled_by_id", name="two_officers"),
    )

    month: orm.Mapped[date]
    policy_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("follows_policy.id"))
    persons: orm.Mapped[int]
    yuan: orm.Mapped[Decimal] = orm.mapped_column(sa.Numeric(12, 2))
    content_hash: orm.Mapped[bytes]
    #: Who had prepared it; NULL where it was settled when one officer was enough.
    prepared_by_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("person.id"))
    settled_by_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"))
    settled_at: orm.Mapped[utc]

    policy: orm.Mapped[FollowsPolicy] = orm.relationship()
    lines: orm.Mapped[list["SubsidyLine"]] = orm.relationship(viewonly=True, order_by="SubsidyLine.id")


class SubsidyLine(Personal, Model):
    """What one person gets for a settled month, and the certificate it rests on."""

    __tablename__ = "subsidy_line"
    __append_only__ = True
    __table_args__ = (
        sa.UniqueConstraint("subsidy_month_id", "person_id"),
        sa.CheckConstraint("yuan > 0", name="something_is_paid"),
        sa.CheckConstraint("star BETWEEN 1 AND 5", name="star_between_one_and_five"),
    )

    subsidy_month_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("subsidy_month.id"))
    certificate_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("certificate.id"), index=True)
    star: orm.Mapped[int]
    yuan: orm.Mapped[Decimal] = orm.mapped_column(sa.Numeric(10, 2))

    month: orm.Mapped[SubsidyMonth] = orm.relationship(viewonly=True)
