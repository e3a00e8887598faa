"""A question on a lesson: found not to have been asked, asked without naming the patient, answered, and it helped."""

from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, expect

from courses.curricula.models import CourseVersion
from courses.discussion import services
from courses.discussion.models import Entry
from courses.discussion.queries import threads
from courses.enrolment.services import enrol
from lms.db import db
from lms.search.models import SearchDocument
from tests.between import Asked, between
from tests.browser import axe_source
from tests.databases import Live
from tests.factories import packs
from tests.factories.halls import Hall
from tests.journeys.contexts import opened
from tests.waiting import wait_until

pytestmark = pytest.mark.browser
PHONE, TABLET = ({"width": w, "height": h} for w, h in ((390, 844), (820, 1180)))
LESSON = "/courses/hypertension/lessons/measure"
FIRST, SECOND = "袖带绑得太松，血压会偏高吗？", "手臂很粗的人用哪种袖带？"


class Town(Hall):
    """Two doctors who have begun the course, and a question that one of them has asked."""

    def prepare(self, folder: Path) -> None:
        """The pack, the course begun, the first question."""
        self.typed = Event()
        self.live.flask("content", "load", str(packs.write(folder)))
        county = self.live.world.a
        for who in (county.doctor, county.second_doctor):
            with self.as_(who) as actor:
                enrol(actor, db.session.scalars(sa.select(CourseVersion)).one())
        with self.as_(county.second_doctor) as actor:
            place = threads.place("hypertension", "measure")
            assert place is not None
            services.ask(actor, place, title=FIRST, body="")
        self.tokens = {name: self.sign_in(county.people[name]) for name in ("doctor", "examiner")}

    def open(self, browser: Browser, size: dict[str, int], name: str) -> Page:
        """The screen of one of them."""
        return opened(browser, size, self.live.address, self.tokens[name])

    def late(self, asked: Asked) -> None:
        """The page's script comes only after the first words are typed."""
        if asked.path.partition("?")[0].endswith("/ask.js"):
            self.typed.wait(30)

    def count(self, query: sa.Select[int]) -> int:
        """What the database has now."""
        with self.session() as session:
            return session.scalar(query) or 0


@pytest.fixture
def town(live: Live, tmp_path: Path) -> Iterator[Town]:
    """Prepared before a browser is open: beside its event loop the database extension does not work."""
    made = Town(live)
    made.prepare(tmp_path / "pack")
    made.close()
    live.worker()
    with between(live) as way:
        way.meets = made.late
        yield made


def look_for_barriers(page: Page) -> None:
    """Nothing on the page keeps anybody from using it."""
    page.evaluate(axe_source().read_text("utf-8"))
    found = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found["violations"]] == []


def test_asked_answered_and_it_helped(town: Town, browser: Browser) -> None:
    indexed = sa.select(sa.func.count()).where(SearchDocument.kind == "question")
    wait_until(lambda: town.count(indexed) == 1)

    phone = town.open(browser, PHONE, "doctor")
    phone.goto(town.live.address + LESSON)
    expect(phone.locator("#questions")).to_contain_text(FIRST)
    phone.locator("#questions").get_by_role("link", name="提问").click()
    phone.locator("[name=title]").fill("袖带绑松了血压准吗")
    town.typed.set()
    expect(phone.locator("[data-like] a")).to_have_text(FIRST)
    phone.locator("[name=title]").fill(SECOND)
    expect(phone.locator("[data-like]")).to_be_hidden()
    phone.locator("[name=body]").fill("病人王小明，女，臂围 36 厘米。")
    expect(phone.locator("[data-marked] mark")).to_have_text("王小明")
    phone.locator("main form button[type=submit]").click()
    expect(phone.locator("main [role=alert] mark")).to_have_text("王小明")
    assert town.count(sa.select(sa.func.count()).select_from(Entry)) == 1
    phone.locator("[name=body]").fill("一位老人，臂围 36 厘米。")
    expect(phone.locator("[data-doubt]")).to_be_hidden()
    phone.locator("main form button[type=submit]").click()
    expect(phone.locator("h1")).to_have_text(SECOND)
    expect(phone.locator("main")).to_contain_text("还没有人回答")
    look_for_barriers(phone)
    address = phone.url

    tablet = town.open(browser, TABLET, "examiner")
    tablet.goto(address)
    tablet.locator("#answer textarea").fill("用 **大号袖带**，气囊要包住上臂的八成。")
    tablet.locator("#answer button[type=submit]").click()
    expect(tablet.locator("article")).to_have_count(2)
    expect(tablet.locator("article").nth(1)).to_contain_text("带教老师")

    told = sa.text("SELECT count(*) FROM notification WHERE kind = 'discussion.answered'")
    wait_until(lambda: town.count(told))  # type: ignore[arg-type]
    phone.goto(f"{town.live.address}/notifications")
    phone.locator(".inbox-row button", has_text=SECOND).click()
    expect(phone.locator("h1")).to_have_text(SECOND)
    phone.get_by_role("button", name="采纳").click()
    expect(phone.locator(".entry-helped")).to_contain_text("大号袖带")
    phone.goto(town.live.address + LESSON)
    expect(phone.locator("#questions")).to_contain_text("已解决")

    wait_until(lambda: town.count(indexed) == 2)
    tablet.goto(f"{town.live.address}/search?q=臂围")
    expect(tablet.locator("main .row-link")).to_have_text([SECOND])


def test_two_characters_find_the_lesson(town: Town, browser: Browser) -> None:
    phone = town.open(browser, PHONE, "doctor")
    phone.goto(f"{town.live.address}/search")
    phone.locator("input[type=search]").fill("聊天")
    phone.locator("main form button").click()
    expect(phone.locator("main mark")).to_have_text("聊天")
    phone.get_by_role("link", name="量准血压").click()
    phone.wait_for_url(f"**{LESSON}")
    expect(phone.locator("h1")).to_have_text("量准血压")
