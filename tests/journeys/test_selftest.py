"""A doctor practises on a phone: the network goes in the middle, and what is right comes with it."""

import signal
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import orm

from assessments.results.models import Result
from assessments.selftest.models import SelfTestAnswer, SelfTestCard
from lms.authz import Actor
from lms.db import act_as
from tests import browser as chrome
from tests.databases import Live
from tests.factories.exams import question
from tests.factories.osce_live import PASSWORD, give_password
from tests.waiting import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]
PHONE = {"width": 390, "height": 844}
SOON = 30_000
WHY = "因为指南这样写。"
HELD = """async () => {
    const names = (await indexedDB.databases()).map((one) => one.name).filter((one) => one.startsWith("selftest-"));
    const asked = (request) => new Promise((done) => { request.onsuccess = () => done(request.result); });
    let count = 0;
    for (const name of names) {
        const database = await asked(indexedDB.open(name));
        count += await asked(database.transaction("outbox").objectStore("outbox").count());
        database.close();
    }
    return count;
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser for this module."""
    with chrome.opened() as opened:
        yield opened


@pytest.fixture
def accounts(live: Live) -> tuple[str, str]:
    """Two doctors of county A, and five questions for practice, of which A is right."""
    with orm.Session(live.engine()) as session:
        act_as(session, Actor.job("test"))
        for number in range(1, 6):
            question(session, f"q-{number}", bank="practice", use="practice")
        made = tuple(give_password(session, who) for who in (live.world.a.doctor, live.world.a.second_doctor))
        session.commit()
    return made  # type: ignore[return-value]


def phone(browser: Browser) -> Page:
    context = browser.new_context(viewport=PHONE, locale="zh-CN", has_touch=True, is_mobile=True)  # type: ignore[arg-type]
    return context.new_page()


def sign_in(page: Page, live: Live, account: str) -> None:
    page.goto(f"{live.address}/selftest")
    page.locator("#account").fill(account)
    page.locator("#password").fill(PASSWORD)
    page.locator("form button[type=submit]").click()
    page.wait_for_url(f"{live.address}/selftest")


def begin(page: Page) -> None:
    page.get_by_role("button", name="开始练习").click()
    page.wait_for_url("**/selftest/tests/*")
    expect(page.locator("#selftest[data-ready]")).to_be_attached(timeout=SOON)


def at_hand(page: Page) -> Any:
    return page.locator(".question:visible")


def answer(page: Page, option: str) -> None:
    at_hand(page).locator(f".choice:has(input[value={option}]) label").click()
    at_hand(page).get_by_role("button", name="提交").click()


def go_on(page: Page) -> None:
    at_hand(page).get_by_role("button", name="继续").click()


def kept(live: Live) -> list[tuple[Any, ...]]:
    with live.engine().connect() as connection:
        query = sa.select(SelfTestAnswer.answer, SelfTestAnswer.earned, SelfTestAnswer.felt)
        return [tuple(row) for row in connection.execute(query.order_by(SelfTestAnswer.answered_at))]


def count(live: Live, model: Any) -> int:
    with live.engine().connect() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(model.__table__)) or 0


def answer_three_on_the_phone(page: Page) -> None:
    """While the server is away: nothing is judged, everything is kept."""
    answer(page, "B")
    expect(page.locator("#selftest-line")).to_contain_text("1 题仅在本机", timeout=SOON)
    go_on(page)
    at_hand(page).locator("label", has_text="容易").click()
    answer(page, "A")
    expect(page.locator("#selftest-line")).to_contain_text("2 题仅在本机", timeout=SOON)
    assert page.content().count(WHY) == 2, "no key before the answer is with the centre"
    go_on(page)
    answer(page, "A")
    go_on(page)
    expect(page.locator(".selftest-waiting")).to_be_visible()


