"""The verbs of learning."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from courses.curricula.models import Course, CourseVersion
from courses.curricula.queries import current
from courses.enrolment.events import CourseAssigned, LearningBroughtIn
from courses.enrolment.models import CourseCompletion, Enrolment, LessonCompletion
from courses.enrolment.policy import Enrolments
from lms import clock, digests
from lms.authz import Actor
from lms.db import Everything, db
from lms.db.many import insert_many
from lms.errors import Conflict, Invalid, row_numbers
from lms.events import publish
from lms.i18n import _, pick
from lms.institutions.models import Institution
from lms.people.models import Person
from lms.people.queries.homes import homes_below
from lms.service import service, tell


@service(needs=Enrolments.JOIN)
def enrol(actor: Actor, version: CourseVersion) -> Enrolment:
    """Begin a course; whoever has begun it is in it already. Raises Conflict where another must come first."""
    person = db.session.get_one(Person, actor.person_id)
    missing = _missing(person.id, version.prerequisites)
    if missing:
        names = "、".join(missing)
        raise Conflict(_("Finish this first: %(courses)s.", courses=names))
    values = {
        "person_id": person.id,
        "institution_id": person.institution_id,
        "course_id": version.course_id,
        "version_id": version.id,
    }
    insert = pg.insert(Enrolment).values(values).on_conflict_do_nothing(index_elements=["person_id", "course_id"])
    db.session.execute(insert, execution_options=Everything)
    tell(course=version.course.code, version=version.number)
    mine = sa.select(Enrolment).where(Enrolment.person_id == person.id, Enrolment.course_id == version.course_id)
    return db.session.scalars(mine).one()


def _missing(person_id: int, codes: Sequence[str]) -> list[str]:
    if not codes:
        return []
    finished = (
        sa.select(Course.code)
        .join(Enrolment, Enrolment.course_id == Course.id)
        .join(CourseCompletion, CourseCompletion.enrolment_id == Enrolment.id)
        .where(Enrolment.person_id == person_id)
    )
    missing = set(codes) - set(db.session.scalars(finished))
    titles = {one.course.code: pick(one.title, one.title_en) for one in db.session.scalars(current())}
    return [titles.get(code, code) for code in codes if code in missing]


@service(needs=Enrolments.ASSIGN, tells=("category", "due_on"))
def assign(
    actor: Actor, institution: Institution, *, version: CourseVersion, category: str, due_on: date | None
) -> int:
    """Give a course to everyone of a category at or below an institution; how many had not begun it yet.

    Whoever is in the course already gets the date, unless they have finished.
    """
    here = sa.select(Institution.id).where(Institution.path.within([institution.path]))
    people = sa.select(
        Person.id,
        Person.institution_id,
        sa.literal(version.course_id),
        sa.literal(version.id),
        sa.literal(actor.person_id, sa.BigInteger),
        sa.literal(due_on, sa.Date),
    ).where(Person.active, Person.category == category, Person.institution_id.in_(here))
    columns = ["person_id", "institution_id", "course_id", "version_id", "assigned_by_id", "due_on"]
    before = _enrolled(version.course_id)
    finished = sa.exists().where(CourseCompletion.enrolment_id == Enrolment.id)
    insert = pg.insert(Enrolment).from_select(columns, people)
    insert = insert.on_conflict_do_update(
        index_elements=["person_id", "course_id"],
        set_={"due_on": insert.excluded.due_on, "assigned_by_id": insert.excluded.assigned_by_id},
        where=~finished,
    )
    db.session.execute(insert, execution_options=Everything)
    enrolled = _enrolled(version.course_id) - before
    tell(course=version.course.code, institution=institution.code, enrolled=enrolled)
    publish(CourseAssigned(version.course_id, institution.id, category, enrolled))
    return enrolled


def _enrolled(course_id: int) -> int:
    query = sa.select(sa.func.count()).select_from(Enrolment).where(Enrolment.course_id == course_id)
    return db.session.scalar(query, execution_options=Everything) or 0


@dataclass(frozen=True)
class Learned:
    """What one person had learned of a course elsewhere: when each lesson was finished, by the lesson's code."""

    person_id: int
    finished: dict[str, datetime]


