"""Who learns what, and what their pages told: enrolments, events, completions."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from courses.curricula.models import CourseVersion, Lesson
from courses.enrolment.models.assign import (
    AssignmentChange,
    AssignmentException,
    CurriculumAssignment,
    PreviewException,
    VersionPreview,
)
from courses.enrolment.models.reading import LessonSupplement, PlayingPlace, WatchedPiece
from courses.enrolment.rules import EventKind
from lms.db import Model, Personal, one_of, utc


class Enrolment(Personal, Model):
    """One person in one course, in the version they began with."""

    __tablename__ = "enrolment"
    __table_args__ = (
        sa.UniqueConstraint("person_id", "course_id"),
        sa.ForeignKeyConstraint(
            ["version_id", "course_id"],
            ["course_version.id", "course_version.course_id"],
            name="fk_enrolment_version_of_the_course",
        ),
    )

    course_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("course.id"), index=True)
    version_id: orm.Mapped[int] = orm.mapped_column(index=True)
    assigned_by_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("person.id"))
    due_on: orm.Mapped[date | None]
    created_at: orm.Mapped[utc]

    version: orm.Mapped[CourseVersion] = orm.relationship(
        foreign_keys=[version_id], viewonly=True, primaryjoin=lambda: CourseVersion.id == Enrolment.version_id
    )


class LessonEvent(Personal, Model):
    """One thing a reader's page told; made there, so that sending it twice is harmless."""

    __tablename__ = "lesson_event"
    __append_only__ = True
    __database_fills__ = ("received_at",)
    __table_args__ = (
        sa.CheckConstraint(one_of("kind", EventKind), name="kind_known"),
        sa.CheckConstraint("(kind = 'self_check') = (question IS NOT NULL)", name="only_checks_name_a_question"),
        sa.CheckConstraint("ago_seconds >= 0", name="not_made_in_the_future"),
        sa.Index(None, "enrolment_id", "lesson_id"),
        sa.Index(None, "person_id", "received_at"),
    )

    id: orm.Mapped[UUID] = orm.mapped_column(primary_key=True)  # type: ignore[assignment]
    enrolment_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("enrolment.id"))
    lesson_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("lesson.id"), index=True)
    kind: orm.Mapped[str] = orm.mapped_column(sa.String(20))
    anchor: orm.Mapped[str] = orm.mapped_column(sa.String(8), server_default="")
    question: orm.Mapped[int | None]
    chosen: orm.Mapped[list[int] | None] = orm.mapped_column(pg.ARRAY(sa.Integer))
    ago_seconds: orm.Mapped[int] = orm.mapped_column(server_default="0")
    received_at: orm.Mapped[utc]


class LessonCompletion(Personal, Model):
    """That somebody has learned a lesson, once, with the minutes that count."""

    __tablename__ = "lesson_completion"
    __append_only__ = True
    __table_args__ = (
        sa.UniqueConstraint("enrolment_id", "lesson_id"),
        sa.CheckConstraint("minutes >= 0", name="minutes_not_negative"),
        sa.CheckConstraint("offline_minutes BETWEEN 0 AND minutes", name="offline_minutes_are_some_of_them"),
        sa.CheckConstraint(
            "minutes * interval '1 minute' <= completed_at - opened_at", name="never_more_than_the_time_that_passed"
        ),
        sa.Index(None, "person_id", "completed_at"),
    )

    enrolment_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("enrolment.id"))
    lesson_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("lesson.id"), index=True)
    opened_at: orm.Mapped[datetime] = orm.mapped_column(sa.DateTime(timezone=True))
    completed_at: orm.Mapped[datetime] = orm.mapped_column(sa.DateTime(timezone=True))
    minutes: orm.Mapped[int]
    #: of these minutes, those learned without network
    offline_minutes: orm.Mapped[int] = orm.mapped_column(server_default="0")

    lesson: orm.Mapped[Lesson] = orm.relationship(viewonly=True)


class CourseCompletion(Personal, Model):
    """That somebody has learned every lesson of a course."""

    __tablename__ = "course_completion"
    __append_only__ = True
    __database_fills__ = ("at",)

    enrolment_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("enrolment.id"), unique=True)
    at: orm.Mapped[utc]


__all__ = [
    "AssignmentChange",
    "AssignmentException",
    "CourseCompletion",
    "CurriculumAssignment",
    "Enrolment",
    "LessonCompletion",
    "LessonEvent",
    "LessonSupplement",
    "PlayingPlace",
    "PreviewException",
    "VersionPreview",
    "WatchedPiece",
]
