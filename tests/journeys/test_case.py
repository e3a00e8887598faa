"""A doctor sees a simulated patient on a phone: the network goes in the middle, the report stands in the end."""

import signal
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import orm

from assessments.results.models import Result
from assessments.simulation.models import CaseAct, CaseFinish, CaseRun
from courses.hours.models import HoursEntry
from lms.authz import Actor
from lms.db import act_as
from tests import browser as chrome
from tests.databases import Live
from tests.factories.osce_live import PASSWORD, give_password
from tests.processes import Started
from tests.waiting import wait_until

PHONE = {"width": 390, "height": 844}
SOON = 30_000
CASE = "清晨说胡话的糖尿病老人"
#: what a careful doctor taps, tab by tab
WAY = {
    "ask": ["最后看起来正常", "吃哪些降糖药", "这两天吃得怎样", "以前有没有类似", "有没有肾病", "有没有跌倒"],
    "examine": ["神志和应答", "气道和呼吸", "看脸、抬臂", "皮肤出汗"],
    "test": ["指尖血糖"],
    "decide": ["侧卧", "50% 葡萄糖", "每 15 分钟", "复测又低", "停格列美脲", "完全清醒", "教老伴"],
    "refer": ["呼叫急救车", "交接写清", "途中保留", "出院后主动"],
}


