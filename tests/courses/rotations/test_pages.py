"""What both sides, the manager and strangers see, in both languages."""

import io

import sqlalchemy as sa
from flask import Flask
from sqlalchemy import orm

from courses.rotations import services
from courses.rotations.models import Rotation, RotationDepartment
from courses.rotations.rules import Opens
from lms import clock
from lms.authz import Role
from lms.people.models import Category
from tests.factories.rotations import Hospital, ago
from tests.factories.telling import hear, told
from tests.factories.world import World, person
from tests.pages import Page


def test_before_anything_has_happened_pages_say_how_it_begins(world: World, page: Page) -> None:
    for language in ("zh", "en"):
        assert page.get("/rotations", world.a.doctor, language=language).select(".empty")
        assert page.get("/rotations/receiving", world.a.examiner, language=language).select(".empty")
        assert page.get("/rotations/departments", world.a.manager, language=language).select(".table-none")
        assert page.get("/rotations/desk", world.a.manager, language=language).select(".table-none")
        page.get("/rotations/owed", world.a.manager, language=language)
        page.get("/rotations/policy", world.people["administrator"], language=language)
        page.get("/rotations/departments/new", world.a.manager, language=language)
        assert page.get(f"/rotations/people/{world.a.doctor}/plan", world.a.manager, language=language).select(".empty")


def test_from_the_offer_to_the_word_on_pages(session: orm.Session, world: World, page: Page) -> None:
    a, manager, host, doctor = world.a, world.a.manager, world.a.examiner, world.a.doctor
    offer = {"institution": a.hospital, "name": "心内科", "opens_to": "county", "number": 1}
    page.post("/rotations/departments/new", manager, expect=422, **(offer | {"number": "x"}))
    page.post("/rotations/departments/new", manager, expect=303, valid_from=str(clock.today()), **offer)
    at = session.scalars(sa.select(RotationDepartment.id)).one()
    page.post(f"/rotations/departments/{at}/receivers", manager, expect=422, person="", begins_on=str(clock.today()))
    page.post(f"/rotations/departments/{at}/receivers", manager, expect=303, person=host, begins_on=str(clock.today()))
    assert "陈建国" in page.get(f"/rotations/departments/{at}", manager).get_text()
    days = {"department": at, "begins_on": str(clock.today()), "last_on": str(ago(-9)), "goal": "心电图"}
    page.post(f"/rotations/people/{doctor}/plan", manager, expect=303, **days)
    number = session.scalars(sa.select(Rotation.id)).one()
    full = page.post(f"/rotations/people/{a.second_doctor}/plan", manager, expect=422, **days)
    assert "已满" in full.select_one(".notice-danger").get_text()  # type: ignore[union-attr]
    here = f"/rotations/{number}"
    for who in (doctor, host, manager, a.auditor):
        for language in ("zh", "en"):
            page.get(here, who, language=language)
    for who in (a.second_doctor, a.second_examiner, world.b.manager, world.b.examiner):
        page.get(here, who, expect=404)
    assert page.get("/rotations/receiving", host).select("svg.calendar a rect")
    assert page.get("/", host).select(f'a[href="{here}"]')
    assert page.get("/", doctor).select(f'a[href="{here}"]')
    page.post(f"{here}/start", host, expect=303, on=str(clock.today()))
    page.get(f"{here}/days", manager)
    page.post(f"{here}/days", manager, expect=303, begins_on=str(clock.today()), last_on=str(ago(-12)), reason="加学")
    page.post(f"{here}/end", host, expect=422, last_on=str(ago(-1)))
    page.get(f"{here}/practice", host)
    weekday = clock.today().weekday()
    practice = {"first_on": str(clock.today()), "last_on": str(clock.today()), "weekdays": weekday, "hours": "7.5"}
    page.post(f"{here}/practice", host, expect=303, done="随诊", **practice)
    page.post(f"{here}/end", host, expect=303, last_on=str(clock.today()))
    page.get(f"{here}/evaluate", host, language="en")
    page.post(f"{here}/evaluate", host, expect=422, outcome="passed", absent_days="2", words="好")
    page.post(f"{here}/evaluate", host, expect=303, outcome="passed", absent_days="0", words="能独立判读心电图")
    page.get(f"{here}/evaluate", host)
    page.post(f"{here}/evaluate", host, expect=422, outcome="passed", absent_days="0", words="能独立判读心电图")
    assert "能独立判读心电图" in page.get(here, doctor).get_text()
    page.get("/rotations/desk?export=csv", manager)
    assert "心内科" in page.answer.text
    page.get("/rotations/owed?export=csv&state=owes", manager)
    assert "王小明" in page.answer.text


