"""Both of a pair are told that it was made, and that it was ended early."""

from flask import Flask
from sqlalchemy import orm

from courses.mentoring import services
from courses.mentoring.models import Pairing
from tests.factories.mentoring import Office
from tests.factories.telling import hear, told
from tests.factories.world import World
from tests.pages import Page


def test_both_are_told(office: Office, world: World, app: Flask, session: orm.Session, page: Page) -> None:
    a = world.a
    office.offer(a.manager, a.examiner)
    number = office.pair(a.manager, a.doctor, a.examiner)
    hear(app, session)
    assert {who: facts["side"] for who, facts in told(session, "mentoring.began").items()} == {
        a.doctor: "apprentice",
        a.examiner: "mentor",
    }
    for who in (a.doctor, a.examiner):
        (form,) = page.get("/notifications", who).select(".inbox-row form")
        page.post(str(form["action"]), who, expect=303)
        assert page.answer.location == f"/mentoring/pairs/{number}"
        page.get(page.answer.location, who)
    office.do(a.manager, Pairing, number, services.end, reason="调离")
    hear(app, session)
    assert set(told(session, "mentoring.ended")) == {a.doctor, a.examiner}
