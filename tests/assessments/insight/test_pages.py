"""The dashboard as people see it: down the tree and up again, narrowed, sorted, taken away as files."""

import io
import json
from typing import Any

import plotly.graph_objects as go
import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup, Tag
from flask import Flask
from python_calamine import CalamineWorkbook
from sqlalchemy import orm

from assessments.insight.models import InsightRun
from assessments.insight.rules import Period, window
from lms import clock, jobs
from lms.institutions.models import Institution, Kind
from lms.people.models import Person, RoleGrant
from tests.assessments.insight.conftest import refresh
from tests.assessments.insight.recount import Recount
from tests.factories import past
from tests.factories.world import World, institution
from tests.pages import Page

READERS = ("manager", "exam_officer", "certificate_officer", "auditor")


def rows(soup: BeautifulSoup, table: str) -> dict[str, list[str]]:
    """A table's lines by their first cell; the last one is the whole."""
    found = soup.select_one(f"#{table} table, #{table}-table table")
    assert found is not None, table
    lines = {}
    for line in found.select("tbody tr"):
        head = line.select_one("th")
        if head is not None:
            lines[head.get_text(strip=True)] = [cell.get_text(strip=True) for cell in line.select("td")]
    return lines


def name(session: orm.Session, id: int) -> str:
    return session.get_one(Institution, id).name


def counted(session: orm.Session, at: int, measure: str, key: str | None = None, category: str = "") -> int:
    figures = Recount(session).figures(window(Period.THIS_YEAR, clock.today()), 2400)
    return sum(
        n
        for (place, name, kind, found), (n, _) in figures.items()
        if place == at and name == measure and key in (None, found) and category in ("", kind)
    )


def test_what_stands_there_is_what_was_counted(page: Page, session: orm.Session, world: World, run: InsightRun) -> None:
    soup = page.get(f"/insight/{world.city}", world.people["manager"])
    stars = rows(soup, "stars")
    for county in (world.a, world.b):
        line = stars[name(session, county.commission)]
        expected = [counted(session, county.commission, "stars", str(star)) for star in range(6)]
        assert line == [str(n) for n in (sum(expected), *expected)]
    assert stars["合计"][0] == str(counted(session, world.city, "people"))
    assert list(stars) == [*(name(session, c.commission) for c in (world.a, world.b)), "本机构", "合计"]
    stalls = rows(soup, "stalls")
    assert stalls["合计"][0] == str(counted(session, world.city, "flags"))
    assert stalls["合计"][1] == str(counted(session, world.city, "flags", "open"))
    conversion = rows(soup, "techniques")["合计"]
    assert conversion[0] == str(counted(session, world.city, "trained"))
    assert conversion[3] == str(counted(session, world.city, "converted"))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_down_the_tree_and_up_again(
    page: Page, session: orm.Session, world: World, run: InsightRun, language: str
) -> None:
    soup = page.get(f"/insight/{world.city}?period=last_year", world.people["auditor"], language=language)
    steps = [world.a.commission, world.a.hospital, world.a.township, world.a.clinic]
    for step in steps:
        link = soup.select_one(f"#stars a[href='/insight/{step}?period=last_year']")
        assert link is not None, "the way down keeps what the figures are narrowed to"
        soup = page.get(str(link["href"]), world.people["auditor"], language=language)
    crumbs = [str(a["href"]) for a in soup.select(".crumbs a")]
    assert crumbs == [f"/insight/{one}?period=last_year" for one in [world.city, *steps[:-1]]]


def test_who_stands_alone_below_is_passed_and_its_own_people_are_a_row(
    page: Page, session: orm.Session, world: World, run: InsightRun
) -> None:
    soup = page.get(f"/insight/{world.a.commission}", world.a.manager)
    lines = rows(soup, "stars")
    hospital, township = (name(session, one) for one in (world.a.hospital, world.a.township))
    assert {township, f"{hospital}本级"} <= set(lines)
    assert hospital not in lines
    assert soup.select_one(f"#stars a[href='/insight/{world.a.hospital}']") is not None


def test_the_way_up_ends_where_ones_own_area_ends(page: Page, world: World, run: InsightRun) -> None:
    soup = page.get(f"/insight/{world.a.township}", world.a.manager)
    crumbs = [str(a["href"]) for a in soup.select(".crumbs a")]
    assert crumbs == [f"/insight/{world.a.commission}", f"/insight/{world.a.hospital}"]
    page.get(f"/insight/{world.city}", world.a.manager, expect=404)


@pytest.mark.parametrize("reader", READERS)
def test_who_may_and_the_neighbour_may_not(page: Page, world: World, run: InsightRun, reader: str) -> None:
    page.get(f"/insight/{world.a.commission}", world.a.people[reader])
    page.get(f"/insight/{world.a.commission}", world.b.people[reader], expect=404)
    page.get(f"/insight/{world.a.commission}?export=xlsx", world.b.people[reader], expect=404)
    page.get("/insight", world.a.people[reader], expect=302)
    assert page.answer.location == f"/insight/{world.a.commission}"


