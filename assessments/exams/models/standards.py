"""How the cut of an exam was set: the method, what judges said, the reason; and who wanted it to be the cut."""

from decimal import Decimal
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from assessments.exams.models.exams import Exam, PaperVersion
from assessments.exams.models.marking import ScoreRun
from lms.db import InScope, Model, one_of, utc


class Method(StrEnum):
    """Ways to come to a cut."""

    ANGOFF = "angoff"
    EBEL = "ebel"
    HOFSTEE = "hofstee"
    COHEN = "cohen"


class Standard(InScope, Model):
    """One standard setting of an exam, with everything it rests on; another one is a new row."""

    __tablename__ = "exam_standard"
    __append_only__ = True
    __database_fills__ = ("made_at",)
    __table_args__ = (
        sa.UniqueConstraint("exam_id", "version"),
        sa.CheckConstraint(one_of("method", Method), name="method_known"),
        sa.CheckConstraint("reason <> ''", name="reason_given"),
        sa.CheckConstraint("cut_percent BETWEEN 0 AND 100", name="cut_is_percent"),
        sa.CheckConstraint("pass_percent > 0 AND pass_percent <= 100", name="pass_is_percent"),
        sa.CheckConstraint("errors BETWEEN -3 AND 3", name="at_most_three_errors"),
        sa.CheckConstraint("errors = 0 OR standard_error IS NOT NULL", name="error_is_known"),
        sa.CheckConstraint("method NOT IN ('hofstee', 'cohen') OR run_id IS NOT NULL", name="scores_are_known"),
    )

    exam_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("exam.id"))
    version: orm.Mapped[int]
    #: the paper it was set for; on another paper it is no cut
    paper_version_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("paper_version.id"), index=True)
    method: orm.Mapped[str] = orm.mapped_column(sa.String(20))
    #: what judges said, or what was held acceptable, in numbers as they were written; see `rules.standards`
    figures: orm.Mapped[dict[str, Any]] = orm.mapped_column(pg.JSONB)
    #: what the method came to, and the standard error of the judges' mean
    cut_percent: orm.Mapped[Decimal] = orm.mapped_column(sa.Numeric(6, 3))
    judge_error: orm.Mapped[Decimal | None] = orm.mapped_column(sa.Numeric(6, 3))
    #: the marking whose scores and whose error of measurement were used
    run_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("exam_score_run.id"), index=True)
    standard_error: orm.Mapped[Decimal | None] = orm.mapped_column(sa.Numeric(9, 3))
    #: how many errors of measurement were added
    errors: orm.Mapped[Decimal] = orm.mapped_column(sa.Numeric(4, 2), server_default="0")
    #: what is needed to pass by this
    pass_percent: orm.Mapped[Decimal] = orm.mapped_column(sa.Numeric(5, 2))
    reason: orm.Mapped[str]
    made_by_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    made_at: orm.Mapped[utc]

    exam: orm.Mapped[Exam] = orm.relationship()
    paper: orm.Mapped[PaperVersion] = orm.relationship()
    run: orm.Mapped[ScoreRun | None] = orm.relationship()


class StandardUse(InScope, Model):
    """That an officer wanted this standard to be the exam's cut: one is enough before anybody has sat it, then two."""

    __tablename__ = "exam_standard_use"
    __append_only__ = True
    __database_fills__ = ("at",)
    __table_args__ = (
        sa.UniqueConstraint("standard_id", "seal", "person_id"),
        sa.CheckConstraint("octet_length(seal) = 32", name="seal_is_sha256"),
    )

    standard_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("exam_standard.id"))
    #: paper, key, time and this cut: what two officers approve
    seal: orm.Mapped[bytes]
    person_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    at: orm.Mapped[utc]
