"""The application as a whole: it starts, it refuses to start, it answers."""

import pytest

from tests.pages import Page


def test_healthz_says_the_process_lives(page: Page) -> None:
    page.get("/healthz")
    assert page.answer.get_json() == {"status": "ok"}


def test_readyz_asks_the_database(page: Page) -> None:
    page.get("/readyz")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_unknown_address_gets_a_friendly_page(page: Page, language: str) -> None:
    soup = page.get("/nowhere", expect=404, language=language)
    assert soup.h1 is not None
    assert soup.h1.text.strip() == {"zh": "没有找到页面", "en": "There is nothing here"}[language]