@pytest.mark.parametrize("other", ["doctor", "examiner", "editor"])
def test_others_have_no_dashboard(page: Page, world: World, run: InsightRun, other: str) -> None:
    page.get("/insight", world.a.people[other], expect=403)
    page.get(f"/insight/{world.a.commission}", world.a.people[other], expect=404)


def test_the_system_administrator_has_none_either(page: Page, world: World, run: InsightRun) -> None:
    page.get(f"/insight/{world.a.commission}", world.a.administrator, expect=403)
    page.get(f"/insight/{world.a.commission}", expect=302)


def test_narrowed_to_one_category(page: Page, session: orm.Session, world: World, run: InsightRun) -> None:
    soup = page.get(f"/insight/{world.city}?category=nurse", world.people["manager"])
    assert rows(soup, "stars")["合计"][0] == str(counted(session, world.city, "people", category="nurse"))
    assert rows(soup, "people")["合计"][:2] == ["0", "0"]
    assert "护士" in soup.select_one(".insight-facts").get_text()  # type: ignore[union-attr]
    assert soup.select_one("#filter-category option[selected]")["value"] == "nurse"  # type: ignore[index]


@pytest.mark.parametrize("wrong", ["period=yesterday", "category=dentist", "technique=none", "sort=x.y", "page=-1"])
def test_an_address_that_says_nonsense_is_a_page_all_the_same(
    page: Page, world: World, run: InsightRun, wrong: str
) -> None:
    soup = page.get(f"/insight/{world.city}?{wrong}", world.people["manager"])
    assert rows(soup, "stars")["合计"][0] != "0"


def test_sorted_by_any_column_the_whole_stays_below(page: Page, world: World, run: InsightRun) -> None:
    for sort, sign in (("stars.people", 1), ("-stars.people", -1)):
        soup = page.get(f"/insight/{world.city}?sort={sort}", world.people["manager"])
        lines = rows(soup, "stars")
        numbers = [sign * int(line[0]) for line in list(lines.values())[:-1]]
        assert numbers == sorted(numbers)
        assert list(lines)[-1] == "合计"
        head = soup.select_one("#stars th[aria-sort]")
        assert head is not None
        assert head.get_text(strip=True) == "人员"
        assert str(head.select_one("a")["href"]).endswith("#stars")  # type: ignore[index]


def test_one_technique_is_compared_institution_by_institution(
    page: Page, session: orm.Session, world: World, run: InsightRun
) -> None:
    soup = page.get(f"/insight/{world.city}", world.people["manager"])
    link = soup.select_one("#techniques tbody a")
    assert link is not None
    code = str(link["href"]).partition("technique=")[2].partition("#")[0]
    soup = page.get(str(link["href"]), world.people["manager"])
    for county in (world.a, world.b):
        line = rows(soup, "conversions")[name(session, county.commission)]
        assert line[0] == str(counted(session, county.commission, "trained", code))
        assert line[3] == str(counted(session, county.commission, "converted", code))
    whole = rows(soup, "conversions")["合计"]
    assert whole[0] == str(counted(session, world.city, "trained", code))
    assert sum(int(line[0]) for line in list(rows(soup, "conversions").values())[:-1]) == int(whole[0])


def charts(soup: BeautifulSoup) -> dict[str, Any]:
    return {
        str(one["id"]): json.loads(one.select_one("script").string) for one in soup.select("section[id]:has(script)")
    }  # type: ignore[union-attr,arg-type]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("more", ["", "?technique=past-01", "?period=last_12_months&category=nurse"])
def test_plotly_itself_takes_every_chart(page: Page, world: World, run: InsightRun, more: str, language: str) -> None:
    soup = page.get(f"/insight/{world.city}{more}", world.people["manager"], language=language)
    drawn = charts(soup)
    assert set(drawn) == {"stars", "hours", "exams", "conversion", "stalls", "people"}
    for figure in drawn.values():
        go.Figure(figure)
    for chart in soup.select(".chart-canvas"):
        assert len(str(chart["aria-label"])) > 20


def test_charts_show_what_tables_say(page: Page, world: World, run: InsightRun) -> None:
    soup = page.get(f"/insight/{world.city}", world.people["manager"])
    lines = list(rows(soup, "stars").values())[:-1]
    for star, trace in enumerate(charts(soup)["stars"]["data"]):
        assert [one[1] for one in trace["customdata"]] == [line[star + 1] for line in lines]
        shares = [100 * int(line[star + 1]) / int(line[0]) for line in lines]
        assert trace["x"] == pytest.approx(shares)
    hrefs = [one[2] for one in charts(soup)["stars"]["data"][0]["customdata"]]
    assert hrefs == [f"/insight/{world.a.commission}", f"/insight/{world.b.commission}", ""]


