"""What was played of films and sounds, where playing stopped, and minutes that became known later."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm

from courses.enrolment.rules.watching import Verdict
from lms.db import Model, Personal, one_of, utc


class WatchedPiece(Personal, Model):
    """A stretch of a film that was played, and whether it counts; named on the device, so that it is there once."""

    __tablename__ = "watched_piece"
    __append_only__ = True
    __database_fills__ = ("received_at",)
    __table_args__ = (
        sa.CheckConstraint(one_of("verdict", Verdict), name="verdict_known"),
        sa.CheckConstraint("start_ms >= 0 AND stop_ms > start_ms", name="goes_forward"),
        sa.CheckConstraint("ended_at > began_at", name="takes_time"),
        sa.CheckConstraint("ago_seconds >= 0", name="not_made_in_the_future"),
        sa.Index(None, "enrolment_id", "lesson_id"),
        sa.Index(None, "person_id", "ended_at"),
    )

    id: orm.Mapped[UUID] = orm.mapped_column(primary_key=True)  # type: ignore[assignment]
    enrolment_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("enrolment.id"))
    lesson_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("lesson.id"), index=True)
    attachment_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("lesson_attachment.id"), index=True)
    start_ms: orm.Mapped[int]
    stop_ms: orm.Mapped[int]
    #: when it was played, on the server's clock
    began_at: orm.Mapped[datetime] = orm.mapped_column(sa.DateTime(timezone=True))
    ended_at: orm.Mapped[datetime] = orm.mapped_column(sa.DateTime(timezone=True))
    verdict: orm.Mapped[str] = orm.mapped_column(sa.String(20))
    ago_seconds: orm.Mapped[int]
    received_at: orm.Mapped[utc]


class PlayingPlace(Personal, Model):
    """Where somebody stopped playing in a lesson last, on whatever device; only the newest place is kept."""

    __tablename__ = "playing_place"
    __table_args__ = (
        sa.UniqueConstraint("enrolment_id", "lesson_id"),
        sa.CheckConstraint("at_ms >= 0", name="not_before_the_beginning"),
    )

    enrolment_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("enrolment.id"))
    lesson_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("lesson.id"), index=True)
    attachment_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("lesson_attachment.id"), index=True)
    at_ms: orm.Mapped[int]
    made_at: orm.Mapped[datetime] = orm.mapped_column(sa.DateTime(timezone=True))


class LessonSupplement(Personal, Model):
    """Minutes of a lesson that a device told only after the lesson was complete, though they were spent before."""

    __tablename__ = "lesson_supplement"
    __append_only__ = True
    __table_args__ = (
        sa.CheckConstraint("minutes > 0", name="adds_something"),
        sa.CheckConstraint("offline_minutes BETWEEN 0 AND minutes", name="offline_minutes_are_some_of_them"),
        sa.CheckConstraint(
            "minutes * interval '1 minute' <= completed_at - opened_at", name="never_more_than_the_time_that_passed"
        ),
        sa.Index(None, "person_id", "completed_at"),
    )

    completion_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("lesson_completion.id"), index=True)
    opened_at: orm.Mapped[datetime] = orm.mapped_column(sa.DateTime(timezone=True))
    completed_at: orm.Mapped[datetime] = orm.mapped_column(sa.DateTime(timezone=True))
    minutes: orm.Mapped[int]
    offline_minutes: orm.Mapped[int]
