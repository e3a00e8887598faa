"""Every part: what it says, to whom it says it, and that nothing needs inline style or script."""

import itertools
import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask

from config import CHECKOUT
from lms.web import form_words
from tests import pages

PAGES = (
    "/gallery",
    "/desk",
    "/nobody",
    "/form",
    "/focus",
    "/verify",
    "/verify?kind=stopped",
    "/blank",
    "/nowhere",
    "/fault",
)


def seen(app: Flask, url: str, language: str = "zh-CN") -> BeautifulSoup:
    answer = app.test_client().get(url, headers={"Accept-Language": language})
    soup = BeautifulSoup(answer.text, "html.parser")
    pages.check(soup, answer)
    return soup


def one(soup: BeautifulSoup | Tag, selector: str) -> Tag:
    found = soup.select(selector)
    assert len(found) == 1, f"{selector}: {len(found)}"
    return found[0]


def words(tag: Tag) -> str:
    return tag.get_text(" ", strip=True)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("url", PAGES)
def test_every_page_keeps_to_the_rules_of_all_pages(shown: Flask, url: str, language: str) -> None:
    soup = seen(shown, url, language)
    for tag in soup.select("[aria-describedby], [aria-labelledby], label[for]"):
        for name in ("aria-describedby", "aria-labelledby", "for"):
            for target in str(tag.get(name) or "").split():
                assert soup.find(id=target), f"{tag.name} {name} points to nothing: {target}"
    for drawing in soup.select("svg"):
        assert drawing.get("aria-hidden") == "true" or drawing.get("aria-label")
    levels = [int(h.name[1]) for h in soup.select("h1, h2, h3, h4")]
    assert all(b - a <= 1 for a, b in itertools.pairwise(levels)), f"headings jump: {levels}"
    assert str(soup).count("None") == 0


def test_the_shell_speaks_both_languages(shown: Flask) -> None:
    zh, en = seen(shown, "/blank"), seen(shown, "/blank", "en")
    assert zh.html["lang"] == "zh-CN"
    assert en.html["lang"] == "en"
    assert words(one(zh, ".skip")) == "跳到正文"
    assert words(one(en, ".skip")) == "Skip to the content"
    switch = one(zh, "form.language")
    assert switch["action"] == "/language/en"
    assert one(switch, "[name=next]")["value"] == "/blank"
    assert one(switch, "[name=csrf_token]")["value"]


def test_navigation_marks_where_the_reader_stands(shown: Flask) -> None:
    soup = seen(shown, "/blank")
    here = soup.select("nav.bottombar [aria-current=page]")
    assert [words(a) for a in here] == ["病例"]
    assert [words(a) for a in soup.select("nav.sidebar [aria-current=page]")] == ["病例"]
    groups = [words(p) for p in soup.select(".sidebar-group")]
    assert groups == ["认证", "机构与人员"]
    assert words(one(soup, "details.menu summary .from-tablet")) == "李咏梅"


def test_a_bare_page_has_no_navigation(shown: Flask) -> None:
    soup = seen(shown, "/verify?kind=stopped")
    assert not soup.select("nav")
    assert words(one(soup, ".verdict-stopped h1")) == "已吊销"


def test_simulated_data_are_named_only_where_they_are(ways: None, shown: Flask) -> None:
    from tests.lms.web import gallery

    assert "模拟数据" in words(one(seen(shown, "/blank"), ".simulated"))
    assert not seen(gallery.make(simulated=False), "/blank").select(".simulated")


def test_an_error_says_what_happened_and_what_to_do(shown: Flask) -> None:
    soup = seen(shown, "/fault")
    said = words(one(soup, "main"))
    assert "系统出错了" in said
    assert "仍在" in said
    assert "请再试一次" in said
    assert one(soup, "main code").get_text()


def test_a_state_has_a_word_and_a_shape_of_its_own(shown: Flask) -> None:
    states = seen(shown, "/gallery").select(".status")
    drawn = {}
    for state in states:
        assert words(state)
        drawn[str(state["class"])] = str(state.svg).replace(str(state.svg["class"]), "")  # type: ignore[index]
    shapes = {re.sub(r'class="[^"]*"', "", text) for text in drawn.values()}
    assert len(drawn) == len(shapes) == 7


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh-CN", ["暂无星级", "一星", "二星", "三星", "四星", "五星"]),
        ("en", ["No star yet", "One star", "Two stars", "Three stars", "Four stars", "Five stars"]),
    ],
)
def test_stars_are_counted_in_words(shown: Flask, language: str, said: list[str]) -> None:
    rows = seen(shown, "/gallery", language).select(".panel .stars")
    assert [words(row) for row in rows] == said
    assert [len(row.select(".star-on")) for row in rows] == [0, 1, 2, 3, 4, 5]
    assert all(len(row.select("path")) == 5 for row in rows)


