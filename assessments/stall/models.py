"""Flags that a doctor's technique has stopped rising, what was answered, and the models that raised them."""

from decimal import Decimal
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from courses.mentoring.models import mentored_by
from lms.db import Model, Personal, day, one_of, utc
from lms.techniques.models import Technique

_SHA256 = "octet_length({}) = 32"


class Answer(StrEnum):
    """What was said to a flag; the newest answer is the one that counts."""

    ACCEPTED = "accepted"
    NOT_A_PROBLEM = "not_a_problem"
    HANDLED = "handled"


#: Answers after which the doctor may know of it too.
TAKEN_UP = (Answer.ACCEPTED.value, Answer.HANDLED.value)


class Plan(StrEnum):
    """What whoever accepts a flag is going to do."""

    CALL = "call"
    VISIT = "visit"
    ASSIGN = "assign"


class StallModel(Model):
    """One trained model with what is known of it; the newest one scores, none is ever changed."""

    __tablename__ = "stall_model"
    __append_only__ = True
    __database_fills__ = ("trained_at",)
    __table_args__ = (
        sa.CheckConstraint(_SHA256.format("content_hash"), name="content_hash_is_sha256"),
        sa.CheckConstraint(_SHA256.format("signature"), name="signature_is_hmac_sha256"),
        sa.CheckConstraint("data_until >= data_from", name="data_end_after_beginning"),
    )

    content: orm.Mapped[bytes]
    content_hash: orm.Mapped[bytes] = orm.mapped_column(unique=True)
    #: under the installation's own key, so that a row written by anybody else is not loaded
    signature: orm.Mapped[bytes]
    data_from: orm.Mapped[day]
    data_until: orm.Mapped[day]
    #: how many learners and pairs it learned from, how well it does on others, with what settings
    card: orm.Mapped[dict[str, Any]] = orm.mapped_column(pg.JSONB)
    trained_at: orm.Mapped[utc]


class Flag(Personal, Model):
    """That a doctor's technique seems to have stopped rising; it blocks, grades and certifies nothing.

    `person` is the doctor, `institution` the doctor's own when the flag was raised.
    """

    __tablename__ = "stall_flag"
    __append_only__ = True
    __database_fills__ = ("raised_at",)
    __table_args__ = (
        sa.UniqueConstraint("person_id", "technique_id", "raised_on"),
        sa.CheckConstraint("probability BETWEEN 0 AND 1", name="probability_in_bounds"),
        sa.CheckConstraint("(probability IS NULL) = (model_hash IS NULL)", name="a_model_knows_how_likely"),
        sa.CheckConstraint("level BETWEEN 0 AND 100", name="level_in_percent"),
        sa.CheckConstraint("since <= raised_on", name="begins_before_it_is_raised"),
        sa.CheckConstraint("jsonb_array_length(reasons) BETWEEN 1 AND 3", name="one_to_three_reasons"),
        sa.CheckConstraint("jsonb_array_length(history) >= 1", name="rests_on_marks"),
    )

    technique_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("technique.id"), index=True)
    raised_on: orm.Mapped[day]
    #: since when the marks have not risen
    since: orm.Mapped[day]
    #: of a stall, by the model of this hash; both NULL where the plain rule raised it, which knows no probability
    probability: orm.Mapped[Decimal | None] = orm.mapped_column(sa.Numeric(5, 4))
    #: where the doctor stood then, in percent: what later marks are held against
    level: orm.Mapped[Decimal] = orm.mapped_column(sa.Numeric(5, 2))
    #: [{"code": …, numbers …}], strongest first; the words are made when they are read
    reasons: orm.Mapped[list[dict[str, Any]]] = orm.mapped_column(pg.JSONB)
    #: [["2026-03-01", 72.0], …]: the marks it rests on, oldest first
    history: orm.Mapped[list[list[Any]]] = orm.mapped_column(pg.JSONB)
    model_hash: orm.Mapped[bytes | None] = orm.mapped_column(sa.ForeignKey("stall_model.content_hash"), index=True)
    raised_at: orm.Mapped[utc]

    technique: orm.Mapped[Technique] = orm.relationship()

    @classmethod
    def within_reach(cls, person_id: int) -> list[sa.ColumnElement[bool]]:
        """Of those one mentors today; and one's own, once taken up: until then it is a guess of a machine."""
        own = sa.and_(cls.person_id == person_id, newest_answer(cls.id).in_(TAKEN_UP))
        return [cls.person_id.in_(mentored_by(person_id)), own]


class FlagAnswer(Personal, Model):
    """What was answered to a flag, by whom; an answer is taken back by a newer one."""

    __tablename__ = "stall_flag_answer"
    __append_only__ = True
    __database_fills__ = ("at",)
    __table_args__ = (
        sa.CheckConstraint(one_of("answer", Answer), name="answer_known"),
        sa.CheckConstraint(one_of("plan", Plan), name="plan_known"),
        sa.CheckConstraint("(answer = 'accepted') = (plan IS NOT NULL)", name="accepting_names_a_plan"),
        sa.CheckConstraint("answer = 'accepted' OR note <> ''", name="anything_else_says_why"),
        sa.CheckConstraint("by_id <> person_id", name="nobody_answers_about_oneself"),
        sa.Index(None, "flag_id", "id"),
    )

    flag_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("stall_flag.id"))
    answer: orm.Mapped[str] = orm.mapped_column(sa.String(20))
    plan: orm.Mapped[str | None] = orm.mapped_column(sa.String(20))
    note: orm.Mapped[str] = orm.mapped_column(server_default="")
    by_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    at: orm.Mapped[utc]

    @classmethod
    def within_reach(cls, person_id: int) -> list[sa.ColumnElement[bool]]:
        """Of those one mentors today; the doctor does not read what mentors write for one another."""
        return [cls.person_id.in_(mentored_by(person_id))]


def newest_answer(flag_id: Any) -> sa.ScalarSelect[Any]:
    """The answer that counts for a flag, NULL while it is open; made of tables, so that the fence may use it too."""
    table = FlagAnswer.__table__
    of_flag = sa.select(table.c.answer).where(table.c.flag_id == flag_id)
    return of_flag.order_by(table.c.id.desc()).limit(1).scalar_subquery()
