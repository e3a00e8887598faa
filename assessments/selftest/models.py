"""Self-tests: what somebody was asked, every answer, and what is remembered of each question.

All of it belongs to the doctor alone: there is no page on which anybody else reads it, and none of it is evidence.
"""

from datetime import datetime
from fractions import Fraction
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from assessments.bank.models import Question, QuestionVersion
from assessments.selftest.rules import MOST, Felt, Outcome, Rating, Why, outcome
from lms.db import Model, Personal, one_of, utc


class SelfTest(Personal, Model):
    """Up to ten questions, fetched at once; it has ended when each of them is answered."""

    __tablename__ = "self_test"
    __append_only__ = True
    __database_fills__ = ("begun_at",)
    __table_args__ = (sa.Index(None, "person_id", "begun_at"),)

    #: the one topic it is about; empty: whatever is needed most
    topic: orm.Mapped[str] = orm.mapped_column(sa.String(80), server_default="")
    begun_at: orm.Mapped[utc]

    items: orm.Mapped[list["SelfTestItem"]] = orm.relationship(back_populates="test", order_by="SelfTestItem.place")


class SelfTestItem(Personal, Model):
    """One question of a self-test, in the version that was newest then, and why it was asked."""

    __tablename__ = "self_test_item"
    __append_only__ = True
    __table_args__ = (
        sa.UniqueConstraint("test_id", "place"),
        sa.UniqueConstraint("test_id", "question_id"),
        sa.CheckConstraint(f"place BETWEEN 1 AND {MOST}", name="ten_at_most"),
        sa.CheckConstraint(one_of("why", Why), name="why_known"),
    )

    test_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("self_test.id"))
    place: orm.Mapped[int]
    question_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("question.id"), index=True)
    version_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("question_version.id"), index=True)
    why: orm.Mapped[str] = orm.mapped_column(sa.String(20))

    test: orm.Mapped[SelfTest] = orm.relationship(back_populates="items")
    version: orm.Mapped[QuestionVersion] = orm.relationship()
    answer: orm.Mapped["SelfTestAnswer | None"] = orm.relationship(back_populates="item", uselist=False)


class SelfTestAnswer(Personal, Model):
    """One answer, with the id it was given on the device; the first one to a question of a self-test counts."""

    __tablename__ = "self_test_answer"
    __append_only__ = True
    __database_fills__ = ("received_at",)
    __table_args__ = (
        sa.UniqueConstraint("item_id"),
        sa.CheckConstraint("jsonb_typeof(answer) = 'array'", name="answer_is_a_list"),
        sa.CheckConstraint("parts > 0 AND earned BETWEEN 0 AND parts", name="share_in_bounds"),
        sa.CheckConstraint(one_of("felt", Felt), name="felt_known"),
        sa.CheckConstraint(one_of("rating", Rating), name="rating_known"),
        sa.Index(None, "person_id", "answered_at"),
        sa.Index(None, "person_id", "question_id"),
    )

    id: orm.Mapped[UUID] = orm.mapped_column(primary_key=True)  # type: ignore[assignment]
    item_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("self_test_item.id"))
    question_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("question.id"), index=True)
    version_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("question_version.id"), index=True)
    answer: orm.Mapped[list[str]] = orm.mapped_column(pg.JSONB)
    #: the share of the points, exact: `earned` of `parts`
    earned: orm.Mapped[int]
    parts: orm.Mapped[int]
    felt: orm.Mapped[str] = orm.mapped_column(sa.String(20))
    rating: orm.Mapped[str] = orm.mapped_column(sa.String(20))
    #: by our clock, less what the device says it has held the answer back
    answered_at: orm.Mapped[datetime] = orm.mapped_column(sa.DateTime(timezone=True))
    received_at: orm.Mapped[utc]

    item: orm.Mapped[SelfTestItem] = orm.relationship(back_populates="answer")
    version: orm.Mapped[QuestionVersion] = orm.relationship()

    @property
    def share(self) -> Fraction:
        """Which part of the points it earned, 0 to 1."""
        return Fraction(self.earned, self.parts)

    @property
    def outcome(self) -> Outcome:
        """The same in a word."""
        return outcome(self.share)


class SelfTestCard(Personal, Model):
    """What one person has of one question: made from all their answers to it, and made anew after each."""

    __tablename__ = "self_test_card"
    __table_args__ = (
        sa.UniqueConstraint("person_id", "question_id"),
        sa.CheckConstraint("stability > 0", name="stability_positive"),
        sa.CheckConstraint("difficulty BETWEEN 1 AND 10", name="difficulty_of_fsrs"),
        sa.CheckConstraint("due_at > last_at", name="comes_back_later"),
        sa.CheckConstraint("reviews > 0 AND lapses BETWEEN 0 AND reviews", name="counts_fit"),
        sa.Index(None, "person_id", "due_at"),
    )

    question_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("question.id"), index=True)
    #: days after which it is still known with a chance of nine in ten (FSRS)
    stability: orm.Mapped[float]
    #: 1 to 10 (FSRS)
    difficulty: orm.Mapped[float]
    last_at: orm.Mapped[datetime] = orm.mapped_column(sa.DateTime(timezone=True))
    due_at: orm.Mapped[datetime] = orm.mapped_column(sa.DateTime(timezone=True))
    reviews: orm.Mapped[int]
    lapses: orm.Mapped[int]

    question: orm.Mapped[Question] = orm.relationship()
