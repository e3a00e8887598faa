"""What the two of a pair and the administrator see, in both languages, and what strangers do not."""

import pytest
import sqlalchemy as sa
from bs4 import Tag
from sqlalchemy import orm

from courses.mentoring import services
from courses.mentoring.models import MentoringSession, Pairing, PairingProposal, PairingRun
from courses.mentoring.rules import years_later
from lms import clock, ids
from lms.institutions.models import Institution
from tests.factories.mentoring import Office, ago, stand, techniques
from tests.factories.world import World
from tests.pages import Page


def entry(**changed: object) -> dict[str, object]:
    """A session as the form sends it."""
    said = {"on_day": str(clock.today()), "minutes": "60", "on_site": "yes", "done": "看了三份心电图"}
    return said | {"source": str(ids.uuid7())} | changed


def value_of(soup: Tag, selector: str) -> str:
    """What a field holds."""
    found = soup.select_one(selector)
    assert found is not None
    return str(found["value"])


def test_before_anything_has_happened_pages_say_how_it_begins(world: World, page: Page) -> None:
    assert page.get("/mentoring", world.a.doctor).select(".empty")
    assert page.get("/mentoring", world.a.examiner, language="en").select(".empty")
    assert page.get("/mentoring/pairs", world.a.manager).select(".table-none")
    assert "王小明" in page.get("/mentoring/proposals", world.a.manager).get_text()
    assert page.get("/", world.a.doctor).select('a[href="/mentoring"]'), "the way in stands in the bottom bar"


def test_from_the_search_to_the_first_session_on_pages(
    office: Office, session: orm.Session, world: World, page: Page
) -> None:
    known = techniques(session)
    stand(session, world.a.examiner, {known[0]: 5})
    session.commit()
    manager, mentor, doctor = world.a.manager, world.a.examiner, world.a.doctor
    page.post(f"/mentoring/mentors/{mentor}/offer", manager, expect=303, capacity=3, begins_on=str(clock.today()))
    page.post("/mentoring/proposals", manager, expect=303, institution=world.a.commission)
    run = session.scalars(sa.select(PairingRun.id)).one()
    shown = page.get(f"/mentoring/runs/{run}", manager).get_text()
    assert "技术1（差 4 级）" in shown
    assert "Technique 1 (4 levels)" in page.get(f"/mentoring/runs/{run}", manager, language="en").get_text()
    page.post(f"/mentoring/runs/{run}", manager, expect=422, act="chosen")
    proposals = session.scalars(sa.select(PairingProposal).order_by(PairingProposal.id)).all()
    mine = next(one.id for one in proposals if one.apprentice_id == doctor)
    dates = {"agreed_from": str(clock.today()), "agreed_until": str(years_later(clock.today(), 2))}
    page.post(f"/mentoring/runs/{run}", manager, expect=303, act="chosen", proposal=mine, **dates)
    rest = [one.id for one in proposals if one.id != mine]
    page.post(f"/mentoring/runs/{run}", manager, expect=422, act="decline", proposal=rest)
    page.post(f"/mentoring/runs/{run}", manager, expect=303, act="decline", proposal=rest, reason="明年再说")
    pair = session.scalars(sa.select(Pairing.id)).one()

    for who in (doctor, mentor):
        assert "同意" in page.get("/mentoring", who).get_text()
        form = page.get(f"/mentoring/pairs/{pair}", who).select_one("form[action$='/agree']")
        assert form is not None
        page.post(f"/mentoring/pairs/{pair}/agree", who, expect=303, terms=value_of(form, "[name=terms]"))
    page.get(f"/mentoring/pairs/{pair}/sessions/new", mentor, language="en")
    page.post(f"/mentoring/pairs/{pair}/sessions/new", mentor, expect=422, **entry(minutes="three"))
    page.post(f"/mentoring/pairs/{pair}/sessions/new", mentor, expect=303, **entry(techniques=known[:2]))
    made = session.scalars(sa.select(MentoringSession.id)).one()
    assert page.get("/", doctor).select(f'a[href="/mentoring/sessions/{made}"]')
    assert page.get(f"/mentoring/sessions/{made}", doctor).select("form[action$='/confirm']")
    page.post(f"/mentoring/sessions/{made}/confirm", doctor, expect=303)
    bar = page.get("/mentoring", doctor).select_one("progress")
    assert bar is not None
    assert (bar["value"], bar["max"]) == ("1", "12")
    hours = page.get("/mentoring", mentor).select_one("progress")
    assert hours is not None
    assert (hours["value"], hours["max"]) == ("1", "20")


