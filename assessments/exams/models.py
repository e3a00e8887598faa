"""Papers, exams, who sits them, every answer as an event, and the marks that came of them."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from assessments.bank.models import QuestionVersion
from assessments.bank.rules.marking import Multiple
from lms import ids
from lms.db import InScope, Model, Personal, one_of, utc
from lms.people.models import Person

_when = sa.DateTime(timezone=True)
_SHA256 = "octet_length({}) = 32"


class State(StrEnum):
    """How far an exam is, in this order."""

    DRAFTED = "drafted"
    APPROVED = "approved"
    OPEN = "open"
    CLOSED = "closed"
    SCORED = "scored"
    RELEASED = "released"


class Ending(StrEnum):
    """How an attempt came to its end."""

    HANDED_IN = "handed_in"
    DEADLINE = "deadline"
    OFFICER = "officer"


class Why(StrEnum):
    """Why an answer is kept beside the others and not counted."""

    CLOSED = "closed"
    DEADLINE = "deadline"
    EPOCH = "epoch"


class Decided(StrEnum):
    """What officers decide two by two."""

    APPROVE = "approve"
    RELEASE = "release"


class Paper(InScope, Model):
    """A paper under one name; what is on it stands in its versions."""

    __tablename__ = "paper"

    title: orm.Mapped[str] = orm.mapped_column(sa.String(120))
    made_by_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    made_at: orm.Mapped[utc]


class PaperVersion(InScope, Model):
    """Which questions, in which version, for how many points; named by its hash, never changed."""

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
    state: orm.Mapped[str] = orm.mapped_column(sa.String(20), server_default=State.DRAFTED)
    approved_hash: orm.Mapped[bytes | None]
    made_by_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    made_at: orm.Mapped[utc]

    paper: orm.Mapped[PaperVersion] = orm.relationship()
    key: orm.Mapped[AnswerKey] = orm.relationship()

    @classmethod
    def within_reach(cls, person_id: int) -> list[sa.ColumnElement[bool]]:
        """Exams in which the person is a candidate."""
        sits = Candidate.__table__
        return [cls.id.in_(sa.select(sits.c.exam_id).where(sits.c.person_id == person_id))]


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


class Candidate(Personal, Model):
    """That a person sits an exam, and what extra time they have. `institution` is the exam's."""

    __tablename__ = "exam_candidate"
    __table_args__ = (
        sa.UniqueConstraint("exam_id", "person_id"),
        sa.CheckConstraint("extra_minutes BETWEEN 0 AND 600", name="extra_minutes_from_0_to_600"),
    )

    exam_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("exam.id"))
    extra_minutes: orm.Mapped[int] = orm.mapped_column(server_default="0")
    added_by_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    added_at: orm.Mapped[utc]

    exam: orm.Mapped[Exam] = orm.relationship()
    person: orm.Mapped[Person] = orm.relationship(foreign_keys="Candidate.person_id")


class ExtraTime(InScope, Model):
    """That somebody changed a candidate's extra time, to how much, and why."""

    __tablename__ = "exam_extra_time"
    __append_only__ = True
    __database_fills__ = ("at",)
    __table_args__ = (sa.CheckConstraint("reason <> ''", name="reason_given"),)

    candidate_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("exam_candidate.id"), index=True)
    minutes: orm.Mapped[int]
    reason: orm.Mapped[str]
    given_by_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    at: orm.Mapped[utc]