def test_progress_always_shows_its_target(shown: Flask) -> None:
    soup = seen(shown, "/gallery")
    lines = soup.select(".progress-line")
    assert [words(one(line, ".progress-figures")) for line in lines] == ["31 / 40 学时", "14 / 12 次", "0 / 0 项"]
    bars = [one(line, "progress") for line in lines]
    assert [(bar["value"], bar["max"]) for bar in bars] == [("31", "40"), ("12", "12"), ("0", "1")]
    assert all(bar["aria-label"] for bar in soup.select("progress"))
    assert [words(p) for p in seen(shown, "/desk").select(".stat-target")] == ["目标 0 份", "目标 60 %"]


def test_the_way_to_the_next_star_says_what_is_owed(shown: Flask) -> None:
    rows = seen(shown, "/gallery").select(".star-card .path-row")
    assert [words(one(row, ".path-owed")) for row in rows] == ["已完成", "31 / 50 学时", "0 / 1 次", "未开始"]


def test_steps_say_their_state_to_those_who_do_not_see_it(shown: Flask) -> None:
    steps = seen(shown, "/gallery").select(".step")
    assert [words(one(step, ".visually-hidden")) for step in steps] == ["已完成", "已完成", "进行中", "未开始"]
    assert [step.get("aria-current") for step in steps] == [None, None, "step", None]


def test_facts_leave_out_what_is_not_there(shown: Flask) -> None:
    facts = one(one(seen(shown, "/gallery"), ".panel:has(> .facts)"), ".facts")
    assert [words(dt) for dt in facts.select("dt")] == ["姓名", "起始"]
    time = one(facts, "time")
    assert words(time) == "2026年11月22日 14:30"
    assert time["datetime"] == "2026-11-22T06:30:00+00:00"


def test_a_signature_is_never_shown_where_there_is_none(shown: Flask) -> None:
    signed, unsigned = seen(shown, "/gallery").select(".signature")
    assert "9f86d081884c7d65" in words(signed)
    assert "尚未签字" in words(unsigned)
    assert not unsigned.select("time, .icon")


def test_sorting_turns_and_keeps_the_other_questions(shown: Flask) -> None:
    heads = seen(shown, "/desk?star=2&sort=code&page=3").select("thead th")
    assert [h.get("aria-sort") for h in heads[:2]] == ["ascending", None]
    assert one(heads[0], "a")["href"] == "/desk?star=2&sort=-code"
    assert one(heads[3], "a")["href"] == "/desk?star=2&sort=star"
    assert not heads[1].select("a")
    assert one(seen(shown, "/desk?sort=-code"), "thead [aria-sort]")["aria-sort"] == "descending"


def test_a_stranger_cannot_steer_the_links(shown: Flask) -> None:
    soup = seen(shown, "/desk?_external=1&_scheme=javascript&_anchor=x&sort=code&endpoint=gallery")
    for link in soup.select("thead a, .pager a"):
        assert str(link["href"]).startswith("/desk?"), link


def test_a_table_can_be_read_without_eyes_and_on_a_phone(shown: Flask) -> None:
    soup = seen(shown, "/desk")
    frame = one(soup, ".table-frame")
    assert frame["tabindex"] == "0"
    assert frame["aria-label"] == words(one(frame, "caption")) == "待审证书"
    labels = [words(h) for h in frame.select("thead th")]
    assert all(td["data-label"] in labels for td in frame.select("td[data-label]"))
    assert words(one(seen(shown, "/nobody"), ".table-none td")) == "没有待审的证书。"


def test_the_pager_keeps_the_other_questions(shown: Flask) -> None:
    pager = one(seen(shown, "/desk?star=2&page=2"), ".pager")
    assert one(pager, "[rel=prev]")["href"] == "/desk?star=2&page=1"
    assert one(pager, "[rel=next]")["href"] == "/desk?star=2&page=3"
    assert "共 577 条" in words(pager)
    assert "第 2 / 12 页" in words(pager)


def test_filters_show_what_was_chosen(shown: Flask) -> None:
    soup = seen(shown, "/desk?star=2")
    assert words(one(soup, "#filter-star option[selected]")) == "二星"
    assert one(soup, ".filters a")["href"] == "/desk"


