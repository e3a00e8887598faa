"""The pages of quality: figures with their plots, cuts by forms, examiners with names or codes, one's own figures."""

import io
import json
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup
from python_calamine import CalamineWorkbook
from sqlalchemy import orm

from assessments.osce.models import CircuitStandard, ExaminerAssignment, StationStandard
from tests.factories.cohorts import persons
from tests.factories.osce import Office
from tests.factories.osce_cohort import Held, backwards, careless, fair, severe, sit, two_words
from tests.factories.world import World
from tests.pages import Page

LANGUAGES = ["zh", "en"]


@pytest.fixture
def held(office: Office, world: World, session: orm.Session) -> Held:
    """Four stations, two examiners at each: one is severe; then backwards, with two ratings only, and careless."""
    who, county = persons(session, world, 40), world.a
    pairs = [(county.examiner, county.second_examiner)] * 4
    hard = [replace(hand, less=0.25) for hand in (fair, backwards, two_words, careless)]
    hands = list(zip((fair, backwards, two_words, careless), hard, strict=True))
    marking = [list(zip(people, pair, strict=True)) for people, pair in zip(pairs, hands, strict=True)]
    return sit(session, world, who, hands=marking, doubly=False)


@pytest.fixture
def closed(office: Office, world: World, held: Held) -> Held:
    """The same, its sheets closed by the county's officer."""
    office.close(world.a.exam_officer, held.circuit)
    return held


