"""The pages of workplace assessment: for doctor, assessor, mentor and those who oversee."""

import json
from typing import Any

import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup
from flask import Flask

from assessments.workplace import services
from assessments.workplace.models import WorkplaceAssessment, WorkplaceRequest
from assessments.workplace.queries import assessments
from lms import clock, ids
from lms.people.models import Person
from lms.web import nav
from tests.factories.workplace import Clinic, filled
from tests.factories.world import World
from tests.pages import Page

YEAR = clock.today().year


def sent_by(assessor: int, *sheets: dict[str, Any]) -> dict[str, Any]:
    return {"assessor": assessor, "sheets": list(sheets)}


def sheet_of(clinic: Clinic, about: dict[str, Any], **changed: Any) -> dict[str, Any]:
    body = filled(clinic.version, technique=clinic.techniques[0]) | changed
    return {"id": str(ids.uuid7()), "sheet": str(ids.uuid7()), "about": about, "body": body}


def data_of(shown: BeautifulSoup, place: str) -> Any:
    """The JSON that a page carries."""
    found = shown.select_one(place)
    assert found is not None, place
    return json.loads(found.string or "")


def text_of(shown: BeautifulSoup, place: str) -> str:
    """The words at one place of a page."""
    found = shown.select_one(place)
    assert found is not None, place
    return found.get_text()


def in_both(page: Page, url: str, who: int) -> BeautifulSoup:
    page.get(url, who, language="en")
    return page.get(url, who)


def test_the_doctor_asks_and_the_assessor_sees_who_waits(clinic: Clinic, world: World, page: Page) -> None:
    doctor, assessor = world.a.doctor, world.a.examiner
    assert "还没有" in in_both(page, "/workplace", doctor).get_text()
    code = "mini"
    shown = in_both(page, f"/workplace/ask?form={code}", doctor)
    assert shown.select_one("input[name=form][checked]")
    assert "周敏" in page.get("/workplace/ask?q=周", doctor).get_text()
    page.post("/workplace/ask", doctor, expect=422, form=clinic.station)
    said = {"form": clinic.station, "technique": clinic.techniques[0], "assessor": assessor}
    page.post("/workplace/ask", doctor, expect=422, **said, on_day="2020-01-01")
    page.post("/workplace/ask", doctor, expect=422, **said, on_day=str(clock.today()), note="患者王小明")
    assert "王小明" in page.post("/workplace/ask", doctor, expect=422, **said, note="患者王小明").get_text()
    page.post("/workplace/ask", doctor, expect=303, **said, on_day=str(clock.today()), note="<b>请您看</b>")
    number = clinic.session.scalars(sa.select(WorkplaceRequest.id)).one()
    assert "已申请" in page.get("/workplace", doctor).get_text()
    assert "王小明" in page.get("/", assessor).get_text()
    for who in (doctor, assessor, world.a.manager):
        shown = in_both(page, f"/workplace/requests/{number}", who)
        assert shown.find("b", string="请您看") is None
        assert "<b>请您看</b>" in shown.get_text()
    assert "今天起" in in_both(page, "/workplace/assessing", assessor).get_text()
    assert page.get(f"/workplace/requests/{number}?q=周", assessor).select("#delegate-form input[name=to]")
    for stranger in (world.a.second_doctor, world.a.second_examiner, world.b.examiner, world.b.manager):
        page.get(f"/workplace/requests/{number}", stranger, expect=404)
        page.get(f"/workplace/requests/{number}/sheet", stranger, expect=404)
    page.get(f"/workplace/requests/{number}/sheet", doctor, expect=403)
    page.post(f"/workplace/requests/{number}/decline", doctor, expect=403, reason="x")
    page.post(
        f"/workplace/requests/{number}/delegate", assessor, expect=303, to=world.a.second_examiner, reason="出差"
    )  # fmt: skip
    page.post(f"/workplace/requests/{number}/decline", world.a.second_examiner, expect=303, reason="门诊")
    assert "出差" in page.get(f"/workplace/requests/{number}", doctor).get_text()


