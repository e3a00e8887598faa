"""The marks that came of an exam, marking by marking."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from assessments.exams.models.exams import Exam
from assessments.exams.models.sitting import Attempt
from lms.db import InScope, Model, Personal, utc

_SHA256 = "octet_length({}) = 32"


class ScoreRun(InScope, Model):
    """One marking of a whole exam; marking again is a new run, and nothing is overwritten."""

    __tablename__ = "exam_score_run"
    __append_only__ = True
    __database_fills__ = ("made_at",)
    __table_args__ = (
        sa.UniqueConstraint("exam_id", "version"),
        sa.CheckConstraint(_SHA256.format("input_hash"), name="input_hash_is_sha256"),
    )

    exam_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("exam.id"))
    version: orm.Mapped[int]
    key_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("answer_key.id"), index=True)
    rules_version: orm.Mapped[int]
    input_hash: orm.Mapped[bytes]
    standard_error: orm.Mapped[Decimal | None] = orm.mapped_column(sa.Numeric(9, 3))
    figures: orm.Mapped[dict[str, Any]] = orm.mapped_column(pg.JSONB)
    made_by_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    made_at: orm.Mapped[utc]


class ExamScore(Personal, Model):
    """What one candidate came to in one run; the candidate sees it when the exam has been released."""

    __tablename__ = "exam_score"
    __append_only__ = True
    __table_args__ = (
        sa.UniqueConstraint("run_id", "attempt_id"),
        sa.CheckConstraint("percent BETWEEN 0 AND 100", name="percent_in_bounds"),
        sa.CheckConstraint(_SHA256.format("input_hash"), name="input_hash_is_sha256"),
    )

    run_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("exam_score_run.id"))
    attempt_id: orm.Mapped[UUID] = orm.mapped_column(sa.ForeignKey("exam_attempt.id"), index=True)
    percent: orm.Mapped[Decimal] = orm.mapped_column(sa.Numeric(6, 3))
    maximum: orm.Mapped[int]
    passed: orm.Mapped[bool]
    #: [{"item", "answer": […], "points": "2/3", "of": 1}, …] in the paper's order
    items: orm.Mapped[list[dict[str, Any]]] = orm.mapped_column(pg.JSONB)
    input_hash: orm.Mapped[bytes]

    run: orm.Mapped[ScoreRun] = orm.relationship()
    attempt: orm.Mapped[Attempt] = orm.relationship()

    @classmethod
    def within_reach(cls, person_id: int) -> list[sa.ColumnElement[bool]]:
        """One's own, once released."""
        runs, exams = ScoreRun.__table__, Exam.__table__
        released = sa.select(runs.c.id).join(exams, exams.c.id == runs.c.exam_id).where(exams.c.state == "released")
        return [sa.and_(cls.person_id == person_id, cls.run_id.in_(released))]
