"""One lesson's questions, one question with its answers, and who wrote them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from courses.curricula.models import Course, CoursePublication, CourseVersion, Lesson
from courses.discussion.models import Entry, EntryFollow, EntryRuling, EntryUseful, EntryVersion
from courses.discussion.rules import WrittenAs
from lms.db import Everything, db
from lms.institutions.models import Institution
from lms.people.models import Person


@dataclass(frozen=True)
class Place:
    """A lesson as the place of questions: whatever its version, it is one place."""

    course: Course
    lesson: Lesson

    @property
    def course_id(self) -> int:
        """The course, for the policy."""
        return self.course.id


@dataclass(frozen=True)
class Author:
    """Who wrote something, as it is shown beside their words."""

    name: str
    place: str
    place_en: str | None


@dataclass(frozen=True)
class Thread:
    """A question, its answers (what helped first), who wrote what, and what the reader did about it."""

    question: Entry
    answers: Sequence[Entry]
    authors: dict[int, Author]
    found_useful: frozenset[int]
    follows: bool


def place(code: str, lesson: str) -> Place | None:
    """A lesson of a published version, the newest that has it."""
    query = (
        sa.select(Lesson, Course)
        .join(CourseVersion, CourseVersion.id == Lesson.version_id)
        .join(Course, Course.id == CourseVersion.course_id)
        .where(Course.code == code, Lesson.code == lesson, _published())
        .order_by(Lesson.id.desc())
        .limit(1)
    )
    found = db.session.execute(query).first()
    return Place(found.Course, found.Lesson) if found else None


def _published() -> sa.ColumnElement[bool]:
    return sa.exists().where(CoursePublication.version_id == CourseVersion.id)


def place_of(entry: Entry) -> Place | None:
    """The lesson that an entry stands at; None where no version has it any more."""
    return place(entry.course.code, entry.lesson_code)


def lesson_title(column: Any) -> sa.ScalarSelect[str]:
    """What the lesson of a question is called today: `column` is Lesson.title or Lesson.title_en."""
    query = sa.select(column).join(CourseVersion, CourseVersion.id == Lesson.version_id)
    here = query.where(CourseVersion.course_id == Entry.course_id, Lesson.code == Entry.lesson_code, _published())
    return here.order_by(Lesson.id.desc()).limit(1).correlate(Entry).scalar_subquery()


def at_lesson(course_id: int, lesson_code: str) -> sa.Select[Entry]:
    """A lesson's questions: answered and useful ones first."""
    here = Entry.course_id == course_id, Entry.lesson_code == lesson_code, Entry.question_id.is_(None)
    best = Entry.accepted_id.is_not(None).desc(), Entry.useful.desc(), Entry.id.desc()
    return sa.select(Entry).where(*here, Entry.hidden_at.is_(None)).order_by(*best)


def thread(question: Entry, person_id: int) -> Thread:
    """A question with everything its page shows."""
    first = (Entry.id == question.accepted_id).desc().nulls_last()
    weight = sa.case((Entry.written_as == WrittenAs.LEARNER, 1), else_=0)
    query = sa.select(Entry).where(Entry.question_id == question.id)
    answers = db.session.scalars(query.order_by(first, Entry.useful.desc(), weight, Entry.id)).all()
    ids = [question.id, *(one.id for one in answers)]
    useful = sa.select(EntryUseful.entry_id).where(EntryUseful.entry_id.in_(ids), EntryUseful.person_id == person_id)
    return Thread(
        question,
        answers,
        authors([question.person_id, *(one.person_id for one in answers)]),
        frozenset(db.session.scalars(useful)),
        follows(question.id, person_id),
    )


def authors(ids: Iterable[int]) -> dict[int, Author]:
    """Names and places of those whose words stand on the page, of whatever county; nothing else of them."""
    query = (
        sa.select(Person.id, Person.name, Institution.name, Institution.name_en)
        .join(Institution, Institution.id == Person.institution_id)
        .where(Person.id.in_(set(ids)))
    )
    rows = db.session.execute(query, execution_options=Everything)
    return {number: Author(name, place, place_en) for number, name, place, place_en in rows}


def follows(question_id: int, person_id: int) -> bool:
    """Whether somebody is told of answers."""
    query = sa.select(EntryFollow.id).where(EntryFollow.question_id == question_id, EntryFollow.person_id == person_id)
    return db.session.scalar(query) is not None


def question(id: int) -> Entry | None:
    """A question within reach, by its number."""
    found = entry(id)
    return found if found is not None and found.question_id is None else None


def entry(id: int) -> Entry | None:
    """A question or an answer within reach, by its number."""
    return db.session.scalar(sa.select(Entry).where(Entry.id == id)) if id < 1 << 63 else None


def versions(entry: Entry) -> Sequence[EntryVersion]:
    """What an entry said, newest first."""
    query = sa.select(EntryVersion).where(EntryVersion.entry_id == entry.id)
    return db.session.scalars(query.order_by(EntryVersion.number.desc())).all()


def last_ruling(entry: Entry) -> EntryRuling | None:
    """The newest decision about an entry, for its writer and for those who look after the talk."""
    query = sa.select(EntryRuling).where(EntryRuling.entry_id == entry.id)
    return db.session.scalar(query.order_by(EntryRuling.id.desc()).limit(1))