@dataclass
class Centre:
    """What the centre holds, read over an owner's connection."""

    live: Live

    def acts(self) -> list[tuple[str, str]]:
        """Every act in order."""
        return self._rows(sa.select(CaseAct.act, CaseAct.happened).order_by(CaseAct.seq))

    def finish(self) -> list[tuple[Any, ...]]:
        """How it was scored."""
        return self._rows(sa.select(CaseFinish.percent, CaseFinish.critical, CaseFinish.credited))

    def evidence(self) -> list[tuple[Any, ...]]:
        """Results of cases."""
        return self._rows(sa.select(Result.value, Result.critical_failure).where(Result.source_kind == "case_run"))

    def hours(self) -> list[tuple[Any, ...]]:
        """Hours from cases."""
        query = sa.select(HoursEntry.kind, HoursEntry.minutes, HoursEntry.confirmed_by_id)
        return self._rows(query.where(HoursEntry.source_kind == "case_run"))

    def open_runs(self) -> int:
        """Consultations that have not ended."""
        return len(self._rows(sa.select(CaseRun.id).where(CaseRun.handed_in_at.is_(None))))

    def _rows(self, query: sa.Select[Any]) -> list[tuple[Any, ...]]:
        with self.live.engine().connect() as connection:
            return [tuple(row) for row in connection.execute(query)]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser for this module."""
    with chrome.opened() as opened:
        yield opened


@pytest.fixture
def account(live: Live) -> str:
    """The doctor of county A, with the cases of the content pack."""
    live.flask("content", "load", "content")
    with orm.Session(live.engine()) as session:
        act_as(session, Actor.job("test"))
        made = give_password(session, live.world.a.doctor)
        session.commit()
    return made


def phone(browser: Browser, **more: Any) -> BrowserContext:
    return browser.new_context(viewport=PHONE, locale="zh-CN", has_touch=True, is_mobile=True, **more)


def sign_in(page: Page, live: Live, account: str, address: str) -> None:
    page.goto(f"{live.address}{address}")
    page.locator("#account").fill(account)
    page.locator("#password").fill(PASSWORD)
    page.locator("form button[type=submit]").click()
    page.wait_for_url(f"{live.address}{address}")


def begin(page: Page) -> None:
    """From the list to the patient."""
    page.get_by_role("link", name=CASE).click()
    page.get_by_role("button", name="开始接诊").click()
    page.wait_for_url("**/case-runs/*")
    expect(page.locator("#case[data-ready]")).to_be_attached()


def tap(page: Page, section: str, words: str) -> None:
    """Do one thing; its row says so."""
    tab = page.locator(f"[data-tab={section}]")
    if tab.get_attribute("aria-current") is None:
        tab.click()
    expect(tab).to_have_attribute("aria-current", "true")
    row = page.locator(f"#{section} .case-act", has_text=words).first
    row.locator(".case-act-do").click()
    expect(row.locator(".case-act-do")).to_have_attribute("aria-pressed", "true")
    expect(row.locator(".case-act-found")).to_be_visible()


def saved(page: Page, words: str = "已保存") -> None:
    expect(page.locator("#case-saved")).to_have_text(words, timeout=SOON)


@pytest.mark.browser
def test_a_case_from_the_list_to_the_report_with_the_server_away_in_the_middle(
    live: Live, browser: Browser, account: str
) -> None:
    web, centre = live.web(), Centre(live)
    page = phone(browser).new_page()
    sign_in(page, live, account, "/cases")
    begin(page)
    asks_and_examines(page, live, web, centre)
    decides(page, centre)
    ends(page, centre)
    becomes_evidence_and_hours(live, page)


def asks_and_examines(page: Page, live: Live, web: Started, centre: Centre) -> None:
    """The server goes in the middle and comes back: the page says so, and nothing is lost."""
    expect(page.locator(".case-says")).to_contain_text("是不是中风")
    expect(page.locator(".case-part:visible")).to_have_count(1)
    assert page.locator(".case-act-do").first.bounding_box()["height"] >= 44  # type: ignore[index]
    for words in WAY["ask"]:
        tap(page, "ask", words)
    saved(page)
    expect(page.locator("[data-count=ask]")).to_have_text("6")
    assert len(centre.acts()) == 6

    tap(page, "examine", WAY["examine"][0])
    saved(page)
    live.kill(web, signal.SIGTERM)
    for words in WAY["examine"][1:]:
        tap(page, "examine", words)
    tap(page, "test", "指尖血糖")
    expect(page.locator("#act-test-finger-glucose")).to_contain_text("1.9 mmol/L")
    saved(page, "4 步仅在本机")
    assert len(centre.acts()) == 7
    expect(page.locator("#record .case-record-list li")).to_have_count(11)

    live.web()
    page.reload()
    expect(page.locator("#case[data-ready]")).to_be_attached()
    saved(page)
    assert len(centre.acts()) == 11
    expect(page.locator(".case-act[data-done]")).to_have_count(11)


def decides(page: Page, centre: Centre) -> None:
    """What a careful doctor does, and one thing that is taken back."""
    for words in WAY["decide"]:
        tap(page, "decide", words)
    tap(page, "decide", "灌一碗糖水")
    row = page.locator("#act-decide-pour")
    row.get_by_role("button", name="撤回").click()
    expect(row.locator(".case-act-do")).to_have_attribute("aria-pressed", "false")
    saved(page)
    assert centre.acts()[-2:] == [("decide-pour", "done"), ("decide-pour", "taken_back")]


def ends(page: Page, centre: Centre) -> None:
    """Ending says what was not touched; the report shows the whole way."""
    page.locator("[data-end]").click()
    expect(page.locator("#case-untouched")).to_have_text("还没做：转诊。")
    for words in WAY["refer"]:
        tap(page, "refer", words)
    page.locator("[data-end]").click()
    expect(page.locator("#case-untouched")).to_have_text("各栏都做了。")
    saved(page)
    page.get_by_role("button", name="确认结束").click()
    page.wait_for_url("**/report")
    expect(page.locator(".case-percent")).to_have_text("100%")
    expect(page.locator(".notice-done")).to_contain_text("计入模拟学时")
    expect(page.locator(".case-way > li")).to_have_count(22)
    expect(page.locator(".case-line-missed, .case-line-needless, .case-line-dangerous")).to_have_count(0)
    assert [(str(percent), critical) for percent, critical, _ in centre.finish()] == [("100.00", False)]


def becomes_evidence_and_hours(live: Live, page: Page) -> None:
    """Once the worker has told everybody."""
    centre = Centre(live)
    live.worker()
    assert wait_until(centre.evidence) == [(100, False)]
    ((kind, minutes, confirmer),) = wait_until(centre.hours)
    assert (kind, confirmer) == ("simulation", None)
    assert minutes == centre.finish()[0][2] >= 1
    page.goto(f"{live.address}/hours")
    expect(page.locator("main")).to_contain_text(CASE)


@pytest.mark.browser
def test_ending_waits_until_everything_is_with_the_centre(live: Live, browser: Browser, account: str) -> None:
    web, centre = live.web(), Centre(live)
    page = phone(browser).new_page()
    sign_in(page, live, account, "/cases")
    begin(page)
    tap(page, "ask", "最后看起来正常")
    saved(page)
    live.kill(web, signal.SIGTERM)
    tap(page, "decide", "灌一碗糖水")
    page.locator("[data-end]").click()
    page.get_by_role("button", name="确认结束").click()
    expect(page.locator("#case-unsent")).to_contain_text("1 步")
    assert (centre.open_runs(), len(centre.acts())) == (1, 1)
    live.web()
    page.wait_for_url("**/report", timeout=SOON)
    expect(page.locator(".case-result")).to_contain_text("有危险处置")
    assert [code for code, _ in centre.acts()] == ["ask-last-well", "decide-pour"]
    assert centre.finish()[0][1] is True


@pytest.mark.browser
def test_a_page_that_was_closed_without_network_sends_from_the_list(live: Live, browser: Browser, account: str) -> None:
    web, centre = live.web(), Centre(live)
    context = phone(browser)
    page = context.new_page()
    sign_in(page, live, account, "/cases")
    begin(page)
    live.kill(web, signal.SIGTERM)
    tap(page, "ask", "吃哪些降糖药")
    saved(page, "1 步仅在本机")
    page.close()
    live.web()
    again = context.new_page()
    again.goto(f"{live.address}/cases")
    expect(again.locator(".case-leftover")).to_be_hidden(timeout=SOON)
    wait_until(lambda: centre.acts() == [("ask-diabetes-drugs", "done")])
    again.goto(f"{live.address}/")
    again.get_by_role("link", name=f"继续接诊：{CASE}").click()
    expect(again.locator(".case-act[data-done]")).to_have_count(1)


@pytest.mark.browser
def test_who_was_signed_out_signs_in_in_place_and_loses_nothing(live: Live, browser: Browser, account: str) -> None:
    live.web()
    centre = Centre(live)
    context = phone(browser)
    page = context.new_page()
    sign_in(page, live, account, "/cases")
    begin(page)
    context.clear_cookies()
    tap(page, "ask", "吃哪些降糖药")
    dialog = page.locator("dialog.sign-in-again")
    expect(dialog).to_be_visible()
    assert centre.acts() == []
    page.locator("#again-account").fill(account)
    page.locator("#again-password").fill(PASSWORD)
    dialog.locator("button[type=submit]").click()
    saved(page)
    assert centre.acts() == [("ask-diabetes-drugs", "done")]


@pytest.mark.browser
def test_without_script_the_same_page_works_as_forms(live: Live, browser: Browser, account: str) -> None:
    live.web()
    centre = Centre(live)
    page = phone(browser, java_script_enabled=False).new_page()
    sign_in(page, live, account, "/cases")
    page.get_by_role("link", name=CASE).click()
    page.get_by_role("button", name="开始接诊").click()
    expect(page.locator(".case-part")).to_have_count(5)
    page.locator("#act-test-finger-glucose .case-act-do").click()
    expect(page.locator("#act-test-finger-glucose")).to_contain_text("1.9 mmol/L")
    page.locator("#act-decide-pour .case-act-do").click()
    page.locator("#act-decide-pour").get_by_role("button", name="撤回").click()
    expect(page.locator("#act-decide-pour .case-act-do")).to_have_attribute("aria-pressed", "false")
    page.locator(".case-end-ask > summary").click()
    page.get_by_role("button", name="确认结束").click()
    page.wait_for_url("**/report")
    assert [code for code, _ in centre.acts()] == ["test-finger-glucose", "decide-pour", "decide-pour"]