class Attempt(Personal, Model):
    """One candidate at the paper: what is asked in which order, the deadline, and who may write now (epoch).

    It may be prepared before the exam opens; it has begun when it has a start and a deadline. `items` and `options` say
    what this candidate sits: a paper may be a pool from which everybody gets their own draw.
    """

    __tablename__ = "exam_attempt"
    __table_args__ = (
        sa.UniqueConstraint("candidate_id"),
        sa.CheckConstraint("deadline > started_at", name="deadline_after_start"),
        sa.CheckConstraint("(started_at IS NULL) = (deadline IS NULL)", name="deadline_with_start"),
        sa.CheckConstraint("epoch >= 0", name="epoch_not_negative"),
        sa.Index(None, "deadline", postgresql_where=sa.text("closed_at IS NULL")),
    )

    id: orm.Mapped[UUID] = orm.mapped_column(primary_key=True, default=ids.uuid7)  # type: ignore[assignment]
    candidate_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("exam_candidate.id"))
    exam_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("exam.id"), index=True)
    #: ids of the paper's items in this candidate's order
    items: orm.Mapped[list[int]] = orm.mapped_column(pg.ARRAY(sa.BigInteger))
    #: {"<paper item>": ["C", "A", …]}: option keys in this candidate's order
    options: orm.Mapped[dict[str, list[str]]] = orm.mapped_column(pg.JSONB)
    started_at: orm.Mapped[datetime | None] = orm.mapped_column(_when)
    deadline: orm.Mapped[datetime | None] = orm.mapped_column(_when)
    epoch: orm.Mapped[int] = orm.mapped_column(server_default="0")
    #: said by `attempt_close`; repeated here, so that a save that waits for the closing sees it
    closed_at: orm.Mapped[datetime | None] = orm.mapped_column(_when)

    exam: orm.Mapped[Exam] = orm.relationship()
    candidate: orm.Mapped[Candidate] = orm.relationship()

    @property
    def began(self) -> datetime:
        """When it began; only of an attempt that has."""
        assert self.started_at is not None
        return self.started_at

    @property
    def ends(self) -> datetime:
        """The deadline; only of an attempt that has begun."""
        assert self.deadline is not None
        return self.deadline


class AnswerEvent(Model):
    """One answer, as it arrived in time and from the page that held the pen. Never changed.

    No foreign key to the item: the saving statement holds it against the attempt's own list, and a thousand candidates
    answering one item at once would all lock the same row for nothing.
    """

    __tablename__ = "answer_event"
    __append_only__ = True
    __database_fills__ = ("received_at",)
    __table_args__ = (
        sa.Index(None, "attempt_id", "item_id", "epoch", "seq"),
        sa.CheckConstraint("jsonb_typeof(answer) = 'array'", name="answer_is_a_list"),
    )

    id: orm.Mapped[UUID] = orm.mapped_column(primary_key=True)  # type: ignore[assignment]
    attempt_id: orm.Mapped[UUID] = orm.mapped_column(sa.ForeignKey("exam_attempt.id"))
    item_id: orm.Mapped[int] = orm.mapped_column(sa.BigInteger)
    seq: orm.Mapped[int]
    epoch: orm.Mapped[int]
    answer: orm.Mapped[list[str]] = orm.mapped_column(pg.JSONB)
    received_at: orm.Mapped[utc]


class LateEvent(Model):
    """One answer that came after the end, or from a page that no longer held the pen: kept, shown, not counted."""

    __tablename__ = "late_event"
    __append_only__ = True
    __database_fills__ = ("received_at",)
    __table_args__ = (sa.CheckConstraint(one_of("why", Why), name="why_known"), sa.Index(None, "attempt_id"))

    id: orm.Mapped[UUID] = orm.mapped_column(primary_key=True)  # type: ignore[assignment]
    attempt_id: orm.Mapped[UUID] = orm.mapped_column(sa.ForeignKey("exam_attempt.id"))
    item_id: orm.Mapped[int] = orm.mapped_column(sa.BigInteger)
    seq: orm.Mapped[int]
    epoch: orm.Mapped[int]
    answer: orm.Mapped[list[str]] = orm.mapped_column(pg.JSONB)
    why: orm.Mapped[str] = orm.mapped_column(sa.String(20))
    received_at: orm.Mapped[utc]


class AttemptClose(Model):
    """That an attempt is over: once, whoever comes first, hand-in or deadline."""

    __tablename__ = "attempt_close"
    __append_only__ = True
    __database_fills__ = ("written_at",)
    __table_args__ = (sa.CheckConstraint(one_of("ending", Ending), name="ending_known"),)

    id: orm.Mapped[UUID] = orm.mapped_column(  # type: ignore[assignment]
        "attempt_id", sa.ForeignKey("exam_attempt.id"), primary_key=True
    )
    ending: orm.Mapped[str] = orm.mapped_column(sa.String(20))
    closed_at: orm.Mapped[datetime] = orm.mapped_column(_when)
    written_at: orm.Mapped[utc]


class AttemptBeat(Model):
    """When a candidate's page was last heard of, and how many answers it says are only on the device."""

    __tablename__ = "attempt_beat"

    id: orm.Mapped[UUID] = orm.mapped_column(  # type: ignore[assignment]
        "attempt_id", sa.ForeignKey("exam_attempt.id"), primary_key=True
    )
    heard_at: orm.Mapped[utc]
    unsaved: orm.Mapped[int] = orm.mapped_column(server_default="0")


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
