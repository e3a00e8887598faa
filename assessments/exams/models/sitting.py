"""Who sits an exam, every answer as an event, how attempts end, and what came late."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from assessments.exams.models.exams import Exam
from assessments.exams.models.rooms import ExamRoom, ExamWindow
from lms import ids
from lms.db import InScope, Model, Personal, one_of, utc
from lms.people.models import Person

_when = sa.DateTime(timezone=True)


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


class Candidate(Personal, Model):
    """That a person sits an exam, and what extra time they have. `institution` is the exam's."""

    __tablename__ = "exam_candidate"
    __table_args__ = (
        sa.UniqueConstraint("exam_id", "person_id"),
        sa.CheckConstraint("extra_minutes BETWEEN 0 AND 600", name="extra_minutes_from_0_to_600"),
        sa.CheckConstraint("seat IS NULL OR (seat > 0 AND room_id IS NOT NULL)", name="seat_in_a_room"),
        sa.Index(
            "uq_exam_candidate_seat",
            "room_id",
            "window_id",
            "seat",
            unique=True,
            postgresql_where=sa.text("seat IS NOT NULL"),
            postgresql_nulls_not_distinct=True,
        ),
    )

    exam_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("exam.id"))
    extra_minutes: orm.Mapped[int] = orm.mapped_column(server_default="0")
    #: when they sit it, where the exam has windows
    window_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("exam_window.id"), index=True)
    room_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("exam_room.id"), index=True)
    seat: orm.Mapped[int | None]
    added_by_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    added_at: orm.Mapped[utc]

    exam: orm.Mapped[Exam] = orm.relationship()
    window: orm.Mapped[ExamWindow | None] = orm.relationship()
    room: orm.Mapped[ExamRoom | None] = orm.relationship()
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
        sa.CheckConstraint("paused_at IS NULL OR paused_at >= started_at", name="paused_after_start"),
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
    #: since when its clock stands still; the deadline moves by the length of the pause when it goes on
    paused_at: orm.Mapped[datetime | None] = orm.mapped_column(_when)
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

    def over(self, at: datetime) -> bool:
        """Whether its time is up at this moment of the database's clock; while it is paused, its own stands still."""
        return self.ends <= (self.paused_at or at)


class AttemptPause(InScope, Model):
    """That an officer stopped an attempt's clock, or let it go on with this deadline, and why."""

    __tablename__ = "attempt_pause"
    __append_only__ = True
    __database_fills__ = ("at",)
    __table_args__ = (sa.CheckConstraint("reason <> ''", name="reason_given"),)

    attempt_id: orm.Mapped[UUID] = orm.mapped_column(sa.ForeignKey("exam_attempt.id"), index=True)
    #: the new deadline where it goes on; none where it was stopped
    deadline: orm.Mapped[datetime | None] = orm.mapped_column(_when)
    reason: orm.Mapped[str]
    by_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    at: orm.Mapped[utc]


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
    """One answer that came after the end, or from a page that no longer held the pen: kept, and a person decides."""

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


class LateDecision(InScope, Model):
    """An officer's word on one late answer: it counts or not, and why. The last word holds, all of them stay."""

    __tablename__ = "late_decision"
    __append_only__ = True
    __database_fills__ = ("at",)
    __table_args__ = (sa.CheckConstraint("reason <> ''", name="reason_given"),)

    late_id: orm.Mapped[UUID] = orm.mapped_column(sa.ForeignKey("late_event.id"), index=True)
    counted: orm.Mapped[bool]
    reason: orm.Mapped[str]
    decided_by_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    at: orm.Mapped[utc]


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
