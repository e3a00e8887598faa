"""The pages of questions as people see them, in both languages, however many there are."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from courses.discussion import services
from courses.discussion.models import Entry
from courses.discussion.rules import Why
from lms import events
from lms.authz import Actor
from lms.db import act_as, db
from tests.courses.discussion.test_telling import earlier

HERE = "/courses/hypertension/lessons/measure"


def index(app: Flask) -> None:
    """What the worker does after a question changed."""
    with app.app_context():
        act_as(db.session, Actor.job("test"))
        heard = [(one, name) for one in events.undelivered() for name in events.subscribers_of(one)]
    for event, name in heard:
        if name == "search.questions":
            with app.app_context():
                events.deliver(event, name)


def test_asked_answered_accepted_as_people_do_it(talk, world, page):
    a = world.a
    assert page.get(HERE, a.doctor).select_one("#questions a[href$='/ask']")
    page.get(f"{HERE}/ask", a.doctor)
    page.post(f"{HERE}/ask", a.doctor, expect=303, title="袖带松了会怎样？", body="老人手臂细。")
    address = page.answer.location
    assert "还没有人回答" in page.get(address, a.doctor).text
    page.post(f"{address}/answer", a.examiner, expect=303, body="会 **偏高**。")
    soup = page.get(address, a.doctor)
    assert soup.select_one("main article strong").text == "偏高"
    assert "带教老师" in soup.select("main article")[1].text
    accept = soup.select_one(f"form[action='{address}/accept']")
    page.post(f"{address}/accept", a.doctor, expect=303, answer=accept.select_one("[name=answer]")["value"])
    assert page.get(address, world.b.doctor).select_one(".entry-helped")
    assert "已解决" in page.get(HERE, a.doctor).select_one("#questions").text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_opens(talk, world, page, language, session):
    a = world.a
    question = talk.ask(a.doctor, body="看 [这里](https://example.org)")
    answer = talk.answer(a.second_doctor, question)
    waits = talk.ask(a.second_doctor, "没有人答")
    earlier(session, waits, timedelta(days=2))
    talk.do(a.doctor, question, services.edit, title="改过的", body="", number=1)
    talk.do(world.b.doctor, answer, services.report, why=Why.WRONG, note="剂量")
    for address, who in [
        ("/questions", a.doctor), ("/questions?side=mine", a.doctor), ("/questions?side=followed", a.doctor),
        ("/questions?side=open&q=没有&course=hypertension", a.doctor), (f"/questions/{question}", a.doctor),
        (f"/questions/{question}", a.editor), (f"/questions/entries/{question}/edit", a.doctor),
        (f"/questions/entries/{answer}/edit", a.second_doctor), (f"/questions/entries/{question}/history", a.doctor),
        (f"/questions/entries/{answer}/report", a.doctor), (f"/questions/entries/{answer}/moderate", a.editor),
        ("/questions/desk", a.examiner), ("/questions/desk?tab=open", a.examiner),
        ("/questions/desk?tab=reported", a.editor),
        ("/questions/desk?tab=hidden", a.manager), (f"{HERE}/questions", a.doctor), (f"{HERE}/ask", a.doctor),
        (f"{HERE}/questions", a.village_doctor),
    ]:  # fmt: skip
        page.get(address, who, language=language)
    talk.do(a.editor, answer, services.hide, reason="剂量不对")
    for who in (a.second_doctor, a.editor, a.doctor):
        soup = page.get(f"/questions/{question}", who, language=language)
        assert ("剂量不对" in soup.text) is (who != a.doctor)
    assert page.get("/questions/desk?tab=hidden", a.editor, language=language).select("main .row-link")
    page.get(f"/questions/entries/{answer}/moderate", a.editor, language=language)


def test_patients_words_are_marked_and_nothing_typed_is_lost(talk, world, page, session):
    typed = {"title": "12 床病人要换药吗？", "body": "病人王小明，女，血压 150/90。"}
    soup = page.post(f"{HERE}/ask", world.a.doctor, expect=422, **typed)
    assert [mark.text for mark in soup.select("main mark")] == ["12 床", "王小明"]
    assert soup.select_one("[name=title]")["value"] == typed["title"]
    assert typed["body"] in soup.select_one("textarea[name=body]").text
    assert soup.select_one("[name=sure]")
    page.post(f"{HERE}/ask", world.a.doctor, expect=303, sure="y", **typed)
    address = page.answer.location
    soup = page.post(f"{address}/answer", world.a.examiner, expect=422, body="身份证 11010519491231002X")
    assert "身份证号" in soup.select_one("[role=alert]").text
    page.post(f"{address}/answer", world.a.examiner, expect=422, body="身份证 11010519491231002X", sure="y")
    assert session.scalar(sa.select(sa.func.count()).select_from(Entry)) == 1


def test_what_is_like_it_is_shown_while_one_types(talk, world, page, app):
    asked = talk.ask(world.a.doctor, "袖带绑得太松，血压会偏高吗？")
    talk.ask(world.a.doctor, "什么时候转诊？")
    hidden = talk.ask(world.a.doctor, "袖带太松的广告")
    talk.do(world.a.editor, hidden, services.hide, reason="广告")
    index(app)
    found = page.send("/questions/look", world.b.doctor, {"title": "袖带松了血压准不准", "body": "患者：李红"})
    assert [one["address"] for one in found["like"]] == [f"/questions/{asked}"]
    assert found["marked"] == [[{"text": "患者：", "kind": None}, {"text": "李红", "kind": "name"}]]
    assert page.send("/questions/look", world.b.doctor, {"title": "怎么", "body": ""}) == {"like": [], "marked": []}
    page.send("/questions/look", world.b.doctor, {"title": 3}, expect=422)
    page.send("/questions/look", None, {"title": "", "body": ""}, expect=401)


def test_what_was_asked_before_is_looked_at_first_without_a_script_too(talk, world, page, app, session):
    asked = talk.ask(world.a.second_doctor, "袖带绑得太松，血压会偏高吗？")
    index(app)
    typed = {"title": "袖带松了血压准不准？", "body": "老人手臂细。"}
    soup = page.post(f"{HERE}/ask", world.a.doctor, expect=422, **typed)
    assert soup.select_one(f".like a[href='/questions/{asked}']")
    assert "先看看" in soup.select_one("[role=alert]").text
    assert soup.select_one("[name=title]")["value"] == typed["title"]
    assert session.scalar(sa.select(sa.func.count()).select_from(Entry)) == 1
    page.post(f"{HERE}/ask", world.a.doctor, expect=303, looked=soup.select_one("[name=looked]")["value"], **typed)
    page.post(f"{HERE}/ask", world.a.doctor, expect=303, title="多大的孩子可以量？", body="")


def test_questions_are_found_by_search_with_what_was_answered(talk, world, page, app):
    question = talk.ask(world.a.doctor, "袖带松了会怎样？")
    answer = talk.answer(world.a.examiner, question, "换成合适的臂带。")
    index(app)

    def found(words):
        soup = page.get(f"/search?q={words}&kind=question", world.b.doctor)
        return [str(link["href"]) for link in soup.select("main .row-link")]

    assert found("袖带") == found("臂带") == [f"/questions/{question}"]
    talk.do(world.a.editor, answer, services.hide, reason="不对")
    index(app)
    assert (found("袖带"), found("臂带")) == ([f"/questions/{question}"], [])
    talk.do(world.a.editor, question, services.hide, reason="不对")
    index(app)
    assert found("袖带") == []


def test_mentors_and_editors_see_what_waits_and_the_next_county_does_not(talk, world, page, session):
    question = talk.ask(world.a.doctor, "等了两天的问题")
    earlier(session, question, timedelta(days=2))
    for who in (world.a.examiner, world.a.editor, world.a.manager, world.people["editor"]):
        assert "1 个问题" in page.get("/", who).text
        assert "等了两天的问题" in page.get("/questions/desk", who).text
    for who in (world.b.examiner, world.b.editor, world.b.manager):
        assert "个问题超过" not in page.get("/", who).text
        assert "等了两天的问题" not in page.get("/questions/desk?tab=open", who).text
    page.get("/questions/desk", world.a.doctor, expect=403)
    page.get("/questions/desk", world.a.auditor, expect=403)


def test_addresses_refuse_the_next_county(talk, world, page):
    question = talk.ask(world.a.doctor)
    talk.do(world.a.doctor, question, services.edit, title="改过", body="", number=1)
    page.get(f"/questions/{question}", world.b.doctor)
    for rest in ("edit", "history", "moderate"):
        page.get(f"/questions/entries/{question}/{rest}", world.b.editor, expect=403)
        page.get(f"/questions/entries/{question}/{rest}", None, expect=302)
    page.post(f"/questions/{question}/answer", world.b.examiner, expect=403, body="x")
    talk.do(world.a.editor, question, services.hide, reason="广告")
    for who in (world.b.doctor, world.b.editor, world.a.second_doctor):
        page.get(f"/questions/{question}", who, expect=404)
    page.get(f"/questions/{10**30}", world.a.doctor, expect=404)


def test_as_many_statements_for_many_as_for_few(talk, world, page, session, queries):
    addresses = [
        ("/questions", world.a.doctor), ("/questions/desk?tab=open", world.a.examiner),
        (f"{HERE}/questions", world.a.doctor), (HERE, world.a.doctor),
    ]  # fmt: skip
    first = talk.ask(world.a.doctor)
    for who in (world.a.second_doctor, world.a.examiner):
        talk.answer(who, first)
    addresses.append((f"/questions/{first}", world.a.doctor))

    def counted():
        found = []
        for address, who in addresses:
            page.get(address, who)
            queries.clear()
            page.get(address, who)
            found.append(len(queries))
        return found

    for number in range(9):
        talk.ask(world.a.doctor, f"问题 {number}")
    few = counted()
    row = session.get_one(Entry, first)
    values = {name: getattr(row, name) for name in ("person_id", "institution_id", "course_id", "lesson_code")}
    many = [values | {"title": f"很多 {n}", "body": "", "written_as": "learner"} for n in range(120)]
    session.execute(sa.insert(Entry), many)
    answers = [values | {"question_id": first, "body": f"答 {n}", "written_as": "learner"} for n in range(40)]
    session.execute(sa.insert(Entry), answers)
    session.commit()
    assert counted() == few