def test_a_mistake_is_said_where_it_is(shown: Flask) -> None:
    client = shown.test_client()
    token = one(BeautifulSoup(client.get("/form").text, "html.parser"), ".form:not(.confirm-sheet) [name=csrf_token]")
    sent = {"csrf_token": token["value"], "born": "2026年13月1日", "hours": "两小时", "note": "字" * 3}
    soup = BeautifulSoup(client.post("/form", data=sent).text, "html.parser")
    born = one(soup, "#born")
    assert born["value"] == "2026年13月1日"
    assert born["aria-invalid"] == "true"
    assert str(born["aria-describedby"]).split() == ["born-help", "born-error"]
    assert "日期不对" in words(one(soup, "#born-error"))
    assert "请填数字" in words(one(soup, "#hours-error"))
    assert words(one(soup, "#name-error")) == words(one(soup, "#level-error")) == "此项必填。"
    summary = one(soup, "[role=alert]")
    for link in summary.select("a"):
        assert soup.find(id=str(link["href"])[1:])
    assert one(soup, "#note").get_text().strip() == "字字字"


def test_a_form_is_whole(shown: Flask) -> None:
    form = one(seen(shown, "/form"), "form.form:not(.confirm-sheet)")
    assert form["enctype"] == "multipart/form-data"
    assert form["method"] == "post"
    assert form["action"] == "/form"
    assert {words(o) for o in form.select(".field-optional")} == {"选填"}
    optional = {str(o.find_parent(class_="field").find(id=True)["id"]) for o in form.select(".field-optional")}  # type: ignore[union-attr,index]
    assert optional == {"at", "note", "skills", "count", "hours"}
    groups = form.select("fieldset")
    assert [words(one(g, "legend")).split()[0] for g in groups] == ["整体评价", "擅长技术"]


def test_a_dangerous_act_says_what_it_touches(shown: Flask) -> None:
    opened, closed = seen(shown, "/form").select("details.confirm")
    assert opened.has_attr("open")
    assert not closed.has_attr("open")
    assert next(words(li) for li in opened.select(".confirm-touches li")).startswith("证书 YN-2026-00042")
    assert opened.select("textarea[name=r-reason]")
    assert "不可撤销" in words(opened)
    assert one(closed, "form")["action"] == "/form"
    assert one(closed, "[name=csrf_token]")["value"]


def test_long_work_can_be_left(shown: Flask) -> None:
    running, ended = seen(shown, "/gallery").select(".job")
    assert running["data-address"] == "/job.json"
    assert "2100 / 5000" in words(running)
    assert one(running, "a")["href"] == "/gallery"
    assert one(ended, "progress")["value"] == "1"
    assert "已完成" in words(ended)


def test_everything_that_is_drawn_exists() -> None:
    drawn = set(
        re.findall(r"'([a-z_]+)': 'M", (CHECKOUT / "lms/web/templates/components/icon.html").read_text("utf-8"))
    )
    asked = {}
    for root in ("lms", "courses", "assessments"):
        for path in (CHECKOUT / root).rglob("*.html"):
            for name in re.findall(r"\bicon\('([a-z_]+)'", path.read_text("utf-8")):
                asked[name] = path
        for path in (CHECKOUT / root).rglob("wiring.py"):
            for name in re.findall(r"icon=\"([a-z_]+)\"", path.read_text("utf-8")):
                asked[name] = path
    assert {name: str(path) for name, path in asked.items() if name not in drawn} == {}


def test_every_part_says_when_to_use_it() -> None:
    for path in (CHECKOUT / "lms/web/templates/components").glob("*.html"):
        text = path.read_text("utf-8")
        for name in re.findall(r"{% macro ([a-z]\w*)\(", text):
            assert re.search(rf"#}}\n{{% macro {name}\(", text), f"{path.name}: {name} has no comment of use"


def test_every_part_is_in_the_book() -> None:
    book = (CHECKOUT / "docs" / "design.md").read_text("utf-8")
    for path in (CHECKOUT / "lms/web/templates/components").glob("*.html"):
        for name in re.findall(r"{% macro ([a-z]\w*)\(", path.read_text("utf-8")):
            assert f"`ui.{name}" in book, f"docs/design.md does not name ui.{name}"


def test_all_that_wtforms_says_is_in_our_catalogue() -> None:
    import wtforms
    from babel.messages.pofile import read_po

    from lms import catalogues

    with (Path(wtforms.__file__).parent / "locale" / "wtforms.pot").open("rb") as file:
        said = {tuple(m.id) if isinstance(m.id, list | tuple) else m.id for m in read_po(file) if m.id}
    assert said <= set(form_words.SAID_BY_WTFORMS)
    assert set(form_words.SAID_BY_WTFORMS) <= set(catalogues.translated(CHECKOUT))
