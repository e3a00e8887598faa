"""Papers, keys and exams, and what two officers decide about them."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from assessments.bank.models import QuestionVersion
from assessments.bank.rules.marking import Multiple
from lms.db import InScope, Model, one_of, utc

_when = sa.DateTime(timezone=True)
_SHA256 = "octet_length({}) = 32"
# Who sits stands in the next module, which knows this one.
_sits = sa.table("exam_candidate", sa.column("exam_id", sa.BigInteger), sa.column("person_id", sa.BigInteger))


class State(StrEnum):
    """How far an exam is, in this order."""

    DRAFTED = "drafted"
    APPROVED = "approved"
    OPEN = "open"
    CLOSED = "closed"
    SCORED = "scored"
    RELEASED = "released"


class Decided(StrEnum):
    """What officers decide two by two."""

    APPROVE = "approve"
    RELEASE = "release"


class Feedback(StrEnum):
    """What candidates see of their released result beside the mark."""

    NOTHING = "nothing"
    TOPICS = "topics"
    ITEMS = "items"


class Paper(InScope, Model):
    """A paper under one name; what is on it stands in its versions."""

    __tablename__ = "paper"

    title: orm.Mapped[str] = orm.mapped_column(sa.String(120))
    made_by_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    made_at: orm.Mapped[utc]


class PaperVersion(InScope, Model):
    """Which questions, in which version, for how many points; named by its hash, never changed.

    Where it is a pool, the blueprint says how many of each cell a candidate gets, and `forms` which of them together.
    """

    __tablename__ = "paper_version"
    __append_only__ = True
    __database_fills__ = ("made_at",)
    __table_args__ = (
        sa.UniqueConstraint("paper_id", "version"),
        sa.CheckConstraint(_SHA256.format("content_hash"), name="content_hash_is_sha256"),
        sa.CheckConstraint(one_of("multiple", Multiple), name="marking_known"),
    )

    paper_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("paper.id"), index=True)
    version: orm.Mapped[int]
    multiple: orm.Mapped[str] = orm.mapped_column(sa.String(20))
    #: [{"topic", "level", "kind", "count", "points"[, "pool"]}, …]: the cells it was filled from; none: all get all
    blueprint: orm.Mapped[list[dict[str, Any]] | None] = orm.mapped_column(pg.JSONB(none_as_null=True))
    #: [[1, 4, …], …]: equivalent forms by the positions of their items; each candidate gets one
    forms: orm.Mapped[list[list[int]] | None] = orm.mapped_column(pg.JSONB(none_as_null=True))
    content_hash: orm.Mapped[bytes]
    made_by_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    made_at: orm.Mapped[utc]

    items: orm.Mapped[list["PaperItem"]] = orm.relationship(order_by="PaperItem.position")


class PaperItem(Model):
    """One question in its place on a paper; answers name it by its id."""

    __tablename__ = "paper_item"
    __append_only__ = True
    __table_args__ = (
        sa.UniqueConstraint("paper_version_id", "position"),
        sa.UniqueConstraint("paper_version_id", "question_version_id"),
        sa.CheckConstraint("points BETWEEN 1 AND 100", name="points_from_1_to_100"),
    )

    paper_version_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("paper_version.id"))
    position: orm.Mapped[int]
    question_version_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("question_version.id"), index=True)
    points: orm.Mapped[int]
    #: which cell of the blueprint it lies in, from 0
    cell: orm.Mapped[int | None]

    question: orm.Mapped[QuestionVersion] = orm.relationship()


class AnswerKey(InScope, Model):
    """The right answers to one paper; a corrected key is a new version beside the old."""

    __tablename__ = "answer_key"
    __append_only__ = True
    __database_fills__ = ("made_at",)
    __table_args__ = (
        sa.UniqueConstraint("paper_version_id", "version"),
        sa.CheckConstraint(_SHA256.format("content_hash"), name="content_hash_is_sha256"),
    )

    paper_version_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("paper_version.id"))
    version: orm.Mapped[int]
    #: {"<paper item>": ["A", "C"], …}; an object where the question is no choice (see `bank.rules.content`)
    keys: orm.Mapped[dict[str, Any]] = orm.mapped_column(pg.JSONB)
    #: paper items for which everybody gets all points: their key cannot be told
    dropped: orm.Mapped[list[int]] = orm.mapped_column(pg.ARRAY(sa.BigInteger), server_default="{}")
    content_hash: orm.Mapped[bytes]
    reason: orm.Mapped[str] = orm.mapped_column(server_default="")
    made_by_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    made_at: orm.Mapped[utc]


class Exam(InScope, Model):
    """One sitting of one paper: when, how long, what is enough; within reach of its candidates too."""

    __tablename__ = "exam"
    __table_args__ = (
        sa.CheckConstraint(one_of("state", State), name="state_known"),
        sa.CheckConstraint("closes_at > opens_at", name="closes_after_opening"),
        sa.CheckConstraint("minutes BETWEEN 1 AND 600", name="minutes_from_1_to_600"),
        sa.CheckConstraint("pass_percent > 0 AND pass_percent <= 100", name="cut_is_percent"),
        sa.CheckConstraint("(state = 'drafted') = (approved_hash IS NULL)", name="approved_by_hash"),
        sa.CheckConstraint("title <> ''", name="named"),
        sa.CheckConstraint(one_of("feedback", Feedback), name="feedback_known"),
        sa.CheckConstraint("appeal_days BETWEEN 0 AND 365", name="appeal_days_from_0_to_365"),
        sa.CheckConstraint(
            "0 <= expected_low AND expected_low < expected_high AND expected_high <= 100", name="expected"
        ),
        sa.Index(None, "state", "opens_at"),
    )

    title: orm.Mapped[str] = orm.mapped_column(sa.String(120))
    title_en: orm.Mapped[str | None] = orm.mapped_column(sa.String(160))
    paper_version_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("paper_version.id"), index=True)
    key_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("answer_key.id"), index=True)
    opens_at: orm.Mapped[datetime] = orm.mapped_column(_when)
    closes_at: orm.Mapped[datetime] = orm.mapped_column(_when)
    minutes: orm.Mapped[int]
    pass_percent: orm.Mapped[Decimal] = orm.mapped_column(sa.Numeric(5, 2))
    shuffled: orm.Mapped[bool] = orm.mapped_column(server_default=sa.true())
    feedback: orm.Mapped[str] = orm.mapped_column(sa.String(20), server_default=Feedback.TOPICS)
    #: how many days after the release a candidate may appeal; 0: not at all
    appeal_days: orm.Mapped[int] = orm.mapped_column(server_default="7")
    #: between which shares of candidates (percent) the passed are expected; outside, the release needs a written word
    expected_low: orm.Mapped[Decimal] = orm.mapped_column(sa.Numeric(5, 2), server_default="30")
    expected_high: orm.Mapped[Decimal] = orm.mapped_column(sa.Numeric(5, 2), server_default="95")
    state: orm.Mapped[str] = orm.mapped_column(sa.String(20), server_default=State.DRAFTED)
    approved_hash: orm.Mapped[bytes | None]
    #: since when every candidate has an attempt that waits for them: seats, paper, time and cut stand
    prepared_at: orm.Mapped[datetime | None] = orm.mapped_column(_when)
    made_by_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    made_at: orm.Mapped[utc]

    paper: orm.Mapped[PaperVersion] = orm.relationship()
    key: orm.Mapped[AnswerKey] = orm.relationship()

    @classmethod
    def within_reach(cls, person_id: int) -> list[sa.ColumnElement[bool]]:
        """Exams in which the person is a candidate."""
        return [cls.id.in_(sa.select(_sits.c.exam_id).where(_sits.c.person_id == person_id))]


class ExamDecision(InScope, Model):
    """One officer's yes to one hash; a second, different officer is needed."""

    __tablename__ = "exam_decision"
    __append_only__ = True
    __database_fills__ = ("at",)
    __table_args__ = (
        sa.UniqueConstraint("exam_id", "decided", "content_hash", "person_id"),
        sa.CheckConstraint(one_of("decided", Decided), name="decision_known"),
        sa.CheckConstraint(_SHA256.format("content_hash"), name="content_hash_is_sha256"),
    )

    exam_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("exam.id"))
    decided: orm.Mapped[str] = orm.mapped_column(sa.String(20))
    content_hash: orm.Mapped[bytes]
    person_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    at: orm.Mapped[utc]
