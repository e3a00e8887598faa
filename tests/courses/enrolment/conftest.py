"""A live server with the small pack, and a browser in which a doctor is signed in."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, BrowserContext

from courses.enrolment.jobs import assign as work
from lms import passwords
from tests import browser as chrome
from tests.between import Between, between
from tests.factories import curricula, packs

PASSWORD = "jiankang-2026-Changqing"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for all tests of a file."""
    with chrome.opened() as started:
        yield started


@pytest.fixture
def loaded(app, tmp_path):
    """The small pack with a curriculum."""
    packs.bring(app, curricula.pack(tmp_path))


@pytest.fixture
def give(app):
    """Apply the rules to everybody, as the job does; what it says it did."""

    def run():
        with app.app_context():
            return work.give(lambda done, total: None)

    return run


@pytest.fixture
def given_to_all(loaded, give):
    """Everybody has the small curriculum, which asks for the course."""
    give()


@pytest.fixture
def line(live) -> Iterator[Between]:
    """The line between the phones and the centre."""
    with between(live) as way:
        yield way


@pytest.fixture
def pack(tmp_path):
    """The folder of the pack that the site has; a test file may have another."""
    return packs.write(tmp_path / "pack")


@pytest.fixture
def site(live, line, pack):
    """A web server on a database with the small pack; doctors and editors have a password."""
    done = live.flask("content", "load", str(pack))
    assert done.returncode == 0, done.stderr
    world = live.world
    people = [world.a.doctor, world.a.second_doctor, world.a.editor]
    with live.engine().begin() as connection:
        change = sa.text("UPDATE person SET password_hash = :hash WHERE id = ANY(:people)")
        connection.execute(change, {"hash": passwords.protect(PASSWORD), "people": people})
    return live


def sign_in(site, context: BrowserContext, account: str) -> None:
    """Sign in as people do."""
    page = context.new_page()
    page.goto(f"{site.address}/sign-in")
    page.locator("input[name=account]").fill(account)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main button[type=submit]").click()
    page.wait_for_url(lambda address: "/sign-in" not in address)
    page.close()


@pytest.fixture
def phone(site, browser):
    """Open a phone in which somebody is signed in: `phone("a-doctor")`."""
    opened: list[BrowserContext] = []

    def open_phone(account: str = "a-doctor", **more):
        options = {"viewport": {"width": 390, "height": 844}, "locale": "zh-CN", "has_touch": True} | more
        context = browser.new_context(**options)
        opened.append(context)
        sign_in(site, context, account)
        return context.new_page()

    yield open_phone
    for context in opened:
        context.close()