def test_a_sheet_is_handed_in_read_and_answered(clinic: Clinic, world: World, page: Page) -> None:
    doctor, assessor = world.a.doctor, world.a.examiner
    asked = clinic.ask(doctor, assessor)
    shown = in_both(page, f"/workplace/requests/{asked}/sheet", assessor)
    assert len(shown.select("[data-item]")) == 4
    state = data_of(shown, "#sheet-state")
    assert (state["about"], state["form"], state["person"]) == ({"request": asked}, clinic.version, assessor)
    one = sheet_of(clinic, state["about"], good="<script>alert(1)</script>")
    for _again in range(2):
        answer = page.send("/workplace/sheets", assessor, sent_by(assessor, one))
        assert answer["acknowledged"] == [one["id"]]
        assert answer["taken"] == {one["sheet"]: f"/workplace/assessments/{one['sheet']}"}
    page.get(f"/workplace/requests/{asked}/sheet", assessor, expect=302)
    address = f"/workplace/assessments/{one['sheet']}"
    assert "待您阅读" in page.get("/workplace", doctor).get_text()
    assert "未阅" in page.get("/", doctor).get_text()
    clinic.pair(doctor, world.b.examiner)
    for who in (doctor, assessor, world.b.examiner, world.a.manager, world.a.exam_officer, world.a.auditor):
        shown = in_both(page, address, who)
        assert "<script>alert(1)</script>" in text_of(shown, "main")
    for who in (world.a.second_doctor, world.a.second_examiner, world.b.doctor, world.b.exam_officer):
        page.get(address, who, expect=404)
    page.get(f"/workplace/assessments/{ids.uuid7()}", doctor, expect=404)
    page.post(f"{address}/answer", assessor, expect=403, agrees="yes")
    page.post(f"{address}/answer", doctor, expect=422, agrees="no")
    page.post(f"{address}/answer", doctor, expect=303, agrees="no", text="当时已先告知", reflection="再练")
    assert "有异议" in page.get(address, assessor).get_text()
    page.post(f"{address}/reflect", doctor, expect=422, text="患者王小明")
    page.post(f"{address}/reflect", doctor, expect=303, text="又练了三例")
    page.get(f"{address}/correct", doctor, expect=403)
    state = data_of(in_both(page, f"{address}/correct", assessor), "#sheet-state")
    assert (state["about"], state["values"]["good"]) == ({"corrects": one["sheet"]}, "<script>alert(1)</script>")
    mended = sheet_of(clinic, state["about"], reason="选错等级", rating="level-4")
    assert mended["sheet"] in page.send("/workplace/sheets", assessor, sent_by(assessor, mended))["taken"]
    assert "第 2 版" in page.get(address, doctor).get_text()
    page.post(f"{address}/withdraw", world.a.manager, expect=403, reason="x")
    page.post(f"/workplace/assessments/{mended['sheet']}/withdraw", world.a.exam_officer, expect=303, reason="评错")
    assert "不再计入" in page.get(address, doctor).get_text()


def test_what_is_not_taken_is_named_with_its_reason_and_the_rest_is_taken(
    clinic: Clinic, world: World, page: Page
) -> None:
    assessor = world.a.examiner
    good = sheet_of(clinic, {"doctor": world.a.doctor})
    wrong = [
        sheet_of(clinic, {"doctor": world.a.doctor}, marks={"ask": 9, "examine": 1, "judge": 1, "safe": 2}),
        sheet_of(clinic, {"doctor": world.b.doctor}),
        sheet_of(clinic, {"doctor": assessor}),
        sheet_of(clinic, {"doctor": "1"}),
        sheet_of(clinic, {"request": 987_654_321}),
        sheet_of(clinic, {"corrects": str(ids.uuid7())}, reason="x"),
        sheet_of(clinic, {}),
        sheet_of(clinic, {"doctor": world.a.doctor}, good="x" * 1_000_000),
    ]
    answer = page.send("/workplace/sheets", assessor, sent_by(assessor, *wrong, good))
    assert set(answer["acknowledged"]) == {one["id"] for one in [*wrong, good]}
    assert set(answer["held"]) == {one["sheet"] for one in wrong}
    assert all(one["detail"] for one in answer["held"].values())
    assert set(answer["taken"]) == {good["sheet"]}
    assert len(clinic.rows()) == 1


def test_a_sheet_of_somebody_else_stays_where_it_is(clinic: Clinic, world: World, page: Page) -> None:
    one = sheet_of(clinic, {"doctor": world.a.doctor})
    page.send("/workplace/sheets", world.a.second_examiner, sent_by(world.a.examiner, one), expect=403)
    page.send("/workplace/sheets", world.a.doctor, sent_by(world.a.doctor, one), expect=403)
    wrong: list[Any] = [None, [], {}, {"sheets": 1}, sent_by(world.a.examiner, *[one] * 11)]
    for nonsense in wrong:
        page.send("/workplace/sheets", world.a.examiner, nonsense, expect=422)
    page.send("/workplace/sheets", None, sent_by(world.a.examiner, one), expect=401)
    odd = [1, {"sheet": "x"}, {"id": "a"}, {"id": "b", "sheet": "x", "about": {"doctor": world.a.doctor}, "body": None}]
    answer = page.send("/workplace/sheets", world.a.examiner, sent_by(world.a.examiner, *odd))  # type: ignore[arg-type]
    assert answer["acknowledged"] == ["a", "b"]
    assert clinic.rows() == []