def figures(soup: BeautifulSoup) -> list[dict[str, Any]]:
    """Every plot of a page as plotly gets it."""
    return [json.loads(one.text) for one in soup.select(".chart-figure script[type='application/json']")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_and_who_may_open_it(world: World, page: Page, closed: Held, language: str) -> None:
    base = f"/osce/circuits/{closed.circuit}/quality"
    officer, county = world.a.exam_officer, world.a
    for address in (base, f"{base}/stations/{closed.stations[0]}", f"{base}/examiners"):
        page.get(address, officer, language=language)
        page.get(address, county.examiner, expect=403)
        page.get(address, world.b.exam_officer, expect=404)
        page.get(address, world.b.doctor, expect=404)
        page.get(address, None, expect=302)
    page.get(f"{base}/stations/{closed.stations[0]}", world.people["auditor"], language=language)
    page.get(base, world.people["auditor"], language=language)
    assert page.get(f"{base}/examiners", county.manager, expect=403) is not None
    assert page.get("/osce/examining", county.examiner, language=language).select_one(".empty") is not None
    page.get("/osce/examining", county.doctor, expect=403)


@pytest.mark.parametrize("language", LANGUAGES)
def test_figures_stand_there_after_the_close_only(world: World, page: Page, held: Held, language: str) -> None:
    base = f"/osce/circuits/{held.circuit}/quality"
    soup = page.get(base, world.a.exam_officer, language=language)
    assert soup.select_one(".empty") is not None
    assert not figures(soup)
    assert page.get(f"{base}/examiners", world.a.exam_officer, language=language).select_one(".empty") is not None
    page.get(f"{base}/stations/{held.stations[0]}", world.a.exam_officer, expect=302)


def test_the_plots_show_what_the_tables_say(world: World, page: Page, closed: Held) -> None:
    base = f"/osce/circuits/{closed.circuit}/quality"
    soup = page.get(base, world.a.exam_officer)
    stations, passing = figures(soup)
    assert len(stations["data"][0]["y"]) == 4
    assert [len(one["y"]) for one in passing["data"]] == [5] * 5
    rows = soup.select("#passing tbody tr")
    assert [int(cell.text) for cell in rows[-1].select("td")][1:] == [one["y"][-1] for one in passing["data"]]
    assert [one["y"][0] is None for one in passing["data"]] == [True, False, False, False, False]
    (line,) = figures(page.get(f"{base}/stations/{closed.stations[0]}", world.a.exam_officer))
    points, regression = line["data"][0], line["data"][1]
    assert len(points["x"]) == 40
    assert regression["y"][1] > regression["y"][0]
    assert line["layout"]["shapes"][0]["y0"] < line["layout"]["shapes"][0]["y1"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_guard_is_said_in_words(world: World, page: Page, closed: Held, language: str) -> None:
    base = f"/osce/circuits/{closed.circuit}/quality/stations"
    said = [
        page.get(f"{base}/{station}", world.a.exam_officer, language=language).get_text(" ")
        for station in closed.stations
    ]
    words = {
        "zh": ("考生不足 50 人", "得分不随评价升高", "用到的评价不足三档", "R² 低于 0.5"),
        "en": (
            "Fewer than 50 candidates",
            "does not rise with the rating",
            "Fewer than three ratings",
            "R² is below 0.5",
        ),
    }[language]
    for text, expected in zip(said, words, strict=True):
        assert expected in text


def test_cuts_by_the_forms(world: World, page: Page, closed: Held, session: orm.Session) -> None:
    base, officer = f"/osce/circuits/{closed.circuit}/quality", world.a.exam_officer
    first, second = closed.stations[:2]
    soup = page.get(base, officer)
    offered = [option["value"] for option in soup.select(f"#method-{first} option")]
    assert offered == ["", "borderline_regression", "borderline_group"]
    assert "borderline_regression" not in [option["value"] for option in soup.select(f"#method-{second} option")]
    page.post(f"{base}/cuts", officer, expect=422, **{f"method-{first}": "borderline_regression"})
    page.post(f"{base}/cuts", officer, expect=422, **{f"method-{second}": "borderline_regression", "reason": "决定"})
    assert page.answer.text.count("不随评价升高")
    page.post(f"{base}/cuts", world.b.exam_officer, expect=404, reason="决定")
    page.post(f"{base}/cuts", world.a.examiner, expect=403, reason="决定")
    page.post(f"{base}/cuts", officer, expect=303, **{f"method-{first}": "borderline_regression", "reason": "决定"})
    station = f"{base}/stations/{second}/cut"
    page.post(station, officer, expect=422, method="fixed", reason="决定")
    page.post(station, officer, expect=422, method="angoff", judges="judge,1\n甲,2", reason="决定")
    page.post(station, officer, expect=422, method="nonsense", reason="决定")
    page.post(station, officer, expect=303, method="fixed", percent="62.5", reason="县里约定")
    page.post(f"{base}/exam", officer, expect=422, errors_added="7", least_stations="3", reason="决定")
    page.post(f"{base}/exam", officer, expect=422, errors_added="1", least_stations="3")
    page.post(f"{base}/exam", officer, expect=303, errors_added="1", least_stations="3", reason="保安全")
    session.expire_all()
    assert session.scalar(sa.select(sa.func.count()).select_from(StationStandard)) == 2
    assert session.scalars(sa.select(CircuitStandard.least_stations)).one() == 3
    text = page.get(base, officer).get_text(" ")
    for words in ("决定", "县里约定", "保安全", "至少通过 3 站"):
        assert words in text


def test_after_the_release_nothing_is_offered(office: Office, world: World, page: Page, closed: Held) -> None:
    office.release(world.people["exam_officer"], closed.circuit)
    base = f"/osce/circuits/{closed.circuit}/quality"
    soup = page.get(base, world.a.exam_officer)
    assert soup.select_one("#cuts") is None
    assert soup.select_one("#exam") is None
    soup = page.get(f"{base}/stations/{closed.stations[0]}", world.a.exam_officer)
    assert soup.select_one("#set") is None
    own = page.get("/osce/examining", world.a.second_examiner, language="en")
    assert "80 sheets" in own.get_text(" ")
    assert "Marks lower than others" in own.get_text(" ")


def test_names_are_for_those_allowed(world: World, page: Page, closed: Held, session: orm.Session) -> None:
    base = f"/osce/circuits/{closed.circuit}/quality/examiners"
    names = session.scalars(sa.select(ExaminerAssignment.name).distinct()).all()
    assert len(names) == 2
    by_officer = page.get(base, world.a.exam_officer).get_text(" ")
    by_auditor = page.get(base, world.people["auditor"]).get_text(" ")
    for name in names:
        assert name in by_officer
        assert name not in by_auditor
    assert "考官 1" in by_auditor
    assert "打分偏严" in by_auditor


def test_files(world: World, page: Page, closed: Held) -> None:
    base = f"/osce/circuits/{closed.circuit}/quality"
    page.get(f"{base}?export=csv", world.a.exam_officer)
    assert len(page.answer.text.strip().splitlines()) == 5
    page.get(f"{base}?export=xlsx", world.a.exam_officer)
    book = CalamineWorkbook.from_filelike(io.BytesIO(page.answer.data))
    assert [len(book.get_sheet_by_index(at).to_python()) for at in range(3)] == [5, 11, 6]
    page.get(f"{base}/examiners?export=csv", world.people["auditor"])
    assert len(page.answer.text.strip().splitlines()) == 3


def test_an_officer_who_takes_part_sees_nothing_before_the_release(
    office: Office, world: World, page: Page, session: orm.Session
) -> None:
    city = world.people["exam_officer"]
    made = sit(session, world, persons(session, world, 5), hands=[[(city, fair)]])
    office.close(world.a.exam_officer, made.circuit)
    page.get(f"/osce/circuits/{made.circuit}/quality", city, expect=403)
    page.get(f"/osce/circuits/{made.circuit}/quality/examiners", city, expect=403)


def test_one_candidate_at_one_station(office: Office, world: World, page: Page, session: orm.Session) -> None:
    made = sit(session, world, persons(session, world, 1), hands=[[(world.a.examiner, fair)]])
    office.close(world.a.exam_officer, made.circuit)
    base = f"/osce/circuits/{made.circuit}/quality"
    for address in (base, f"{base}/stations/{made.stations[0]}", f"{base}/examiners", f"{base}?export=xlsx"):
        page.get(address, world.a.exam_officer)


def test_as_many_statements_for_many_as_for_few(
    office: Office, world: World, page: Page, session: orm.Session, queries: list[str]
) -> None:
    counts: dict[str, list[int]] = {}
    for number, people in enumerate((10, 60)):
        who = persons(session, world, people, prefix=f"q{number}")
        hands = [[(world.a.examiner, fair), (world.a.second_examiner, severe)]] * (2 + number)
        made = sit(session, world, who, hands=hands, seed=number)
        office.close(world.a.exam_officer, made.circuit)
        base = f"/osce/circuits/{made.circuit}/quality"
        for name, address in (
            ("all", base),
            ("one", f"{base}/stations/{made.stations[0]}"),
            ("who", f"{base}/examiners"),
        ):
            queries.clear()
            page.get(address, world.a.exam_officer)
            counts.setdefault(name, []).append(len(queries))
    for name, (few, many) in counts.items():
        # with 50 candidates and more no earlier sitting is asked for
        assert many <= few, name
