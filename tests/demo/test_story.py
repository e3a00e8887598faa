"""A small cohort in a real database: it lives there once, whoever starts again."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import orm

from assessments.proficiency import jobs
from assessments.results.models import Result
from assessments.stall.models import Answer, Flag, FlagAnswer
from courses.enrolment.models import CourseCompletion, Enrolment, LessonCompletion
from courses.hours.models import HoursEntry
from courses.mentoring.models import MentoringSession, MentorOffer, Pairing, SessionDecision
from demo.cast import CITY
from demo.story import answers, city, cohort, mentors, people
from demo.story.stage import Stage
from lms import clock
from lms.authz import Role
from lms.db import act_as, db
from lms.institutions.models import Institution
from lms.people.models import Category, Person
from lms.techniques.models import Standing, Technique
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

    exams = (
        sa.select(sa.func.count()).select_from(Result).where(Result.kind == "theory_exam", Result.person_id == doctor)
    )
    assert session.scalar(exams) == 0, "it is left to whoever plays the doctor"


def test_all_mentors_but_the_shown_one_answer_most_warnings(stage: Stage, session: orm.Session) -> None:
    everybody = tell(stage, clock.today() - timedelta(days=1))
    technique = session.scalars(sa.select(Technique.id).order_by(Technique.code)).all()
    for pair in session.scalars(sa.select(Pairing)).all():
        for one in technique[:4]:
            session.add(_flag(pair, one))
    session.commit()
    answers.give(stage, everybody)
    session.commit()
    first = session.execute(sa.select(FlagAnswer.by_id, FlagAnswer.answer).order_by(FlagAnswer.id)).all()
    raised = session.scalar(sa.select(sa.func.count()).select_from(Flag)) or 0
    assert raised / 4 < len(first) < raised
    assert stage.person("mentor") not in {row.by_id for row in first}
    assert {row.answer for row in first} == {*Answer}


def _flag(pair: Pairing, technique_id: int) -> Flag:
    today = clock.today()
    return Flag(
        person_id=pair.person_id,
        institution_id=pair.institution_id,
        technique_id=technique_id,
        raised_on=today,
        since=today - timedelta(days=90),
        level=60,
        reasons=[{"code": "level"}],
        history=[["2026-01-01", 60.0]],
    )
