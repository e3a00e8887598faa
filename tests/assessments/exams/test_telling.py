"""Who is told of an exam: its candidates of the day and of their results, the officers of appeals; each once."""

import pytest

from assessments.exams.models import Outcome
from tests.assessments.exams.test_appeals import answer, make
from tests.assessments.exams.test_regrade import Held
from tests.factories.telling import again, count, hear, told


@pytest.fixture
def held(office, officers, world, session):
    return Held(office, officers, world, session)


def test_from_the_day_to_the_answer_of_an_appeal(held, app, session, world, page):
    people = {held.right, held.wrong, held.blank}
    hear(app, session)
    coming = told(session, "exams.coming")
    assert set(coming) <= people
    released = told(session, "exams.released")
    assert set(released) == people
    assert released[held.wrong]["attempt_id"] == str(held.attempts[held.wrong])
    assert set(released[held.wrong]) == {"title", "title_en", "attempt_id"}, "no mark is in it"

    appealed = make(held, held.wrong)
    hear(app, session)
    officers = told(session, "exams.appealed")
    assert set(officers) == {world.a.exam_officer, world.people["exam_officer"]}
    assert world.b.exam_officer not in officers

    regrade = held.propose()
    answer(held, 0, appealed, Outcome.REGRADE, regrade=regrade)
    held.release(regrade)
    hear(app, session)
    assert set(told(session, "exams.answered")) == {held.wrong}
    assert set(told(session, "exams.regraded")) == {held.right, held.wrong}, "only those whose result changed"

    before = count(session)
    assert hear(app, session) == 0
    again(app, session)
    assert count(session) == before, "nobody is told twice, even of an event that is heard twice"
    for language in ("zh", "en"):
        shown = page.get("/notifications", held.wrong, language=language)
        for form in shown.select(".inbox-row form"):
            page.post(str(form["action"]), held.wrong, expect=303)
            page.get(page.answer.location, held.wrong)


def test_a_day_is_told_when_it_is_approved(office, officers, world, session, app):
    exam = office.draft(officers[0], world.a.commission)
    office.seat(officers[0], exam, world.a.doctor, world.a.village_doctor)
    hear(app, session)
    assert told(session, "exams.coming") == {}
    office.approve(exam, *officers)
    hear(app, session)
    assert set(told(session, "exams.coming")) == {world.a.doctor, world.a.village_doctor}
    assert {"opens", "closes"} < set(told(session, "exams.coming")[world.a.doctor])
