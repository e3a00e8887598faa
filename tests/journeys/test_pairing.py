"""A pair from the search to a technique that two hands have signed off.

The administrator sits at a desk, the mentor and the assessor hold a tablet, the doctor a phone.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, expect

from assessments.results.models import Result, ResultKind
from assessments.signoff.models import Signature, SignOff
from courses.mentoring.models import MentoringSession, Pairing, PairingRun, SessionDecision
from courses.mentoring.services import offer
from lms import clock
from lms.db import db
from lms.people.models import Person
from lms.techniques.models import Standing, Technique
from tests.databases import Live
from tests.factories.halls import Hall
from tests.journeys.contexts import opened, press
from tests.waiting import wait_until

pytestmark = pytest.mark.browser
PHONE, TABLET, DESK = ({"width": w, "height": h} for w, h in ((390, 844), (820, 1180), (1280, 900)))
LATER = 60_000


class Town(Hall):
    """A county with techniques, one mentor who teaches the first of them and offers places, nobody paired."""

    def prepare(self) -> None:
        county = self.live.world.a
        self.load_content()
        with self.session() as session:
            first = session.scalars(
                sa.select(Technique)
                .where(Technique.core, Technique.categories.contains(["general_practitioner"]))
                .order_by(Technique.id)
            ).first()
            assert first is not None
            self.technique, self.title = first.id, first.title
            session.add(
                Standing(
                    person_id=county.examiner,
                    institution_id=county.hospital,
                    technique_id=first.id,
                    level=5,
                    since=date(2026, 1, 1),
                )
            )
            session.commit()
        with self.as_(county.manager) as actor:
            mentor = db.session.get_one(Person, county.examiner)
            offer(actor, mentor, capacity=3, begins_on=clock.today())
        names = ("manager", "doctor", "examiner", "second_examiner", "exam_officer")
        self.tokens = {name: self.sign_in(county.people[name]) for name in names}

    def one(self, query: sa.Select[*tuple[Any, ...]]) -> Any:
        """What the database has now, read by its owner."""
        with self.session() as session:
            return session.execute(query).one()


@pytest.fixture
def town(live: Live) -> Iterator[Town]:
    """Prepared before a browser is open: beside its event loop the database extension does not work."""
    made = Town(live)
    made.prepare()
    made.close()
    live.web()
    live.worker()
    yield made


def test_from_the_search_to_a_technique_signed_off_by_two_hands(town: Town, browser: Browser) -> None:
    desk = opened(browser, DESK, town.live.address, town.tokens["manager"])
    phone = opened(browser, PHONE, town.live.address, town.tokens["doctor"])
    tablet = opened(browser, TABLET, town.live.address, town.tokens["examiner"])

    propose_and_accept(town, desk)
    agree(town, phone, tablet)
    log_and_confirm(town, tablet, phone)
    sign_off = ask_for_the_signature(town, tablet)
    sign_as_the_assessor(town, browser, sign_off)
    see_what_was_signed(town, phone)


def propose_and_accept(town: Town, desk: Page) -> None:
    county = town.live.world.a
    desk.goto(f"{town.live.address}/mentoring/proposals")
    expect(desk.locator("main")).to_contain_text("王小明")
    desk.locator("#institution").select_option(str(county.commission))
    press(desk, "/mentoring/proposals")
    expect(desk.locator("h1")).to_have_text("建议结对")
    row = desk.locator("tr:has-text('王小明')")
    expect(row).to_contain_text("陈建国")
    expect(row).to_contain_text(f"{town.title}（差 4 级）")
    assert town.one(sa.select(PairingRun.doctors, PairingRun.places)) == (3, 3)
    row.locator("input[type=checkbox]").check()
    desk.locator("button[name=act][value=chosen]").click()
    expect(desk.locator(".flashes")).to_contain_text("已结对 1 对")
    pair = town.one(sa.select(Pairing.person_id, Pairing.mentor_id, Pairing.apprentice_agreed_at))
    assert pair == (county.doctor, county.examiner, None)


def agree(town: Town, phone: Page, tablet: Page) -> None:
    for page in (phone, tablet):
        page.goto(f"{town.live.address}/")
        page.get_by_role("link", name="阅读并同意").first.click()
        expect(page.locator("#terms")).to_contain_text("12 次")
        press(page, "/agree")
        expect(page.locator(".flashes")).to_contain_text("已同意")
    row = town.one(sa.select(Pairing))[0]
    assert row.agreed


def log_and_confirm(town: Town, tablet: Page, phone: Page) -> None:
    tablet.goto(f"{town.live.address}/mentoring")
    tablet.get_by_role("link", name="登记带教").click()
    tablet.locator("#minutes").fill("90")
    tablet.locator(f"input[name=techniques][value='{town.technique}']").check()
    tablet.locator("#done").fill("门诊跟诊，独立完成一例并讨论")
    tablet.locator("#next_step").fill("下次带两份病例来讨论")
    press(tablet, "/sessions/new")
    expect(tablet.locator(".flashes")).to_contain_text("王小明确认后计入次数")
    phone.goto(f"{town.live.address}/mentoring")
    expect(phone.locator("progress").first).to_have_attribute("value", "0")
    phone.get_by_role("link", name="确认与陈建国的一次带教").click()
    expect(phone.locator("main")).to_contain_text("门诊跟诊")
    press(phone, "/confirm")
    expect(phone.locator(".flashes")).to_contain_text("计入次数")
    phone.goto(f"{town.live.address}/mentoring")
    bar = phone.locator("progress").first
    expect(bar).to_have_attribute("value", "1")
    expect(bar).to_have_attribute("max", "12")
    found = sa.select(MentoringSession.minutes, SessionDecision.decided).join(
        SessionDecision, SessionDecision.session_id == MentoringSession.id
    )
    assert town.one(found) == (90, "confirmed")
    tablet.goto(f"{town.live.address}/mentoring")
    expect(tablet.locator("progress").first).to_have_attribute("value", "1.5")


def ask_for_the_signature(town: Town, tablet: Page) -> int:
    pair = town.one(sa.select(Pairing.id))[0]
    tablet.goto(f"{town.live.address}/mentoring/pairs/{pair}")
    tablet.get_by_role("link", name="签认技术").click()
    tablet.locator("#technique").select_option(str(town.technique))
    tablet.locator("input[name=level][value='4']").check()
    tablet.locator("#note").fill("三次独立完成，判断正确")
    press(tablet, f"/signoffs/ask/{pair}")
    tablet.locator("#assessor-q").fill("周敏")
    tablet.locator("#assessor form[role=search] button").click()
    tablet.locator("#assessor .row-item:has-text('a县') form button").click()
    expect(tablet.locator(".flashes")).to_contain_text("周敏")
    row = town.one(sa.select(SignOff.id, SignOff.state, SignOff.assessor_id))
    assert row[1:] == ("open", town.live.world.a.second_examiner)
    return int(row.id)


def sign_as_the_assessor(town: Town, browser: Browser, sign_off: int) -> None:
    tablet = opened(browser, TABLET, town.live.address, town.tokens["second_examiner"])
    tablet.goto(f"{town.live.address}/")
    tablet.locator(f"a[href='/signoffs/{sign_off}']").click()
    expect(tablet.locator("main")).to_contain_text("三次独立完成")
    tablet.locator("input[name=level][value='4']").check()
    tablet.locator("#note").fill("旁观一次，独立完成")
    press(tablet, "/sign")
    expect(tablet.locator(".flashes")).to_contain_text("已按 4 级签认")
    assert town.one(sa.select(SignOff.state, SignOff.level)) == ("signed", 4)
    assert town.one(sa.select(sa.func.count()).select_from(Signature)) == (2,)

    def recorded() -> Any:
        with town.session() as session:
            return session.scalars(sa.select(Result).where(Result.kind == ResultKind.ENTRUSTMENT)).first()

    result = wait_until(recorded)
    county = town.live.world.a
    assert (result.person_id, result.technique_id, int(result.value)) == (county.doctor, town.technique, 4)
    assert (result.assessor_id, result.source_id) == (county.second_examiner, str(sign_off))


def see_what_was_signed(town: Town, phone: Page) -> None:
    phone.goto(f"{town.live.address}/signoffs/mine")
    expect(phone.locator("main")).to_contain_text(town.title)
    expect(phone.locator("main")).to_contain_text("已签认")
    phone.get_by_role("link", name=town.title).click()
    expect(phone.locator("main")).to_contain_text("陈建国")
    expect(phone.locator("main")).to_contain_text("周敏")
