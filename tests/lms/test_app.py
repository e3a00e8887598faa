"""The application as a whole: it starts, it refuses to start, it answers."""

import gc
from pathlib import Path

import pytest

from lms import uncollected
from tests import databases
from tests.pages import Page
from tests.waiting import wait_until


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


def test_a_server_that_starts_before_its_database_waits_for_it(live: databases.Live) -> None:
    """A worker process that refused to start would end the whole web server, with all that others have open."""
    name, server = live.database.name, live.database.server
    said = Path(live.environment["LMS_TEST_FILES"]) / "processes.log"
    server.run(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    process = live.start(["gunicorn", "lms:create_app()", "-b", f"127.0.0.1:{live.port}", "-k", "gthread"])
    wait_until(lambda: said.exists() and "database_away" in said.read_text())
    server.run(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    databases.wait_for(f"{live.address}/readyz", process)


def test_what_is_made_uncollected_is_never_looked_through() -> None:
    frozen = gc.get_freeze_count()
    with uncollected():
        assert not gc.isenabled()
        made = [[] for _ in range(1000)]  # type: ignore[var-annotated]
    assert gc.isenabled()
    assert not any(one is made[0] for one in gc.get_objects())
    assert gc.get_freeze_count() >= frozen + len(made)
