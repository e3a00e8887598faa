"""The marks that came of an exam, marking by marking."""

from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from assessments.exams.models.exams import AnswerKey, Exam
from assessments.exams.models.sitting import Attempt
from lms.db import InScope, Model, Personal, one_of, utc

_SHA256 = "octet_length({}) = 32"


class Ruling(StrEnum):
    """What an officer says about a question whose key was looked at."""

    STANDS = "stands"
    CORRECTED = "corrected"
    DROPPED = "dropped"


class RegradeEnding(StrEnum):
    """How a proposed regrade came to its end."""

    RELEASED = "released"
    WITHDRAWN = "withdrawn"


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

    key: orm.Mapped[AnswerKey] = orm.relationship()


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
    #: [{"item", "answer": […], "points": "2/3", "of": 1}, …] in the paper's order; "dropped" where all got all points
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


class ItemRuling(InScope, Model):
    """An officer's word on one question of a marked exam, or (no item) on how many passed; the last word holds."""

    __tablename__ = "exam_ruling"
    __append_only__ = True
    __database_fills__ = ("at",)
    __table_args__ = (
        sa.CheckConstraint(one_of("ruling", Ruling), name="ruling_known"),
        sa.CheckConstraint("reason <> ''", name="reason_given"),
        sa.CheckConstraint("item_id IS NOT NULL OR ruling = 'stands'", name="only_questions_are_corrected"),
        sa.CheckConstraint("(ruling <> 'dropped' AND item_id IS NOT NULL) = (key IS NOT NULL)", name="says_which_key"),
        sa.Index(None, "exam_id", "item_id"),
    )

    exam_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("exam.id"))
    run_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("exam_score_run.id"), index=True)
    item_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("paper_item.id"), index=True)
    ruling: orm.Mapped[str] = orm.mapped_column(sa.String(20))
    #: the right answer that holds by this ruling
    key: orm.Mapped[Any] = orm.mapped_column(pg.JSONB(none_as_null=True), nullable=True)
    reason: orm.Mapped[str]
    ruled_by_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    at: orm.Mapped[utc]


class Regrade(InScope, Model):
    """That an officer proposes to mark a released exam by another key, with everything the dry run showed."""

    __tablename__ = "exam_regrade"
    __append_only__ = True
    __database_fills__ = ("proposed_at",)
    __table_args__ = (
        sa.UniqueConstraint("id", "proposed_by_id"),
        sa.CheckConstraint("reason <> ''", name="reason_given"),
        sa.CheckConstraint(_SHA256.format("dry_hash"), name="dry_hash_is_sha256"),
    )

    exam_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("exam.id"), index=True)
    from_run_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("exam_score_run.id"), index=True)
    key_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("answer_key.id"), index=True)
    #: over every candidate's mark before and after, and what both rest on
    dry_hash: orm.Mapped[bytes]
    #: [{"attempt", "person", "before", "after", "passed_before", "passed_after"}, …] of those whose mark changes
    changes: orm.Mapped[list[dict[str, Any]]] = orm.mapped_column(pg.JSONB)
    #: what was wrong, in words that every candidate reads
    reason: orm.Mapped[str]
    proposed_by_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    proposed_at: orm.Mapped[utc]

    exam: orm.Mapped[Exam] = orm.relationship()
    key: orm.Mapped[AnswerKey] = orm.relationship()
    from_run: orm.Mapped[ScoreRun] = orm.relationship(foreign_keys="Regrade.from_run_id")
    end: orm.Mapped["RegradeEnd | None"] = orm.relationship(viewonly=True)


class RegradeEnd(InScope, Model):
    """That a proposed regrade was released by another officer, or withdrawn: once."""

    __tablename__ = "exam_regrade_end"
    __append_only__ = True
    __database_fills__ = ("at",)
    __table_args__ = (
        sa.ForeignKeyConstraint(["regrade_id", "proposed_by_id"], ["exam_regrade.id", "exam_regrade.proposed_by_id"]),
        sa.CheckConstraint(one_of("ending", RegradeEnding), name="ending_known"),
        sa.CheckConstraint("ending <> 'released' OR by_id <> proposed_by_id", name="the_second_is_not_the_first"),
        sa.CheckConstraint("(ending = 'released') = (run_id IS NOT NULL)", name="released_as_a_run"),
        sa.CheckConstraint("ending = 'released' OR reason <> ''", name="withdrawn_with_a_reason"),
    )

    regrade_id: orm.Mapped[int] = orm.mapped_column(unique=True)
    proposed_by_id: orm.Mapped[int]
    ending: orm.Mapped[str] = orm.mapped_column(sa.String(20))
    run_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("exam_score_run.id"), unique=True)
    by_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    reason: orm.Mapped[str] = orm.mapped_column(server_default="")
    at: orm.Mapped[utc]

    run: orm.Mapped[ScoreRun | None] = orm.relationship()
