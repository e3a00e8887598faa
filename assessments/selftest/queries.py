"""Selects over what may be asked, what somebody was asked, and how they stand."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from assessments.bank.models import Question, QuestionVersion
from assessments.bank.queries.standing import status_of, usable_ids
from assessments.bank.rules.kinds import Use
from assessments.bank.rules.standing import Status
from assessments.results.queries import BY_TOPIC
from assessments.selftest import rules
from assessments.selftest.models import SelfTest, SelfTestAnswer, SelfTestCard, SelfTestItem
from courses.curricula.models import Course, CourseTechnique, CourseVersion, Lesson
from courses.curricula.queries import current_ids
from lms import clock
from lms.db import db
from lms.people.models import Person
from lms.techniques.models import Technique

#: How many of the newest answers say how topics stand.
LOOKED_AT = 500


def _still_stands() -> sa.ColumnElement[bool]:
    """Whether a version that was fetched earlier may still be asked: meanwhile it may have been called back."""
    return sa.and_(Question.use == Use.PRACTICE, ~Question.retired, status_of(QuestionVersion) == Status.READY)


def tomorrow() -> datetime:
    """When today ends where the institutions are; what comes back before then is due."""
    return datetime.combine(clock.today() + timedelta(days=1), time.min, clock.zone())


def _day(moment: datetime) -> date:
    return clock.local(moment).date()


# ---- what may be asked ----


def candidates(person_id: int, topic: str = "") -> dict[int, tuple[rules.Candidate, int]]:
    """Every question that may be asked, by its id, with the version that would be."""
    category = sa.select(Person.category).where(Person.id == person_id).scalar_subquery()
    card = sa.and_(SelfTestCard.question_id == Question.id, SelfTestCard.person_id == person_id)
    fits = sa.func.coalesce(category == sa.any_(Technique.categories), False)
    version = QuestionVersion
    series = (version.shared_stem_version_id, sa.func.coalesce(version.series_place, 0))
    query = (
        sa.select(version.id, Question.id, version.topic, fits, SelfTestCard.due_at, *series)
        .join(QuestionVersion, QuestionVersion.question_id == Question.id)
        .join(Technique, Technique.id == QuestionVersion.technique_id)
        .outerjoin(SelfTestCard, card)
        .where(QuestionVersion.id.in_(usable_ids(Use.PRACTICE)))
    )
    if topic:
        query = query.where(QuestionVersion.topic == topic)
    return {
        question: (rules.Candidate(question, its, its_fits, due and _day(due), case, place), number)
        for number, question, its, its_fits, due, case, place in db.session.execute(query)
    }


@dataclass(frozen=True)
class Waiting:
    """How much there is to do: due today, never asked, known well, and the next day on which something is due."""

    due: int
    new: int
    known: int
    next_due: date | None

    @property
    def anything(self) -> bool:
        """Whether there is a question to practise with at all, now or later."""
        return bool(self.due or self.new or self.next_due)


def waiting(person_id: int) -> Waiting:
    """The same, in one statement."""
    row = db.session.execute(_waiting(), {"person": person_id, "tomorrow": tomorrow()}).one()
    due, new, known, later = row
    return Waiting(due, new, known, _day(later) if later else None)


@cache
def _waiting() -> sa.Select[int, int, int, datetime]:
    """Put together once: it is asked on every doctor's home page."""
    end = sa.bindparam("tomorrow", type_=sa.DateTime(timezone=True))
    card = sa.and_(SelfTestCard.question_id == Question.id, SelfTestCard.person_id == sa.bindparam("person"))
    return (
        sa.select(
            sa.func.count().filter(SelfTestCard.due_at < end),
            sa.func.count().filter(SelfTestCard.id.is_(None)),
            sa.func.count().filter(SelfTestCard.stability >= rules.KNOWN_DAYS),
            sa.func.min(SelfTestCard.due_at).filter(SelfTestCard.due_at >= end),
        )
        .select_from(Question)
        .join(QuestionVersion, QuestionVersion.question_id == Question.id)
        .outerjoin(SelfTestCard, card)
        .where(QuestionVersion.id.in_(usable_ids(Use.PRACTICE)))
    )


# ---- one self-test ----


def test(id: int) -> SelfTest | None:
    """One self-test within reach."""
    return db.session.get(SelfTest, id) if id < 1 << 63 else None


