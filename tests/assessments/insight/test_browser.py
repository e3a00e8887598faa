"""The dashboard in a real browser: charts are drawn under the page's policy, lead down, and can be taken away."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import orm

from lms import ids
from lms.app import create_app
from lms.authz import Actor
from lms.db import act_as, db
from lms.people.models import Passkey, Person, SignIn
from lms.people.queries import hash_of
from tests import browser as chrome
from tests import databases
from tests.assessments.insight.conftest import places, refresh
from tests.databases import Live
from tests.factories import past

DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
SECTIONS = ("stars", "hours", "exams", "conversion", "stalls", "people")
SOON = 30_000


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser for this module."""
    with chrome.opened() as opened:
        yield opened


def token_for(live: Live, person: int) -> str:
    """A browser's token with which this person is signed in."""
    token = ids.token()
    with orm.Session(live.engine()) as session:
        act_as(session, Actor.job("test"))
        home = session.get_one(Person, person).institution_id
        who = {"person_id": person, "institution_id": home}
        now = sa.func.clock_timestamp()
        session.add(SignIn(**who, token_hash=hash_of(token), second_factor_at=now))
        session.add(Passkey(**who, credential_id=token.encode(), public_key=b"k", sign_count=0, label="x"))
        session.commit()
    return token


@pytest.fixture
def figures(live: Live, tmp_path: Path) -> Live:
    """A web server over people with a past, and their figures."""
    with orm.Session(live.engine()) as session:
        act_as(session, Actor.job("test"))
        past.make(session, places(live.world), 90, owner=True)
        session.commit()
    app = create_app(databases.settings(live.database, tmp_path))
    refresh(app)
    with app.app_context():
        db.engine.dispose()
    app.extensions["queue"].storage.close()
    live.web()
    return live


def opened(browser: Browser, live: Live, person: int, **more: object) -> tuple[BrowserContext, Page, list[str]]:
    """A page of this person's, and what its console complained about."""
    context = browser.new_context(base_url=live.address, locale="zh-CN", **more)  # type: ignore[arg-type]
    context.add_cookies([{"name": "session_id", "value": token_for(live, person), "url": live.address}])
    page, said = context.new_page(), list[str]()
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda wrong: said.append(str(wrong)))
    return context, page, said


def draw(page: Page, name: str) -> None:
    page.locator(f"#{name} .chart-figure").scroll_into_view_if_needed()
    expect(page.locator(f"#{name} .chart-figure")).to_have_attribute("data-drawn", "yes", timeout=SOON)


@pytest.mark.browser
def test_charts_are_drawn_lead_down_and_can_be_taken_away(figures: Live, browser: Browser, tmp_path: Path) -> None:
    context, page, said = opened(browser, figures, figures.world.people["manager"], viewport=DESK)
    page.goto(f"/insight/{figures.world.city}?period=last_12_months")
    for name in SECTIONS:
        draw(page, name)
        bars = page.locator(f"#{name} .chart-canvas g.point")
        assert bars.count() > 1, name
    violations = [text for text in said if "Content Security Policy" in text or "Content-Security-Policy" in text]
    assert len(violations) <= 1, violations
    assert [text for text in said if text not in violations] == []

    for kind in ("svg", "png"):
        with page.expect_download() as download:
            page.locator(f"#stars [data-picture={kind}]").click()
        file = tmp_path / f"stars.{kind}"
        download.value.save_as(file)
        assert download.value.suggested_filename.endswith(f"星级.{kind}")
        if kind == "svg":
            text = file.read_text()
            assert text.startswith("<svg")
            assert "近 12 个月" in text
            assert "var(--" not in text
        else:
            with Image.open(file) as image:
                assert image.width == 2000
                assert len(image.convert("RGB").getcolors(1 << 24) or []) > 8, "something is drawn"
    assert len([text for text in said if "Content" in text]) <= 1

    bar = page.locator("#stars .chart-canvas g.point path").first  # plotly hears clicks on what lies over the bars
    bar.click(force=True)
    page.wait_for_url(f"**/insight/{figures.world.a.commission}?period=last_12_months")
    context.close()


@pytest.mark.browser
def test_on_a_phone_the_table_comes_first_and_nothing_is_cut_off(figures: Live, browser: Browser) -> None:
    dark = {"viewport": PHONE, "has_touch": True, "color_scheme": "dark"}
    context, page, _ = opened(browser, figures, figures.world.a.manager, **dark)
    page.goto(f"/insight/{figures.world.a.commission}")
    draw(page, "stars")
    table, chart = (page.locator(f"#stars .{part}").bounding_box() for part in ("chart-tables", "chart-figure"))
    assert table is not None
    assert chart is not None
    assert table["y"] < chart["y"]
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    paper = page.locator("#stars .chart-canvas .main-svg").first.evaluate("node => node.style.background")
    assert paper == "rgb(23, 33, 39)"
    context.close()


@pytest.mark.browser
def test_without_script_the_tables_tell_everything(figures: Live, browser: Browser) -> None:
    context, page, _ = opened(browser, figures, figures.world.a.manager, viewport=DESK, java_script_enabled=False)
    page.goto(f"/insight/{figures.world.a.commission}")
    assert page.locator("#main table").count() == 9
    expect(page.locator("#stars .chart-pictures")).to_be_hidden()
    page.locator("#stars th a").first.click()
    expect(page).to_have_url(re.compile("sort=stars.label"))
    context.close()
