"""A doctor sits an exam on a phone while the server goes away and comes back; then on a second device."""

import json

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from assessments.exams.models import AnswerEvent, AttemptClose, LateEvent
from tests.between import Asked, Between, Said, between
from tests.campaigns import saving
from tests.databases import Live
from tests.factories.halls import PASSWORD, Hall
from tests.waiting import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PHONE = {"width": 390, "height": 844}
SIGNED_OUT = "UPDATE sign_in SET ended_at = now(), ended_why = 'by_administrator'"
#: What happens when somebody comes back to the page: it asks at once how the attempt stands.
LOOK_AGAIN = "document.dispatchEvent(new Event('visibilitychange'))"


class Room:
    """The hall, its server, and the doctor's phone."""

    def __init__(self, live: Live) -> None:
        self.live = live
        self.doctor = live.world.a.doctor
        self.hall = Hall(live)
        self.exam_id = self.hall.exam(self.doctor)
        self.token = self.hall.sign_in(self.doctor)
        self.hall.close()

    def device(self, browser: Browser, **more: object) -> Page:
        context: BrowserContext = browser.new_context(viewport=PHONE, locale="zh-CN", has_touch=True, **more)  # type: ignore[arg-type]
        context.add_cookies([{"name": "session_id", "value": self.token, "url": self.live.address}])
        page = context.new_page()
        page.on("pageerror", lambda wrong: pytest.fail(f"the page's script failed: {wrong}"))
        return page

    def rows(self, table: type) -> list[sa.Row]:
        engine = self.live.engine()
        with engine.connect() as connection:
            found = connection.execute(sa.select(table.__table__)).all()
        engine.dispose()
        return list(found)

    def change(self, statement: str) -> None:
        """Something that happens at the centre meanwhile."""
        engine = self.live.engine()
        with engine.begin() as connection:
            connection.exec_driver_sql(statement)
        engine.dispose()

    def answers(self) -> dict[int, list[str]]:
        """The answer that counts for each item."""
        rows = sorted(self.rows(AnswerEvent), key=lambda row: (row.epoch, row.seq))
        return {row.item_id: row.answer for row in rows}


@pytest.fixture
def room(live: Live) -> Room:
    """Prepared before a browser is open: beside its event loop the database extension does not work."""
    return Room(live)


def begin(page: Page, room: Room) -> None:
    page.goto(f"{room.live.address}/my/exams")
    page.get_by_role("link", name="高血压理论考试").click()
    page.get_by_role("button", name="开始考试").click()
    expect(page.locator("#saved")).to_have_text("已全部保存到服务器")


def choose(page: Page, number: int, option: int) -> None:
    if not page.locator(f"[data-go='{number}']").is_visible():
        page.locator("#show-overview").click()
    page.locator(f"[data-go='{number}']").click()
    page.locator("section.question:visible .choice").nth(option).click()


def state(page: Page, number: int) -> str | None:
    return page.locator("section.question").nth(number).locator(".question-state").get_attribute("data-state")


def saved(page: Page) -> None:
    expect(page.locator("#saved")).to_have_text("已全部保存到服务器", timeout=60_000)


def test_an_exam_on_a_phone_with_the_server_stopped_and_started_twice_under_it(room: Room, browser: Browser) -> None:
    server = saving.serve(room.live)
    page = room.device(browser)
    begin(page, room)
    before = page.locator("main").bounding_box()
    choose(page, 0, 1)
    saved(page)
    assert state(page, 0) == "centre"

    saving.kill(server, room.live)
    choose(page, 1, 0)
    choose(page, 2, 0)
    expect(page.locator("#saved")).to_contain_text("2 个答案仅存本机")
    expect(page.locator("#saved")).to_contain_text("断网")
    assert (state(page, 0), state(page, 1), state(page, 3)) == ("centre", "device", "none")
    assert page.locator("main").bounding_box()["y"] == before["y"], "the page does not move when the network goes"  # type: ignore[index]
    assert page.locator("[role=timer]").is_visible()
    assert len(room.rows(AnswerEvent)) == 1

    server = saving.serve(room.live)
    saved(page)
    assert [state(page, n) for n in range(3)] == ["centre"] * 3
    assert len(room.rows(AnswerEvent)) == 3

    saving.kill(server, room.live)
    choose(page, 3, 2)
    expect(page.locator("#saved")).to_contain_text("1 个答案仅存本机")
    server = saving.serve(room.live)
    page.reload()
    saved(page)
    assert state(page, 3) == "centre", "what only the device held survives a reload"
    assert page.locator("section.question").nth(3).locator("input:checked").count() == 1

    hand_in(page)
    expect(page.get_by_text("考试已结束，答案已存入服务器。")).to_be_visible(timeout=20_000)
    assert [row.ending for row in room.rows(AttemptClose)] == ["handed_in"]
    assert len(room.answers()) == 4
    assert room.rows(LateEvent) == []


