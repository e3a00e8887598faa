"""The pages of the timetable in both languages: made, looked at, changed, printed, given away, and one's own."""

import io
from typing import Any

import pytest
import sqlalchemy as sa
from python_calamine import CalamineWorkbook
from sqlalchemy import orm

from assessments.osce.models import ExaminerAssignment, Timetable
from lms import clock
from tests.factories.osce import Office
from tests.factories.timetables import Day, planned
from tests.factories.world import World
from tests.pages import Page

LANGUAGES = ["zh", "en"]


@pytest.fixture
def day(office: Office, world: World) -> Day:
    """Tomorrow: six candidates, three stations, four examiners to choose from."""
    return planned(office, world.a)


def base(day: Day) -> str:
    return f"/osce/circuits/{day.circuit}/timetable"


def sent(day: Day, **more: Any) -> dict[str, Any]:
    """What the form sends."""
    rooms = {f"room-{at}-1": f"考室{at}" for at in day.stations}
    usual = {
        "begins": "8：30",
        "latest": "18:00",
        "minutes": "10",
        "change": "2",
        "gap": "10",
        "breaks": "12:00-13:00",
        "rests": "",
        "per_post": "1",
        "tracks": "1",
        "judge": [str(one) for one in day.examiners],
    }
    return rooms | usual | more


def test_from_nothing_to_a_timetable_by_the_form(day: Day, page: Page) -> None:
    soup = page.get(base(day), day.officer)
    assert soup.select_one(f"a[href='{base(day)}/plan']") is not None
    soup = page.get(f"{base(day)}/plan?tracks=2", day.officer)
    assert len(soup.select("input[name^=room-]")) == 6
    assert len(soup.select("input[name=judge]")) == 6  # those of the world too
    page.post(f"{base(day)}/plan", day.officer, expect=303, **sent(day))
    kept = day.kept()
    assert len(kept) == 1
    assert clock.local(kept[0].begins_at).strftime("%H:%M") == "08:30"
    soup = page.get(base(day), day.officer)
    assert len(soup.select("table.timetable tbody tr")) == 6
    assert len(soup.select("table.timetable .who")) == 18
    soup = page.get(f"{base(day)}/plan", day.officer)
    assert [one["value"] for one in soup.select("input[name=judge][checked]")] == [str(one) for one in day.examiners]
    page.post(f"{base(day)}/plan", day.officer, expect=422, **sent(day))  # a reason is missing
    page.post(f"{base(day)}/plan", day.officer, expect=303, **sent(day, reason="考官调整"))
    assert [row.reason for row in day.kept()] == ["", "考官调整"]


BAD: list[dict[str, Any]] = [
    {"minutes": "-5"},
    {"minutes": "ten"},
    {"change": "-1"},
    {"begins": "25:00"},
    {"latest": "08:00"},
    {"breaks": "00:00-24:00"},
    {"breaks": "午饭"},
    {"rests": "9"},
    {"rests": "x"},
    {"tracks": "3", "judge": []},
    {"judge": []},
    {"judge": ["999999999", "9" * 40, "x"]},
    {"per_post": "7"},
    {"allowed": ["everything"]},
    {"minutes": "240", "latest": "09:00"},
]


def test_bad_input_is_refused_and_nothing_typed_is_lost(day: Day, page: Page) -> None:
    for wrong in BAD:
        soup = page.post(f"{base(day)}/plan", day.officer, expect=422, **sent(day, **wrong))
        said = soup.select_one(".notice-danger, .field-error")
        assert said is not None, wrong
        assert said.get_text(strip=True)
        first = soup.select_one(f"input[name='room-{day.stations[0]}-1']")
        assert first is not None
        assert first["value"] == f"考室{day.stations[0]}"
    assert day.kept() == []


def test_the_same_room_twice_and_no_room_are_named(day: Day, page: Page) -> None:
    twice = sent(day, **{f"room-{at}-1": "101" for at in day.stations})
    words = page.post(f"{base(day)}/plan", day.officer, expect=422, **twice).select(".notice-danger li")[0].get_text()
    assert "101" in words
    none = sent(day, **{f"room-{day.stations[1]}-1": " "})
    words = page.post(f"{base(day)}/plan", day.officer, expect=422, **none).select(".notice-danger li")[0].get_text()
    assert "2" in words
    long = sent(day, **{f"room-{day.stations[1]}-1": "长" * 61})
    page.post(f"{base(day)}/plan", day.officer, expect=422, **long)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_opens_for_officers_and_nobody_else(day: Day, world: World, page: Page, language: str) -> None:
    day.generate(day.wishes(rests=(1,), rest_room="候考室"))
    for ending in (
        "",
        "?by=candidate",
        "?by=candidate&q=3",
        "?by=examiner",
        "?by=room&q=zzz",
        "/plan",
        "/plan?tracks=99",
        "/change",
        f"/change?what=examiner_away&person={day.examiners[0]}&at=09:00",
        f"/change?what=candidate_late&person={day.candidates[0]}&at=9:30",
        f"/change?what=station_out&station={day.stations[0]}",
        "/change?what=delay&minutes=15",
        "/change?what=nonsense",
        "/versions/1",
        "/print/tracks",
        "/print/doors",
        "/print/slips",
    ):
        address = base(day) + ending
        page.get(address, day.officer, language=language)
        page.get(address, world.b.exam_officer, expect=404)
        page.get(address, None, expect=302)
        page.get(address, day.persons[0], expect=403)
    for ending in ("/versions/2", "/print/nothing"):
        page.get(base(day) + ending, day.officer, expect=404)
    page.get(base(day), world.a.manager, language=language)
    page.get(f"{base(day)}/plan", world.a.manager, expect=403)


