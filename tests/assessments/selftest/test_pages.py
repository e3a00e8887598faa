"""Pages of self-tests in both languages: what they show, what they keep to themselves, and from whom."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import orm

from assessments.selftest.models import SelfTestAnswer
from lms import ids
from tests.assessments.selftest.conftest import Desk
from tests.factories import packs
from tests.factories.exams import question
from tests.factories.world import World
from tests.pages import Page

LANGUAGES = pytest.mark.parametrize("language", ["zh", "en"])
SECRET = "因为指南这样写"


def sent(item: int, *answer: str, **more: Any) -> dict[str, Any]:
    """One answer as the page's script sends it."""
    return {"id": str(ids.uuid7()), "item": item, "answer": list(answer), "felt": "fair", "ago": 0} | more


@LANGUAGES
def test_every_page(desk: Desk, world: World, page: Page, language: str) -> None:
    doctor = world.a.doctor
    for address in ("/selftest", "/selftest/answers", "/"):
        page.get(address, doctor, language=language)
    test = desk.begin(doctor)
    desk.answer(doctor, test, 1, 2, 3)
    for address in ("/selftest", f"/selftest/tests/{test}", f"/selftest/tests/{test}/summary", "/selftest/answers"):
        page.get(address, doctor, language=language)
    desk.answer(doctor, test, *range(4, 11), answer=["B"])
    page.get(f"/selftest/tests/{test}", doctor, expect=303)
    for address in ("/selftest", f"/selftest/tests/{test}/summary", "/selftest/answers?outcome=wrong", "/"):
        page.get(address, doctor, language=language)
    page.get(f"/selftest/answers/{desk.answers(doctor)[0].id}", doctor, language=language)


@LANGUAGES
def test_a_house_without_questions_says_so(world: World, page: Page, language: str) -> None:
    soup = page.get("/selftest", world.a.doctor, language=language)
    assert soup.select_one(".empty")
    assert not soup.select('form[action="/selftest/begin"]')
    page.post("/selftest/begin", world.a.doctor, expect=409)
    assert not page.get("/", world.a.doctor).select(".selftest-panel .row-link")


def test_a_key_reaches_the_browser_only_after_the_answer(desk: Desk, world: World, page: Page) -> None:
    doctor = world.a.doctor
    page.post("/selftest/begin", doctor, expect=303)
    address = page.answer.location
    test = int(address.rsplit("/", 1)[1])
    soup = page.get(address, doctor)
    assert len(soup.select(".question")) == 10
    for shown in (page.answer.text, str(page.get("/selftest", doctor)), str(page.get(f"{address}/summary", doctor))):
        for secret in (SECRET, "is-right", "第一章"):
            assert secret not in shown
    first, second = (item.id for item in desk.items(test)[:2])
    told = page.send(f"{address}/answers", doctor, {"answers": [sent(first, "B")]})
    assert set(told["feedback"]) == {str(first)}
    assert told["feedback"][str(first)]["outcome"] == "wrong"
    assert SECRET in told["feedback"][str(first)]["html"]
    page.get(f"{address}/stand", doctor)
    stand = page.answer.get_json()
    assert (stand["answered"], set(stand["feedback"])) == ([first], {str(first)})
    soup = page.get(address, doctor)
    states = {int(str(one["data-item"])): one["data-state"] for one in soup.select(".question")}
    assert (states[first], states[second]) == ("done", "open")
    assert page.answer.text.count(SECRET) == 1


def test_what_is_sent_again_is_acknowledged_and_shown_once_more(desk: Desk, world: World, page: Page) -> None:
    test = desk.begin(world.a.doctor)
    address = f"/selftest/tests/{test}/answers"
    one = sent(desk.items(test)[0].id, "A", felt="easy")
    for body in ([one], [one, one], [one | {"id": str(ids.uuid7()), "answer": ["B"]}]):
        told = page.send(address, world.a.doctor, {"answers": body})
        assert told["acknowledged"] == [each["id"] for each in body]
        assert [each["outcome"] for each in told["feedback"].values()] == ["right"]
    assert [answer.rating for answer in desk.answers(world.a.doctor)] == ["easy"]


