"""Courses taken along: read with the server stopped, for their owner alone, gone when they sign out."""

import signal
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, BrowserContext, Page, expect

from lms import passwords
from lms.people.models import Person
from tests import browser as chrome
from tests.databases import Live, Started
from tests.factories import packs, sounds
from tests.waiting import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]
PASSWORD = "瑞雪兆丰年 2026"
COURSE = "/courses/hypertension"
SOON = 30_000
NAMES = "async () => (await indexedDB.databases()).map((one) => one.name).sort()"


def county(live: Live, pack: Path) -> Live:
    """A county with a pack, whose doctors have a password."""
    done = live.flask("content", "load", str(pack))
    assert done.returncode == 0, done.stderr
    with live.engine().begin() as connection:
        connection.execute(sa.update(Person).values(password_hash=passwords.protect(PASSWORD)))
    return live


@pytest.fixture
def site(live: Live, tmp_path: Path) -> Live:
    """A county with the small pack."""
    return county(live, packs.write(tmp_path / "pack"))


@pytest.fixture
def browser() -> Iterator[Browser]:
    """A browser for one test: what needs the database is made before it is open."""
    with chrome.opened() as opened:
        yield opened


@pytest.fixture
def web(site: Live) -> Started:
    """Its web server."""
    return site.web()


def phone(browser: Browser) -> BrowserContext:
    return browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN", has_touch=True)


def sign_in(site: Live, page: Page, account: str) -> None:
    page.goto(f"{site.address}/sign-in?again=1")
    page.locator("#account").fill(account)
    page.locator("#password").fill(PASSWORD)
    page.locator("main form button[type=submit]").click()
    page.wait_for_url(f"{site.address}/")


def take_along(site: Live, page: Page) -> None:
    """Begin the course and download it."""
    page.goto(site.address + COURSE)
    page.locator(f"form[action='{COURSE}/join'] button").click()
    page.wait_for_url("**/lessons/measure")
    page.goto(site.address + COURSE)
    expect(page.locator("[data-act=download]")).to_contain_text("kB")
    page.locator("[data-act=download]").click()
    expect(page.locator("[data-module][data-state]")).to_have_attribute("data-state", "here", timeout=SOON)
    expect(page.locator("html")).to_have_attribute("data-offline", "ready", timeout=SOON)


def rows(site: Live, statement: str) -> list[tuple[object, ...]]:
    with site.engine().connect() as connection:
        return [tuple(row) for row in connection.execute(sa.text(statement))]


def answer(page: Page, question: int, *labels: str) -> None:
    frame = page.locator(f"#question-{question}")
    for label in labels:
        frame.get_by_label(label).check()
    frame.get_by_role("button", name="看看对不对").click()


def learn(page: Page) -> None:
    """Read to the end, answer all right."""
    answer(page, 0, "坐下休息")
    answer(page, 1, "露出上臂", "背靠椅背")
    page.locator("[data-end]").scroll_into_view_if_needed()
    expect(page.locator("[data-want=check] [data-met]")).to_be_visible()
    expect(page.locator("[data-want=read] [data-met]")).to_be_visible()


def test_a_course_is_read_with_the_server_stopped_and_told_when_it_is_back(
    site: Live, web: Started, browser: Browser
) -> None:
    page = phone(browser).new_page()
    sign_in(site, page, "a-doctor")
    take_along(site, page)
    wait_until(lambda: rows(site, "SELECT 1 FROM lesson_event WHERE kind = 'downloaded'"))
    site.kill(web, signal.SIGTERM)

    page.goto(site.address + "/")
    expect(page.locator("h1")).to_have_text("已下载的课程")
    page.get_by_role("link", name="高血压入门").click()
    expect(page.locator(".row-item")).to_have_count(2)
    page.get_by_role("link", name="量准血压").click()
    expect(page.locator("h1")).to_have_text("量准血压")
    picture = page.locator(".lesson-picture img")
    assert wait_until(lambda: picture.evaluate("(one) => one.complete && one.naturalWidth")) == 9
    learn(page)
    expect(page.locator("[data-kept]").first).to_have_attribute("data-state", "waiting")
    expect(page.locator("[data-later]")).to_be_visible()
    assert rows(site, "SELECT 1 FROM lesson_event WHERE kind = 'self_check'") == []
    page.get_by_role("link", name="课文").first.click()
    expect(page.locator(".row-item").first).to_contain_text("待上传")
    page.goto(f"{site.address}/courses/unknown")
    expect(page.locator("[data-why=page]")).to_be_visible()

    site.web()
    page.goto(site.address + COURSE)
    expect(page.locator("h1")).to_have_text("高血压入门")
    wait_until(lambda: len(rows(site, "SELECT 1 FROM lesson_event WHERE kind = 'self_check'")) == 2)
    wait_until(lambda: rows(site, "SELECT 1 FROM lesson_event WHERE kind = 'finished'"))


