"""Every page of exams: it opens in both languages, for whom it should, with a constant number of statements."""

import pytest
import sqlalchemy as sa

from assessments.exams.models import Candidate, Exam, ScoreRun
from assessments.exams.services import marking, releasing, sitting
from lms import ids
from lms.institutions.models import Institution
from lms.people.models import Category, Person
from tests.assessments.exams.conftest import Writer

LANGUAGES = ["zh", "en"]


@pytest.fixture
def sat(office, officers, world, page):
    """An open exam in which the doctor has answered one question; (exam, attempt)."""
    exam_id = office.ready(officers, world.a.commission, world.a.doctor, world.a.second_doctor)
    attempt_id = office.start(world.a.doctor, exam_id)
    hand = Writer(page, world.a.doctor, attempt_id)
    item = office.items(exam_id)[0]
    hand.choose(item.id, office.right_answers(exam_id)[item.id])
    return exam_id, attempt_id


def close_and_mark(office, officers, exam_id):
    office.do(officers[0], exam_id, lambda a, e: sitting.close(a, e, reason="over"))
    office.do(officers[0], exam_id, marking.mark)


def officers_pages(exam_id, candidate_id):
    sides = [
        "",
        "/plan",
        "/paper",
        "/candidates",
        "/candidates/add",
        f"/candidates/{candidate_id}",
        "/board",
        "/review",
    ]
    return [f"/exams/{exam_id}{side}" for side in sides]


