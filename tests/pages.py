"""The one way tests open pages: each answer is checked as every page must be."""

import json
from typing import Any

from bs4 import BeautifulSoup
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
    """What holds for every page of the product."""
    headings = soup.select("h1")
    assert len(headings) == 1, f"{len(headings)} h1 elements"
    assert soup.title is not None
    assert soup.title.get_text(strip=True).startswith(headings[0].get_text(" ", strip=True)), (
        "the title does not begin with the h1"
    )
    assert soup.html is not None
    assert soup.html.get("lang") in ("zh-Hans-CN", "zh-Hans", "zh-CN", "en")
    ids = [str(element["id"]) for element in soup.select("[id]")]
    assert len(ids) == len(set(ids)), f"ids twice: {sorted({i for i in ids if ids.count(i) > 1})}"
    for form in soup.select("form"):
        assert form.get("action"), f"a form without action: {form}"
        if str(form.get("method", "get")).lower() == "post":
            assert form.get("method"), form
    for entry in soup.select("input:not([type=hidden]):not([type=submit]), select, textarea"):
        labelled = (
            entry.get("aria-label")
            or entry.get("aria-labelledby")
            or soup.select_one(f'label[for="{entry.get("id")}"]')
        )
        assert labelled or entry.find_parent("label"), f"without a label: {entry}"
    assert not soup.select("[style], [onclick], script:not([src]):not([type='application/json'])"), (
        "inline style or script"
    )
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe-inline" not in policy
    assert "default-src 'self'" in policy
    assert not soup.find(string=lambda text: text is not None and "{{" in text), "a template's braces on the page"
