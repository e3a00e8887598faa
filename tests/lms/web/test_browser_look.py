"""The parts in a real browser: they work, they can be reached by thumb and by key, and axe finds nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser import axe_source
from tests.waiting import wait_until

pytestmark = pytest.mark.browser
PHONE, TABLET, DESK = (390, 844), (820, 1180), (1440, 900)
ROUTES = ("/gallery", "/desk", "/form", "/focus", "/verify?kind=stopped", "/blank", "/nowhere")

SMALL = """() => [...document.querySelectorAll('a, button, summary, select, input:not([type=hidden]), textarea')]
  .filter((e) => e.checkVisibility())
  .filter((e) => !e.closest('.skip, .visually-hidden, p, li, h1, h2, h3, .field-error, td:not(.act)'))
  .filter((e) => !e.matches('.written-picker, .choice input, .form-control[type=file]'))
  .filter((e) => { const r = e.getBoundingClientRect(); return r.height < 43.9 || r.width < 43.9; })
  .map((e) => e.outerHTML.slice(0, 80) + ' ' + JSON.stringify(e.getBoundingClientRect()))"""

CUT = """() => [...document.querySelectorAll('main *')]
  .filter((e) => e.checkVisibility() && !e.closest('.table-frame, .tabs, svg, .visually-hidden, .written'))
  .filter((e) => e.getBoundingClientRect().right > innerWidth + 1)
  .map((e) => e.outerHTML.slice(0, 80))"""


@contextmanager
def opened(
    browser: Browser, url: str, size: tuple[int, int] = PHONE, scheme: str = "light", lang: str = "zh-CN"
) -> Iterator[Page]:
    """A page in a window of its own; anything written to the console is a fault."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme=scheme,
        locale=lang,  # type: ignore[arg-type]
    )
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda wrong: said.append(str(wrong)))
    page.goto(url, wait_until="networkidle")
    yield page
    context.close()
    assert [s for s in said if "404 (NOT FOUND)" not in s] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("route", ROUTES)
