"""Who is told of answers, of what helped, of what waits, of reports and of rulings."""

from datetime import timedelta

import sqlalchemy as sa
from flask import Flask
from sqlalchemy import orm

from courses.discussion import jobs, services
from courses.discussion.models import Entry
from courses.discussion.rules import Why
from tests.courses.discussion.conftest import Talk
from tests.factories.telling import hear, told
from tests.factories.world import World
from tests.pages import Page


def earlier(session: orm.Session, question: int, by: timedelta) -> None:
    session.execute(sa.update(Entry).where(Entry.id == question).values(created_at=Entry.created_at - by))
    session.commit()


def remind(app: Flask) -> int:
    with app.app_context():
        return int(jobs.remind(lambda *_: None)["questions"])  # type: ignore[arg-type]


def test_answers_are_told_to_who_follows_and_what_helped_to_who_answered(
    talk: Talk, world: World, app: Flask, session: orm.Session, page: Page
) -> None:
    question = talk.ask(world.a.doctor)
    talk.do(world.b.doctor, question, services.follow, on=True)
    answer = talk.answer(world.a.examiner, question)
    hear(app, session)
    facts = told(session, "discussion.answered")
    assert set(facts) == {world.a.doctor, world.b.doctor}
    assert facts[world.a.doctor] == {"id": question, "title": "袖带松了血压会怎样？"}
    (form,) = page.get("/notifications", world.a.doctor).select(".inbox-row form")
    page.post(str(form["action"]), world.a.doctor, expect=303)
    assert page.answer.location == f"/questions/{question}"
    talk.do(world.a.doctor, question, services.accept, answer_id=answer)
    hear(app, session)
    assert set(told(session, "discussion.accepted")) == {world.a.examiner}


def test_what_waits_for_a_day_is_said_once_to_mentors_and_editors_above(
    talk: Talk, world: World, app: Flask, session: orm.Session
) -> None:
    waits, fresh, answered = (talk.ask(world.a.doctor, title) for title in ("等了一天", "刚问的", "答过的"))
    talk.answer(world.a.second_doctor, answered)
    earlier(session, waits, timedelta(days=1))
    earlier(session, fresh, timedelta(hours=23))
    earlier(session, answered, timedelta(days=3))
    assert (remind(app), remind(app)) == (1, 0)
    hear(app, session)
    expected = {world.a.examiner, world.a.second_examiner, world.a.editor, world.people["editor"]}
    facts = told(session, "discussion.waits")
    assert set(facts) == expected
    assert {one["id"] for one in facts.values()} == {waits}


def test_what_was_answered_meanwhile_is_not_told(talk: Talk, world: World, app: Flask, session: orm.Session) -> None:
    question = talk.ask(world.a.doctor)
    earlier(session, question, timedelta(days=2))
    assert remind(app) == 1
    talk.answer(world.a.second_doctor, question)
    hear(app, session)
    assert told(session, "discussion.waits") == {}


def test_reports_go_to_editors_and_rulings_to_who_wrote(
    talk: Talk, world: World, app: Flask, session: orm.Session
) -> None:
    question = talk.ask(world.a.doctor)
    talk.do(world.b.doctor, question, services.report, why=Why.PATIENT)
    talk.do(world.a.second_doctor, question, services.report, why=Why.PATIENT)
    hear(app, session)
    assert set(told(session, "discussion.reported")) == {world.a.editor, world.people["editor"]}
    talk.do(world.a.editor, question, services.hide, reason="能认出病人")
    hear(app, session)
    assert told(session, "discussion.ruled") == {
        world.a.doctor: {"id": question, "title": "袖带松了血压会怎样？", "hidden": True}
    }
