"""Selects for a course that is taken along."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy import orm

from courses.curricula.models import Lesson, LessonAttachment
from lms.db import db

#: What the words, questions and frame of a page weigh beside its text, in bytes.
_FRAME = 6_000


def files_of(version_id: int) -> Sequence[LessonAttachment]:
    """The files of all lessons of a version, in order."""
    query = (
        sa.select(LessonAttachment)
        .join(Lesson, Lesson.id == LessonAttachment.lesson_id)
        .where(Lesson.version_id == version_id)
        .order_by(Lesson.position, LessonAttachment.id)
    )
    return db.session.scalars(query).all()


def whole_lessons(version_id: int) -> Sequence[Lesson]:
    """The lessons of a version with their texts and files, in order."""
    query = sa.select(Lesson).where(Lesson.version_id == version_id).order_by(Lesson.position)
    refreshed = query.options(orm.undefer("*"), orm.selectinload(Lesson.attachments))
    return db.session.scalars(refreshed, execution_options={"populate_existing": True}).all()


def bytes_of(version_id: int) -> int:
    """About how many bytes a course takes on a device: its files, and the pages of its lessons."""
    of_version = Lesson.version_id == version_id
    files = sa.select(sa.func.coalesce(sa.func.sum(LessonAttachment.size), 0)).join(
        Lesson, Lesson.id == LessonAttachment.lesson_id
    )
    pages = sa.select(
        sa.func.coalesce(
            sa.func.sum(
                sa.func.octet_length(Lesson.body) + sa.func.octet_length(sa.cast(Lesson.self_check, sa.Text)) + _FRAME
            ),
            0,
        )
    )
    whole = sa.select(files.where(of_version).scalar_subquery() + pages.where(of_version).scalar_subquery())
    return int(db.session.scalar(whole) or 0)
