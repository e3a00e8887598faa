"""Selects over courses, versions and lessons."""

from collections.abc import Callable, Iterator, Sequence

import sqlalchemy as sa
from sqlalchemy import orm

from courses.curricula.models import (
    Course,
    CoursePublication,
    CourseTechnique,
    CourseVersion,
    Lesson,
    LessonAttachment,
)
from lms.db import db
from lms.search.services import Document
from lms.techniques.queries import Related


def current_ids() -> sa.Select[int]:
    """Ids of the versions people begin with today: the latest publication of each course that is not retired."""
    return last_ids().join(Course, Course.id == CoursePublication.course_id).where(~Course.retired)


def last_ids() -> sa.Select[int]:
    """Ids of the versions that were put to use last, also of courses that are out of use."""
    latest = sa.select(sa.func.max(CoursePublication.id)).group_by(CoursePublication.course_id)
    return sa.select(CoursePublication.version_id).where(CoursePublication.id.in_(latest))


def current() -> sa.Select[CourseVersion]:
    """The versions people begin with today, with their lessons (without the texts)."""
    return (
        sa.select(CourseVersion)
        .where(CourseVersion.id.in_(current_ids()))
        .options(
            orm.joinedload(CourseVersion.course),
            orm.subqueryload(CourseVersion.lessons).load_only(
                Lesson.version_id, Lesson.position, Lesson.code, Lesson.title, Lesson.title_en, Lesson.minutes
            ),
        )
        .order_by(CourseVersion.title.collate("C"), CourseVersion.id)
    )


def current_of(code: str) -> CourseVersion | None:
    """The version of this course that people begin with today."""
    query = current().join(Course, Course.id == CourseVersion.course_id).where(Course.code == code)
    return db.session.scalar(query)


def course_by_code(code: str) -> Course | None:
    """The course of this code."""
    return db.session.scalar(sa.select(Course).where(Course.code == code))


def version_by_number(code: str, number: int) -> CourseVersion | None:
    """One version of a course, published or not."""
    query = sa.select(CourseVersion).join(CourseVersion.course).where(Course.code == code)
    return db.session.scalar(query.where(CourseVersion.number == number)) if number < 1 << 31 else None


def lesson_of(code: str, number: int, lesson: str) -> Lesson | None:
    """One lesson of one version."""
    version = version_by_number(code, number)
    if version is None:
        return None
    return db.session.scalar(sa.select(Lesson).where(Lesson.version_id == version.id, Lesson.code == lesson))


def published_ids(course_ids: Sequence[int]) -> dict[int, int]:
    """Course → version that people begin with today."""
    query = sa.select(CoursePublication.course_id, CoursePublication.version_id).where(
        CoursePublication.course_id.in_(course_ids), CoursePublication.version_id.in_(current_ids())
    )
    return dict(db.session.execute(query).all())


def all_courses() -> Sequence[Course]:
    """Every course with its versions, for the editor's desk."""
    query = sa.select(Course).options(orm.selectinload(Course.versions)).order_by(Course.code)
    return db.session.scalars(query).all()


def attachment(id: int, name: str) -> LessonAttachment | None:
    """An attachment of a lesson that has been published at some time, or of any for whom loads it as an editor."""
    if id >= 1 << 63:
        return None
    return db.session.scalar(
        sa.select(LessonAttachment).where(LessonAttachment.id == id, LessonAttachment.name == name)
    )


def ever_published(lesson_id: int) -> bool:
    """Whether a lesson belongs to a version that people have been given."""
    query = (
        sa.select(CoursePublication.id)
        .join(Lesson, Lesson.version_id == CoursePublication.version_id)
        .where(Lesson.id == lesson_id)
    )
    return db.session.scalar(query.limit(1)) is not None


def teaching(technique_id: int) -> list[Related]:
    """Courses that teach a technique today."""
    query = (
        sa.select(CourseVersion.title, CourseVersion.title_en, Course.code)
        .join(CourseTechnique, CourseTechnique.version_id == CourseVersion.id)
        .join(Course, Course.id == CourseVersion.course_id)
        .where(CourseTechnique.technique_id == technique_id, CourseVersion.id.in_(current_ids()))
        .order_by(CourseVersion.title.collate("C"))
    )
    return [Related(title, en, "enrolment.course", {"code": code}) for title, en, code in db.session.execute(query)]


def documents(plain: Callable[[str], str]) -> Iterator[Document]:
    """Courses for the index."""
    for version in db.session.scalars(current()):
        yield Document(
            key=version.course.code,
            title=version.title,
            title_en=version.title_en,
            heading="",
            body=plain(version.summary),
            endpoint="enrolment.course",
            arguments={"code": version.course.code},
        )


def lesson_documents(plain: Callable[[str], str], headings: Callable[[str], list[str]]) -> Iterator[Document]:
    """Lessons of the versions that people begin with today, for the index."""
    query = (
        sa.select(Lesson, CourseVersion, Course.code)
        .join(CourseVersion, CourseVersion.id == Lesson.version_id)
        .join(Course, Course.id == CourseVersion.course_id)
        .where(CourseVersion.id.in_(current_ids()))
    )
    for lesson, version, code in db.session.execute(query):
        yield Document(
            key=f"{code}/{lesson.code}",
            title=lesson.title,
            title_en=lesson.title_en,
            heading="\n".join(headings(lesson.body)),
            body=plain(lesson.body),
            endpoint="enrolment.lesson",
            arguments={"code": code, "lesson": lesson.code},
            context=version.title,
        )
