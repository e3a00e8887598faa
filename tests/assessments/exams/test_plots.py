"""The analysis in a real browser: plots are drawn under the page's policy, lead to a question, and fit a phone."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests import browser as chrome
from tests.assessments.exams.test_analysis import marked
from tests.databases import Live
from tests.factories import exams as made
from tests.factories.exams import Office
from tests.factories.halls import Hall

SOON = 30_000
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser for this module."""
    with chrome.opened() as opened:
        yield opened


@pytest.mark.browser
def test_plots_are_drawn_and_lead_to_a_question(live: Live, browser: Browser) -> None:
    world, hall = live.world, Hall(live)
    officers = (world.a.exam_officer, world.people["exam_officer"])
    with hall.session() as session:
        made.bank(session)
        exam = marked(Office(hall.as_, session), officers, world, session, 70, wrong=2)
    token = hall.sign_in(officers[1])
    hall.close()
    live.web()
    context = browser.new_context(base_url=live.address, locale="zh-CN", viewport=PHONE)
    context.add_cookies([{"name": "session_id", "value": token, "url": live.address}])
    page, said = context.new_page(), list[str]()
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.goto(f"/exams/{exam}/analysis")
    for name in ("map", "options", "scores", "information"):
        frame = page.locator(f"#{name} .chart-figure")
        frame.scroll_into_view_if_needed()
        expect(frame).to_have_attribute("data-drawn", "yes", timeout=SOON)
    assert page.locator("#map .chart-canvas g.points path.point").count() == 6
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert len([text for text in said if "Content Security Policy" in text]) <= 1, said
    assert [text for text in said if "Content Security Policy" not in text] == []
    page.locator("#map tbody a").nth(4).click()
    page.wait_for_url("**#options")
    expect(page.locator("#options-title")).to_contain_text("5")
    context.close()