def items(test_id: int) -> list[SelfTestItem]:
    """Its questions in order, without their keys; what was called back before it was answered is left out."""
    query = (
        sa.select(SelfTestItem)
        .join(Question, Question.id == SelfTestItem.question_id)
        .join(QuestionVersion, QuestionVersion.id == SelfTestItem.version_id)
        .outerjoin(SelfTestAnswer, SelfTestAnswer.item_id == SelfTestItem.id)
        .options(orm.contains_eager(SelfTestItem.version), orm.contains_eager(SelfTestItem.answer))
        .where(SelfTestItem.test_id == test_id, sa.or_(SelfTestAnswer.id.is_not(None), _still_stands()))
        .order_by(SelfTestItem.place)
    )
    return list(db.session.scalars(query))


def unfinished(person_id: int) -> SelfTest | None:
    """The newest self-test of today that still has an open question."""
    today = datetime.combine(clock.today(), time.min, clock.zone())
    answered = sa.exists().where(SelfTestAnswer.item_id == SelfTestItem.id)
    still_open = (
        sa.select(SelfTestItem.id)
        .join(Question, Question.id == SelfTestItem.question_id)
        .join(QuestionVersion, QuestionVersion.id == SelfTestItem.version_id)
        .where(SelfTestItem.test_id == SelfTest.id, _still_stands(), ~answered)
        .exists()
    )
    query = sa.select(SelfTest).where(SelfTest.person_id == person_id, SelfTest.begun_at >= today, still_open)
    return db.session.scalar(query.order_by(SelfTest.id.desc()).limit(1))


def keys(version_ids: Iterable[int]) -> dict[int, tuple[Any, str]]:
    """Key and explanation of versions; ask only for what the person has answered."""
    query = sa.select(QuestionVersion.id, QuestionVersion.key, QuestionVersion.explanation)
    rows = db.session.execute(query.where(QuestionVersion.id.in_(list(version_ids))))
    return {version: (key, explanation) for version, key, explanation in rows}


@dataclass(frozen=True)
class ToRead:
    """Where a question's technique is taught: a lesson that speaks of its topic, else the whole course."""

    course: str
    title: str
    title_en: str
    lesson: str | None = None
    minutes: int | None = None


def lessons_for(version_ids: Iterable[int], person_id: int) -> dict[int, ToRead]:
    """For each of these questions the lesson whose title names its topic, else whose text does, else the course."""
    category = sa.select(Person.category).where(Person.id == person_id).scalar_subquery()
    named = sa.func.strpos(Lesson.title, QuestionVersion.topic) > 0
    told = sa.func.strpos(Lesson.body, QuestionVersion.topic) > 0
    fits = sa.func.coalesce(category == sa.any_(CourseVersion.categories), False)
    query = (
        sa.select(QuestionVersion.id, sa.or_(named, told), Course.code, CourseVersion, Lesson)
        .join(CourseTechnique, CourseTechnique.technique_id == QuestionVersion.technique_id)
        .join(CourseVersion, CourseVersion.id == CourseTechnique.version_id)
        .join(Course, Course.id == CourseVersion.course_id)
        .join(Lesson, Lesson.version_id == CourseVersion.id)
        .where(QuestionVersion.id.in_(list(version_ids)), CourseVersion.id.in_(current_ids()))
        .options(orm.load_only(CourseVersion.title, CourseVersion.title_en))
        .options(orm.load_only(Lesson.code, Lesson.title, Lesson.title_en, Lesson.minutes))
        .ext(pg.distinct_on(QuestionVersion.id))
        .order_by(QuestionVersion.id, named.desc(), fits.desc(), told.desc(), CourseVersion.id, Lesson.position)
    )
    return {
        version: ToRead(code, lesson.title, lesson.title_en, lesson.code, lesson.minutes)
        if speaks
        else ToRead(code, course.title, course.title_en)
        for version, speaks, code, course, lesson in db.session.execute(query)
    }


def cards(person_id: int, question_ids: Iterable[int]) -> dict[int, SelfTestCard]:
    """What a person has of these questions."""
    mine = SelfTestCard.person_id == person_id
    query = sa.select(SelfTestCard).where(mine, SelfTestCard.question_id.in_(list(question_ids)))
    return {card.question_id: card for card in db.session.scalars(query)}


def reviews(person_id: int, question_ids: Iterable[int]) -> dict[int, list[rules.Review]]:
    """All answers of a person to these questions, as the spacing sees them."""
    answer = SelfTestAnswer
    query = sa.select(answer.question_id, answer.answered_at, answer.id, answer.rating)
    query = query.where(answer.person_id == person_id, answer.question_id.in_(list(question_ids)))
    found: dict[int, list[rules.Review]] = {}
    for question, at, name, rating in db.session.execute(query):
        found.setdefault(question, []).append(rules.Review(at, str(name), rules.Rating(rating)))
    return found


