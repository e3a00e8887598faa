"""Courses in the making. What is published goes into the tables of courses, where nothing is ever changed."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from courses.authoring.rules.standing import OPEN, State, Verdict
from courses.curricula.models import CourseVersion, Played
from lms.db import Model, Personal, one_of, text_key, utc
from lms.people.models import Person

_OPEN = "state IN ({})".format(", ".join(f"'{state}'" for state in sorted(OPEN)))


class CourseDraft(Model):
    """A course that somebody writes: new, or the next version of one that is there. One at a time for each course."""

    __tablename__ = "course_draft"
    __table_args__ = (
        sa.CheckConstraint(one_of("state", State), name="state_known"),
        sa.CheckConstraint("code <> ''", name="named"),
        sa.CheckConstraint(
            "(state IN ('writing', 'discarded')) = (digest IS NULL)", name="what_is_reviewed_has_a_hash"
        ),
        sa.CheckConstraint(
            "state NOT IN ('approved', 'published') OR reviewed_by_id IS NOT NULL", name="reviewed_before_publication"
        ),
        sa.CheckConstraint("reviewed_by_id <> ALL (writer_ids)", name="reviewed_by_another_than_its_writers"),
        sa.CheckConstraint("(state = 'published') = (version_id IS NOT NULL)", name="published_as_a_version"),
        sa.Index("uq_course_draft_one_open", "code", unique=True, postgresql_where=sa.text(_OPEN)),
    )

    code: orm.Mapped[text_key]
    #: the version it began with; None for a new course
    base_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("course_version.id"))
    state: orm.Mapped[str] = orm.mapped_column(sa.String(20), server_default=State.WRITING)
    #: what course.yaml says, as far as it is written, without its lessons
    about: orm.Mapped[dict[str, Any]] = orm.mapped_column(pg.JSONB)
    #: the works it rests on: [{code, title, year, where}]
    works: orm.Mapped[list[dict[str, str]]] = orm.mapped_column(pg.JSONB, server_default="[]")
    revision: orm.Mapped[int] = orm.mapped_column(server_default="1")
    #: everybody who has written in it since it was begun
    writer_ids: orm.Mapped[list[int]] = orm.mapped_column(pg.ARRAY(sa.BigInteger), server_default="{}")
    updated_by_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("person.id"))
    #: the hash of what was sent for review
    digest: orm.Mapped[bytes | None]
    reviewed_by_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("person.id"))
    version_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("course_version.id"))
    created_at: orm.Mapped[utc]
    updated_at: orm.Mapped[utc]

    base: orm.Mapped[CourseVersion | None] = orm.relationship(foreign_keys=[base_id])
    version: orm.Mapped[CourseVersion | None] = orm.relationship(foreign_keys=[version_id])
    lessons: orm.Mapped[list["DraftLesson"]] = orm.relationship(
        back_populates="draft", order_by="DraftLesson.position", cascade="all, delete-orphan"
    )
    files: orm.Mapped[list["DraftFile"]] = orm.relationship(
        back_populates="draft", order_by="DraftFile.name", cascade="all, delete-orphan"
    )


class DraftLesson(Model):
    """One lesson of a draft, as far as it is written; its revision tells who saves over whom."""

    __tablename__ = "draft_lesson"
    __table_args__ = (
        sa.UniqueConstraint("draft_id", "position", deferrable=True, initially="DEFERRED"),
        sa.CheckConstraint("position > 0", name="position_from_one"),
    )

    draft_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("course_draft.id", ondelete="CASCADE"))
    position: orm.Mapped[int]
    #: front matter and body, as far as they are written
    entry: orm.Mapped[dict[str, Any]] = orm.mapped_column(pg.JSONB)
    revision: orm.Mapped[int] = orm.mapped_column(server_default="1")
    updated_by_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("person.id"))
    updated_at: orm.Mapped[utc]

    draft: orm.Mapped[CourseDraft] = orm.relationship(back_populates="lessons")


class DraftFile(Played, Model):
    """A file that lessons of a draft show, print or play: pictures and papers here, films and sounds in the store."""

    __tablename__ = "draft_file"
    __table_args__ = (
        sa.UniqueConstraint("draft_id", "name"),
        sa.CheckConstraint("(content IS NULL) <> (stored IS NULL)", name="here_or_in_the_store"),
        sa.CheckConstraint("content IS NULL OR size = octet_length(content)", name="size_is_true"),
    )

    draft_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("course_draft.id", ondelete="CASCADE"))
    name: orm.Mapped[str] = orm.mapped_column(sa.String(120))
    media_type: orm.Mapped[str] = orm.mapped_column(sa.String(80))
    size: orm.Mapped[int] = orm.mapped_column(sa.BigInteger)
    #: what the store of large files calls it
    stored: orm.Mapped[str | None] = orm.mapped_column(sa.String(64))
    content: orm.Mapped[bytes | None] = orm.mapped_column(deferred=True)

    draft: orm.Mapped[CourseDraft] = orm.relationship(back_populates="files")


class CourseReview(Model):
    """What a second editor said of a draft, over the hash of all that was in it."""

    __tablename__ = "course_review"
    __append_only__ = True
    __database_fills__ = ("at",)
    __table_args__ = (
        sa.CheckConstraint(one_of("verdict", Verdict), name="verdict_known"),
        sa.CheckConstraint("octet_length(digest) = 32", name="digest_is_sha256"),
        sa.CheckConstraint("verdict <> 'returned' OR note <> ''", name="a_return_has_its_reason"),
    )

    draft_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("course_draft.id"), index=True)
    verdict: orm.Mapped[str] = orm.mapped_column(sa.String(20))
    digest: orm.Mapped[bytes]
    note: orm.Mapped[str] = orm.mapped_column(server_default="")
    by_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("person.id"))
    at: orm.Mapped[utc]

    by: orm.Mapped[Person | None] = orm.relationship(foreign_keys=[by_id], viewonly=True)


class Upload(Personal, Model):
    """A file on its way into a draft, or a whole course; it can be taken up again where the connection broke.

    Its pieces lie in the store of large files, under its id; only what reaches up to `offset` belongs to it.
    """

    __tablename__ = "upload"
    __table_args__ = (
        sa.CheckConstraint("length > 0", name="something_is_sent"),
        sa.CheckConstraint('"offset" BETWEEN 0 AND length', name="not_more_than_announced"),
    )

    id: orm.Mapped[UUID] = orm.mapped_column(primary_key=True)  # type: ignore[assignment]
    #: the draft that it is for; None: it is a course package
    draft_id: orm.Mapped[int | None] = orm.mapped_column(
        sa.ForeignKey("course_draft.id", ondelete="CASCADE"), index=True
    )
    #: the lesson that is to show it
    lesson_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("draft_lesson.id", ondelete="SET NULL"))
    name: orm.Mapped[str] = orm.mapped_column(sa.String(120))
    length: orm.Mapped[int] = orm.mapped_column(sa.BigInteger)
    offset: orm.Mapped[int] = orm.mapped_column(sa.BigInteger, server_default="0")
    expires_at: orm.Mapped[datetime] = orm.mapped_column(sa.DateTime(timezone=True), index=True)
    created_at: orm.Mapped[utc]

    draft: orm.Mapped[CourseDraft | None] = orm.relationship()
