"""Selects over courses in the making."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm

from courses.authoring.models import CourseDraft, CourseReview, DraftFile, DraftLesson, Upload
from courses.authoring.rules.standing import OPEN
from courses.curricula.models import Course, CourseVersion
from lms.db import Everything, db
from lms.people.models import Person
from lms.techniques.models import Technique


def draft(id: int) -> CourseDraft | None:
    """One draft, with its lessons and the names of its files."""
    if id >= 1 << 63:
        return None
    loads = orm.selectinload(CourseDraft.lessons), orm.selectinload(CourseDraft.files)
    return db.session.scalar(sa.select(CourseDraft).where(CourseDraft.id == id).options(*loads))


def lesson(id: int) -> DraftLesson | None:
    """One lesson of a draft."""
    return db.session.get(DraftLesson, id) if id < 1 << 63 else None


def file(id: int, name: str) -> DraftFile | None:
    """One file of a draft."""
    if id >= 1 << 63:
        return None
    return db.session.scalar(sa.select(DraftFile).where(DraftFile.id == id, DraftFile.name == name))


def open_drafts() -> Sequence[CourseDraft]:
    """Drafts that are worked on, the last touched first."""
    query = sa.select(CourseDraft).where(CourseDraft.state.in_(OPEN)).options(orm.selectinload(CourseDraft.lessons))
    return db.session.scalars(query.order_by(CourseDraft.updated_at.desc(), CourseDraft.id)).all()


def open_for(code: str) -> CourseDraft | None:
    """The draft of a course that is worked on, if there is one."""
    return db.session.scalar(sa.select(CourseDraft).where(CourseDraft.code == code, CourseDraft.state.in_(OPEN)))


def names(ids: Sequence[int | None]) -> dict[int, str]:
    """Names of those editors whom the reader may see."""
    query = sa.select(Person.id, Person.name).where(Person.id.in_([one for one in ids if one]))
    return dict(db.session.execute(query).all())


def reviews(draft_id: int) -> Sequence[CourseReview]:
    """What was said of a draft, newest first."""
    query = sa.select(CourseReview).where(CourseReview.draft_id == draft_id)
    return db.session.scalars(query.order_by(CourseReview.id.desc())).all()


def techniques() -> list[tuple[str, str, str]]:
    """Code and titles of the techniques in use."""
    query = sa.select(Technique.code, Technique.title, Technique.title_en).where(~Technique.retired)
    return [(code, zh, en) for code, zh, en in db.session.execute(query.order_by(Technique.title.collate("C")))]


def courses() -> list[tuple[str, str, str]]:
    """Code and newest titles of all courses."""
    query = (
        sa.select(Course.code, CourseVersion.title, CourseVersion.title_en)
        .join(CourseVersion, CourseVersion.course_id == Course.id)
        .order_by(Course.code, CourseVersion.number)
    )
    found = {code: (code, zh, en) for code, zh, en in db.session.execute(query)}
    return list(found.values())


def known_works() -> dict[str, dict[str, str]]:
    """Works that courses and techniques rest on already, by their code."""
    found: dict[str, dict[str, str]] = {}
    for column in (Technique.sources, CourseVersion.sources):
        for works in db.session.scalars(sa.select(column)):
            found.update({work["code"]: work for work in works})
    return dict(sorted(found.items(), key=lambda pair: pair[1]["title"]))


def upload(id: UUID) -> Upload | None:
    """An upload that is under way, if it is one's own."""
    return db.session.get(Upload, id)


def uploads() -> set[UUID]:
    """All uploads under way, whosever they are."""
    return set(db.session.scalars(sa.select(Upload.id), execution_options=Everything))
