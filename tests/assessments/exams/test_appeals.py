"""Appeals: in time, once for a result, answered with a reason by somebody who did not sit the exam."""

from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from assessments.exams.models import Appeal, AppealAnswer, Attempt, Exam, ExamDecision, Outcome, Regrade
from assessments.exams.queries import appeals as queries
from assessments.exams.queries.attempts import score_of
from assessments.exams.services import appeals
from lms.audit.models import AuditEvent
from lms.db import db
from lms.errors import Conflict, Invalid, NotAllowed
from tests.assessments.exams.test_regrade import Held
from tests.factories import cohorts

LANGUAGES = ["zh", "en"]


@pytest.fixture
def held(office, officers, world, session):
    return Held(office, officers, world, session)


def make(held, person, reason="第 2 题两个选项都对"):
    attempt = held.attempts[person]
    return held.office.do(
        person, held.exam, lambda a, _e: appeals.appeal(a, db.session.get_one(Attempt, attempt), reason=reason).id
    )


def answer(held, officer, number, outcome=Outcome.REJECTED, reason="按指南第三章", regrade=None):
    def act(actor, _exam):
        chosen = db.session.get_one(Regrade, regrade) if regrade else None
        row = db.session.get_one(Appeal, number)
        return appeals.answer(actor, row, outcome=outcome, reason=reason, regrade=chosen).id

    return held.do(officer, act)


def test_an_appeal_and_its_answer_are_said_once(held, session):
    with pytest.raises(Invalid):
        make(held, held.wrong, " ")
    number = make(held, held.wrong)
    with pytest.raises(Conflict):
        make(held, held.wrong)
    with pytest.raises(Invalid):
        answer(held, 0, number, reason=" ")
    answer(held, 0, number)
    with pytest.raises(Conflict):
        answer(held, 1, number, Outcome.RESIT)
    session.expire_all()
    row = session.scalars(sa.select(AppealAnswer)).one()
    assert (row.outcome, row.by_id, row.person_id) == ("rejected", held.officers[0], held.wrong)
    assert {"appeal", "answer"} <= set(session.scalars(sa.select(AuditEvent.verb)))


def test_a_corrected_result_can_be_appealed_against_again(held):
    first = make(held, held.wrong)
    regrade = held.propose()
    with pytest.raises(Invalid):
        answer(held, 0, first, Outcome.REJECTED, regrade=regrade)
    answer(held, 0, first, Outcome.REGRADE, regrade=regrade)
    held.release(regrade)
    assert make(held, held.wrong, "还有一题") != first
    assert make(held, held.right, "我的成绩为何降低")


def test_the_days_are_counted_by_the_database(held, session, monkeypatch):
    attempt = held.attempts[held.wrong]

    def until(_actor, _exam):
        return queries.until(score_of(db.session.get_one(Attempt, attempt)))

    def may(at):
        monkeypatch.setattr(queries, "now", lambda: at)
        return held.office.do(
            held.wrong, held.exam, lambda _a, _e: queries.may_still(score_of(db.session.get_one(Attempt, attempt)))
        )

    end = held.office.do(held.wrong, held.exam, until)
    released = session.scalars(sa.select(ExamDecision.at).where(ExamDecision.decided == "release")).one()
    assert end - released == timedelta(days=7)
    assert may(end)
    assert not may(end + timedelta(seconds=1))
    with pytest.raises(Conflict):
        make(held, held.wrong)
    monkeypatch.undo()
    session.execute(sa.update(Exam).values(appeal_days=0))
    with pytest.raises(Conflict):
        make(held, held.wrong)


def test_before_the_release_there_is_nothing_to_appeal_against(office, officers, world, session):
    exam_id = office.ready(officers, world.a.commission, pass_percent=Decimal(90))
    (person,) = cohorts.persons(session, world, 1)
    attempt = cohorts.sit(session, exam_id, {person: {}})[person]
    with pytest.raises(Conflict):
        office.do(person, exam_id, lambda a, _e: appeals.appeal(a, db.session.get_one(Attempt, attempt), reason="x").id)


def test_who_may_neither_appeal_nor_answer(held, world, session):
    attempt = held.attempts[held.wrong]
    with pytest.raises(NotAllowed):
        held.do(0, lambda a, _e: appeals.appeal(a, db.session.get_one(Attempt, attempt), reason="x"))
    number = make(held, held.wrong)
    cohorts.sit(session, held.exam, {world.a.exam_officer: {}})
    with pytest.raises(NotAllowed):
        answer(held, 0, number)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_of_both_sides(held, world, page, language):
    result = f"/attempts/{held.attempts[held.wrong]}/result"
    address = f"/attempts/{held.attempts[held.wrong]}/appeal"
    assert page.get(result, held.wrong, language=language).select(f'form[action="{address}"]')
    page.post(address, held.wrong, expect=303)
    page.post(address, held.right, expect=404, reason="x")
    page.post(address, held.wrong, expect=303, reason="<script>alert(1)</script> 第 2 题")
    (number,) = held.session.scalars(sa.select(Appeal.id))
    shown = page.get(result, held.wrong, language=language)
    assert "alert(1)" in shown.select_one("#appeal").get_text()
    assert shown.select(f'form[action="{address}"]') == []
    one = f"/appeals/{number}"
    officer = held.officers[0]
    assert page.get("/", officer, language=language).select('a[href="/appeals"]')
    assert page.get("/appeals", officer, language=language).select(f'a[href="{one}"]')
    assert page.get("/appeals?q=考生001", officer).select(f'a[href="{one}"]')
    assert not page.get("/appeals?q=nobody", officer).select(f'a[href="{one}"]')
    assert not page.get("/appeals?state=rejected", officer).select(f'a[href="{one}"]')
    assert not page.get("/appeals", world.b.exam_officer).select(f'a[href="{one}"]')
    page.get(one, world.b.exam_officer, expect=404)
    page.post(one, world.b.exam_officer, expect=404, outcome="rejected", reason="x")
    page.get(one, held.wrong, expect=403)
    page.get("/appeals", world.a.doctor, expect=403)
    page.get(one, officer, language=language)
    page.post(one, officer, expect=422, reason="x")
    page.post(one, officer, expect=422, outcome="rejected", regrade="99", reason="x")
    page.post(one, officer, expect=303, outcome="rejected", regrade="0", reason="两项中只有一项符合指南")
    assert "两项中只有一项符合指南" in page.get(result, held.wrong, language=language).get_text()
    assert "两项中只有一项符合指南" in page.get(one, officer, language=language).get_text()
    assert page.get("/appeals?state=rejected", officer, language=language).select(f'a[href="{one}"]')
    assert not page.get("/appeals", officer, language=language).select(f'a[href="{one}"]')


def test_the_list_asks_as_much_for_few_as_for_many(held, page, queries):
    make(held, held.wrong)
    page.get("/appeals", held.officers[0])
    queries.clear()
    page.get("/appeals", held.officers[0])
    few = len(queries)
    make(held, held.right)
    make(held, held.blank)
    queries.clear()
    page.get("/appeals", held.officers[0])
    assert len(queries) == few
