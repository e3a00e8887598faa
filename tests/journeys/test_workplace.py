"""An assessor with a phone at a village clinic: a mini-CEX, a server that goes away and comes back, one record."""

import signal
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, ViewportSize, expect
from sqlalchemy import orm

from assessments.workplace.models import WorkplaceAssessment, WorkplaceRequest
from lms.authz import Actor
from lms.db import act_as
from tests import browser as chrome
from tests.databases import Live
from tests.factories.osce_live import PASSWORD
from tests.factories.workplace_live import Visit, visit_to

PHONE: ViewportSize = {"width": 390, "height": 844}
SOON = 30_000


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser for this module."""
    with chrome.opened() as opened:
        yield opened


def phone(browser: Browser) -> Page:
    return browser.new_context(viewport=PHONE, locale="zh-CN", has_touch=True, is_mobile=True).new_page()


def sign_in(page: Page, visit: Visit, address: str) -> None:
    page.goto(address)
    page.locator("#account").fill(visit.account)
    page.locator("#password").fill(PASSWORD)
    page.locator("form button[type=submit]").click()
    page.wait_for_url(address)


def begin(page: Page, visit: Visit) -> None:
    sign_in(page, visit, visit.sheet)
    expect(page.locator("#sheet[data-ready]")).to_have_count(1)


def cell(page: Page, name: str, at: int) -> None:
    page.locator(f"[data-field={name}] label.cell").nth(at).click()


def half(page: Page) -> None:
    """Where, how hard, three of the domains, the first text."""
    cell(page, "setting", 0)
    cell(page, "difficulty", 1)
    for at in range(3):
        page.locator("fieldset[data-item]").nth(at).locator("label.cell").nth(1).click()
    page.locator("[data-field=good]").fill("问诊有条理，先听后问")


def rest(page: Page) -> None:
    """The other domains, the level, the texts, the minutes."""
    items = page.locator("fieldset[data-item]")
    for at in range(3, items.count()):
        items.nth(at).locator("label.cell").nth(1).click()
    cell(page, "rating", 2)
    page.locator("[data-field=improve]").fill("查体前先告知")
    page.locator("[data-field=action]").fill("两周内再看一例")
    page.locator("[data-field=observe_minutes]").fill("15")
    page.locator("[data-field=feedback_minutes]").fill("10")


def wait_for_line(page: Page, state: str) -> None:
    expect(page.locator(f"#sheet-line[data-state={state}]")).to_have_count(1, timeout=SOON)


def rows(live: Live) -> list[tuple[str, int, str]]:
    query = sa.select(WorkplaceAssessment.good, WorkplaceAssessment.level, WorkplaceAssessment.action)
    with live.engine().connect() as connection:
        return [tuple(row) for row in connection.execute(query)]  # type: ignore[misc]


@pytest.mark.browser
def test_a_visit_without_a_server_is_one_record(live: Live, browser: Browser) -> None:
    web = live.web()
    visit = visit_to(live)
    page = phone(browser)
    begin(page, visit)
    submit = page.locator("[data-part=submit]")
    expect(submit).to_be_disabled()
    half(page)
    live.kill(web, signal.SIGTERM)
    page.locator("[data-field=about]").fill("老年男性，头晕三天")
    expect(page.locator("#sheet-line")).to_contain_text("本机")

    web = live.web()
    page.reload()
    expect(page.locator("#sheet[data-ready]")).to_have_count(1)
    expect(page.locator("[data-field=good]")).to_have_value("问诊有条理，先听后问")
    expect(page.locator("[data-field=about]")).to_have_value("老年男性，头晕三天")
    assert page.locator("fieldset[data-item] input:checked").count() == 3

    live.kill(web, signal.SIGTERM)
    rest(page)
    expect(submit).to_be_enabled()
    submit.click()
    expect(page.locator("[data-part=handed]")).to_be_visible()
    expect(page.locator("#sheet-line")).to_contain_text("没有网络", timeout=SOON)
    assert rows(live) == []

    live.web()
    wait_for_line(page, "saved")
    expect(page.locator("[data-part=done]")).to_be_visible()
    assert rows(live) == [("问诊有条理，先听后问", 3, "两周内再看一例")]
    page.locator("[data-part=open]").click()
    expect(page.locator("h1")).to_contain_text("王小明")
    page.goto(f"{live.address}/workplace/assessing")
    expect(page.locator("section[data-handed]")).to_be_hidden()
    assert len(rows(live)) == 1


@pytest.mark.browser
def test_what_is_left_on_the_device_is_sent_from_the_list(live: Live, browser: Browser) -> None:
    web = live.web()
    visit = visit_to(live)
    page = phone(browser)
    begin(page, visit)
    half(page)
    rest(page)
    live.kill(web, signal.SIGTERM)
    page.locator("[data-part=submit]").click()
    expect(page.locator("[data-part=handed]")).to_be_visible()
    page.goto("about:blank")
    live.web()
    assert rows(live) == []
    page.goto(f"{live.address}/workplace/assessing")
    expect(page.locator("section[data-handed] .row-item")).to_contain_text("已送达", timeout=SOON)
    assert len(rows(live)) == 1


@pytest.mark.browser
def test_what_the_centre_does_not_take_is_a_draft_again(live: Live, browser: Browser) -> None:
    live.web()
    visit = visit_to(live)
    page = phone(browser)
    begin(page, visit)
    half(page)
    rest(page)
    told = page.locator(".field:has([data-field=improve]) .sheet-telling")
    page.locator("[data-field=improve]").fill("患者电话 138 1234 5678")
    expect(told).to_be_visible()
    page.locator("[data-field=improve]").fill("患者王建国，查体前先告知")
    expect(told).to_be_hidden()
    page.locator("[data-part=submit]").click()
    expect(page.locator("[data-part=note]")).to_contain_text("王建国", timeout=SOON)
    assert rows(live) == []
    page.reload()
    expect(page.locator("[data-part=note]")).to_contain_text("王建国")
    page.locator("[data-field=improve]").fill("查体前先告知")
    page.locator("[data-part=submit]").click()
    wait_for_line(page, "saved")
    assert len(rows(live)) == 1


@pytest.mark.browser
def test_a_request_that_went_to_somebody_else_loses_nothing_and_a_draft_can_be_discarded(
    live: Live, browser: Browser
) -> None:
    live.web()
    visit = visit_to(live)
    page = phone(browser)
    begin(page, visit)
    half(page)
    rest(page)
    with orm.Session(live.engine()) as session:
        act_as(session, Actor.job("test"))
        session.execute(sa.update(WorkplaceRequest).values(assessor_id=live.world.b.examiner))
        session.commit()
    page.locator("[data-part=submit]").click()
    expect(page.locator("[data-part=note]")).to_be_visible(timeout=SOON)
    expect(page.locator("[data-field=good]")).to_have_value("问诊有条理，先听后问")
    page.locator("details.sheet-discard summary").click()
    page.locator("[data-part=discard]").click()
    expect(page.locator("[data-field=good]")).to_have_value("")
    assert rows(live) == []