def hand_in(page: Page) -> None:
    if not page.locator("#hand-in").is_visible():
        page.locator("#show-overview").click()
    page.locator("#hand-in").click()
    expect(page.locator("#hand-in-unanswered")).to_contain_text("未作答：5、6")
    page.locator("#hand-in-yes").click()


def test_a_second_device_takes_over_and_the_first_becomes_read_only(room: Room, browser: Browser) -> None:
    with between(room.live, "--threads", "8") as way:
        first, second = room.device(browser), room.device(browser)
        take_over(room, way, first, second)
        first.context.close()
        second.context.close()


def beat_of_the_first(asked: Asked) -> Said | None:
    """What a device asks from time to time does not get through from the one that wrote first."""
    its = asked.path.endswith("/beat") and json.loads(asked.body)["epoch"] == 1
    return Said(b"<h1>WLAN</h1>") if its else None


def take_over(room: Room, way: Between, first: Page, second: Page) -> None:
    begin(first, room)
    choose(first, 0, 1)
    saved(first)
    way.meets = beat_of_the_first
    second.goto(first.url)
    expect(second.locator("#take-sheet")).to_be_visible()
    assert second.locator("section.question input:enabled").count() == 0
    second.locator("#take-yes").click()
    expect(second.locator("section.question:visible input").first).to_be_enabled()
    assert second.locator("section.question").first.locator("input:checked").count() == 1
    choose(second, 1, 0)
    saved(second)
    # the first device does not know yet: what it sends is kept aside, and it is told
    choose(first, 1, 2)
    expect(first.locator("#line")).to_contain_text("此处只能查看")
    way.clear()
    assert first.locator("section.question input:enabled").count() == 0
    assert len(room.rows(AnswerEvent)) == 2
    assert [row.why for row in room.rows(LateEvent)] == ["epoch"]
    # and it can take over again
    first.locator("#line button").click()
    first.locator("#take-yes").click()
    expect(first.locator("section.question:visible input").first).to_be_enabled()
    choose(first, 2, 0)
    saved(first)
    assert len(room.answers()) == 3


def test_a_pause_covers_the_page_and_gives_the_time_back(room: Room, browser: Browser) -> None:
    saving.serve(room.live)
    page = room.device(browser)
    begin(page, room)
    room.change("UPDATE exam_attempt SET paused_at = clock_timestamp()")
    choose(page, 0, 1)  # typed before the page has heard of it: it still arrives
    expect(page.locator("#line")).to_contain_text("考试已暂停")
    expect(page.locator("section.question").first).to_be_hidden()
    assert page.locator("section.question input:enabled").count() == 0
    saved(page)
    left = page.locator("#time-left").inner_text()
    page.reload()
    expect(page.locator("#line")).to_contain_text("考试已暂停")
    assert page.locator("#time-left").inner_text() == left, "the clock stands still"
    going_on = "deadline = deadline + (clock_timestamp() - paused_at), paused_at = NULL"
    room.change(f"UPDATE exam_attempt SET {going_on}")
    expect(page.locator("#line")).to_be_hidden()
    choose(page, 1, 0)
    saved(page)
    assert len(room.rows(AnswerEvent)) == 2
    assert room.rows(LateEvent) == []


