"""Appeals against released results, and the answers to them."""

from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.exams.models.exams import Exam
from assessments.exams.models.marking import ExamScore, Regrade
from lms.db import Model, Personal, one_of, utc
from lms.people.models import Person


class Outcome(StrEnum):
    """What an appeal came to."""

    #: the key is corrected for everybody
    REGRADE = "regrade"
    #: something happened in the room: the candidate may sit again
    RESIT = "resit"
    REJECTED = "rejected"


class Appeal(Personal, Model):
    """That a candidate does not accept a released result, and why. `institution` is the exam's."""

    __tablename__ = "exam_appeal"
    __append_only__ = True
    __database_fills__ = ("made_at",)
    __table_args__ = (
        sa.UniqueConstraint("score_id"),
        sa.CheckConstraint("reason <> ''", name="reason_given"),
    )

    exam_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("exam.id"), index=True)
    score_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("exam_score.id"))
    reason: orm.Mapped[str]
    made_at: orm.Mapped[utc]

    exam: orm.Mapped[Exam] = orm.relationship()
    score: orm.Mapped[ExamScore] = orm.relationship()
    person: orm.Mapped[Person] = orm.relationship(viewonly=True)
    answer: orm.Mapped["AppealAnswer | None"] = orm.relationship(viewonly=True)


class AppealAnswer(Personal, Model):
    """An officer's answer to an appeal: once, with its reason; never the candidate's own."""

    __tablename__ = "exam_appeal_answer"
    __append_only__ = True
    __database_fills__ = ("at",)
    __table_args__ = (
        sa.CheckConstraint(one_of("outcome", Outcome), name="outcome_known"),
        sa.CheckConstraint("reason <> ''", name="reason_given"),
        sa.CheckConstraint("by_id <> person_id", name="not_ones_own"),
        sa.CheckConstraint("outcome = 'regrade' OR regrade_id IS NULL", name="a_regrade_where_it_says_so"),
    )

    appeal_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("exam_appeal.id"), unique=True)
    outcome: orm.Mapped[str] = orm.mapped_column(sa.String(20))
    regrade_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("exam_regrade.id"), index=True)
    reason: orm.Mapped[str]
    by_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    at: orm.Mapped[utc]

    regrade: orm.Mapped[Regrade | None] = orm.relationship()