def test_a_self_test_with_the_server_away_in_the_middle(
    live: Live, accounts: tuple[str, str], browser: Browser
) -> None:
    web = live.web()
    page = phone(browser)
    sign_in(page, live, accounts[0])
    expect(page.locator("main")).to_contain_text("没做过")
    begin(page)
    expect(at_hand(page)).to_have_count(1)
    assert at_hand(page).locator(".choice").first.bounding_box()["height"] >= 44
    expect(at_hand(page).get_by_role("button", name="提交")).to_be_disabled()
    assert WHY not in page.content()

    answer(page, "A")
    expect(at_hand(page).locator(".selftest-verdict")).to_contain_text("正确", timeout=SOON)
    expect(at_hand(page)).to_contain_text(WHY, timeout=SOON)
    go_on(page)
    at_hand(page).get_by_role("button", name="不会，看答案").click()
    expect(at_hand(page).locator(".selftest-verdict")).to_contain_text("错误", timeout=SOON)
    go_on(page)

    live.kill(web, signal.SIGTERM)
    answer_three_on_the_phone(page)
    assert page.evaluate(HELD) == 3
    assert len(kept(live)) == 2

    live.web()
    expect(at_hand(page).locator(".selftest-verdict")).to_contain_text("错误", timeout=SOON)
    for verdict in ("正确", "正确"):
        go_on(page)
        expect(at_hand(page).locator(".selftest-verdict")).to_contain_text(verdict, timeout=SOON)
    go_on(page)
    page.wait_for_url("**/summary")
    expect(page.locator(".progress-figures")).to_contain_text("3 / 5")
    expect(page.locator("main")).to_contain_text("今天的练完了")
    assert page.evaluate(HELD) == 0
    assert kept(live) == [
        (["A"], 1, "fair"),
        ([], 0, "fair"),
        (["B"], 0, "fair"),
        (["A"], 1, "easy"),
        (["A"], 1, "fair"),
    ]
    assert (count(live, SelfTestCard), count(live, Result)) == (5, 0)


def test_what_was_left_unsent_is_sent_from_the_first_page_and_named_before_signing_out(
    live: Live, accounts: tuple[str, str], browser: Browser
) -> None:
    web = live.web()
    page = phone(browser)
    sign_in(page, live, accounts[0])
    begin(page)
    address = page.url
    live.kill(web, signal.SIGTERM)
    answer(page, "A")
    expect(page.locator("#selftest-line")).to_contain_text("1 题仅在本机", timeout=SOON)
    page.close()
    web = live.web()
    page = page.context.new_page()
    page.goto(f"{live.address}/selftest")
    expect(page.locator(".selftest-leftover")).to_be_hidden(timeout=SOON)
    wait_until(lambda: len(kept(live)) == 1)

    page.goto(address)
    expect(page.locator("#selftest[data-ready]")).to_be_attached(timeout=SOON)
    expect(page.locator("#selftest-count")).to_have_text("1 / 5")
    page.goto(f"{live.address}/")
    page.evaluate(
        """async (name) => {
        const asked = indexedDB.open(name);
        const database = await new Promise((done) => { asked.onsuccess = () => done(asked.result); });
        const writing = database.transaction("outbox", "readwrite");
        writing.objectStore("outbox").put({ id: "x", order: 1, address: "/nowhere", item: 1, answer: [], at: 1 });
        await new Promise((done) => { writing.oncomplete = done; });
        database.close();
    }""",
        f"selftest-{live.world.a.doctor}",
    )
    page.locator("details.menu summary").click()
    page.get_by_role("button", name="退出登录", exact=True).click()
    box = page.get_by_role("dialog", name="还有内容没有传到中心")
    expect(box.get_by_role("listitem")).to_have_text(["每日一练的答案: 1"])
    box.get_by_role("button", name="退出并丢弃").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("登录")
    sign_in(page, live, accounts[1])
    names = page.evaluate("async () => (await indexedDB.databases()).map((one) => one.name)")
    assert f"selftest-{live.world.a.doctor}" not in names
    expect(page.get_by_role("button", name="开始练习")).to_be_visible()
    assert page.goto(address).status == 404  # type: ignore[union-attr]