def test_a_copied_tab_does_not_write_beside_the_first(room: Room, browser: Browser) -> None:
    saving.serve(room.live)
    page = room.device(browser)
    begin(page, room)
    choose(page, 0, 1)
    saved(page)
    with page.context.expect_page() as opened:
        page.evaluate("open(location.href)")
    copied = opened.value
    expect(copied.locator("#take-sheet")).to_be_visible()
    copied.locator("#take-yes").click()
    expect(copied.locator("section.question:visible input").first).to_be_enabled()
    expect(page.locator("#line")).to_contain_text("此处只能查看")


def test_a_forged_answer_of_a_captive_portal_is_not_believed(room: Room, browser: Browser) -> None:
    said: list[str] = []

    def forging(asked: Asked) -> Said | None:
        if not asked.path.endswith("/answers"):
            return None
        said.append("forged")
        event = json.loads(asked.body)["events"][0]["id"]
        forged = {"held": [event], "late": [], "epoch": 1, "closed": False, "remaining": 1, "proof": "0" * 64}
        return Said(json.dumps(forged).encode(), "application/json")

    def portal(asked: Asked) -> Said | None:
        if not asked.path.endswith("/answers"):
            return None
        said.append("page")
        return Said(b"<h1>WLAN</h1>")

    with between(room.live, "--threads", "8") as way:
        page = room.device(browser)
        begin(page, room)
        way.meets = forging
        choose(page, 0, 1)
        expect(page.locator("#saved")).to_contain_text("1 个答案仅存本机")
        wait_until(lambda: said.count("forged") >= 2)  # the one before was heard out
        assert state(page, 0) == "device"
        way.meets = portal
        wait_until(lambda: said.count("page") >= 2)
        assert state(page, 0) == "device"
        way.clear()
        saved(page)
        assert len(room.rows(AnswerEvent)) == 1
        page.context.close()


def test_signed_out_in_the_middle_and_in_again_in_place(room: Room, browser: Browser) -> None:
    saving.serve(room.live)
    page = room.device(browser)
    begin(page, room)
    choose(page, 1, 0)
    saved(page)
    room.change(SIGNED_OUT)
    choose(page, 0, 1)
    dialog = page.locator("dialog.sign-in-again")
    expect(dialog).to_be_visible()
    assert state(page, 0) == "device"
    sign_in_again(dialog)
    saved(page)
    assert len(room.rows(AnswerEvent)) == 2


def sign_in_again(dialog: Locator) -> None:
    expect(dialog).to_be_visible()
    dialog.locator("[name=account]").fill("a-doctor")  # an ended session does not say whose it was
    dialog.locator("[name=password]").fill(PASSWORD)
    dialog.get_by_role("button", name="登录").click()
    expect(dialog).to_be_hidden()


def test_handed_in_while_signed_out_is_handed_in_however_long_signing_in_takes(room: Room, browser: Browser) -> None:
    saving.serve(room.live)
    page = room.device(browser)
    begin(page, room)
    choose(page, 0, 1)
    saved(page)
    room.change(SIGNED_OUT)
    page.locator("#show-overview").click()
    page.locator("#hand-in").click()
    page.locator("#hand-in-yes").click()
    dialog = page.locator("dialog.sign-in-again")
    expect(dialog).to_be_visible()
    with page.expect_response("**/beat") as beat:  # while one looks for the password
        page.evaluate(LOOK_AGAIN)
    assert beat.value.status == 401
    sign_in_again(dialog)
    expect(page.get_by_text("考试已结束，答案已存入服务器。")).to_be_visible()
    assert [row.ending for row in room.rows(AttemptClose)] == ["handed_in"]


def test_the_time_runs_out_and_what_was_saved_counts(room: Room, browser: Browser) -> None:
    saving.serve(room.live)
    page = room.device(browser)
    begin(page, room)
    choose(page, 0, 1)
    saved(page)
    choose(page, 1, 0)
    saved(page)
    room.change("UPDATE exam_attempt SET deadline = clock_timestamp() + interval '2 seconds'")
    page.evaluate(LOOK_AGAIN)
    expect(page.get_by_text("考试已结束，答案已存入服务器。")).to_be_visible()
    assert len(room.answers()) == 2
    assert room.rows(LateEvent) == []
