"""The catalogue of clinical techniques, and who stands where in them."""

from datetime import date
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from lms.db import Model, Personal, day, one_of, utc


class TechniqueKind(StrEnum):
    """What a technique is; it decides how long a proof of it stays current."""

    EMERGENCY = "emergency"
    PROCEDURE = "procedure"
    KNOWLEDGE = "knowledge"


class Technique(Model):
    """One technique a primary-care doctor must master; shared by all institutions."""

    __tablename__ = "technique"
    __signer__ = ("SELECT",)
    __table_args__ = (
        sa.CheckConstraint(one_of("kind", TechniqueKind), name="kind_known"),
        sa.Index("ix_technique_categories", "categories", postgresql_using="gin"),
    )

    code: orm.Mapped[str] = orm.mapped_column(sa.String(80), unique=True)
    title: orm.Mapped[str] = orm.mapped_column(sa.String(120))
    title_en: orm.Mapped[str] = orm.mapped_column(sa.String(160))
    kind: orm.Mapped[str] = orm.mapped_column(sa.String(20))
    core: orm.Mapped[bool]
    categories: orm.Mapped[list[str]] = orm.mapped_column(pg.ARRAY(sa.Text))
    summary: orm.Mapped[str]
    standard: orm.Mapped[str]
    sources: orm.Mapped[list[dict[str, str]]] = orm.mapped_column(pg.JSONB)
    retired: orm.Mapped[bool] = orm.mapped_column(server_default=sa.false())
    updated_at: orm.Mapped[utc]


class Standing(Personal, Model):
    """Where a person stands in a technique: entrustment level and until when the proof is current."""

    __tablename__ = "standing"
    __table_args__ = (
        sa.UniqueConstraint("person_id", "technique_id"),
        sa.CheckConstraint("level BETWEEN 1 AND 5", name="level_on_the_entrustment_scale"),
    )

    technique_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("technique.id"), index=True)
    level: orm.Mapped[int]
    since: orm.Mapped[day]
    valid_until: orm.Mapped[date | None]

    technique: orm.Mapped[Technique] = orm.relationship()
