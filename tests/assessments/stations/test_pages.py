"""Every page of stations in both languages, as those who may see it and as those who may not."""

import io
from typing import Any

import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup
from flask import Flask
from python_calamine import CalamineWorkbook
from sqlalchemy import orm

from assessments.stations import queries, services
from assessments.stations.models import Station, StationVersion
from lms.authz import Actor
from lms.db import act_as, db
from lms.search.services import SOURCES
from tests.assessments.stations.conftest import BP, Desk
from tests.factories.osce import Office
from tests.factories.world import World
from tests.pages import Page

LANGUAGES = ["zh", "en"]
HERE = f"/stations/{BP}/versions/1"
SIDES = ("overview", "candidate", "examiner", "patient", "versions", "nonsense")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page(desk: Desk, world: World, page: Page, language: str) -> None:
    desk.revise(world.a.editor, desk.entry(minutes=9))
    readers = [f"{HERE}?side={side}" for side in SIDES] + [
        "/stations",
        f"/stations/{BP}",
        f"{HERE}/print",
        f"/stations/{BP}/versions/2/compare",
        "/blueprints",
        "/blueprints/county-gp-exam",
        "/blueprints/physician-practical-exam",
    ]
    for address in readers:
        for who in (world.a.editor, world.b.exam_officer, world.people["auditor"]):
            page.get(address, who, language=language)
        for who in (world.a.doctor, world.a.examiner, world.a.manager):
            page.get(address, who, language=language, expect=403)
        page.get(address, None, expect=302)
    for address in ("/stations/new", f"{HERE}/edit"):
        page.get(address, world.a.editor, language=language)
        page.get(address, world.b.exam_officer, language=language)
        page.get(address, world.people["auditor"], expect=403)
        page.get(address, world.a.doctor, expect=403)
    for address in (f"{HERE}9", "/stations/no-such", "/blueprints/no-such", f"/stations/{BP}/versions/9/edit"):
        page.get(address, world.a.editor, expect=404)


def test_the_list_is_narrowed_sorted_and_taken_out(desk: Desk, world: World, page: Page) -> None:
    def shown(asked: str = "") -> list[str]:
        soup = page.get(f"/stations{asked}", world.a.editor)
        return [found.get_text() for found in soup.select("td.station-title .fine")]

    assert len(shown()) == 21
    assert shown("?kind=cbd") == ["cbd"]
    assert set(shown("?skill=procedure")) == {
        BP,
        "ecg-recording-station",
        "iv-infusion-station",
        "wound-dressing-station",
    }
    assert shown("?technique=cpr-adult") == ["adult-cpr-station"]
    assert shown("?q=诊室血压") == [BP]
    assert shown("?q=%25") == []
    assert shown("?status=draft") == []
    assert shown("?sort=title") == shown("?sort=-title")[::-1]
    desk.revise(world.a.editor, desk.entry(minutes=9))
    assert shown("?status=draft") == [BP]
    page.get("/stations?kind=dops&export=xlsx", world.a.editor)
    rows = CalamineWorkbook.from_filelike(io.BytesIO(page.answer.data)).get_sheet_by_index(0).to_python()
    assert [row[0] for row in rows[1:]] == ["dops-generic"]
    page.get("/stations?export=csv", world.a.doctor, expect=403)


def test_each_sees_what_is_theirs(desk: Desk, world: World, page: Page) -> None:
    body = desk.version().body
    texts = {side: page.get(f"{HERE}?side={side}", world.a.editor).get_text() for side in SIDES}
    assert "体检时被告知" in texts["candidate"]
    assert "结果卡" not in texts["candidate"]
    assert "种地兼开三轮车" in texts["patient"]
    assert "种地兼开三轮车" not in texts["examiner"]
    assert all(item["text"] in texts["examiner"] for item in body["items"])
    assert not any(item["text"] in texts["patient"] + texts["candidate"] for item in body["items"])
    assert desk.version().content_hash.hex()[:16] in texts["versions"]


def form_of(soup: BeautifulSoup) -> dict[str, Any]:
    """What a browser would send back of the editor's form."""
    form = soup.select_one("form.station-edit")
    assert form is not None
    sent: dict[str, Any] = {}
    for field in form.select("input[name], textarea[name], select[name]"):
        name, kind = str(field["name"]), field.get("type")
        if kind in ("checkbox", "radio") and not field.has_attr("checked"):
            continue
        if field.name == "select":
            chosen = field.select_one("option[selected]") or field.select_one("option")
            value = str(chosen["value"]) if chosen else ""
        else:
            value = field.get_text().removeprefix("\r\n") if field.name == "textarea" else str(field.get("value", ""))
        sent[name] = [*sent.get(name, []), value] if name == "sources" else value
    return sent