def test_rejected_and_put_right_on_pages(session: orm.Session, world: World, page: Page, pairing: int) -> None:
    page.post(f"/mentoring/pairs/{pairing}/sessions/new", world.a.examiner, expect=303, **entry(minutes="300"))
    wrong = session.scalars(sa.select(MentoringSession.id)).one()
    page.post(f"/mentoring/sessions/{wrong}/reject", world.a.doctor, expect=303, reason="只有一小时")
    link = f"/mentoring/pairs/{pairing}/sessions/new?replaces={wrong}"
    assert page.get(f"/mentoring/sessions/{wrong}", world.a.examiner).select(f'a[href="{link}"]')
    form = page.get(link, world.a.examiner)
    assert "只有一小时" in form.get_text()
    assert value_of(form, "#minutes") == "300"
    page.post(link, world.a.examiner, expect=303, **entry())
    page.post(link, world.a.examiner, expect=422, **entry())
    right = session.scalars(sa.select(MentoringSession.id).order_by(MentoringSession.id.desc())).first()
    page.post(f"/mentoring/sessions/{right}/withdraw", world.a.examiner, expect=303)


def test_the_administrator_ends_and_changes_a_pair(world: World, page: Page, pairing: int) -> None:
    page.get(f"/mentoring/pairs/{pairing}/terms", world.a.manager, language="en")
    changed = {"agreed_from": str(ago(100)), "agreed_until": str(years_later(ago(100), 3))}
    page.post(f"/mentoring/pairs/{pairing}/terms", world.a.manager, expect=422, **changed)
    duties = {"apprentice_duties": "学", "mentor_duties": "教"}
    page.post(f"/mentoring/pairs/{pairing}/terms", world.a.manager, expect=303, **changed, **duties)
    page.post(f"/mentoring/pairs/{pairing}/end", world.a.manager, expect=422, reason="")
    page.post(f"/mentoring/pairs/{pairing}/end", world.a.manager, expect=303, reason="调动")
    assert "调动" in page.get(f"/mentoring/pairs/{pairing}", world.a.doctor).get_text()
    assert "陈建国" in page.get("/mentoring", world.a.doctor).get_text(), "history stays"
    assert "王小明" in page.get("/mentoring", world.a.examiner).get_text()


def test_a_pair_by_hand_on_pages(office: Office, session: orm.Session, world: World, page: Page) -> None:
    address = f"/mentoring/doctors/{world.a.doctor}/pair"
    assert page.get(address, world.a.manager).select(".empty")
    office.offer(world.a.manager, world.a.examiner)
    form = page.get(address, world.a.manager, language="en")
    filled = {str(field["name"]): field.get("value") for field in form.select("input[name^=agreed_]")}
    duties = {"apprentice_duties": "学", "mentor_duties": "教"}
    page.post(address, world.a.manager, expect=303, mentor=world.a.examiner, on_paper="y", **filled, **duties)
    assert session.scalars(sa.select(Pairing)).one().agreed
    page.post(address, world.a.manager, expect=422, mentor=world.a.examiner, **filled, **duties)
    page.get(f"/mentoring/doctors/{world.a.examiner}/pair", world.a.manager, expect=404)
    page.get(address, world.b.manager, expect=404)


def test_lists_and_files(office: Office, world: World, page: Page, pairing: int) -> None:
    for asked in ("", "?q=王&state=running&sort=-sessions", "?state=over", "?sort=from&page=9"):
        page.get(f"/mentoring/pairs{asked}", world.a.manager)
    assert page.get("/mentoring/pairs?state=running", world.a.manager).select(f'a[href="/mentoring/pairs/{pairing}"]')
    assert not page.get("/mentoring/pairs?state=over", world.a.manager).select(f'a[href="/mentoring/pairs/{pairing}"]')
    assert "陈建国" in page.get("/mentoring/mentors?q=陈", world.a.manager, language="en").get_text()
    for address in ("/mentoring/pairs", "/mentoring/mentors"):
        page.get(f"{address}?export=xlsx", world.a.manager)
        assert page.answer.data[:2] == b"PK"
    page.get("/mentoring/pairs?export=csv", world.a.manager)
    assert "王小明" in page.answer.text