@pytest.mark.parametrize(
    "change",
    [
        {"id": "1"},
        {"id": "0190a1b2-c3d4-4e5f-8a6b-7c8d9e0f1a2b"},
        {"item": "1"},
        {"item": -1},
        {"item": 2**63},
        {"item": True},
        {"answer": "A"},
        {"answer": ["A\x00"]},
        {"answer": ["A" * 501]},
        {"answer": ["A"] * 61},
        {"answer": [1]},
        {"felt": "sad"},
        {"ago": -1},
        {"ago": 1e309},
        {"key": ["A"]},
    ],
    ids=str,
)
def test_what_a_page_does_not_send_is_refused(desk: Desk, world: World, page: Page, change: dict[str, Any]) -> None:
    test = desk.begin(world.a.doctor)
    one = sent(desk.items(test)[0].id, "A") | change
    page.send(f"/selftest/tests/{test}/answers", world.a.doctor, {"answers": [one]}, expect=422)
    assert desk.answers(world.a.doctor) == []


@pytest.mark.parametrize("body", [None, [], "x", {"answers": "x"}, {"answers": [], "more": 1}])
def test_another_shape_is_refused(desk: Desk, world: World, page: Page, body: Any) -> None:
    test = desk.begin(world.a.doctor)
    page.send(f"/selftest/tests/{test}/answers", world.a.doctor, body, expect=422)


def test_answers_that_are_script_are_shown_as_text(desk: Desk, session: orm.Session, world: World, page: Page) -> None:
    test = desk.begin(world.a.doctor)
    item = desk.items(test)[0].id
    told = page.send(
        f"/selftest/tests/{test}/answers", world.a.doctor, {"answers": [sent(item, "<script>alert(1)</script>")]}
    )
    assert "<script" not in told["feedback"][str(item)]["html"]
    page.post("/selftest/begin", world.a.doctor, expect=409, topic="<script>")


def test_an_exams_question_cannot_be_asked_for(desk: Desk, world: World, page: Page) -> None:
    test = desk.begin(world.a.doctor)
    exam = desk.exam_version()
    for number in (exam.id, exam.question_id, desk.items(desk.begin(world.a.second_doctor))[0].id):
        if number not in {item.id for item in desk.items(test)}:
            page.send(f"/selftest/tests/{test}/answers", world.a.doctor, {"answers": [sent(number, "A")]}, expect=404)
    assert "for-exams" not in str(page.get(f"/selftest/tests/{test}", world.a.doctor))
    page.get(f"/selftest/tests/{2**63}", world.a.doctor, expect=404)
    page.get(f"/selftest/answers/{ids.uuid7()}", world.a.doctor, expect=404)


def test_self_tests_are_the_doctors_own(desk: Desk, world: World, page: Page) -> None:
    test = desk.begin(world.a.doctor)
    desk.answer(world.a.doctor, test, 1, answer=["B"])
    own = [f"/selftest/tests/{test}{more}" for more in ("", "/stand", "/summary")]
    own.append(f"/selftest/answers/{desk.answers(world.a.doctor)[0].id}")
    item = desk.items(test)[1].id
    overseers = (world.a.manager, world.a.exam_officer)
    outside = (world.a.second_doctor, world.a.examiner, world.a.editor, world.b.doctor, world.b.manager)
    for expect, persons in ((403, overseers), (404, outside)):
        for who in persons:
            for address in own:
                page.get(address, who, expect=expect)
            page.send(f"/selftest/tests/{test}/answers", who, {"answers": [sent(item, "A")]}, expect=expect)
    for who in (*overseers, world.a.examiner, world.a.editor):
        for address in ("/selftest", "/selftest/answers"):
            page.get(address, who, expect=403)
        page.post("/selftest/begin", who, expect=403)
        assert not page.get("/", who).select('a[href="/selftest"]')
    assert not page.get("/selftest/answers", world.b.doctor).select(".row-link")
    assert not page.get("/selftest/answers", world.a.second_doctor).select(".row-link")
    for address in own:
        page.get(address, expect=302)