def test_a_name_cannot_be_markup_in_a_chart(app: Flask, page: Page, session: orm.Session, world: World) -> None:
    session.get_one(Institution, world.a.commission).name = "<a href='https://x.example'>x</a>&"
    past.make(session, [world.a.clinic], 30)
    session.commit()
    refresh(app)
    figure = charts(page.get(f"/insight/{world.city}", world.people["manager"]))["stars"]
    said = json.dumps(figure, ensure_ascii=False)
    assert "<a" not in said
    assert "&lt;a href" in said


def test_only_the_dashboard_is_let_in_more(page: Page, world: World, run: InsightRun) -> None:
    page.get(f"/insight/{world.city}", world.people["manager"])
    policy = page.answer.headers["Content-Security-Policy"]
    assert "style-src 'self' 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='" in policy
    assert "img-src 'self' data: blob:" in policy
    assert "script-src 'self';" in policy
    page.get("/institutions", world.people["manager"])
    assert "sha256" not in page.answer.headers["Content-Security-Policy"]


def test_plotlys_script_is_packed_and_kept_for_ever(app: Flask, page: Page, world: World, run: InsightRun) -> None:
    soup = page.get(f"/insight/{world.city}", world.people["manager"])
    address = str(soup.select_one("[data-plotly]")["data-plotly"])  # type: ignore[index]
    assert not any("plotly" in str(script["src"]) for script in soup.select("script[src]")), "only when it is needed"
    answer = app.test_client().get(address, headers={"Accept-Encoding": "br"})
    assert (answer.status_code, answer.headers["Content-Encoding"]) == (200, "br")
    assert "immutable" in answer.headers["Cache-Control"]
    assert len(answer.data) < 1_500_000


def book(page: Page) -> dict[str, list[list[Any]]]:
    read = CalamineWorkbook.from_filelike(io.BytesIO(page.answer.data))
    return {sheet: read.get_sheet_by_name(sheet).to_python() for sheet in read.sheet_names}


def test_one_table_as_a_file_says_what_the_page_says(page: Page, world: World, run: InsightRun) -> None:
    soup = page.get(f"/insight/{world.city}?sort=-hours.each", world.people["manager"])
    page.get(f"/insight/{world.city}?sort=-hours.each&export=xlsx&table=hours", world.people["manager"])
    (sheet,) = book(page).values()
    assert sheet[0][:3] == ["机构", "人员", "理论 (小时)"]
    shown = rows(soup, "hours")
    for line, cells in zip(shown.values(), sheet[1:], strict=True):
        assert [str(int(cells[1])), f"{cells[5]} 小时"] == [line[0], line[4]]
    page.get(f"/insight/{world.city}?export=csv&table=stars", world.people["manager"])
    assert page.answer.text.startswith("\ufeff机构,人员,暂无星级")


def test_all_tables_as_one_file(page: Page, world: World, run: InsightRun) -> None:
    page.get(f"/insight/{world.city}?export=xlsx&period=last_year", world.people["manager"])
    sheets = book(page)
    assert list(sheets)[:4] == ["说明", "总览", "人员构成", "星级"]
    assert len(sheets) == 10
    assert any("去年" in str(cell) for row in sheets["说明"] for cell in row)
    page.get(f"/insight/{world.city}?export=csv", world.people["manager"], expect=422)
    page.get(f"/insight/{world.city}?export=xlsx&table=nothing", world.people["manager"], expect=422)


def test_as_many_statements_for_many_institutions_as_for_few(
    app: Flask, page: Page, session: orm.Session, world: World, queries: list[str]
) -> None:
    def statements() -> int:
        refresh(app)
        page.get(f"/insight/{world.a.hospital}", world.a.manager)
        queries.clear()
        page.get(f"/insight/{world.a.hospital}?technique=past-01", world.a.manager)
        return len(queries)

    past.make(session, [world.a.clinic], 8)
    session.commit()
    few = statements()
    hospital = session.get_one(Institution, world.a.hospital)
    more = [institution(session, f"53030277{n:02}", f"卫生院{n}", Kind.TOWNSHIP_HOSPITAL, hospital) for n in range(40)]
    past.make(session, [one.id for one in more], 200, 2)
    session.commit()
    assert statements() == few <= 14


# ---- small groups -------------------------------------------------------------------------------


@pytest.fixture
def small(app: Flask, session: orm.Session, world: World) -> World:
    """In county A three people at the clinic, twenty at the township, nine at the hospital."""
    session.execute(sa.update(Person).values(active=False).where(Person.category == "village_doctor"))
    for at, many, seed in ((world.a.clinic, 3, 5), (world.a.township, 20, 6), (world.a.hospital, 9, 7)):
        made = past.make(session, [at], many, seed)
        ids = [one for one, _ in made.people]
        session.execute(sa.update(Person).where(Person.id.in_(ids)).values(category="nurse", active=True))
    session.commit()
    refresh(app)
    return world