def test_a_second_sending_is_named_though_the_two_do_not_work_together_any_more(
    clinic: Clinic, world: World, page: Page
) -> None:
    number = clinic.pair(world.a.doctor, world.b.examiner)
    one = sheet_of(clinic, {"doctor": world.a.doctor})
    page.send("/workplace/sheets", world.b.examiner, sent_by(world.b.examiner, one))
    clinic.session.execute(
        sa.text("UPDATE pairing SET ended_on = current_date, ended_why = '外派' WHERE id = :id"), {"id": number}
    )
    clinic.session.commit()
    assert one["sheet"] in page.send("/workplace/sheets", world.b.examiner, sent_by(world.b.examiner, one))["taken"]
    fresh = sheet_of(clinic, {"doctor": world.a.doctor})
    answer = page.send("/workplace/sheets", world.b.examiner, sent_by(world.b.examiner, fresh))
    assert "不再共事" in answer["held"][fresh["sheet"]]["detail"]


def test_on_the_spot_one_chooses_a_doctor_and_a_form(clinic: Clinic, world: World, page: Page) -> None:
    assessor = world.a.examiner
    assert "赵大山" in page.get("/workplace/assessing?q=赵", assessor).get_text()
    assert "没有找到" in page.get("/workplace/assessing?q=nobody", assessor).get_text()
    shown = in_both(page, f"/workplace/doctors/{world.a.doctor}/sheet", assessor)
    assert shown.select(f'a[href$="?form={"mini"}"]')
    shown = in_both(page, f"/workplace/doctors/{world.a.doctor}/sheet?form=mini", assessor)
    assert len(shown.select("[data-field=technique] option")) == 3
    for who in (world.b.examiner, world.a.doctor, world.a.manager):
        page.get(f"/workplace/doctors/{world.a.doctor}/sheet?form=mini", who, expect=404)
    page.get(f"/workplace/doctors/{1 << 63}/sheet", assessor, expect=404)
    assert page.get("/workplace/standing", assessor) is not None
    assert page.answer.get_json()["person"] == assessor


def test_a_doctor_sees_that_one_assessor_is_not_enough(clinic: Clinic, world: World, page: Page) -> None:
    doctor = world.a.doctor
    clinic.many(doctor, world.a.examiner, 12)
    text = in_both(page, "/workplace", doctor).get_text()
    assert "12 次评估，一位专家" in text
    assert "不是可靠的证据" in text
    assert "一个人看十二次" in text
    clinic.many(doctor, world.a.second_examiner, 1, level=5, technique_id=clinic.techniques[1])
    shown = page.get("/workplace", doctor)
    assert "不同专家：2/3 位" in shown.get_text()
    figure = data_of(shown, ".chart-figure script")
    assert [trace["type"] for trace in figure["data"]] == ["scatter"] * 4
    page.get(f"/workplace?technique=ge-2&year={YEAR}", doctor)
    page.get("/workplace?year=1066&technique=nothing", doctor)
    clinic.many(doctor, world.b.examiner, 1)
    assert "已全部完成" in page.get("/workplace", doctor).get_text()


def test_the_mentor_sees_the_apprentice_and_nobody_else(clinic: Clinic, world: World, page: Page) -> None:
    mentor, doctor = world.b.examiner, world.a.doctor
    assert "没有徒弟" in in_both(page, "/workplace/apprentices", mentor).get_text()
    clinic.pair(doctor, mentor)
    clinic.many(doctor, world.a.examiner, 2)
    text = in_both(page, "/workplace/apprentices", mentor).get_text()
    assert "王小明" in text
    assert "2 次评估，一位专家" in text
    assert "工作场所评估：2/4 次" in page.get("/mentoring", mentor).get_text()
    in_both(page, f"/workplace/doctors/{doctor}", mentor)
    for who in (world.a.examiner, world.a.second_doctor, world.b.manager, doctor):
        page.get(f"/workplace/doctors/{doctor}", who, expect=404)
    page.get("/workplace/apprentices", doctor, expect=403)


def test_a_word_about_equal_marks_is_for_oneself(clinic: Clinic, world: World, page: Page) -> None:
    for doctor in (world.a.doctor, world.a.second_doctor):
        clinic.many(doctor, world.a.examiner, 3, marks={"ask": 2, "examine": 2, "safe": 2})
    assert "只有您能看到" in in_both(page, "/workplace/assessing", world.a.examiner).get_text()
    assert "只有您能看到" not in page.get("/workplace/assessing", world.a.second_examiner).get_text()
    assert "只有您能看到" not in page.get("/workplace/coverage", world.a.manager).get_text()


