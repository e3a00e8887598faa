"""Who is told of a practice evaluation: the assessor, the doctor, and the officers of an appeal."""

import pytest
from flask import Flask
from sqlalchemy import orm

from assessments.practice import services
from assessments.practice.models import EvaluationAppeal, Outcome
from lms.db import db
from tests.assessments.practice.test_walk import Desk
from tests.conftest import As
from tests.factories import traces
from tests.factories.telling import again, count, hear, told
from tests.factories.world import World
from tests.pages import Page


@pytest.fixture
def desk(app: Flask, as_: As, session: orm.Session, world: World) -> Desk:
    """The forms of the content pack, and hands for officers and assessors."""
    traces.load_content(app, "lms.techniques", "assessments.practice")
    return Desk(as_, session, world)


def test_assigned_accepted_appealed_answered(
    desk: Desk,
    world: World,
    app: Flask,
    session: orm.Session,
    page: Page,
) -> None:
    a = world.a
    evaluation = desk.assign(a.exam_officer, a.doctor, a.examiner)
    hear(app, session)
    assert set(told(session, "practice.assigned")) == {a.examiner}
    desk.score_all(evaluation, lost=2)
    desk.do(a.examiner, evaluation, services.submit)
    desk.do(a.exam_officer, evaluation, services.accept, content_hash=desk.hash(evaluation))
    hear(app, session)
    assert set(told(session, "practice.accepted")) == {a.doctor}
    appeal = desk.do(a.doctor, evaluation, lambda *p, **d: services.appeal(*p, **d).id, reason="第三份记录看错了")
    hear(app, session)
    city = world.people["exam_officer"]
    assert set(told(session, "practice.appealed")) == {a.exam_officer, city}
    session.commit()
    with desk.as_(city) as actor:
        row = db.session.get_one(EvaluationAppeal, appeal)
        services.answer(actor, row, outcome=Outcome.REJECTED, reason="已复核")
    hear(app, session)
    assert set(told(session, "practice.answered")) == {a.doctor}
    before = count(session)
    again(app, session)
    assert count(session) == before
    for who in (a.doctor, a.examiner, city):
        for form in page.get("/notifications", who).select(".inbox-row form"):
            page.post(str(form["action"]), who, expect=303)
            page.get(page.answer.location, who)