def test_the_editor_saves_a_draft_that_says_the_same_but_for_the_change(desk: Desk, world: World, page: Page) -> None:
    sent = form_of(page.get(f"{HERE}/edit", world.a.editor))
    assert page.post(f"{HERE}/edit", world.a.editor, expect=409, **sent).select_one(".notice-danger") is not None
    page.post(f"{HERE}/edit", world.a.editor, expect=303, **sent | {"item_points_0": "２", "item_steps_0": "0、1，2"})
    old, new = desk.version(number=1).body, desk.version(number=2).body
    assert new["items"][0] | {"points": 1, "steps": [0, 1]} == old["items"][0]
    assert {**new, "items": new["items"][1:]} == {**old, "items": old["items"][1:]}
    assert page.answer.headers["Location"].endswith(f"/stations/{BP}/versions/2")


def test_lines_are_added_moved_and_removed_before_anything_is_kept(desk: Desk, world: World, page: Page) -> None:
    def press(sent: dict[str, Any], do: str) -> dict[str, Any]:
        return form_of(page.post(f"{HERE}/edit", world.a.editor, expect=200, **sent, do=do))

    before = desk.counts()
    sent = press(form_of(page.get(f"{HERE}/edit", world.a.editor)), "down-0")
    assert (sent["item_code_0"], sent["item_code_1"]) == ("ask-rest", "greet-identify")
    sent = press(sent, "up-1")
    sent = press(press(sent, "remove-11"), "add")
    assert sent["item_code_11"] == ""
    assert press(sent, "up-0")["item_code_0"] == press(sent, "down-99")["item_code_0"] == "greet-identify"
    assert desk.counts() == before
    sent |= {"item_text_11": "新的一项", "item_points_11": "2", "item_key_11": "y"}
    page.post(f"{HERE}/edit", world.a.editor, expect=303, **sent)
    items = desk.version().body["items"]
    assert (items[-1]["code"], items[-1]["steps"], items[-1]["key"]) == ("item-1", [0, 1, 2], True)
    assert "explain-plan" not in {item["code"] for item in items}
    changed = page.get(f"/stations/{BP}/versions/2/compare", world.a.editor)
    assert [found.get_text() for found in changed.select("[class^=change-]")] == ["删去", "新增"]


MISTAKES = [
    ("item_points_2", "NaN"),
    ("item_points_2", "1e309"),
    ("item_points_2", "-1"),
    ("item_steps_1", "0 1 1 2"),
    ("candidate", "长" * 10_000),
    ("rule_keys", "12"),
    ("borderline", ""),
    ("borderline", "77"),
    ("item_code_2", "<b>"),
    ("title", ""),
    ("sources", "invented"),
]


def test_a_mistake_is_shown_and_nothing_typed_is_lost(desk: Desk, world: World, page: Page) -> None:
    before = desk.counts()
    typed = form_of(page.get(f"{HERE}/edit", world.a.editor)) | {"examiner": "考官自己改的话"}
    for field, wrong in MISTAKES:
        soup = page.post(f"{HERE}/edit", world.a.editor, expect=422, **typed | {field: wrong})
        assert soup.select_one(".notice-danger li") is not None, field
        assert form_of(soup)["examiner"] == "考官自己改的话"
    assert desk.counts() == before


def test_markup_in_every_text_is_shown_as_text(desk: Desk, world: World, page: Page) -> None:
    evil = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    entry = desk.entry(title={"zh": evil, "en": evil}, candidate=evil, examiner=evil, patient=evil, equipment=[evil])
    entry["items"][0]["text"] = evil
    entry["rating"]["levels"][0]["title"] = {"zh": evil, "en": evil}
    desk.revise(world.a.editor, entry)
    desk.say(world.a.exam_officer, services.approve, 2, note=evil)
    two = f"/stations/{BP}/versions/2"
    addresses = [f"{two}?side={side}" for side in SIDES] + [f"{two}/{end}" for end in ("print", "compare", "edit")]
    for address in [*addresses, "/stations", "/blueprints/county-gp-exam", "/osce/circuits/new/county-gp-exam"]:
        soup = page.get(address, world.a.exam_officer)
        assert soup.select("main script, main img") == [], address
        assert evil[:8] in soup.get_text() or "side" in address, address


