"""Axe finds nothing serious on any page of the product, as whoever may open it sees it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import pytest
from flask import Flask
from playwright.sync_api import Page, Route
from sqlalchemy import orm

from lms.authz import Actor
from lms.people.queries import actor_for
from tests import browser as chrome
from tests.conftest import As
from tests.factories.world import World
from tests.fences import samples
from tests.fences.test_permissions import ASKING, MATRIX

SITE = "http://pages.test"
PHONE = {"width": 390, "height": 844}
STYLES = re.compile(r'<link rel="stylesheet" href="([^"]+)"')
#: Without scripts: what a page is before one is loaded must be accessible, and stays so in their own tests.
AXE = """() => axe.run(document, {resultTypes: ['violations'],
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']}).then((found) => found.violations
  .filter((one) => ['serious', 'critical'].includes(one.impact))
  .map((one) => one.id + ': ' + one.nodes.map((node) => node.html.slice(0, 160)).join(' | ')))"""


def readers() -> dict[str, str]:
    """Whoever comes first of those who get each page, as the matrix says."""
    found: dict[str, str] = {}
    for line in MATRIX.read_text().splitlines():
        if not line.startswith(" "):
            rule = line
        elif line.startswith("    yes: "):
            found[rule] = line.removeprefix("    yes: ").split(", ")[0]
    return {rule.removeprefix("GET "): name for rule, name in found.items() if rule.startswith("GET ")}


def pages(app: Flask, session: orm.Session, as_: As, world: World) -> Iterator[tuple[str, str]]:
    """The HTML of every page."""
    made = samples.make(app, session, as_, world)
    connection = session.connection()
    for rule, name in readers().items():
        person_id = ASKING[name](world)
        with app.app_context():
            app.extensions["acting"] = Actor.PUBLIC if person_id is None else actor_for(person_id)
        with connection.begin_nested() as savepoint:
            answer = app.test_client().get(samples.address(rule, made), headers={"Accept-Language": "zh-CN"})
            savepoint.rollback()
        if answer.mimetype == "text/html" and answer.status_code == 200:
            yield rule, answer.text


def served(page: Page, files: dict[str, str]) -> None:
    """Answer this window's requests from memory; scripts and pictures are not asked for."""

    def answer(route: Route) -> None:
        path = unquote(route.request.url.removeprefix(SITE))
        if path not in files:
            route.abort()
            return
        kind = "text/css" if route.request.resource_type == "stylesheet" else "text/html; charset=utf-8"
        route.fulfill(body=files[path], content_type=kind)

    page.route("**/*", answer)


@pytest.mark.slow
@pytest.mark.browser
def test_axe_finds_nothing_serious_on_any_page(app: Flask, session: orm.Session, as_: As, world: World) -> None:
    files = dict(pages(app, session, as_, world))
    rules = list(files)
    assert len(rules) > 200
    for style in {address for html in files.values() for address in STYLES.findall(html)}:
        with app.test_client().get(style) as answer:
            files[style] = answer.get_data(as_text=True)
    axe = Path(chrome.axe_source()).read_text("utf-8")
    wrong: dict[str, Any] = {}
    with chrome.opened() as browser:
        page = browser.new_page(viewport=PHONE, locale="zh-CN")  # type: ignore[arg-type]
        served(page, files)
        for rule in rules:
            page.goto(SITE + quote(rule), wait_until="load")
            page.evaluate(axe)
            found = page.evaluate(AXE)
            if found:
                wrong[rule] = found
    assert wrong == {}
