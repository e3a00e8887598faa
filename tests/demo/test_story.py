"""A small cohort in a real database: it lives there once, whoever starts again."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import orm

from assessments.proficiency import jobs
from assessments.results.models import Result
from courses.enrolment.models import CourseCompletion, Enrolment, LessonCompletion
from courses.hours.models import HoursEntry
from courses.mentoring.models import MentoringSession, MentorOffer, Pairing, SessionDecision
from demo.cast import CITY
from demo.story import city, cohort, mentors, people
from demo.story.stage import Stage
from lms import clock
from lms.authz import Role
from lms.db import act_as, db
from lms.institutions.models import Institution
from lms.people.models import Category, Person
from lms.techniques.models import Standing
from tests.factories import world as worlds
from tests.factories.world import World

TABLES = (
    *(Person, Result, HoursEntry, Enrolment, LessonCompletion, CourseCompletion),
    *(MentorOffer, Pairing, MentoringSession, SessionDecision),
)


def silent(_done: int, _total: int) -> None:
    """Nobody watches."""


@pytest.fixture
def stage(app: Flask, session: orm.Session, world: World) -> Stage:
    worlds.person(
        session, "admin", "信息中心", Category.ADMINISTRATOR, world.city, (Role.SYSTEM_ADMINISTRATOR, world.city)
    )
    session.commit()
    made = Stage(app)
    city.load_content(made)
    city.load_institutions(made)
    people.enter(made)
    return made


def tell(stage: Stage, until: date) -> cohort.Cohort:
    everybody = cohort.enter(stage, until, learners=20, mentors=12)
    cohort.results(stage, everybody, silent)
    cohort.hours(stage, everybody, silent)
    cohort.lessons(stage, everybody, silent)
    mentors.pair(stage, everybody, silent)
    return everybody


def counts(session: orm.Session) -> dict[str, int]:
    session.commit()
    return {table.__tablename__: session.scalar(sa.select(sa.func.count()).select_from(table)) or 0 for table in TABLES}


def test_the_cohort_lives_its_two_years_once(stage: Stage, app: Flask, session: orm.Session) -> None:
    until = clock.today() - timedelta(days=1)
    everybody = tell(stage, until)
    first = counts(session)
    assert first["result"] > 1000
    assert first["hours_entry"] > 500
    assert first["pairing"] == len(everybody.city.pairs) > 3
    assert first["mentoring_session"] == first["mentoring_session_decision"] + 1, "one waits for the mentor"
    assert first["lesson_completion"] > 10

    tell(stage, until)
    assert counts(session) == first

    sources = session.scalars(sa.select(Result.source_kind).distinct()).all()
    assert sources == [cohort.SOURCE]
    doctor, mentor = stage.person("doctor"), stage.person("mentor")
    pair = session.scalars(sa.select(Pairing).where(Pairing.person_id == doctor)).one()
    assert pair.mentor_id == mentor
    assert pair.agreed
    waiting = session.scalars(sa.select(MentoringSession).where(~MentoringSession.decision.has())).one()
    assert (waiting.mentor_id, waiting.logged_by_id) == (mentor, doctor)

    with app.app_context():
        act_as(db.session, jobs.ACTOR)
        place = db.session.scalars(sa.select(Institution.id).where(Institution.code == CITY)).one()
        done = jobs.refresh_place(silent, institution_id=place)
    assert done["persons"] == 20
    levels = set(session.scalars(sa.select(Standing.level)))
    assert {2, 3} <= levels