@pytest.mark.parametrize("language", LANGUAGES)
def test_officers_pages_open(sat, office, officers, page, session, language):
    exam_id, _ = sat
    candidate = session.scalars(sa.select(Candidate.id).where(Candidate.exam_id == exam_id)).first()
    for who in officers:
        for url in ["/exams", "/exams/new", *officers_pages(exam_id, candidate)]:
            page.get(url, who, language=language)
    close_and_mark(office, officers, exam_id)
    for who in officers:
        for url in officers_pages(exam_id, candidate):
            page.get(url, who, language=language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_candidates_pages_open(sat, office, officers, world, page, session, language):
    exam_id, attempt_id = sat
    doctor = world.a.doctor
    assert "高血压理论考试" in page.get("/my/exams", doctor).get_text()
    assert page.get(f"/exams/{exam_id}/start", doctor, language=language).select_one(
        f'a[href="/attempts/{attempt_id}"]'
    )
    shown = page.get(f"/attempts/{attempt_id}", doctor, language=language)
    assert len(shown.select("section.question")) == 6
    page.get(f"/attempts/{attempt_id}/result", doctor, expect=303)
    page.send(f"/attempts/{attempt_id}/hand-in", doctor, {})
    page.get(f"/attempts/{attempt_id}", doctor, expect=303)
    over = page.get(f"/exams/{exam_id}/start", doctor, language=language)
    assert over.select_one(f'a[href="/attempts/{attempt_id}/result"]') is not None
    before = page.get(f"/attempts/{attempt_id}/result", doctor, language=language)
    assert not before.select_one(".verdict-panel")
    close_and_mark(office, officers, exam_id)
    assert not page.get(f"/attempts/{attempt_id}/result", doctor).select_one(".verdict-panel"), (
        "seen before the release"
    )
    digest = session.scalars(sa.select(ScoreRun.input_hash)).one()
    office.do(officers[1], exam_id, lambda a, e: releasing.release(a, e, input_hash=digest))
    after = page.get(f"/attempts/{attempt_id}/result", doctor, language=language)
    assert after.select_one(".verdict-panel")
    for item in office.items(exam_id):
        assert item.question.stem not in after.get_text(), "released results do not show the questions"


def test_the_attempts_page_carries_no_key(sat, office, world, page):
    exam_id, attempt_id = sat
    page.get(f"/attempts/{attempt_id}", world.a.doctor)
    assert "因为指南这样写" not in page.answer.text
    first, other = (page.answer.text, office.right_answers(exam_id))
    assert not any(f'"{item}": {keys}'.replace("'", '"') in first for item, keys in other.items())
    assert "right_keys" not in first


def test_the_next_county_finds_nothing(sat, world, page, session):
    exam_id, attempt_id = sat
    candidate = session.scalars(sa.select(Candidate.id).where(Candidate.exam_id == exam_id)).first()
    stranger = world.b.exam_officer
    for url in [*officers_pages(exam_id, candidate), f"/exams/{exam_id}/start"]:
        page.get(url, stranger, expect=404)
    for verb in ("approve", "close", "mark", "release", f"candidates/{candidate}/remove", f"candidates/{candidate}"):
        page.post(f"/exams/{exam_id}/{verb}", stranger, expect=404)
    assert page.get("/exams", stranger).select("tbody a") == []
    for other in (stranger, world.b.doctor, world.a.second_doctor):
        for url in (f"/attempts/{attempt_id}", f"/attempts/{attempt_id}/result", f"/attempts/{attempt_id}/stand"):
            page.get(url, other, expect=404)
        for verb in ("answers", "beat", "pen", "hand-in"):
            page.send(f"/attempts/{attempt_id}/{verb}", other, {"events": []}, expect=404)
    page.get(f"/exams/{exam_id}/start", world.b.doctor, expect=404)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_officer_s_home_names_what_is_in_hand_and_the_next_county_s_does_not(sat, officers, world, page, language):
    exam_id, _attempt_id = sat
    address = f"/exams/{exam_id}"
    assert page.get("/", officers[0], language=language).select(f"a[href='{address}']")
    assert not page.get("/", world.b.exam_officer, language=language).select(f"a[href='{address}']")


def test_who_may_see_but_not_decide(sat, world, page):
    exam_id, _ = sat
    for who in (world.a.manager, world.a.auditor):
        page.get(f"/exams/{exam_id}", who)
        page.get(f"/exams/{exam_id}/board", who)
        page.get(f"/exams/{exam_id}/paper", who, expect=403)
        page.get(f"/exams/{exam_id}/review", who, expect=403)
        page.post(f"/exams/{exam_id}/close", who, expect=403, reason="x")
    page.get(f"/exams/{exam_id}", world.a.doctor, expect=403)
    page.get(f"/exams/{exam_id}/paper", world.a.doctor, expect=403)


def test_an_officer_who_sits_the_exam_does_not_see_the_paper(office, officers, world, page, session):
    exam_id = office.draft(officers[1], world.a.commission)
    office.seat(officers[1], exam_id, world.a.exam_officer)
    page.get(f"/exams/{exam_id}/paper", world.a.exam_officer, expect=403)
    page.get(f"/exams/{exam_id}/paper", officers[1])


def test_a_new_exam_from_the_form(office, world, page, session):
    officer = world.a.exam_officer
    form = {
        "title": "季度考试",
        "institution": world.a.commission,
        "opens_at": "2026-12-01 09:00",
        "closes_at": "2026年12月1日 11:00",
        "minutes": "３０",
        "pass_percent": "60",
        "shuffled": "y",
        "multiple": "partial",
    }
    page.post("/exams/new?bank=small", officer, expect=303, **form)
    exam = session.scalars(sa.select(Exam)).one()
    assert (exam.title, exam.minutes, exam.state, exam.paper.multiple) == ("季度考试", 30, "drafted", "partial")
    cells = {"by": "topic", "cell": '["测量", "", ""]', "count": "9", "pool": "", "points": "1"}
    refused = page.post("/exams/new?bank=small", officer, expect=422, **form, **cells)
    assert "9" in refused.select_one("[role=alert]").get_text()
    elsewhere = form | {"institution": world.b.commission}
    page.post("/exams/new?bank=small", officer, expect=422, **elsewhere)
    backwards = form | {"closes_at": "2026-12-01 08:00"}
    page.post("/exams/new?bank=small", officer, expect=422, **backwards)
    assert session.scalar(sa.select(sa.func.count()).select_from(Exam)) == 1


def test_candidates_are_found_and_added(office, officers, world, page, session):
    exam_id = office.draft(officers[0], world.a.commission)
    url = f"/exams/{exam_id}/candidates/add"
    found = page.get(f"{url}?category=village_doctor", officers[0])
    assert [box["value"] for box in found.select("input[name=person]")] == [str(world.a.village_doctor)]
    found = page.get(f"{url}?institution={world.a.township}&q=小", officers[0])
    assert len(found.select("input[name=person]")) == 2
    page.post(url, officers[0], expect=303, all="1", institution=world.a.township, category="general_practitioner")
    page.post(url, officers[0], expect=303, person=[world.a.village_doctor, world.b.doctor])
    session.expire_all()
    sits = set(session.scalars(sa.select(Candidate.person_id)))
    assert sits == {world.a.doctor, world.a.second_doctor, world.a.village_doctor}, "nobody from the next county"
    candidate = session.scalars(sa.select(Candidate.id).where(Candidate.person_id == world.a.doctor)).one()
    page.post(f"/exams/{exam_id}/candidates/{candidate}/remove", officers[0], expect=303)
    assert session.scalar(sa.select(sa.func.count()).select_from(Candidate)) == 2


def test_lists_need_no_more_statements_when_they_are_longer(sat, office, officers, page, session, queries, world):
    exam_id, _ = sat
    urls = [f"/exams/{exam_id}/board", f"/exams/{exam_id}/candidates", f"/exams/{exam_id}/candidates/add", "/exams"]

    def counts():
        found = []
        for url in urls:
            queries.clear()
            page.get(url, officers[0])
            found.append(len(queries))
        return found

    few = counts()
    place = session.get_one(Institution, world.a.township)
    people = [
        Person(account=f"many-{n}", name=f"医生{n}", category=Category.NURSE, institution_id=place.id)
        for n in range(60)
    ]
    session.add_all(people)
    session.flush()
    session.add_all(
        Candidate(exam_id=exam_id, person_id=p.id, institution_id=world.a.commission, added_by_id=officers[0])
        for p in people[:40]
    )
    exam = session.get_one(Exam, exam_id)
    for n in range(30):
        copied = {c.key: getattr(exam, c.key) for c in sa.inspect(Exam).columns if c.key not in ("id", "made_at")}
        session.add(Exam(**copied | {"title": f"考试{n}"}))
    session.commit()
    assert counts() == few


def test_nonsense_is_refused_in_words(sat, world, page):
    _, attempt_id = sat
    doctor = world.a.doctor
    good = {"id": str(ids.uuid7()), "item": 10**9, "seq": 1, "epoch": 1, "answer": ["A"]}
    for wrong in (
        {"id": "x"},
        {"item": "1"},
        {"item": True},
        {"seq": -1},
        {"seq": 1 << 40},
        {"epoch": 1.5},
        {"answer": "A"},
        {"answer": [1]},
        {"answer": ["A" * 501]},
        {"answer": ["A"] * 27},
        {"answer": ["half of a character \ud800"]},
        {"answer": ["\0"]},
    ):
        page.send(f"/attempts/{attempt_id}/answers", doctor, {"events": [good | wrong]}, expect=422)
    for body in ([], {}, {"events": []}, {"events": {}}, {"events": [None]}, {"events": [good] * 501}):
        page.send(f"/attempts/{attempt_id}/answers", doctor, body, expect=422)
    said = page.send(f"/attempts/{attempt_id}/answers", doctor, {"events": [good]})
    assert said["held"] == said["late"] == [], "an item that is not on the paper is not held"
