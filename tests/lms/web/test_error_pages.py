"""Every refusal has a page of its own in both languages, says what to do next, and is JSON for scripts."""

from typing import NoReturn

import pytest
from bs4 import BeautifulSoup
from flask import Flask, abort
from sqlalchemy.exc import DataError, OperationalError

from lms.web.errors import PAGES
from tests.pages import check

PROMISED = (400, 403, 404, 409, 413, 422, 429, 500, 503)


@pytest.fixture
def refusing(shown: Flask) -> Flask:
    """The gallery with an address for every refusal, and one whose database is away."""

    def away() -> NoReturn:
        raise OperationalError("SELECT 1", {}, Exception("server closed the connection"))

    def beyond() -> NoReturn:
        raise DataError("SELECT 1", {}, Exception("bigint out of range"))

    shown.config["PROPAGATE_EXCEPTIONS"] = False
    shown.add_url_rule("/refused/<int:code>", "refused", abort)
    shown.add_url_rule("/away", "away", away)
    shown.add_url_rule("/beyond", "beyond", beyond)
    return shown


def words(app: Flask, status: int, language: str, address: str = "") -> tuple[str, ...]:
    """Heading and paragraphs of the page of one refusal."""
    answer = app.test_client().get(address or f"/refused/{status}", headers={"Accept-Language": language})
    assert answer.status_code == status
    soup = BeautifulSoup(answer.text, "html.parser")
    check(soup, answer)
    assert soup.main is not None
    return tuple(part.get_text(" ", strip=True) for part in soup.main.select("h1, .prose p"))


@pytest.mark.parametrize("status", PROMISED)
def test_every_refusal_has_its_words_in_both_languages(refusing: Flask, status: int) -> None:
    zh, en = words(refusing, status, "zh-CN"), words(refusing, status, "en")
    page = PAGES[status]
    assert en[0] == str(page.title)
    assert any(str(page.next_step) in one for one in en)
    assert zh[0] != en[0]
    assert all(any("\u4e00" <= letter <= "\u9fff" for letter in one) for one in zh[:2])


def test_no_two_of_them_say_the_same(refusing: Flask) -> None:
    assert len({words(refusing, status, "zh-CN")[0] for status in PROMISED}) == len(PROMISED)


@pytest.mark.parametrize("status", PROMISED)
def test_a_script_is_answered_in_json(refusing: Flask, status: int) -> None:
    answer = refusing.test_client().get(f"/refused/{status}", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.get_json()["error"]) == (status, status)
    assert answer.get_json()["title"]


def test_a_database_that_is_away_is_said_and_when_to_come_back(refusing: Flask) -> None:
    assert words(refusing, 503, "zh-CN", "/away") == words(refusing, 503, "zh-CN")
    assert refusing.test_client().get("/away").headers["Retry-After"] == "10"


def test_what_no_column_takes_is_the_sender_s_fault_and_not_ours(refusing: Flask) -> None:
    assert words(refusing, 422, "zh-CN", "/beyond") == words(refusing, 422, "zh-CN")
