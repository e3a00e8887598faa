"""Signing out on a device that holds work which never reached the centre: it is said first, and may be kept."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, Route, expect

from lms import passwords
from lms.people.models import Person, SignIn
from tests import browser as chrome
from tests.databases import Live

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]
PASSWORD = "瑞雪兆丰年 2026"
#: What a tablet keeps of a station, and a phone of an exam, as their own scripts lay it down.
KEEP = """([name, store, rows]) => new Promise((done, wrong) => {
    const asked = indexedDB.open(name, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(store, { keyPath: "id" });
    asked.onerror = wrong;
    asked.onsuccess = () => {
        const writing = asked.result.transaction(store, "readwrite");
        for (let id = 0; id < rows; id += 1) writing.objectStore(store).put({ id });
        writing.oncomplete = () => { asked.result.close(); done(); };
    };
})"""
NAMES = "async () => (await indexedDB.databases()).map((one) => one.name).sort()"


@pytest.fixture
def page(live: Live) -> Iterator[Page]:
    """A tablet, in Chinese, signed in."""
    with live.engine().begin() as connection:
        connection.execute(sa.update(Person).values(password_hash=passwords.protect(PASSWORD)))
    live.web()
    with chrome.opened() as browser:
        page = browser.new_context(locale="zh-CN", viewport={"width": 820, "height": 1180}).new_page()
        page.goto(f"http://127.0.0.1:{live.port}/sign-in")
        page.get_by_label("账号").fill("a-examiner")
        page.get_by_label("密码").fill(PASSWORD)
        page.get_by_role("button", name="登录", exact=True).click()
        expect(page.locator("details.menu summary")).to_be_visible()  # what a page is told before is lost with it
        yield page


def signed_in(live: Live) -> int:
    with live.engine().connect() as connection:
        query = sa.select(sa.func.count()).select_from(SignIn).where(SignIn.ended_at.is_(None))
        return connection.scalar(query) or 0


def sign_out(page: Page) -> None:
    page.locator("details.menu summary").click()
    page.get_by_role("button", name="退出登录", exact=True).click()


def test_what_is_unsent_is_said_before_it_is_lost(live: Live, page: Page) -> None:
    page.evaluate(KEEP, ["osce-7", "sheets", 2])
    page.evaluate(KEEP, ["exam-7", "outbox", 3])
    page.evaluate(KEEP, ["other", "outbox", 9])
    page.evaluate(KEEP, ["learning-7", "outbox", 4])
    sign_out(page)
    box = page.get_by_role("dialog", name="还有内容没有传到中心")
    expect(box.get_by_role("listitem")).to_have_text(["课文学习记录: 4", "考试答案: 3", "考站评分表: 2"])
    box.get_by_role("button", name="保持登录").click()
    expect(box).to_be_hidden()
    assert signed_in(live) == 1
    assert page.evaluate(NAMES) == ["exam-7", "learning-7", "osce-7", "other"]

    page.get_by_role("button", name="退出登录", exact=True).click()
    box.get_by_role("button", name="退出并丢弃").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("登录")
    assert signed_in(live) == 0
    assert page.evaluate(NAMES) == []
    assert page.evaluate("localStorage.length") == 0


def test_who_presses_before_the_page_can_count_is_told_all_the_same(live: Live, page: Page) -> None:
    """On a slow line what counts comes after the button."""
    late: list[Route] = []

    def hold(route: Route) -> None:
        late.append(route)

    page.evaluate(KEEP, ["exam-7", "outbox", 3])
    page.route("**/leaving*.js*", hold)
    with page.expect_request("**/leaving*.js*"):
        page.reload()
    sign_out(page)
    late[0].continue_()
    box = page.get_by_role("dialog", name="还有内容没有传到中心")
    expect(box.get_by_role("listitem")).to_have_text(["考试答案: 3"])
    assert signed_in(live) == 1


def test_where_nothing_waits_one_leaves_at_once(live: Live, page: Page) -> None:
    page.evaluate(KEEP, ["osce-7", "sheets", 0])
    sign_out(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("登录")
    assert signed_in(live) == 0
