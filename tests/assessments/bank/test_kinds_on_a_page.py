"""A question of every kind on a real page: answered by hand, by thumb and by keyboard, and shown again as it was."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import orm

from assessments.bank.rules.kinds import Kind
from lms.authz import Actor
from lms.db import act_as
from tests import browser as chrome
from tests.assessments.insight.test_browser import opened
from tests.databases import Live
from tests.factories import bank

PHONE = {"width": 390, "height": 844}
#: reads, fills and locks the question of one kind through the module that exams use
ASKED = """async (kind, act, answer) => {
  const beside = document.querySelector("[data-module*=preview]").dataset.module;
  const question = await import(new URL(beside.replace(/preview\\.js.*/, "question.js"), location));
  const section = document.querySelector(`[data-kind="${kind}"]`);
  if (act === "fill") question.fill(section, answer);
  if (act === "lock") question.readOnly(section, answer);
  return question.read(section);
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser for this module."""
    with chrome.opened() as opened_one:
        yield opened_one


def ask(page: Page, kind: str, act: str = "read", answer: Any = None) -> list[str]:
    said: list[str] = page.evaluate(f"([kind, act, answer]) => ({ASKED})(kind, act, answer)", [kind, act, answer])
    return said


def section(page: Page, kind: str) -> Locator:
    return page.locator(f'[data-kind="{kind}"]')


def kept(page: Page, kind: str, words: str) -> None:
    """What the page says it would keep: that `listen` told it."""
    expect(section(page, kind).locator("[data-answer]")).to_have_text(words)


def answer_all(page: Page) -> None:
    """The right answer to each, by tapping and typing."""
    section(page, "single").locator("label", has_text="选项B").click()
    for words in ("选项A", "选项C"):
        section(page, "multiple").locator("label", has_text=words).click()
    section(page, "true_false").locator("label", has_text="对").click()
    section(page, "matching").get_by_label("头一个人").select_option("C")
    kept(page, "matching", "1=C")
    section(page, "matching").get_by_label("第二个人").select_option("A")
    section(page, "short").get_by_label("作答内容").fill(" 氨氯地平 ")
    section(page, "numeric").get_by_label("数值").fill("135")
    kept(page, "numeric", "135")
    section(page, "numeric").get_by_label("单位").select_option("mmHg")


def put_in_order(page: Page) -> None:
    """By keyboard alone: the focus stays with the line that moves."""
    ordering = section(page, "ordering")
    assert ask(page, "ordering") == [], "the order shown first is nobody's answer"
    kept(page, "ordering", "未作答")
    third = ordering.get_by_role("button", name="上移：选项C")
    third.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(third).to_be_focused()
    expect(ordering.locator("[data-says]")).to_have_text("选项C：现为第 1 位")
    kept(page, "ordering", "C  A  B  D")
    ordering.get_by_role("button", name="上移：选项D").click()
    kept(page, "ordering", "C  A  D  B")
    ordering.get_by_role("button", name="重新排").click()
    kept(page, "ordering", "未作答")
    assert ask(page, "ordering") == []
    ordering.get_by_role("button", name="就按这个顺序作答").click()
    kept(page, "ordering", "A  B  C  D")


def mark_the_place(page: Page) -> None:
    """By thumb, then by the arrows, then taken away."""
    hotspot = section(page, "hotspot")
    picture = hotspot.locator("img")
    picture.scroll_into_view_if_needed()
    box = picture.bounding_box()
    assert box is not None
    assert 0 < box["width"] <= PHONE["width"]
    picture.tap(position={"x": box["width"] / 4, "y": box["height"] / 2})
    mark = hotspot.locator(".spot-mark")
    expect(mark).to_be_visible()
    ((spot,),) = [ask(page, "hotspot")]
    x, y = map(int, spot.split(","))
    assert abs(x - 250) <= 5
    assert abs(y - 500) <= 5
    drawn = hotspot.locator(".spot-mark circle").first.bounding_box()
    assert drawn is not None
    assert abs(drawn["x"] + drawn["width"] / 2 - box["x"] - box["width"] / 4) <= 3
    hotspot.locator(".spot").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowUp")
    assert ask(page, "hotspot") == [f"{x + 10},{y - 50}"]
    kept(page, "hotspot", f"{x + 10},{y - 50}")
    hotspot.get_by_role("button", name="去掉标记").click()
    assert ask(page, "hotspot") == []
    hotspot.locator(".spot").focus()
    page.keyboard.press("Enter")
    assert ask(page, "hotspot") == ["500,500"]


def shown_again(page: Page) -> None:
    """Every kind shows an answer that is filled in, then none, and takes none while it is locked."""
    for kind, (_key, _body, right, wrong) in bank.KINDS.items():
        for answer in (wrong, right, []):
            assert ask(page, kind, "fill", answer) == answer, kind
        ask(page, kind, "lock", True)
        controls = section(page, kind).locator(".question-sheet :is(input, select, textarea, button)")
        for number in range(controls.count()):
            expect(controls.nth(number)).to_be_disabled()
        ask(page, kind, "lock", False)
        expect(controls.first).to_be_enabled()


@pytest.mark.browser
def test_every_kind_is_answered_read_and_filled(live: Live, browser: Browser) -> None:
    with orm.Session(live.engine()) as session:
        act_as(session, Actor.job("test"))
        bank.every_kind(session)
        session.commit()
    live.web()
    context, page, said = opened(browser, live, live.world.a.editor, viewport=PHONE, has_touch=True)
    page.goto("/bank/preview?bank=kinds")
    expect(page.locator("[data-kind]")).to_have_count(len(Kind))
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.wait_for_load_state("networkidle")
    answer_all(page)
    for kind in ("single", "multiple", "true_false", "matching", "short", "numeric"):
        kept(page, kind, "  ".join(bank.KINDS[kind][2]))
        assert ask(page, kind) == bank.KINDS[kind][2]
    put_in_order(page)
    mark_the_place(page)
    shown_again(page)
    assert said == []
    context.close()
