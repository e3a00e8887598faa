"""An examiner at a tablet: three candidates, a server that goes away in the middle, a page that is opened anew."""

import json
import signal
from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import browser as chrome
from tests.between import Asked, Said, between
from tests.databases import Live
from tests.factories.osce_live import PASSWORD, Station, second_examiner, station_with
from tests.waiting import wait_until

TABLET = {"width": 820, "height": 1180}
SOON = 30_000


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser for this module."""
    with chrome.opened() as opened:
        yield opened


def sign_in(page: Page, station: Station) -> None:
    page.goto(station.address)
    page.locator("#account").fill(station.account)
    page.locator("#password").fill(PASSWORD)
    page.locator("form button[type=submit]").click()
    page.wait_for_url(station.address)
    expect(page.locator(".candidate[aria-current]")).to_have_count(1)


def choose(page: Page, number: int) -> None:
    page.locator(".candidate").nth(number - 1).click()
    expect(page.locator("#who")).to_contain_text(f"{number} ")


def mark(page: Page, number: int, comment: str, *, items: int = 12) -> None:
    """Full points on the first items, a rating when all are done, a comment."""
    choose(page, number)
    rows = page.locator("fieldset.item")
    for at in range(items):
        rows.nth(at).locator("label.cell").last.click()
    page.locator("#comment").fill(comment)
    if items == rows.count():
        page.locator("label.level").nth(2).click()


def wait_for_state(page: Page, number: int, word: str) -> None:
    expect(page.locator(".candidate").nth(number - 1)).to_have_attribute("data-state", word, timeout=SOON)
    expect(page.locator(".candidate").nth(number - 1)).to_have_attribute("aria-busy", "false")


@pytest.mark.browser
def test_three_candidates_a_server_that_goes_away_and_a_page_opened_anew(live: Live, browser: Browser) -> None:
    web = live.web()
    station = station_with(live)
    page = browser.new_context(viewport=TABLET, locale="zh-CN", has_touch=True).new_page()
    sign_in(page, station)

    expect(page.locator("#submit")).to_be_disabled()
    mark(page, 1, "手法稳，解释清楚")
    expect(page.locator("#submit")).to_be_enabled()
    page.locator("#submit").click()
    wait_for_state(page, 1, "confirmed")
    assert [row[0] for row in station.sheets()] == [1]

    live.kill(web, signal.SIGTERM)
    mark(page, 2, "忘了测左臂")
    page.locator("#submit").click()
    wait_for_state(page, 2, "device")
    mark(page, 3, "打到一半", items=5)
    expect(page.locator("#why")).to_contain_text("7")
    wait_for_state(page, 3, "draft")
    expect(page.locator("#station-line")).not_to_have_text("")
    assert [row[0] for row in station.sheets()] == [1]

    live.web()
    page.reload()
    wait_for_state(page, 2, "confirmed")
    wait_for_state(page, 3, "draft")
    choose(page, 3)
    assert page.locator("fieldset.item input:checked").count() == 5
    assert page.locator("#comment").input_value() == "打到一半"
    mark(page, 3, "补完了")
    page.locator("#submit").click()
    wait_for_state(page, 3, "confirmed")

    assert station.sheets() == [
        (1, 1, "pass", "手法稳，解释清楚"),
        (2, 1, "pass", "忘了测左臂"),
        (3, 1, "pass", "补完了"),
    ]
    page.reload()
    for number in (1, 2, 3):
        wait_for_state(page, number, "confirmed")


@pytest.mark.browser
def test_without_a_reload_the_sheet_goes_out_by_itself_once_the_server_is_back(live: Live, browser: Browser) -> None:
    web = live.web()
    station = station_with(live, 2)
    page = browser.new_context(viewport=TABLET, locale="zh-CN").new_page()
    sign_in(page, station)
    live.kill(web, signal.SIGTERM)
    mark(page, 1, "")
    page.locator("#submit").click()
    wait_for_state(page, 1, "device")
    live.web()
    wait_for_state(page, 1, "confirmed")
    assert [row[0] for row in station.sheets()] == [1]


@pytest.mark.browser
def test_a_correction_asks_why_and_a_second_tablet_is_shown_what_stands(live: Live, browser: Browser) -> None:
    live.web()
    station = station_with(live, 2)
    first = browser.new_context(viewport=TABLET, locale="zh-CN").new_page()
    second = browser.new_context(viewport=TABLET, locale="zh-CN").new_page()
    sign_in(first, station)
    sign_in(second, station)
    for page in (first, second):
        mark(page, 1, "甲")
    first.locator("#submit").click()
    wait_for_state(first, 1, "confirmed")
    second.locator("#submit").click()
    wait_for_state(second, 1, "held")
    expect(second.locator("#note")).to_be_visible()
    second.locator("#again").click()
    expect(second.locator("#submit")).to_be_disabled()
    second.locator("label.level").nth(3).click()
    second.locator("#reason").fill("两台平板重复录入，以这份为准")
    second.locator("#submit").click()
    wait_for_state(second, 1, "confirmed")
    assert [row[1:3] for row in station.sheets()] == [(1, "pass"), (2, "good")]


@pytest.mark.browser
def test_somebody_else_on_the_same_tablet_sees_and_sends_nothing_of_mine(live: Live, browser: Browser) -> None:
    web = live.web()
    station = station_with(live, 2)
    context = browser.new_context(viewport=TABLET, locale="zh-CN")
    page = context.new_page()
    sign_in(page, station)
    live.kill(web, signal.SIGTERM)
    mark(page, 1, "只在本机")
    page.locator("#submit").click()
    wait_for_state(page, 1, "device")
    page.close()
    live.web()
    context.clear_cookies()
    other = replace(station, account=second_examiner(station))
    theirs = context.new_page()
    sign_in(theirs, other)
    for number in (1, 2):
        wait_for_state(theirs, number, "new")
    assert station.sheets() == []
    theirs.close()
    context.clear_cookies()
    mine = context.new_page()
    sign_in(mine, station)
    wait_for_state(mine, 1, "confirmed")
    assert [row[3] for row in station.sheets()] == ["只在本机"]


@pytest.mark.browser
def test_what_stands_between_is_not_taken_for_the_centre(live: Live, browser: Browser) -> None:
    asked: list[str] = []

    def portal(request: Asked) -> Said | None:
        """First the page of a captive portal, then an answer that names the sheet and cannot prove it."""
        if not request.path.endswith("/sheets"):
            return None
        asked.append(json.loads(request.body)["id"])
        if len(asked) == 1:
            return Said(b"<h1>Wi-Fi</h1>")
        return Said(json.dumps({"confirmed": asked[-1], "proof": "00" * 32}).encode(), "application/json")

    with between(live) as way:
        station = station_with(live, 2)
        page = browser.new_context(viewport=TABLET, locale="zh-CN").new_page()
        sign_in(page, station)
        way.meets = portal
        mark(page, 1, "门户网络")
        page.locator("#submit").click()
        wait_until(lambda: len(asked) >= 3)  # what came before was heard out
        assert len(set(asked)) == 1
        wait_for_state(page, 1, "device")
        assert station.sheets() == []
        way.clear()
        wait_for_state(page, 1, "confirmed")
        assert [row[3] for row in station.sheets()] == ["门户网络"]
        page.context.close()


@pytest.mark.browser
def test_an_answer_that_is_lost_on_the_way_back_leaves_one_sheet(live: Live, browser: Browser) -> None:
    lost: list[int] = []

    def once(asked: Asked, status: int) -> bool:
        if lost or not asked.path.endswith("/sheets"):
            return False
        lost.append(status)
        return True

    with between(live) as way:
        station = station_with(live, 2)
        page = browser.new_context(viewport=TABLET, locale="zh-CN").new_page()
        sign_in(page, station)
        way.loses = once
        mark(page, 1, "回执丢了")
        page.locator("#submit").click()
        wait_for_state(page, 1, "confirmed")
        assert lost == [200]
        assert len(station.sheets()) == 1
        page.context.close()


@pytest.mark.browser
def test_who_was_signed_out_in_the_middle_loses_nothing(live: Live, browser: Browser) -> None:
    live.web()
    station = station_with(live, 2)
    context = browser.new_context(viewport=TABLET, locale="zh-CN")
    page = context.new_page()
    sign_in(page, station)
    context.clear_cookies()
    mark(page, 1, "登录失效")
    page.locator("#submit").click()
    wait_for_state(page, 1, "device")
    expect(page.locator("#station-line")).to_contain_text("登录")
    again = context.new_page()
    sign_in(again, station)
    wait_for_state(again, 1, "confirmed")
    assert [row[3] for row in station.sheets()] == ["登录失效"]


@pytest.mark.browser
def test_a_disk_that_takes_nothing_more_is_said_and_the_sheet_still_arrives(live: Live, browser: Browser) -> None:
    live.web()
    station = station_with(live, 2)
    page = browser.new_context(viewport=TABLET, locale="zh-CN").new_page()
    sign_in(page, station)
    page.evaluate(
        "() => { IDBObjectStore.prototype.put = () => { throw new DOMException('full', 'QuotaExceededError') } }"
    )
    mark(page, 1, "磁盘满了")
    expect(page.locator("#station-line")).to_contain_text("无法保存")
    page.locator("#submit").click()
    wait_for_state(page, 1, "confirmed")
    assert [row[3] for row in station.sheets()] == ["磁盘满了"]