def test_officers_do_not_see_figures_about_a_handful(page: Page, session: orm.Session, small: World) -> None:
    soup = page.get(f"/insight/{small.a.clinic}", small.a.exam_officer)
    assert soup.select("table") == []
    assert "不足 5 人" in soup.get_text()
    page.get(f"/insight/{small.a.clinic}?export=xlsx", small.a.exam_officer)
    assert list(book(page)) == ["说明"]
    lines = rows(page.get(f"/insight/{small.a.township}", small.a.exam_officer), "stars")
    assert list(lines) == ["2 个人数较少的机构合计", "合计"]
    assert lines["合计"][0] == "25"
    own = page.get(f"/insight/{small.a.clinic}", small.a.manager)
    assert rows(own, "stars")["合计"][0] == "3"
    assert list(rows(page.get(f"/insight/{small.a.township}", small.a.auditor), "stars"))[1:] == ["本机构", "合计"]


# ---- making anew --------------------------------------------------------------------------------


def test_before_the_first_figures_the_page_says_how_they_come(page: Page, world: World) -> None:
    soup = page.get(f"/insight/{world.a.commission}", world.a.manager)
    assert "还没有统计数据" in soup.get_text()
    assert soup.select_one(f"form[action='/insight/{world.a.commission}/refresh']") is not None
    page.get(f"/insight/{world.a.commission}", world.a.auditor, language="en")
    page.get("/insight", world.a.manager, expect=302)


def test_having_them_made_anew_shows_how_far_it_is(
    page: Page, session: orm.Session, world: World, run: InsightRun
) -> None:
    at = f"/insight/{world.a.commission}"
    page.post(f"{at}/refresh", world.a.manager, expect=303)
    there = page.answer.location
    job = session.scalars(sa.select(jobs.Job).where(jobs.Job.name == "insight.refresh")).one()
    assert there == f"{at}?job={job.id}"
    for who in (world.a.manager, world.b.exam_officer):
        home = world.a if who == world.a.manager else world.b
        soup = page.get(f"/insight/{home.commission}", who)
        assert soup.select_one("section.job[data-state=queued]") is not None, "everybody sees that it is under way"
        assert not soup.select("form[action$='/refresh']")
    page.get(f"{at}/refresh/{job.id}", world.a.manager)
    assert page.answer.get_json() == {"state": "queued", "done": 0, "total": 0}
    page.get(f"{at}/refresh/{job.id}", world.b.manager, expect=404)

    session.execute(sa.update(jobs.Job).values(state="failed"))
    session.commit()
    page.get(f"{at}/refresh/{job.id}", world.a.manager)
    assert page.answer.get_json()["next"] == there
    soup = page.get(there, world.a.manager)
    notice = soup.select_one(".notice-attention")
    assert isinstance(notice, Tag)
    assert "更新失败" in notice.get_text()
    assert not page.get(at, world.a.manager).select(".notice-attention")

    session.execute(sa.update(jobs.Job).values(state="done"))
    session.commit()
    page.get(f"{at}/refresh/{job.id}", world.a.manager)
    assert page.answer.get_json() == {"state": "done", "done": 0, "total": 0, "next": at}


def test_who_may_not_have_them_made_anew(page: Page, world: World, run: InsightRun) -> None:
    at = f"/insight/{world.a.commission}"
    assert not page.get(at, world.a.auditor).select("form[action$='/refresh']")
    page.post(f"{at}/refresh", world.a.auditor, expect=403)
    page.post(f"{at}/refresh", world.b.manager, expect=404)


def test_another_persons_job_is_not_shown_as_ours(
    page: Page, session: orm.Session, world: World, run: InsightRun
) -> None:
    other = jobs.Job(
        id="018f0000-0000-7000-8000-000000000001", name="people.check_roster", arguments={}, state="running"
    )
    session.add(other)
    session.commit()
    soup = page.get(f"/insight/{world.a.commission}?job={other.id}", world.a.manager)
    assert not soup.select("section.job")


def test_two_areas_side_by_side(page: Page, session: orm.Session, world: World, run: InsightRun) -> None:
    grant = RoleGrant(
        person_id=world.a.manager, role="institution_manager", institution_id=world.b.township, begins_on=clock.today()
    )
    session.add(grant)
    session.commit()
    for language in ("zh", "en"):
        soup = page.get("/insight", world.a.manager, language=language)
        links = [str(a["href"]) for a in soup.select(".insight-table a[href^='/insight/']")]
        assert links == [f"/insight/{world.a.commission}", f"/insight/{world.b.township}"]