DESK = ("/workplace/desk", "/workplace/coverage", "/workplace/assessments")


def test_those_who_oversee_see_their_own_area(clinic: Clinic, world: World, page: Page) -> None:
    clinic.many(world.a.doctor, world.a.examiner, 2)
    clinic.many(world.b.doctor, world.b.examiner, 1)
    for url in DESK:
        text = in_both(page, url, world.a.manager).get_text()
        assert "b县" not in text
        for who in (world.a.doctor, world.a.examiner, world.a.administrator):
            page.get(url, who, expect=403)
    text = page.get("/workplace/desk?few=1&q=王", world.a.manager).get_text()
    assert "2 / 4" in text
    assert "陈建国" in page.get("/workplace/coverage", world.a.exam_officer).get_text()
    for asked in ("q=陈&form=mini_cex&sort=-level", f"year={YEAR}&sort=doctor", "form=x&year=x&sort=x&page=99"):
        assert "王小明" in page.get(f"/workplace/assessments?{asked}", world.people["exam_officer"]).get_text()
    for url in (*DESK, "/workplace/coverage?table=assessors"):
        page.get(f"{url}{'&' if '?' in url else '?'}export=xlsx", world.a.manager)
        assert page.answer.data[:2] == b"PK"
    page.get("/workplace/desk?export=csv", world.a.manager)
    assert "王小明" in page.answer.text
    page.get("/workplace/desk?export=pdf", world.a.manager, expect=422)


@pytest.mark.parametrize(
    ("url", "who"),
    [
        ("/", "doctor"),
        ("/", "examiner"),
        ("/workplace", "doctor"),
        ("/workplace/ask", "doctor"),
        ("/workplace/assessing", "examiner"),
        ("/workplace/apprentices", "examiner"),
        ("/workplace/desk", "manager"),
        ("/workplace/coverage", "manager"),
        ("/workplace/assessments", "manager"),
    ],
)
def test_a_page_asks_as_often_for_one_as_for_many(
    clinic: Clinic, world: World, page: Page, queries: list[str], url: str, who: str
) -> None:
    asker = getattr(world.a, who)

    def asked() -> int:
        page.get(url, asker)
        queries.clear()
        page.get(url, asker)
        return len(queries)

    clinic.pair(world.a.doctor, world.a.examiner)
    clinic.many(world.a.doctor, world.a.examiner, 1)
    clinic.ask(world.a.doctor, world.a.examiner)
    few = asked()
    clinic.pair(world.a.second_doctor, world.a.examiner)
    for technique in clinic.techniques[1:]:
        clinic.ask(world.a.doctor, world.a.examiner, technique=technique)
        clinic.many(world.a.doctor, world.a.second_examiner, 6, technique_id=technique)
        clinic.many(world.a.second_doctor, world.a.examiner, 6, technique_id=technique)
    assert asked() == few


def test_signing_out_counts_what_is_only_on_this_device(built: Flask) -> None:
    assert "workplace-drafts-" in nav.HELD


def test_a_doctor_without_a_category_of_their_own_has_a_year_too(clinic: Clinic, world: World, page: Page) -> None:
    row = clinic.session.get_one(Person, world.a.doctor)
    row.category = "specialist"
    clinic.session.commit()
    assert "12" in page.get("/workplace", world.a.doctor).get_text()


def test_the_page_of_a_form_says_where_it_was_used(clinic: Clinic, world: World, page: Page) -> None:
    made = clinic.watch(world.a.examiner, world.a.doctor)
    clinic.watch(world.b.examiner, world.b.doctor)
    with clinic.as_(world.a.exam_officer):
        found = assessments.with_form(clinic.station)
    assert [(one.version, one.arguments) for one in found] == [(1, {"id": made})]


def test_the_doctor_does_not_withdraw_what_stands(clinic: Clinic, world: World, page: Page) -> None:
    made = clinic.watch(world.a.examiner, world.a.doctor)
    page.post(f"/workplace/assessments/{made}/withdraw", world.a.doctor, expect=403, reason="x")
    assert clinic.session.get_one(WorkplaceAssessment, made).level == 3
    listed = "/workplace/assessments?answer="
    assert page.get(f"{listed}unread", world.a.manager).select("td a")
    clinic.say(world.a.doctor, made, services.acknowledge, agrees=False, text="看错了人")
    assert "有异议" in text_of(page.get(f"{listed}disagreed", world.a.manager), "tbody")
    for other in ("unread", "acknowledged", "x"):
        assert page.get(f"{listed}{other}", world.a.manager).select("td a") == []
