"""Cases and their versions, who plays which, every act of it, and how it was scored."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from assessments.simulation.rules import Happened, Section, Uncredited
from courses.mentoring.models import mentored_by
from lms.db import Model, Personal, one_of, text_key, utc
from lms.techniques.models import Technique

_SHA256 = "octet_length({}) = 32"


class SimulatedCase(Model):
    """One simulated patient under one name; what can be done and what is right stands in its versions."""

    __tablename__ = "simulated_case"
    __table_args__ = (sa.Index("ix_simulated_case_also", "also", postgresql_using="gin"),)

    code: orm.Mapped[text_key] = orm.mapped_column(unique=True)
    title: orm.Mapped[str] = orm.mapped_column(sa.String(120))
    title_en: orm.Mapped[str] = orm.mapped_column(sa.String(160))
    #: the technique that the result is evidence of
    technique_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("technique.id"), index=True)
    #: codes of techniques that it trains too
    also: orm.Mapped[list[str]] = orm.mapped_column(pg.ARRAY(sa.Text))
    categories: orm.Mapped[list[str]] = orm.mapped_column(pg.ARRAY(sa.Text))
    retired: orm.Mapped[bool] = orm.mapped_column(server_default=sa.false())
    updated_at: orm.Mapped[utc]

    technique: orm.Mapped[Technique] = orm.relationship()
    versions: orm.Mapped[list["CaseVersion"]] = orm.relationship(
        back_populates="case", order_by="CaseVersion.version.desc()"
    )


class CaseVersion(Model):
    """What a case says, named by the hash of it, never changed.

    `scene` is what a player may see; what each act is worth, what came of orders, and the expert's way stand in `key`,
    which is not loaded with the row: only a query that asks for it by name (`undefer`) gets it.
    """

    __tablename__ = "case_version"
    __append_only__ = True
    __database_fills__ = ("made_at",)
    __table_args__ = (
        sa.UniqueConstraint("case_id", "version"),
        sa.UniqueConstraint("id", "case_id"),
        sa.CheckConstraint(_SHA256.format("content_hash"), name="content_hash_is_sha256"),
    )

    case_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("simulated_case.id"))
    version: orm.Mapped[int]
    scene: orm.Mapped[dict[str, Any]] = orm.mapped_column(pg.JSONB)
    key: orm.Mapped[dict[str, Any]] = orm.mapped_column(pg.JSONB, deferred=True, deferred_raiseload=True)
    sources: orm.Mapped[list[dict[str, str]]] = orm.mapped_column(pg.JSONB)
    content_hash: orm.Mapped[bytes]
    made_at: orm.Mapped[utc]

    case: orm.Mapped[SimulatedCase] = orm.relationship(back_populates="versions")


class _Played(Personal):
    """Rows of somebody's consultation: within reach of the person, and of whoever is their mentor today."""

    @classmethod
    def within_reach(cls, person_id: int) -> list[sa.ColumnElement[bool]]:
        """One's own, and one's apprentices'."""
        mine: sa.ColumnElement[int] = cls.person_id  # type: ignore[assignment]
        return [mine == person_id, mine.in_(mentored_by(person_id))]


class CaseRun(_Played, Model):
    """One consultation: begun, perhaps left and gone on with, ended once. At most one of a case is open at a time."""

    __tablename__ = "case_run"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["version_id", "case_id"], ["case_version.id", "case_version.case_id"], name="fk_case_run_version_of_case"
        ),
        sa.CheckConstraint("handed_in_at >= begun_at", name="ends_after_beginning"),
        sa.Index(
            "uq_case_run_open", "person_id", "case_id", unique=True, postgresql_where=sa.text("handed_in_at IS NULL")
        ),
        sa.Index(None, "person_id", "handed_in_at"),
    )

    case_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("simulated_case.id"), index=True)
    version_id: orm.Mapped[int] = orm.mapped_column(index=True)
    begun_at: orm.Mapped[utc]
    handed_in_at: orm.Mapped[datetime | None] = orm.mapped_column(sa.DateTime(timezone=True))

    case: orm.Mapped[SimulatedCase] = orm.relationship()
    version: orm.Mapped[CaseVersion] = orm.relationship(
        foreign_keys=[version_id], viewonly=True, primaryjoin=lambda: CaseVersion.id == CaseRun.version_id
    )
    finish: orm.Mapped["CaseFinish | None"] = orm.relationship(back_populates="run", uselist=False)


class CaseAct(_Played, Model):
    """One thing that was done, or an order that was taken back; its id is made where it happened, so that sending it
    twice changes nothing. Order and time are the database's."""

    __tablename__ = "case_act"
    __append_only__ = True
    __database_fills__ = ("seq", "at")
    __table_args__ = (
        sa.UniqueConstraint("run_id", "seq"),
        sa.CheckConstraint(one_of("section", Section), name="section_known"),
        sa.CheckConstraint(one_of("happened", Happened), name="happened_known"),
        sa.CheckConstraint("happened = 'done' OR section IN ('decide', 'refer')", name="only_orders_are_taken_back"),
    )

    id: orm.Mapped[UUID] = orm.mapped_column(primary_key=True)  # type: ignore[assignment]
    run_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("case_run.id"))
    section: orm.Mapped[str] = orm.mapped_column(sa.String(20))
    act: orm.Mapped[str] = orm.mapped_column(sa.String(80))
    happened: orm.Mapped[str] = orm.mapped_column(sa.String(20), server_default=Happened.DONE)
    seq: orm.Mapped[int] = orm.mapped_column(sa.BigInteger, sa.Identity(always=True))
    at: orm.Mapped[utc]


class CaseFinish(_Played, Model):
    """How a consultation was scored, once: a pure function of the case's version and of the acts (`input_hash`)."""

    __tablename__ = "case_finish"
    __append_only__ = True
    __database_fills__ = ("at",)
    __table_args__ = (
        sa.UniqueConstraint("run_id"),
        sa.CheckConstraint("percent BETWEEN 0 AND 100", name="percent_in_bounds"),
        sa.CheckConstraint("minutes BETWEEN 1 AND 240", name="minutes_of_a_consultation"),
        sa.CheckConstraint("credited IN (0, minutes)", name="credited_whole_or_not"),
        sa.CheckConstraint("(credited = 0) = (uncredited IS NOT NULL)", name="uncredited_says_why"),
        sa.CheckConstraint(one_of("uncredited", Uncredited), name="uncredited_known"),
        sa.CheckConstraint(_SHA256.format("input_hash"), name="input_hash_is_sha256"),
        sa.Index(None, "person_id", "at"),
    )

    run_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("case_run.id"))
    percent: orm.Mapped[Decimal] = orm.mapped_column(sa.Numeric(5, 2))
    critical: orm.Mapped[bool]
    #: how the sections went, what was dangerous, what essential was left out: assessments.simulation.rules.Score.plain
    scores: orm.Mapped[dict[str, Any]] = orm.mapped_column(pg.JSONB)
    rules: orm.Mapped[int]
    input_hash: orm.Mapped[bytes]
    #: spent by the database's clock, within the case's bounds; `credited` is what of it counts as simulation hours
    minutes: orm.Mapped[int]
    credited: orm.Mapped[int]
    uncredited: orm.Mapped[str | None] = orm.mapped_column(sa.String(20))
    at: orm.Mapped[utc]

    run: orm.Mapped[CaseRun] = orm.relationship(back_populates="finish")
