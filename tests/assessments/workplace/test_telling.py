"""Who is told of a request to watch, and of what was seen."""

from flask import Flask
from sqlalchemy import orm

from assessments.workplace import services
from tests.factories.telling import again, count, hear, told
from tests.factories.workplace import Clinic
from tests.factories.world import World
from tests.pages import Page


def test_asked_handed_on_declined(clinic: Clinic, world: World, app: Flask, session: orm.Session, page: Page) -> None:
    a = world.a
    number = clinic.ask(a.doctor, a.examiner)
    hear(app, session)
    assert set(told(session, "workplace.requested")) == {a.examiner}
    clinic.turn(a.examiner, number, services.delegate, to=a.second_examiner, reason="出差")
    hear(app, session)
    assert set(told(session, "workplace.requested")) == {a.examiner, a.second_examiner}
    clinic.turn(a.second_examiner, number, services.decline, reason="不在")
    hear(app, session)
    assert set(told(session, "workplace.declined")) == {a.doctor}
    facts = told(session, "workplace.declined")[a.doctor]
    assert set(facts) == {"technique", "technique_en", "id"}, "the reason is read inside"
    before = count(session)
    again(app, session)
    assert count(session) == before
    (form,) = page.get("/notifications", a.doctor).select(".inbox-row form")
    page.post(str(form["action"]), a.doctor, expect=303)
    page.get(page.answer.location, a.doctor)
