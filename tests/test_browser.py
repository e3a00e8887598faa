"""The browser is really there, and it can write Chinese."""

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.browser import axe_source, chromium, environment

# Draws one character and returns its picture as text.
DRAW = """character => {
    const canvas = document.createElement("canvas");
    const pen = canvas.getContext("2d");
    pen.font = "40px sans-serif";
    pen.fillText(character, 10, 60);
    return canvas.toDataURL();
}"""


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    """A page of a browser of its own."""
    program, arguments = chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=arguments, env=dict(environment()))
        yield browser.new_page()
        browser.close()


def test_a_page_is_opened_and_its_chinese_read(page):
    page.goto("data:text/html;charset=utf-8," + quote("<h1>基层医师技能培训</h1>"))
    assert page.locator("h1").inner_text() == "基层医师技能培训"


def test_chinese_is_drawn_as_itself_and_not_as_boxes(page):
    box = page.evaluate(DRAW, "\U000e0fff")
    pictures = {page.evaluate(DRAW, character) for character in "医院县乡镇龘"}
    assert len(pictures) == 6
    assert box not in pictures


def test_the_accessibility_script_runs(page):
    page.goto("data:text/html," + quote("<img src='x'>"))
    page.evaluate(axe_source().read_text())
    found = page.evaluate("axe.run().then(result => result.violations.map(one => one.id))")
    assert "image-alt" in found
