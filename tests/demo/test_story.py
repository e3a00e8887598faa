"""A small cohort in a real database: it lives there once, whoever starts again."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import orm

from assessments.proficiency import jobs
from assessments.results.models import Result
from assessments.stall.models import Answer, Flag, FlagAnswer
from courses.discussion.models import Entry
from courses.enrolment.models import CourseCompletion, Enrolment, LessonCompletion
from courses.hours.models import HoursEntry
from courses.mentoring.models import MentoringSession, MentorOffer, Pairing, SessionDecision
from demo.cast import CITY
from demo.cohort import deeds
from demo.story import answers, cohort, learning, mentors, questions, rotations
from demo.story.stage import Stage
from lms import clock
from lms.db import act_as, db
from lms.events import OutboxEvent, deliver
from lms.institutions.models import Institution
from lms.people.models import Person
from lms.techniques.models import Standing, Technique

TABLES = (
    *(Person, Result, HoursEntry, Enrolment, LessonCompletion, CourseCompletion),
    *(MentorOffer, Pairing, MentoringSession, SessionDecision),
)


def silent(_done: int, _total: int) -> None:
    """Nobody watches."""


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


def test_the_shown_doctor_lacks_the_theory_exam_and_nothing_else_of_the_first_star(
    stage: Stage, session: orm.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the way through the demo begins with (README): fifty hours, ninety days and forty hours a year are there."""
    monkeypatch.setattr(deeds, "ROTATES", 0)  # a rotation is nobody's luck
    until = clock.today() - timedelta(days=1)
    rotations.send(stage)
    rotations.send(stage)
    tell(stage, until)
    _hear(stage, session)
    doctor = session.scalars(sa.select(Person.id).where(Person.account == "doctor")).one()
    marks = sa.select(Result.kind, sa.func.sum(Result.value)).where(Result.person_id == doctor).group_by(Result.kind)
    found = dict(session.execute(marks).all())
    assert found["rotation_days"] >= 90
    assert "theory_exam" not in found
    hours = sa.select(HoursEntry.kind, sa.func.sum(HoursEntry.minutes)).where(HoursEntry.person_id == doctor)
    total = dict(session.execute(hours.group_by(HoursEntry.kind)).all())
    assert total["simulation"] >= 50 * 60
    lately = hours.where(HoursEntry.on_day > until - timedelta(days=364)).group_by(HoursEntry.kind)
    assert dict(session.execute(lately).all())["theory"] >= 40 * 60


def _hear(stage: Stage, session: orm.Session) -> None:
    """What follows from rotations follows."""
    session.commit()
    query = sa.select(OutboxEvent.id).where(OutboxEvent.kind == "RotationEnded")
    for number in session.scalars(query).all():
        with stage.app.app_context():
            deliver(number, "results.record_rotation")
    session.commit()


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


def test_one_question_is_answered_and_one_waits_however_often_it_is_told(stage: Stage, session: orm.Session) -> None:
    learning.begin(stage)
    questions.ask(stage)
    questions.ask(stage)
    session.commit()
    asked = session.scalars(sa.select(Entry).where(Entry.question_id.is_(None)).order_by(Entry.id)).all()
    assert [one.accepted_id is not None for one in asked] == [True, False]
