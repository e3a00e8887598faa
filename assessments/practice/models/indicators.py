"""Indicators of practice, the figures that were imported of them, and the imports."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from lms.db import InScope, Model, Personal, day, one_of, text_key, utc
from lms.people.models import Person


class Kind(StrEnum):
    """Of whom an indicator asks."""

    #: what patients say
    SATISFACTION = "satisfaction"
    #: what the records of care add up to
    INDICATOR = "indicator"


class Indicator(Model):
    """One thing that is counted of a doctor's practice; what exactly stands in its versions."""

    __tablename__ = "indicator"
    __table_args__ = (sa.CheckConstraint(one_of("kind", Kind), name="kind_known"),)

    code: orm.Mapped[text_key] = orm.mapped_column(unique=True)
    title: orm.Mapped[str] = orm.mapped_column(sa.String(120))
    title_en: orm.Mapped[str] = orm.mapped_column(sa.String(160))
    kind: orm.Mapped[str] = orm.mapped_column(sa.String(20))
    retired: orm.Mapped[bool] = orm.mapped_column(server_default=sa.false())
    updated_at: orm.Mapped[utc]


class IndicatorVersion(Model):
    """Unit, direction, target and least number of cases of an indicator; named by its hash, never changed."""

    __tablename__ = "indicator_version"
    __append_only__ = True
    __database_fills__ = ("made_at",)
    __table_args__ = (
        sa.UniqueConstraint("indicator_id", "version"),
        sa.CheckConstraint("octet_length(content_hash) = 32", name="content_hash_is_sha256"),
    )

    indicator_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("indicator.id"))
    version: orm.Mapped[int]
    #: the shape is assessments.practice.rules.parts.Definition's
    body: orm.Mapped[dict[str, Any]] = orm.mapped_column(pg.JSONB)
    sources: orm.Mapped[list[dict[str, str]]] = orm.mapped_column(pg.JSONB)
    content_hash: orm.Mapped[bytes]
    made_at: orm.Mapped[utc]

    indicator: orm.Mapped[Indicator] = orm.relationship()


class IndicatorImport(InScope, Model):
    """A table of figures somebody sent: what it would do, and whether it was done. No patient is named in it."""

    __tablename__ = "indicator_import"
    __table_args__ = (
        sa.CheckConstraint("state IN ('checked', 'applied')", name="state_known"),
        sa.CheckConstraint("(state = 'applied') = (applied_at IS NOT NULL)", name="applied_at_a_time"),
        sa.CheckConstraint("octet_length(sha256) = 32", name="sha256_is_sha256"),
    )

    sent_by_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    file_name: orm.Mapped[str] = orm.mapped_column(sa.String(100))
    sha256: orm.Mapped[bytes]
    #: the rows as they were typed, from which the plan is made anew before it is carried out
    typed: orm.Mapped[list[dict[str, Any]]] = orm.mapped_column(pg.JSONB, deferred=True)
    lines: orm.Mapped[list[dict[str, Any]]] = orm.mapped_column(pg.JSONB, deferred=True)
    counts: orm.Mapped[dict[str, int]] = orm.mapped_column(pg.JSONB)
    ignored: orm.Mapped[list[str]] = orm.mapped_column(pg.JSONB, server_default="[]")
    plan_hash: orm.Mapped[str] = orm.mapped_column(sa.String(64))
    state: orm.Mapped[str] = orm.mapped_column(sa.String(10), server_default="checked")
    sent_at: orm.Mapped[utc]
    applied_at: orm.Mapped[datetime | None] = orm.mapped_column(sa.DateTime(timezone=True))

    @classmethod
    def within_reach(cls, person_id: int) -> list[sa.ColumnElement[bool]]:
        """What one sent oneself."""
        return [cls.sent_by_id == person_id]


class IndicatorValue(Personal, Model):
    """What was counted of one indicator about one doctor in one period; a correction supersedes."""

    __tablename__ = "indicator_value"
    __append_only__ = True
    __database_fills__ = ("recorded_at",)
    __table_args__ = (
        sa.UniqueConstraint("person_id", "indicator_id", "period_from", "period_until", "version"),
        sa.UniqueConstraint("supersedes_id"),
        sa.CheckConstraint("(version = 1) = (supersedes_id IS NULL)", name="later_versions_supersede"),
        sa.CheckConstraint("period_until >= period_from", name="period_ends_after_beginning"),
        sa.CheckConstraint("numerator >= 0 AND denominator > 0", name="counted_something"),
    )

    indicator_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("indicator.id"), index=True)
    period_from: orm.Mapped[day]
    period_until: orm.Mapped[day]
    numerator: orm.Mapped[Decimal] = orm.mapped_column(sa.Numeric(18, 4))
    denominator: orm.Mapped[int]
    source: orm.Mapped[str] = orm.mapped_column(sa.String(120), server_default="")
    import_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("indicator_import.id"), index=True)
    version: orm.Mapped[int] = orm.mapped_column(server_default="1")
    supersedes_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("indicator_value.id"))
    recorded_at: orm.Mapped[utc]

    indicator: orm.Mapped[Indicator] = orm.relationship()
    person: orm.Mapped[Person] = orm.relationship(viewonly=True)