def test_the_home_page_says_what_is_due_then_what_is_new(desk: Desk, world: World, page: Page) -> None:
    def said() -> str:
        row = page.get("/", world.a.doctor).select_one(".selftest-panel .row-link")
        return row.get_text(strip=True) if row else ""

    assert said() == "15 道新题"
    for _ in range(2):
        desk.all(world.a.doctor, desk.begin(world.a.doctor))
    assert said() == "", "nothing to do today, nothing to say"


def test_feedback_names_the_lesson_that_treats_it(
    app: Any, desk: Desk, session: orm.Session, world: World, page: Page
) -> None:
    packs.bring_ours(app)
    for topic in ("袖带", "没有这样的课"):
        question(session, f"q-{topic}", topic=topic, bank="practice", use="practice")
    links = {}
    for topic in ("袖带", "没有这样的课"):
        test = desk.begin(world.a.doctor, topic=topic)
        desk.all(world.a.doctor, test, answer=["B"])
        soup = page.get(f"/selftest/answers/{desk.answers(world.a.doctor)[-1].id}", world.a.doctor)
        links[topic] = str(soup.select_one(".selftest-lesson")["href"])
        assert page.get(f"/selftest/tests/{test}/summary", world.a.doctor).select(f'a[href="{links[topic]}"]')
    assert "/lessons/" in links["袖带"]
    assert "/lessons/" not in links["没有这样的课"]
    page.get(links["没有这样的课"], world.a.doctor)


def test_the_history_is_narrowed(desk: Desk, world: World, page: Page) -> None:
    test = desk.begin(world.a.doctor)
    desk.answer(world.a.doctor, test, 1, 2)
    desk.answer(world.a.doctor, test, 3, 4, 5, answer=["C"])

    def count(questions: str = "") -> int:
        return len(page.get(f"/selftest/answers{questions}", world.a.doctor).select(".row-link"))

    assert (count(), count("?outcome=right"), count("?outcome=wrong"), count("?outcome=partly")) == (5, 2, 3, 0)
    assert count("?topic=测量") == 2
    assert count("?topic=测量&outcome=wrong") == 1
    assert count("?topic=x'; --") == 0
    assert count("?outcome=nonsense") == 5


def test_lists_ask_the_same_number_of_questions(
    desk: Desk, session: orm.Session, world: World, page: Page, queries: list[str]
) -> None:
    doctor = world.a.doctor
    desk.all(doctor, desk.begin(doctor))

    def asked(address: str) -> int:
        page.get(address, doctor)
        queries.clear()
        page.get(address, doctor)
        return len(queries)

    addresses = ("/selftest", "/selftest/answers")
    before = [asked(address) for address in addresses]
    for number in range(60):
        question(session, f"more-{number}", topic=f"专题{number % 20}", bank="practice", use="practice")
    for _ in range(6):
        desk.all(doctor, desk.begin(doctor))
    assert session.scalar(sa.select(sa.func.count()).select_from(SelfTestAnswer)) == 70
    assert [asked(address) for address in addresses] == before


def test_a_session_asks_the_same_number_of_questions_however_much_is_answered(
    desk: Desk, world: World, page: Page, queries: list[str]
) -> None:
    test = desk.begin(world.a.doctor)
    counts = []
    for places in ((1,), range(2, 10)):
        desk.answer(world.a.doctor, test, *places, answer=["B"])
        for address in (f"/selftest/tests/{test}", f"/selftest/tests/{test}/summary"):
            page.get(address, world.a.doctor)
            queries.clear()
            page.get(address, world.a.doctor)
            counts.append(len(queries))
    assert counts[:2] == counts[2:]
