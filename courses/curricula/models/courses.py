"""Courses, their versions and lessons. What was once written is never changed: a change is a new version.

All of it is shared by all institutions. Versions, lessons and publications are append-only; which version a course
has today is its latest publication.
"""

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from lms.db import Model, utc
from lms.techniques.models import Technique


class Course(Model):
    """A course under its code, whatever its version."""

    __tablename__ = "course"

    code: orm.Mapped[str] = orm.mapped_column(sa.String(80), unique=True)
    #: nobody new begins it; whoever has begun goes on
    retired: orm.Mapped[bool] = orm.mapped_column(server_default=sa.false())
    created_at: orm.Mapped[utc]

    versions: orm.Mapped[list["CourseVersion"]] = orm.relationship(
        back_populates="course", order_by="CourseVersion.number"
    )


class CourseVersion(Model):
    """One state of a course, told from others by the hash of all its files."""

    __tablename__ = "course_version"
    __append_only__ = True
    __database_fills__ = ("created_at",)
    __table_args__ = (
        sa.UniqueConstraint("course_id", "number"),
        sa.UniqueConstraint("id", "course_id"),
        sa.CheckConstraint("number > 0", name="number_from_one"),
        sa.CheckConstraint("octet_length(digest) = 32", name="digest_is_sha256"),
        sa.CheckConstraint("hours_kind IN ('theory', 'simulation', 'practice')", name="hours_kind_known"),
    )

    course_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("course.id"))
    number: orm.Mapped[int]
    digest: orm.Mapped[bytes]
    title: orm.Mapped[str] = orm.mapped_column(sa.String(120))
    title_en: orm.Mapped[str] = orm.mapped_column(sa.String(160))
    summary: orm.Mapped[str]
    categories: orm.Mapped[list[str]] = orm.mapped_column(pg.ARRAY(sa.Text))
    hours_kind: orm.Mapped[str] = orm.mapped_column(sa.String(20))
    prerequisites: orm.Mapped[list[str]] = orm.mapped_column(pg.ARRAY(sa.Text))
    sources: orm.Mapped[list[dict[str, str]]] = orm.mapped_column(pg.JSONB)
    created_at: orm.Mapped[utc]

    course: orm.Mapped[Course] = orm.relationship(back_populates="versions")
    lessons: orm.Mapped[list["Lesson"]] = orm.relationship(back_populates="version", order_by="Lesson.position")
    teaches: orm.Mapped[list["CourseTechnique"]] = orm.relationship(back_populates="version")

    @property
    def minutes(self) -> int:
        """How long all lessons take together."""
        return sum(lesson.minutes for lesson in self.lessons)


class CoursePublication(Model):
    """That a version became the one people begin with; the latest one counts."""

    __tablename__ = "course_publication"
    __append_only__ = True
    __database_fills__ = ("at",)
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["version_id", "course_id"],
            ["course_version.id", "course_version.course_id"],
            name="fk_course_publication_version_of_the_course",
        ),
    )

    course_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("course.id"), index=True)
    version_id: orm.Mapped[int] = orm.mapped_column(index=True)
    #: None: published when its pack was first loaded
    by_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("person.id"))
    at: orm.Mapped[utc]


class CourseTechnique(Model):
    """That a version of a course teaches a technique."""

    __tablename__ = "course_technique"
    __append_only__ = True
    __table_args__ = (sa.UniqueConstraint("version_id", "technique_id"),)

    version_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("course_version.id"))
    technique_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("technique.id"), index=True)

    version: orm.Mapped[CourseVersion] = orm.relationship(back_populates="teaches")
    technique: orm.Mapped[Technique] = orm.relationship()


class Lesson(Model):
    """One piece of at most a quarter of an hour."""

    __tablename__ = "lesson"
    __append_only__ = True
    __table_args__ = (
        sa.UniqueConstraint("version_id", "code"),
        sa.UniqueConstraint("version_id", "position"),
        sa.CheckConstraint("minutes BETWEEN 1 AND 60", name="minutes_of_a_lesson"),
        sa.CheckConstraint("asks <@ ARRAY['read', 'watched', 'check']", name="asks_known"),
        sa.CheckConstraint("cardinality(asks) > 0", name="asks_something"),
    )

    version_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("course_version.id"))
    position: orm.Mapped[int]
    code: orm.Mapped[str] = orm.mapped_column(sa.String(80))
    title: orm.Mapped[str] = orm.mapped_column(sa.String(120))
    title_en: orm.Mapped[str] = orm.mapped_column(sa.String(160))
    minutes: orm.Mapped[int]
    body: orm.Mapped[str]
    #: [{stem, options, right, explanation}]
    self_check: orm.Mapped[list[dict[str, Any]]] = orm.mapped_column(pg.JSONB)
    sources: orm.Mapped[list[dict[str, str]]] = orm.mapped_column(pg.JSONB)
    #: what must be done before it counts: 'read', 'watched', 'check'
    asks: orm.Mapped[list[str]] = orm.mapped_column(pg.ARRAY(sa.Text), server_default="{read,check}")
    digest: orm.Mapped[bytes]

    version: orm.Mapped[CourseVersion] = orm.relationship(back_populates="lessons")
    attachments: orm.Mapped[list["LessonAttachment"]] = orm.relationship(order_by="LessonAttachment.id")


class Played:
    """What a file of a lesson, published or in a draft, is played as."""

    if TYPE_CHECKING:
        name: Any
        media_type: Any
        stored: Any

    @property
    def stem(self) -> str:
        """Its name without the ending: what is said in a film bears the film's."""
        return str(self.name.rpartition(".")[0])

    @property
    def plays(self) -> str:
        """How it is played, as "audio" or "video"; empty for what is only looked at."""
        kind = str(self.media_type.partition("/")[0])
        return kind if self.stored and kind in {"audio", "video"} else ""


class LessonAttachment(Played, Model):
    """A file of a lesson to look at, print, watch or keep."""

    __tablename__ = "lesson_attachment"
    __append_only__ = True
    __table_args__ = (
        sa.UniqueConstraint("lesson_id", "name"),
        sa.CheckConstraint("(content IS NULL) <> (stored IS NULL)", name="lies_in_one_place"),
        sa.CheckConstraint("seconds > 0", name="plays_for_a_while"),
    )

    lesson_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("lesson.id"))
    name: orm.Mapped[str] = orm.mapped_column(sa.String(120))
    media_type: orm.Mapped[str] = orm.mapped_column(sa.String(80))
    size: orm.Mapped[int]
    content: orm.Mapped[bytes | None] = orm.mapped_column(deferred=True)
    #: films and sounds: their name in the store of large files, and how long they play
    stored: orm.Mapped[str | None] = orm.mapped_column(sa.String(64))
    seconds: orm.Mapped[int | None]