def test_another_person_on_the_device_sees_nothing_of_it(site: Live, web: Started, browser: Browser) -> None:
    """Whoever signed in last is at work; the first one's is there again when they are back."""
    context = phone(browser)
    page = context.new_page()
    sign_in(site, page, "a-doctor")
    take_along(site, page)
    site.kill(web, signal.SIGTERM)
    page.goto(f"{site.address}{COURSE}/lessons/measure")
    answer(page, 0, "坐下休息")
    expect(page.locator("[data-kept]").first).to_have_attribute("data-state", "waiting")
    context.clear_cookies(name="session_id")
    web = site.web()

    sign_in(site, page, "a-doctor2")
    expect(page.locator("html")).to_have_attribute("data-offline", "ready", timeout=SOON)
    site.kill(web, signal.SIGTERM)
    for path in ("/", COURSE, f"{COURSE}/lessons/measure"):
        page.goto(site.address + path)
        expect(page.locator("[data-part=none]")).to_be_visible()
        assert "血压" not in page.locator("body").inner_text()
    assert rows(site, "SELECT 1 FROM lesson_event WHERE kind = 'self_check'") == []

    web = site.web()
    sign_in(site, page, "a-doctor")
    wait_until(lambda: rows(site, "SELECT 1 FROM lesson_event WHERE kind = 'self_check'"))
    whose = rows(site, "SELECT DISTINCT person_id FROM lesson_event")
    assert whose == [(site.world.a.doctor,)]
    site.kill(web, signal.SIGTERM)
    page.goto(site.address + COURSE)
    expect(page.locator(".row-item")).to_have_count(2)


def test_signing_out_says_what_is_unsent_and_leaves_nothing(site: Live, web: Started, browser: Browser) -> None:
    page = phone(browser).new_page()
    sign_in(site, page, "a-doctor")
    take_along(site, page)
    site.kill(web, signal.SIGTERM)
    page.goto(f"{site.address}{COURSE}/lessons/measure")
    answer(page, 0, "坐下休息")
    expect(page.locator("[data-kept]").first).to_have_attribute("data-state", "waiting")
    web = site.web()
    # A page that sends nothing by itself, so that something is unsent still.
    page.goto(f"{site.address}/hours")
    page.locator("details.menu summary").click()
    page.get_by_role("button", name="退出登录", exact=True).click()
    box = page.get_by_role("dialog", name="还有内容没有传到中心")
    expect(box.get_by_role("listitem").first).to_contain_text("课文学习记录")
    box.get_by_role("button", name="退出并丢弃").click()
    expect(page.locator("h1")).to_have_text("登录")
    assert page.evaluate(NAMES) == []
    assert page.evaluate("async () => (await caches.keys()).length") == 0
    assert "learner" not in page.evaluate("document.cookie")


def pass_by(site: Live, device: BrowserContext, minutes: int) -> None:
    """Time goes by: on the phone, and at the centre, where all that was heard is now so much older."""
    device.clock.fast_forward(minutes * 60_000)
    with site.engine().begin() as connection:
        gone = {"gone": timedelta(minutes=minutes)}
        connection.execute(sa.text("UPDATE lesson_event SET received_at = received_at - :gone"), gone)


def go_on_at_the_desk(site: Live, screen: Page, pocket: BrowserContext) -> None:
    """The other answer of the second lesson, and its end: what the phone holds is still missing."""
    sign_in(site, screen, "a-village")
    screen.goto(f"{site.address}{COURSE}/lessons/diagnose")
    expect(screen.locator("[data-kept]").first).to_have_attribute("data-state", "saved")
    pass_by(site, pocket, 20)
    answer(screen, 1, "露出上臂", "背靠椅背")
    screen.locator("[data-end]").scroll_into_view_if_needed()
    expect(screen.locator("[data-want=read] [data-met]")).to_be_visible()
    expect(screen.locator("[data-kept]").first).to_have_attribute("data-state", "saved")
    assert rows(site, "SELECT 1 FROM lesson_completion") == []


