"""Who is told of a flag: the mentor; where there is none, whoever manages the institution; never the doctor."""

from flask import Flask
from sqlalchemy import orm

from tests.assessments.stall.conftest import FALLING, Ward
from tests.factories.telling import hear, told
from tests.factories.world import World
from tests.pages import Page


def test_the_mentor_or_the_manager(ward: Ward, world: World, app: Flask, session: orm.Session, page: Page) -> None:
    a, b = world.a, world.b
    ward.pair(a.examiner, a.doctor)
    ward.marks(a.doctor, FALLING)
    ward.marks(b.doctor, FALLING)
    raised = {flag.person_id for flag in ward.night()}
    assert raised == {a.doctor, b.doctor}
    hear(app, session)
    heard = told(session, "stall.raised")
    assert set(heard) == {a.examiner, b.manager}
    assert set(heard[a.examiner]) == {"technique", "technique_en", "id"}
    shown = page.get("/notifications", a.examiner)
    assert "心电图" in shown.get_text()
    (form,) = shown.select(".inbox-row form")
    page.post(str(form["action"]), a.examiner, expect=303)
    page.get(page.answer.location, a.examiner)
