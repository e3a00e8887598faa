"""The one way tests open pages: each answer is checked as every page must be."""

import json
from collections import Counter
from typing import Any

from bs4 import BeautifulSoup, Tag
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from lms.authz import Actor
from lms.people.queries import actor_for


class Page:
    """A browser without a window: `page.get("/exams", world.a.doctor)`."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._client: FlaskClient | None = None
        self.answer: TestResponse

    def get(
        self, url: str, who: int | Actor | None = None, *, expect: int = 200, language: str = "zh"
    ) -> BeautifulSoup:
        """Open a page as somebody (None: the public); the parsed page."""
        self._be(who)
        self.answer = self._app.test_client().get(url, headers={"Accept-Language": language})
        assert self.answer.status_code == expect, f"{url}: {self.answer.status_code}, expected {expect}"
        soup = BeautifulSoup("" if self._is_file() else self.answer.text, "html.parser")
        if self.answer.mimetype == "text/html" and expect not in (301, 302, 303, 307, 308):
            check(soup, self.answer)
        return soup

    def post(self, url: str, who: int | Actor | None = None, *, expect: int = 302, **data: Any) -> BeautifulSoup:
        """Send a form as somebody; the parsed answer (a redirect when all went well)."""
        self._be(who)
        self.answer = self._app.test_client().post(url, data=data)
        assert self.answer.status_code == expect, f"{url}: {self.answer.status_code}, expected {expect}"
        soup = BeautifulSoup(self.answer.text, "html.parser")
        if self.answer.mimetype == "text/html" and not 300 <= expect < 400:
            check(soup, self.answer)
        return soup

    def send(self, url: str, who: int | Actor | None, payload: Any, *, expect: int = 200) -> Any:
        """Send JSON as a page's script does; the JSON that came back."""
        self._be(who)
        self.answer = self._app.test_client().post(url, data=json.dumps(payload), content_type="application/json")
        assert self.answer.status_code == expect, f"{url}: {self.answer.status_code}, expected {expect}"
        return self.answer.get_json()

    def _is_file(self) -> bool:
        return "attachment" in self.answer.headers.get("Content-Disposition", "")

    def _be(self, who: int | Actor | None) -> None:
        if isinstance(who, int):
            with self._app.app_context():
                who = actor_for(who)
        self._app.extensions["acting"] = who or Actor.PUBLIC


def check(soup: BeautifulSoup, answer: TestResponse) -> None:
    """What holds for every page of the product; one walk over its elements, for thousands of pages are checked."""
    elements = soup.find_all(True)
    headings = [element for element in elements if element.name == "h1"]
    assert len(headings) == 1, f"{len(headings)} h1 elements"
    assert soup.title is not None
    assert soup.title.get_text(strip=True).startswith(headings[0].get_text(" ", strip=True)), (
        "the title does not begin with the h1"
    )
    assert soup.html is not None
    assert soup.html.get("lang") in ("zh-Hans-CN", "zh-Hans", "zh-CN", "en")
    ids = Counter(str(element["id"]) for element in elements if element.has_attr("id"))
    assert ids.total() == len(ids), f"ids twice: {sorted(name for name, times in ids.items() if times > 1)}"
    labels = {element.get("for") for element in elements if element.name == "label"}
    for element in elements:
        if element.name == "form":
            assert element.get("action"), f"a form without action: {element}"
        elif element.name in _ENTRIES and element.get("type") not in ("hidden", "submit"):
            labelled = element.get("aria-label") or element.get("aria-labelledby") or element.get("id") in labels
            assert labelled or element.find_parent("label"), f"without a label: {element}"
        assert not _inline(element), f"inline style or script: {element}"
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe-inline" not in policy
    assert "default-src 'self'" in policy
    assert "{{" not in answer.text, "a template's braces on the page"


_ENTRIES = ("input", "select", "textarea")


def _inline(element: Tag) -> bool:
    if element.name == "script":
        return not element.has_attr("src") and element.get("type") != "application/json"
    return element.has_attr("style") or element.has_attr("onclick")