def test_a_village_doctor_finishes_a_course_partly_offline_on_two_devices(
    site: Live, web: Started, browser: Browser
) -> None:
    """Nine minutes of one lesson without network, six of the other on both devices: fifteen, each once."""
    pocket, desk = phone(browser), browser.new_context(viewport={"width": 820, "height": 1180}, locale="zh-CN")
    pocket.clock.install()
    page = pocket.new_page()
    sign_in(site, page, "a-village")
    take_along(site, page)
    wait_until(lambda: len(rows(site, "SELECT 1 FROM lesson_event WHERE kind = 'downloaded'")) == 2)
    site.kill(web, signal.SIGTERM)

    # On the way, without network: one lesson whole, of the other one answer.
    page.goto(f"{site.address}{COURSE}/lessons/measure")
    expect(page.locator("h1")).to_have_text("量准血压")
    pass_by(site, pocket, 20)
    learn(page)
    expect(page.locator("[data-later]")).to_be_visible()
    page.goto(f"{site.address}{COURSE}/lessons/diagnose")
    answer(page, 0, "坐下休息")
    expect(page.locator("[data-want=check] [data-met]")).to_be_hidden()
    expect(page.locator("[data-kept]").first).to_have_attribute("data-state", "waiting")
    page.goto("about:blank")
    assert rows(site, "SELECT 1 FROM lesson_completion") == []

    # At the desk, with network: the other answer, and the end of it.
    site.web()
    screen = desk.new_page()
    go_on_at_the_desk(site, screen, pocket)

    # The phone has network again: what it holds completes both.
    page.goto(f"{site.address}/courses")
    wait_until(lambda: len(rows(site, "SELECT 1 FROM lesson_completion")) == 2)
    learned = rows(
        site, "SELECT l.code, c.minutes FROM lesson_completion c JOIN lesson l ON l.id = c.lesson_id ORDER BY 1"
    )
    assert learned == [("diagnose", 6), ("measure", 9)]
    assert len(rows(site, "SELECT 1 FROM course_completion")) == 1
    site.worker()
    wait_until(lambda: len(rows(site, "SELECT 1 FROM hours_entry")) == 2)
    screen.reload()
    expect(screen.locator("[data-complete]")).to_be_visible()
    page.goto(site.address + COURSE)
    assert rows(site, "SELECT kind, minutes FROM hours_entry ORDER BY minutes") == [("theory", 6), ("theory", 9)]


def test_a_sound_is_played_without_network_and_told_later(live: Live, tmp_path: Path, browser: Browser) -> None:
    words = packs.LESSON.format(
        code="measure", zh="听柯氏音", en="Listen", minutes=3, attachments="short.wav", body="先听后答。"
    )
    folder = packs.write(tmp_path / "pack", {"courses/hypertension/lessons/01-measure.md": words})
    (folder / "courses/hypertension/attachments/short.wav").write_bytes(sounds.tone(4))
    site = county(live, folder)
    web = site.web()
    page = phone(browser).new_page()
    sign_in(site, page, "a-doctor")
    take_along(site, page)
    site.kill(web, signal.SIGTERM)
    page.goto(f"{site.address}{COURSE}/lessons/measure")
    expect(page.locator(".lesson[data-ready]")).to_be_attached()
    page.locator("h1").click()  # a film plays only for somebody who is there
    sound = page.locator("audio")
    assert str(sound.evaluate("(one) => one.currentSrc || one.src")).startswith("blob:")
    sound.evaluate("(one) => one.play()")
    expect(page.locator("[data-want^=watched] [data-met]")).to_be_visible()
    assert rows(site, "SELECT 1 FROM watched_piece") == []
    site.web()
    page.goto(f"{site.address}/courses")
    wait_until(lambda: rows(site, "SELECT 1 FROM watched_piece"))
    played = rows(site, "SELECT sum(stop_ms - start_ms), bool_and(verdict = 'counts') FROM watched_piece")
    assert int(str(played[0][0])) >= 3600
    assert played[0][1] is True


def test_a_course_is_removed_from_the_device(site: Live, web: Started, browser: Browser) -> None:
    page = phone(browser).new_page()
    sign_in(site, page, "a-doctor")
    take_along(site, page)
    page.locator("[data-act=remove]").click()
    expect(page.locator("[data-act=download]")).to_be_visible()
    site.kill(web, signal.SIGTERM)
    page.goto(site.address + COURSE)
    expect(page.locator("[data-part=none]")).to_be_visible()