def test_axe_finds_nothing(browser: Browser, address: str, route: str, scheme: str) -> None:
    with opened(browser, address + route, DESK if route == "/desk" else PHONE, scheme) as page:
        page.evaluate(Path(axe_source()).read_text("utf-8"))
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        assert [(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in found["violations"]] == []


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
@pytest.mark.parametrize("width", [320, 390, 820, 1440])
def test_nothing_runs_out_of_the_page(browser: Browser, address: str, width: int, lang: str) -> None:
    with opened(browser, address + "/blank", (width, 800), lang=lang) as page:
        for route in ROUTES:
            page.goto(address + route)
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, route
            assert page.evaluate(CUT) == [], route


@pytest.mark.parametrize("route", ROUTES)
def test_everything_can_be_hit_by_a_thumb(browser: Browser, address: str, route: str) -> None:
    with opened(browser, address + route) as page:
        assert page.evaluate(SMALL) == []


def test_the_bar_is_for_the_hand_and_the_column_for_the_desk(browser: Browser, address: str) -> None:
    with opened(browser, address + "/blank") as page:
        expect(page.locator(".bottombar")).to_be_visible()
        expect(page.locator(".sidebar")).to_be_hidden()
        page.locator("details.menu summary").click()
        expect(page.locator(".menu-list").get_by_text("待审证书")).to_be_visible()
    with opened(browser, address + "/blank", DESK) as page:
        expect(page.locator(".bottombar")).to_be_hidden()
        expect(page.locator(".sidebar").get_by_text("待审证书")).to_be_visible()


def test_one_can_see_where_the_keyboard_is(browser: Browser, address: str) -> None:
    with opened(browser, address + "/desk", DESK) as page:
        page.keyboard.press("Tab")
        expect(page.locator(".skip")).to_be_focused()
        assert page.locator(".skip").bounding_box()["y"] >= 0  # type: ignore[index]
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        width = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
        assert width == "3px"
        assert page.evaluate("document.activeElement.closest('main') !== null")


def test_the_language_can_be_changed_and_is_kept(browser: Browser, address: str) -> None:
    with opened(browser, address + "/desk?star=2", DESK) as page:
        page.get_by_role("button", name="English").click()
        expect(page.get_by_role("button", name="Search")).to_be_visible()
        assert page.url.endswith("/desk?star=2")


def test_a_dead_network_changes_one_line(browser: Browser, address: str) -> None:
    with opened(browser, address + "/blank") as page:
        line = page.locator(".connection")
        expect(line).to_be_empty()
        page.context.set_offline(True)
        expect(line).to_contain_text("网络已断开")
        page.context.set_offline(False)
        expect(line).to_be_empty()


def test_a_form_is_sent_once(browser: Browser, shown: Flask, address: str) -> None:
    with opened(browser, address + "/form") as page:
        form = page.locator("form.form").first
        form.evaluate("(form) => { form.requestSubmit(); form.requestSubmit(); form.requestSubmit(); }")
        expect(page.locator("[role=alert]").first).to_be_visible()
        assert len(shown.extensions["sent"]) == 1
        page.go_back()
        page.locator("form.form button[type=submit]").first.click()
        wait_until(lambda: len(shown.extensions["sent"]) == 2)


def test_a_file_that_was_chosen_is_named(browser: Browser, address: str, tmp_path: Path) -> None:
    (tmp_path / "名册.xlsx").write_bytes(b"x" * 2048)
    with opened(browser, address + "/form") as page:
        page.locator("input[type=file]").set_input_files(tmp_path / "名册.xlsx")
        expect(page.locator(".drop-words")).to_have_text("已选： 名册.xlsx (2 kB)")
        dropped = page.evaluate_handle(
            "() => { const t = new DataTransfer(); t.items.add(new File(['abc'], 'two.csv')); return t; }"
        )
        page.locator(".drop").dispatch_event("drop", {"dataTransfer": dropped})
        expect(page.locator(".drop-words")).to_contain_text("two.csv")
        assert page.evaluate("document.querySelector('input[type=file]').files[0].name") == "two.csv"


def test_a_day_can_be_picked_or_written(browser: Browser, address: str) -> None:
    with opened(browser, address + "/form") as page:
        born = page.get_by_label("出生日期", exact=True)
        born.fill("2026年11月22日")
        expect(page.locator(".field:has(#born) .written-button")).to_have_accessible_name("选择日期")
        page.locator(".field:has(#born) .written-picker").evaluate(
            "(p) => { p.value = '2026-01-02'; p.dispatchEvent(new Event('change')); }"
        )
        expect(born).to_have_value("2026-01-02")
        at = page.get_by_label("开考时间")
        at.fill("2026-11-22 14:30")
        page.locator(".field:has(#at) .written-picker").evaluate(
            "(p) => { p.value = '2026-01-02'; p.dispatchEvent(new Event('change')); }"
        )
        expect(at).to_have_value("2026-01-02 14:30")


def test_long_work_is_followed_to_its_end(browser: Browser, shown: Flask, address: str) -> None:
    with opened(browser, address + "/gallery") as page:
        expect(page.locator(".job-count").first).to_have_text("3200 / 5000")
        expect(page.locator(".job-message").first).to_have_text("正在核对第 3200 行")
        shown.extensions["work_ends"].set()
        page.wait_for_url("**/blank")


def test_who_is_leaving_is_not_called_back_by_work_that_ends(browser: Browser, address: str) -> None:
    with opened(browser, address + "/gallery", DESK) as page:
        held: dict[str, Route] = {}
        page.route("**/job.json", lambda route: held.setdefault("work", route))
        page.route("**/desk", lambda route: held.setdefault("desk", route))
        with page.expect_request("**/job.json"):
            pass
        with page.expect_request("**/desk"):
            page.locator(".sidebar").get_by_text("待审证书").evaluate("(link) => link.click()")
        with page.expect_request("**/job.json"):  # heard, and asked once more in case nobody leaves after all
            held["work"].fulfill(json={"state": "done", "done": 7, "total": 7, "next": "/blank"})
        held["desk"].continue_()
        page.wait_for_url("**/desk")


def test_without_script_nothing_is_missing(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(address + "/gallery")
    expect(page.get_by_role("link", name="查看进度").first).to_be_visible()
    page.locator("details.menu summary").click()
    expect(page.locator(".menu-list").get_by_text("账号与安全")).to_be_visible()
    page.goto(address + "/form")
    page.locator("form.form button[type=submit]").first.click()
    expect(page.locator("[role=alert]").first).to_be_visible()
    context.close()


def test_paper_shows_the_record_and_not_the_desk(browser: Browser, address: str) -> None:
    with opened(browser, address + "/desk", DESK, "dark") as page:
        page.emulate_media(media="print", color_scheme="dark")
        for gone in (".topbar", ".sidebar", ".filters", ".search-box", ".page-actions", ".tabs", "td.act"):
            expect(page.locator(gone).first).to_be_hidden()
        expect(page.locator("table caption")).to_be_attached()
        expect(page.locator(".simulated")).to_be_visible()
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert page.evaluate("getComputedStyle(document.querySelector('td')).color") == "rgb(0, 0, 0)"