def test_a_change_is_seen_before_it_is_made(day: Day, page: Page) -> None:
    day.generate()
    asked = {"what": "candidate_late", "person": str(day.candidates[0]), "at": "08:30"}
    address = f"{base(day)}/change?" + "&".join(f"{k}={v}" for k, v in asked.items())
    soup = page.get(address, day.officer)
    hidden = {str(one["name"]): str(one["value"]) for one in soup.select("#outlook form input[type=hidden]")}
    assert {name: hidden[name] for name in asked} == asked
    assert len(day.kept()) == 1
    page.post(f"{base(day)}/change", day.officer, expect=422, **{**hidden, "reason": ""})
    page.post(f"{base(day)}/change", day.officer, expect=422, **{**hidden, "seen": "00", "reason": "堵车"})
    page.post(f"{base(day)}/change", day.officer, expect=303, **{**hidden, "reason": "堵车"})
    assert [row.reason for row in day.kept()] == ["", "堵车"]
    page.post(f"{base(day)}/change", day.officer, expect=422, **{**hidden, "reason": "堵车"})
    page.get(f"{base(day)}/versions/1", day.officer)
    assert page.get(base(day), day.officer).select(".timeline > li").__len__() == 2


def test_what_cannot_be_changed_says_why(day: Day, page: Page) -> None:
    day.generate(day.wishes())
    for asked in (
        "what=examiner_away&person=abc",
        "what=candidate_missed&person=1&station=2",
        "what=delay&minutes=-5",
        "what=delay&minutes=100000",
        "what=room_lost&room=1-1&to=",
        "what=candidate_late&at=25:00",
        "what=candidate_away&person=99999999",
        f"what=examiner_away&person={'9' * 40}",
        f"what=examiner_away&person={day.examiners[0]}&substitute={'9' * 40}&at=23:00",
        f"what=examiner_back&person={day.examiners[0]}",
        "what=place&candidate=99999999",
    ):
        soup = page.get(f"{base(day)}/change?{asked}", day.officer, expect=422)
        assert soup.select_one(".notice-danger") is not None, asked


def test_it_is_given_away_as_a_file(day: Day, page: Page) -> None:
    day.generate()
    page.get(f"{base(day)}?export=csv", day.officer)
    lines = page.answer.get_data(as_text=True).strip().splitlines()
    assert len(lines) == 1 + 18
    page.get(f"{base(day)}?export=xlsx", day.officer)
    book = CalamineWorkbook.from_filelike(io.BytesIO(page.answer.data))
    assert len(book.sheet_names) == 2
    assert len(book.get_sheet_by_index(0).to_python()) == 19
    assert len(book.get_sheet_by_index(1).to_python()) == 7


@pytest.mark.parametrize("language", LANGUAGES)
def test_candidates_and_examiners_see_their_own_day_on_the_phone(
    day: Day, world: World, page: Page, session: orm.Session, language: str
) -> None:
    day.generate(day.wishes(rests=(1,), rest_room="候考室"))
    soup = page.get("/osce/timetable", day.persons[0], language=language)
    rows = [row.get_text(" ", strip=True) for row in soup.select(".own-slots li")]
    assert len(rows) == 4
    assert any("候考室" in row for row in rows)
    assert not any("考官" in row for row in rows)  # who examines is not told
    assert page.get("/", day.persons[0], language=language).select_one("a[href='/osce/timetable']") is not None
    assert page.get("/osce/timetable", world.a.doctor, language=language).select(".own-slots li") == []
    today = sa.select(ExaminerAssignment.examiner_id).where(ExaminerAssignment.ends_on > clock.today())
    examiner = session.scalars(today.where(ExaminerAssignment.circuit_station_id == day.stations[0])).one()
    assert page.get("/osce", examiner, language=language).select_one("a[href='/osce/timetable/duties']") is not None
    soup = page.get("/osce/timetable/duties", examiner, language=language)
    assert len(soup.select("main .row-item")) == 1
    assert page.get("/osce/timetable/duties", world.b.examiner, language=language).select("main .row-item") == []


def test_the_number_of_statements_does_not_grow(office: Office, world: World, page: Page, queries: list[str]) -> None:
    counts = []
    for county, candidates in ((world.a, 3), (world.b, 24)):
        day = planned(office, county, candidates=candidates)
        day.generate()
        page.get(base(day), day.officer)
        for ending in ("", "?by=candidate", "/print/slips"):
            queries.clear()
            page.get(base(day) + ending, day.officer)
            counts.append(len(queries))
    assert counts[:3] == counts[3:]


def test_the_circuits_page_leads_there(day: Day, page: Page, session: orm.Session) -> None:
    soup = page.get(f"/osce/circuits/{day.circuit}", day.officer)
    assert soup.select_one(f"a[href='{base(day)}']") is not None
    assert session.scalar(sa.select(sa.func.count()).select_from(Timetable)) == 0