def test_a_second_person_approves_by_the_page(desk: Desk, world: World, page: Page) -> None:
    desk.revise(world.a.exam_officer, desk.entry(minutes=9))
    two = f"/stations/{BP}/versions/2"
    own = page.get(two, world.a.exam_officer)
    assert own.select_one(f'form[action="{two}/approve"]') is None
    page.post(f"{two}/approve", world.a.exam_officer, expect=409)
    page.post(f"{two}/approve", world.a.doctor, expect=403)
    page.post(f"{two}/give-back", world.a.editor, expect=422)
    other = page.get(two, world.a.editor)
    assert other.select_one(f'form[action="{two}/approve"]') is not None
    page.post(f"{two}/approve", world.a.editor, expect=303, **{"approve-note": "可以"})
    assert desk.offered() == 2
    page.post(f"{two}/withdraw", world.a.editor, expect=303, **{"withdraw-reason": "印错了"})
    assert desk.offered() == 1
    assert "印错了" in page.get(f"{two}?side=versions", world.a.editor).get_text()


def test_a_new_station_by_the_page(desk: Desk, world: World, page: Page) -> None:
    sent = form_of(page.get("/stations/new", world.a.editor)) | {
        "code": "home-bp",
        "kind": "station",
        "skill": "counselling",
        "technique": "bp-measurement",
        "title": "家庭血压",
        "title_en": "Home blood pressure",
        "candidate": "教他",
        "examiner": "看",
        "item_text_0": "教会",
        "item_points_0": "2",
        "sources": "htn-primary-2025",
    }
    page.post("/stations/new", world.a.editor, expect=422, **sent | {"technique": ""})
    page.post("/stations/new", world.a.editor, expect=422, **sent | {"code": "Home BP"})
    page.post("/stations/new", world.a.editor, expect=409, **sent | {"code": BP})
    page.post("/stations/new", world.a.editor, expect=303, **sent)
    made = desk.version("home-bp")
    assert (made.station.skill, made.body["pass_percent"], len(made.body["levels"])) == ("counselling", "60", 5)
    assert [level["borderline"] for level in made.body["levels"]] == [False, True, False, False, False]


def test_where_it_is_used_says_only_what_one_can_reach(
    desk: Desk, world: World, page: Page, session: orm.Session
) -> None:
    Office(desk.as_, session).plan(world.a.exam_officer, world.a.commission, title="甲县秋季考核")
    assert "甲县秋季考核" in page.get(f"/stations/{BP}", world.a.exam_officer).get_text()
    assert "甲县秋季考核" not in page.get(f"/stations/{BP}", world.b.exam_officer).get_text()
    assert "甲县秋季考核" not in page.get("/stations/adult-cpr-station", world.a.exam_officer).get_text()


def test_stations_are_searched_by_those_who_may_read_them(desk: Desk, app: Flask) -> None:
    source = SOURCES["station"]
    assert source.audience.value == "stations:station:read"
    with app.app_context():
        act_as(db.session, Actor.job("test"))
        found = {one.key: one for one in source.documents()}
    assert len(found) == 21
    assert found[BP].arguments == {"code": BP}
    assert "标准大小" not in found[BP].body
    assert "袖带" in found[BP].body


def test_the_list_sends_as_many_statements_for_ten_as_for_hundreds(
    desk: Desk, world: World, page: Page, session: orm.Session, queries: list[str]
) -> None:
    def counted() -> int:
        queries.clear()
        page.get("/stations?sort=-made_at", world.a.editor)
        page.get(f"/stations/{BP}?side=versions", world.a.editor)
        return len(queries)

    few = counted()
    body = desk.version().body
    rows = [{"code": f"x-{at}", "title": "x", "title_en": "x", "technique_id": 1} for at in range(300)]
    technique = session.scalars(sa.select(Station.technique_id).where(Station.code == BP)).one()
    made = session.scalars(
        sa.insert(Station).returning(Station.id), [row | {"technique_id": technique} for row in rows]
    ).all()
    common = {"version": 1, "body": body, "sources": [], "content_hash": b"x" * 32}
    session.execute(sa.insert(StationVersion), [common | {"station_id": number} for number in made])
    station = desk.version().station_id
    session.execute(
        sa.insert(StationVersion),
        [common | {"station_id": station, "version": at, "made_by_id": world.a.editor} for at in range(2, 60)],
    )
    session.commit()
    assert counted() == few


def test_the_newest_approved_is_asked_in_one_statement(desk: Desk) -> None:
    found = desk.session.scalars(queries.newest_approved()).all()
    assert [one.station.title for one in found] == sorted(one.station.title for one in found)
