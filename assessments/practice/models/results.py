"""Versions of an evaluation's result, appeals against them, and the answers."""

from decimal import Decimal
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from assessments.practice.models.evaluations import Evaluation
from lms.db import Model, Personal, one_of, utc


class Outcome(StrEnum):
    """What an appeal came to."""

    #: the result has a new version
    CHANGED = "changed"
    REJECTED = "rejected"


class EvaluationResult(Personal, Model):
    """One version of a result: the percentage and its parts; the first at acceptance, later ones by appeal."""

    __tablename__ = "evaluation_result"
    __append_only__ = True
    __database_fills__ = ("at",)
    __table_args__ = (
        sa.UniqueConstraint("evaluation_id", "version"),
        sa.UniqueConstraint("supersedes_id"),
        sa.CheckConstraint("(version = 1) = (supersedes_id IS NULL)", name="later_versions_supersede"),
        sa.CheckConstraint("version = 1 OR reason <> ''", name="a_later_version_has_a_reason"),
        sa.CheckConstraint("percent BETWEEN 0 AND 100", name="percent_in_bounds"),
        sa.CheckConstraint("octet_length(content_hash) = 32", name="content_hash_is_sha256"),
        sa.CheckConstraint("decided_by_id <> person_id", name="nobody_decides_about_oneself"),
    )

    evaluation_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("evaluation.id"))
    version: orm.Mapped[int]
    supersedes_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("evaluation_result.id"))
    percent: orm.Mapped[Decimal] = orm.mapped_column(sa.Numeric(5, 2))
    #: parts and indicators as assessments.practice.rules.parts.Whole says them
    parts: orm.Mapped[dict[str, Any]] = orm.mapped_column(pg.JSONB)
    #: over the form, the records and the figures it was made of
    content_hash: orm.Mapped[bytes]
    reason: orm.Mapped[str] = orm.mapped_column(server_default="")
    decided_by_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    at: orm.Mapped[utc]

    evaluation: orm.Mapped[Evaluation] = orm.relationship()


class EvaluationAppeal(Personal, Model):
    """That a doctor does not accept a version of the result, and why."""

    __tablename__ = "evaluation_appeal"
    __append_only__ = True
    __database_fills__ = ("made_at",)
    __table_args__ = (
        sa.UniqueConstraint("result_id"),
        sa.CheckConstraint("reason <> ''", name="reason_given"),
    )

    evaluation_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("evaluation.id"), index=True)
    result_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("evaluation_result.id"))
    reason: orm.Mapped[str]
    made_at: orm.Mapped[utc]

    evaluation: orm.Mapped[Evaluation] = orm.relationship()
    result: orm.Mapped[EvaluationResult] = orm.relationship()
    answer: orm.Mapped["EvaluationAppealAnswer | None"] = orm.relationship(viewonly=True)


class EvaluationAppealAnswer(Personal, Model):
    """An officer's answer to an appeal: once, with its reason, and the version it led to."""

    __tablename__ = "evaluation_appeal_answer"
    __append_only__ = True
    __database_fills__ = ("at",)
    __table_args__ = (
        sa.CheckConstraint(one_of("outcome", Outcome), name="outcome_known"),
        sa.CheckConstraint("reason <> ''", name="reason_given"),
        sa.CheckConstraint("by_id <> person_id", name="not_ones_own"),
        sa.CheckConstraint("(outcome = 'changed') = (result_id IS NOT NULL)", name="a_change_has_its_version"),
    )

    appeal_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("evaluation_appeal.id"), unique=True)
    outcome: orm.Mapped[str] = orm.mapped_column(sa.String(20))
    result_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("evaluation_result.id"), unique=True)
    reason: orm.Mapped[str]
    by_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    at: orm.Mapped[utc]