@dataclass(frozen=True)
class Feedback:
    """What is shown of a question once its answer is with the centre, and not before."""

    answer: SelfTestAnswer
    key: Any
    explanation: str
    lesson: ToRead | None
    due_on: date | None


def feedback(answers: Sequence[SelfTestAnswer]) -> list[Feedback]:
    """For answers of one person: the key, why, where to read on, and when the question comes back."""
    if not answers:
        return []
    person = answers[0].person_id
    versions = [one.version_id for one in answers]
    known, lessons = keys(versions), lessons_for(versions, person)
    coming = cards(person, [one.question_id for one in answers])
    return [
        Feedback(
            one,
            *known[one.version_id],
            lessons.get(one.version_id),
            _day(coming[one.question_id].due_at) if one.question_id in coming else None,
        )
        for one in answers
    ]


# ---- how somebody stands ----


def stands(person_id: int) -> list[rules.TopicStand]:
    """How the topics stand that there are questions for, weakest first."""
    answer = SelfTestAnswer
    newest = (
        sa.select(QuestionVersion.topic, answer.earned, answer.parts)
        .join(QuestionVersion, QuestionVersion.id == answer.version_id)
        .where(answer.person_id == person_id)
        .order_by(answer.answered_at.desc(), answer.id.desc())
        .limit(LOOKED_AT)
    )
    own: dict[str, list[Fraction]] = {}
    for topic, earned, parts in reversed(db.session.execute(newest).all()):
        own.setdefault(topic, []).append(Fraction(earned, parts))
    there = set(topics())
    found = rules.stands(own, from_elsewhere(person_id))
    return [one for one in found if one.topic in there]


def from_elsewhere(person_id: int) -> Mapping[str, Fraction]:
    """What others know of how somebody does by topic: released exams."""
    found: dict[str, Fraction] = {}
    for tell in BY_TOPIC.values():
        found.update(tell(person_id))
    return found


def topics() -> list[str]:
    """The topics there are questions for, in order."""
    query = sa.select(QuestionVersion.topic).join(Question, Question.id == QuestionVersion.question_id)
    query = query.where(QuestionVersion.id.in_(usable_ids(Use.PRACTICE))).distinct()
    return sorted(db.session.scalars(query))


def days(person_id: int) -> set[date]:
    """The days of the last year on which somebody practised."""
    day = sa.func.date(sa.func.timezone(clock.zone().key, SelfTestAnswer.answered_at))
    since = clock.now() - timedelta(days=366)
    query = sa.select(day).where(SelfTestAnswer.person_id == person_id, SelfTestAnswer.answered_at >= since)
    return set(db.session.scalars(query.distinct()))


# ---- what was answered ----


@dataclass(frozen=True)
class Sought:
    """What the history is narrowed to; empty words do not narrow."""

    topic: str = ""
    outcome: str = ""


def _outcomes() -> dict[str, sa.ColumnElement[bool]]:
    answer = SelfTestAnswer
    return {
        rules.Outcome.RIGHT: answer.earned == answer.parts,
        rules.Outcome.PARTLY: sa.and_(answer.earned > 0, answer.earned < answer.parts),
        rules.Outcome.WRONG: answer.earned == 0,
    }


def history(person_id: int, sought: Sought) -> sa.Select[SelfTestAnswer]:
    """A person's answers, newest first, with the questions as they were asked."""
    answer = SelfTestAnswer
    query = (
        sa.select(answer)
        .join(QuestionVersion, QuestionVersion.id == answer.version_id)
        .options(orm.contains_eager(answer.version))
        .where(answer.person_id == person_id)
        .order_by(answer.answered_at.desc(), answer.id.desc())
    )
    if sought.topic:
        query = query.where(QuestionVersion.topic == sought.topic)
    narrowed = _outcomes().get(sought.outcome)
    return query if narrowed is None else query.where(narrowed)


def topics_answered(person_id: int) -> list[str]:
    """The topics a person has answered questions of."""
    query = sa.select(QuestionVersion.topic).join(SelfTestAnswer, SelfTestAnswer.version_id == QuestionVersion.id)
    return sorted(db.session.scalars(query.where(SelfTestAnswer.person_id == person_id).distinct()))


def answer(id: UUID) -> SelfTestAnswer | None:
    """One answer within reach, with the question as it was asked."""
    options: Sequence[Any] = [orm.joinedload(SelfTestAnswer.version)]
    return db.session.get(SelfTestAnswer, id, options=options)