def test_what_is_asked_can_be_changed_on_its_page(world: World, page: Page) -> None:
    who = world.people["administrator"]
    form = page.get("/mentoring/policy", who)
    filled = {str(field["name"]): field.get("value") or field.get_text() for field in form.select("main [name]")}
    page.post("/mentoring/policy", who, expect=422, **filled | {"usual_years": "9"})
    page.post("/mentoring/policy", who, expect=303, **filled | {"sessions_a_year": "6"})
    again = page.get("/mentoring/policy", who, language="en").select_one("#sessions_a_year")
    assert again is not None
    assert again["value"] == "6"


def test_the_mentors_own_places(world: World, page: Page) -> None:
    today = str(clock.today())
    page.post("/mentoring/offer", world.a.examiner, expect=422, capacity=21, begins_on=today)
    page.post("/mentoring/offer", world.a.examiner, expect=303, capacity=4, begins_on=today)
    assert "0 / 4" in page.get("/mentoring", world.a.examiner).get_text()
    page.get("/mentoring/offer", world.a.doctor, expect=403)


def test_the_neighbour_finds_nothing(
    office: Office, session: orm.Session, world: World, page: Page, pairing: int
) -> None:
    made = office.log(world.a.examiner, pairing)
    run = office.do(world.a.manager, Institution, world.a.commission, services.propose)
    strangers = [world.b.manager, world.b.doctor, world.b.examiner, world.b.auditor]
    for who in [*strangers, world.a.second_doctor, world.a.second_examiner]:
        page.get(f"/mentoring/pairs/{pairing}", who, expect=404)
        page.get(f"/mentoring/sessions/{made}", who, expect=404)
        page.post(f"/mentoring/sessions/{made}/confirm", who, expect=404)
    for who in strangers:
        page.get(f"/mentoring/runs/{run}", who, expect=404)
    assert "王小明" not in page.get("/mentoring/pairs", world.b.manager).get_text()
    page.get(f"/mentoring/pairs/{pairing}", world.a.auditor)
    page.post(f"/mentoring/pairs/{pairing}/end", world.a.auditor, expect=403, reason="x")
    page.post(f"/mentoring/sessions/{made}/confirm", world.a.examiner, expect=403)


@pytest.mark.parametrize("address", ["/mentoring/pairs", "/mentoring/mentors", "/mentoring/proposals"])
def test_lists_ask_as_often_for_few_as_for_many(
    office: Office, session: orm.Session, world: World, page: Page, queries: list[str], pairing: int, address: str
) -> None:
    page.get(address, world.a.manager)
    queries.clear()
    page.get(address, world.a.manager)
    few = len(queries)
    row = session.get_one(Pairing, pairing)
    same = {
        name: getattr(row, name)
        for name in ("person_id", "institution_id", "mentor_id", "mentor_institution_id", "apprentice_name")
    }
    for number in range(1, 20):
        end = ago(100 + 10 * number)
        session.add(
            Pairing(**same, mentor_name="陈建国", agreed_from=ago(105 + 10 * number), agreed_until=end)
        )  # fmt: skip
    session.commit()
    queries.clear()
    page.get(address, world.a.manager)
    assert len(queries) == few


def test_the_mentors_list_asks_as_often_for_one_apprentice_as_for_three(
    office: Office, session: orm.Session, world: World, page: Page, queries: list[str], pairing: int
) -> None:
    page.get("/mentoring", world.a.examiner)
    queries.clear()
    page.get("/mentoring", world.a.examiner)
    few = len(queries)
    office.offer(world.a.manager, world.a.examiner, 5)
    for doctor in (world.a.second_doctor, world.a.village_doctor):
        office.pair(world.a.manager, doctor, world.a.examiner)
    session.commit()
    queries.clear()
    page.get("/mentoring", world.a.examiner)
    assert len(queries) == few