def test_cancelling_interrupting_and_attaching_on_pages(
    hospital: Hospital, department: int, session: orm.Session, world: World, page: Page
) -> None:
    a = world.a
    one = hospital.plan(a.manager, a.doctor, department, ago(5), ago(-5))
    two = hospital.plan(a.manager, a.second_doctor, department, ago(-6), ago(-9))
    page.post(f"/rotations/{two}/cancel", a.second_doctor, expect=403, reason="不想去")
    page.post(f"/rotations/{two}/cancel", a.examiner, expect=422, reason="")
    page.post(f"/rotations/{two}/cancel", a.examiner, expect=303, reason="科室停诊")
    assert "科室停诊" in page.get(f"/rotations/{two}", a.second_doctor).get_text()
    hospital.do(a.examiner, Rotation, one, services.start, on=ago(5))
    sent = {"file": (io.BytesIO(b"%PDF-1.4 book"), "手册.pdf")}
    page.post(f"/rotations/{one}/files", a.doctor, expect=303, **sent)
    link = page.get(f"/rotations/{one}", a.examiner).select_one('a[href^="/rotations/files/"]')
    assert link is not None
    page.get(str(link["href"]), a.examiner)
    assert page.answer.data == b"%PDF-1.4 book"
    page.get(str(link["href"]), world.b.manager, expect=404)
    form = {"stop-last_on": str(ago(2)), "stop-reason": "家中有事"}
    page.get(f"/rotations/{one}", a.examiner, language="en")
    page.post(f"/rotations/{one}/interrupt", a.examiner, expect=303, **form)
    assert "家中有事" in page.get(f"/rotations/{one}", a.doctor).get_text()


def test_places_are_known_to_all_who_plan_and_names_only_to_whom_they_concern(
    hospital: Hospital, world: World, page: Page
) -> None:
    a = world.a
    at = hospital.department(a.manager, a.hospital, a.examiner, opens_to=Opens.EVERYWHERE)
    hospital.plan(a.manager, a.doctor, at, ago(1), ago(-20))
    page.get(f"/rotations/departments/{at}", world.b.manager, expect=403)
    listed = page.get("/rotations/departments", world.b.manager)
    assert "心内科" in listed.get_text()
    assert not listed.select(f'a[href="/rotations/departments/{at}"]')
    for words, found in (("心内", 1), ("心内&free=1", 0), ("县人民", 1), ("没有", 0), ("%25", 0)):
        rows = page.get(f"/rotations/departments?q={words}", a.manager).select("main tbody tr:not(.table-none)")
        assert len(rows) == found, words
    planning = page.get(f"/rotations/people/{world.b.village_doctor}/plan", world.b.manager)
    assert "已满" in planning.get_text()
    assert "王小明" not in planning.get_text()
    as_mentor = page.get(f"/rotations/departments/{at}", a.second_examiner)
    assert as_mentor.select("rect.calendar-taken")
    assert "王小明" not in as_mentor.get_text()
    assert "王小明" in page.get(f"/rotations/departments/{at}", a.manager).get_text()
    page.post(f"/rotations/departments/{at}/places", world.b.manager, expect=403, number=9)
    page.post(f"/rotations/departments/{at}/places", a.manager, expect=422, number=0, valid_from=str(clock.today()))
    page.post(f"/rotations/departments/{at}/places", a.manager, expect=303, number=3, valid_from=str(clock.today()))
    page.get("/rotations/departments", a.doctor, expect=403)
    page.get("/rotations/policy", a.administrator, expect=403)
    asked = {"stay_days": 90, "stay_years": 2, "consortium_days": 15, "star_days": 60, "valid_from": "2026-01-01"}
    page.post("/rotations/policy", world.people["administrator"], expect=422, **(asked | {"stay_days": 900}))
    page.post("/rotations/policy", world.people["administrator"], expect=303, **asked)
    assert "/ 90" in page.get("/rotations/owed", a.manager).get_text()


def test_both_sides_are_told(
    hospital: Hospital, department: int, app: Flask, session: orm.Session, world: World, page: Page
) -> None:
    a = world.a
    number = hospital.been(a.manager, a.examiner, a.doctor, department, ago(30), ago(2))
    hear(app, session)
    assert {who: facts["side"] for who, facts in told(session, "rotations.planned").items()} == {
        a.doctor: "doctor",
        a.examiner: "host",
    }
    hospital.evaluate(a.examiner, number)
    two = hospital.plan(a.manager, a.doctor, department, ago(-3), ago(-9))
    hospital.do(a.manager, Rotation, two, services.cancel, reason="x")
    hear(app, session)
    assert set(told(session, "rotations.evaluated")) == {a.doctor}
    assert set(told(session, "rotations.stopped")) == {a.doctor, a.examiner}
    assert "x" not in told(session, "rotations.stopped")[a.doctor].values()
    assert "心内科" in page.get("/notifications", a.doctor).get_text()


def test_the_desks_need_as_many_statements_for_forty_as_for_one(
    hospital: Hospital, department: int, session: orm.Session, world: World, page: Page, queries: list[str]
) -> None:
    a = world.a
    hospital.plan(a.manager, a.doctor, department, ago(-1), ago(-2))
    addresses = [("/rotations/desk", a.manager), ("/rotations/owed", a.manager), ("/rotations/receiving", a.examiner)]

    def count() -> list[int]:
        found = []
        for address, who in addresses:
            page.get(address, who)
            queries.clear()
            page.get(address, who)
            found.append(len(queries))
        return found

    few = count()
    for number in range(40):
        hospital.plan(a.manager, a.second_doctor, department, ago(-10 - number * 2), ago(-11 - number * 2))
    for number in range(40):
        person(session, f"more-{number}", "钱多", Category.GENERAL_PRACTITIONER, a.township, (Role.DOCTOR, a.township))
    session.commit()
    assert count() == few
