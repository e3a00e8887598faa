"""Selects over enrolments and progress."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import sqlalchemy as sa
from sqlalchemy import orm

from courses.curricula.models import Course, CourseTechnique, CourseVersion, Lesson
from courses.curricula.queries import current, current_of
from courses.enrolment.models import CourseCompletion, Enrolment, LessonCompletion, LessonEvent
from courses.enrolment.rules import next_lesson
from lms.authz import Actor, Role
from lms.db import db
from lms.institutions.models import Institution, Kind
from lms.people.models import Person
from lms.techniques.models import Technique

_BRIEF = (Lesson.version_id, Lesson.position, Lesson.code, Lesson.title, Lesson.title_en, Lesson.minutes)


@dataclass(frozen=True)
class OnShelf:
    """A course as one person sees it: their version if they have begun, else today's."""

    version: CourseVersion
    enrolment: Enrolment | None
    done: frozenset[int]
    last_lesson: int | None
    complete: bool
    fits: bool

    @property
    def code(self) -> str:
        """The course's code."""
        return self.version.course.code

    @property
    def count(self) -> int:
        """How many lessons are done."""
        return sum(lesson.id in self.done for lesson in self.version.lessons)

    @property
    def next(self) -> Lesson | None:
        """The lesson to go on with."""
        lessons = {lesson.id: lesson for lesson in self.version.lessons}
        at = next_lesson(list(lessons), self.done, self.last_lesson)
        return lessons.get(at) if at is not None else None

    @property
    def due_on(self) -> date | None:
        """Until when it is to be done, where somebody said so and it is not done."""
        return self.enrolment.due_on if self.enrolment and not self.complete else None


def shelf(person_id: int) -> list[OnShelf]:
    """All courses for one person: begun ones (last read first), then those for their category, then the others."""
    begun = _enrolments(person_id)
    done, last = _done(person_id), _last_lessons(person_id)
    complete = set(
        db.session.scalars(sa.select(CourseCompletion.enrolment_id).where(_mine(CourseCompletion, person_id)))
    )
    category = db.session.scalar(sa.select(Person.category).where(Person.id == person_id)) or ""
    mine = {
        e.course_id: OnShelf(
            e.version, e, frozenset(done[e.id]), last.get(e.id), e.id in complete, category in e.version.categories
        )
        for e in sorted(begun, key=lambda e: (e.id in complete, -list(last).index(e.id) if e.id in last else -(10**9)))
    }
    rest = [
        OnShelf(version, None, frozenset(), None, False, category in version.categories)
        for version in db.session.scalars(current())
        if version.course_id not in mine
    ]
    return [*mine.values(), *sorted(rest, key=lambda one: not one.fits)]


def _mine(
    model: type[Enrolment | LessonCompletion | CourseCompletion | LessonEvent], person_id: int
) -> sa.ColumnElement[bool]:
    return model.person_id == person_id


def _enrolments(person_id: int) -> Sequence[Enrolment]:
    version = orm.joinedload(Enrolment.version)
    query = sa.select(Enrolment).where(Enrolment.person_id == person_id).order_by(Enrolment.id)
    loads = version.joinedload(CourseVersion.course), version.subqueryload(CourseVersion.lessons).load_only(*_BRIEF)
    return db.session.scalars(query.options(*loads)).all()


def _done(person_id: int) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    query = sa.select(LessonCompletion.enrolment_id, LessonCompletion.lesson_id)
    for enrolment, lesson in db.session.execute(query.where(LessonCompletion.person_id == person_id)):
        found[enrolment].add(lesson)
    return found


def _last_lessons(person_id: int) -> dict[int, int]:
    """Enrolment → lesson last read, the most recently read enrolment last."""
    query = (
        sa.select(LessonEvent.enrolment_id, LessonEvent.lesson_id, sa.func.max(LessonEvent.received_at).label("at"))
        .where(LessonEvent.person_id == person_id)
        .group_by(LessonEvent.enrolment_id, LessonEvent.lesson_id)
        .order_by(sa.literal_column("at"))
    )
    found: dict[int, int] = {}
    for enrolment, lesson, _ in db.session.execute(query):
        found.pop(enrolment, None)
        found[enrolment] = lesson
    return found


def on_shelf(person_id: int, code: str) -> OnShelf | None:
    """One course as one person sees it."""
    found = at_hand(person_id, code)
    if found is None:
        return None
    category = db.session.scalar(sa.select(Person.category).where(Person.id == person_id)) or ""
    fits = category in found.version.categories
    if found.enrolment is None:
        return replace(found, fits=fits)
    number = found.enrolment.id
    done = db.session.scalars(sa.select(LessonCompletion.lesson_id).where(LessonCompletion.enrolment_id == number))
    last = sa.select(LessonEvent.lesson_id).where(LessonEvent.enrolment_id == number)
    last = last.order_by(LessonEvent.received_at.desc()).limit(1)
    complete = sa.select(CourseCompletion.id).where(CourseCompletion.enrolment_id == number)
    return replace(
        found,
        done=frozenset(done),
        last_lesson=db.session.scalar(last),
        complete=db.session.scalar(complete) is not None,
        fits=fits,
    )


def taught(version: CourseVersion) -> Sequence[Technique]:
    """The techniques that a version of a course teaches, in one statement."""
    query = sa.select(Technique).join(CourseTechnique, CourseTechnique.technique_id == Technique.id)
    return db.session.scalars(query.where(CourseTechnique.version_id == version.id).order_by(CourseTechnique.id)).all()


def at_hand(person_id: int, code: str) -> OnShelf | None:
    """The same without how far the person is: for the page one reads."""
    query = (
        sa.select(Enrolment)
        .join(Course, Course.id == Enrolment.course_id)
        .where(Enrolment.person_id == person_id, Course.code == code)
        .options(
            orm.joinedload(Enrolment.version).joinedload(CourseVersion.course),
            orm.joinedload(Enrolment.version).selectinload(CourseVersion.lessons).load_only(*_BRIEF),
        )
    )
    enrolment = db.session.scalar(query)
    version = enrolment.version if enrolment else current_of(code)
    return OnShelf(version, enrolment, frozenset(), None, complete=False, fits=False) if version else None


def enrolment_in(person_id: int, code: str) -> Enrolment | None:
    """A person's enrolment in a course."""
    query = sa.select(Enrolment).join(Course, Course.id == Enrolment.course_id)
    return db.session.scalar(query.where(Enrolment.person_id == person_id, Course.code == code))


def lesson_in(version_id: int, code: str) -> Lesson | None:
    """A lesson of a version."""
    return db.session.scalar(sa.select(Lesson).where(Lesson.version_id == version_id, Lesson.code == code))


def assignable(actor: Actor) -> Sequence[Institution]:
    """Institutions whose people this actor may give a course to: of their subtrees, village clinics left out."""
    roots = sorted({g.root for g in actor.grants if g.role in (Role.INSTITUTION_MANAGER, Role.COURSE_EDITOR)})
    query = sa.select(Institution).where(
        Institution.path.within(roots), Institution.active, Institution.kind != Kind.VILLAGE_CLINIC
    )
    return db.session.scalars(query.order_by(Institution.path)).all()