@service(needs=Enrolments.BRING_IN)
def bring_in(actor: Actor, place: Institution, *, version: CourseVersion, rows: Sequence[Learned]) -> int:
    """Take over what people at or below a place had learned of a course; how many had not begun it yet.

    All or nothing; the same rows again change nothing; no hours follow (they are taken over by themselves). Raises
    Invalid, with row numbers from 1, for people who work elsewhere, unknown lessons and days to come.
    """
    homes = homes_below(place, {row.person_id for row in rows})
    lessons = {lesson.code: lesson.id for lesson in version.lessons}
    now = clock.now()
    wrong = [n for n, row in enumerate(rows, 1) if row.person_id not in homes or not _possible(row, lessons, now)]
    if wrong:
        raise Invalid(
            _(
                "People elsewhere, unknown lessons or days to come: %(rows)s. Nothing was written.",
                rows=row_numbers(wrong),
            )
        )
    before = _enrolled(version.course_id)
    begun = _begin_many(version, homes, rows)
    _finish_many(begun, homes, lessons, rows)
    enrolled = _enrolled(version.course_id) - before
    plain: Any = [[row.person_id, {code: at.isoformat() for code, at in row.finished.items()}] for row in rows]
    digest = digests.digest(plain).hex()
    tell(course=version.course.code, version=version.number, rows=len(rows), enrolled=enrolled, hash=digest)
    publish(LearningBroughtIn(place.id, version.id, enrolled, digest))
    return enrolled


def _possible(row: Learned, lessons: dict[str, int], now: datetime) -> bool:
    return row.finished.keys() <= lessons.keys() and all(at <= now for at in row.finished.values())


def _begin_many(version: CourseVersion, homes: dict[int, int], rows: Sequence[Learned]) -> dict[int, int]:
    """Enrol them; the enrolment in this version by person (who learns another version goes on in that)."""
    common = {"course_id": version.course_id, "version_id": version.id}
    values = [{"person_id": row.person_id, "institution_id": homes[row.person_id]} | common for row in rows]
    if values:
        insert = insert_many(Enrolment, values)
        insert = insert.on_conflict_do_nothing(index_elements=["person_id", "course_id"])
        db.session.execute(insert, execution_options=Everything)
    query = sa.select(Enrolment.person_id, Enrolment.id).where(
        Enrolment.version_id == version.id, Enrolment.person_id.in_(homes)
    )
    return dict(db.session.execute(query, execution_options=Everything).all())


def _finish_many(
    begun: dict[int, int], homes: dict[int, int], lessons: dict[str, int], rows: Sequence[Learned]
) -> None:
    """Their lessons, and the course for those who have all of them."""
    known = [row for row in rows if row.person_id in begun]
    finished = [
        {
            "person_id": row.person_id,
            "institution_id": homes[row.person_id],
            "enrolment_id": begun[row.person_id],
            "lesson_id": lessons[code],
            "opened_at": at,  # when it was begun is not known, so none of it counts as time
            "completed_at": at,
            "minutes": 0,
        }
        for row in known
        for code, at in row.finished.items()
    ]
    if finished:
        insert = insert_many(LessonCompletion, finished)
        insert = insert.on_conflict_do_nothing(index_elements=["enrolment_id", "lesson_id"])
        db.session.execute(insert, execution_options=Everything)
    whole = [row.person_id for row in known if row.finished.keys() == lessons.keys()]
    if whole:
        values = [{"person_id": one, "institution_id": homes[one], "enrolment_id": begun[one]} for one in whole]
        course = insert_many(CourseCompletion, values).on_conflict_do_nothing(index_elements=["enrolment_id"])
        db.session.execute(course, execution_options=Everything)
