"""A rotation beyond what a department can take is refused; one within it is begun, ended, evaluated, and counts.

The manager sits at a desk, the mentor who receives holds a tablet, the doctor a phone.
"""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, expect

from assessments.results.models import Result, ResultKind
from courses.hours.models import HoursEntry
from courses.rotations.models import Rotation, RotationDepartment
from lms import clock
from tests.databases import Live
from tests.factories.halls import Hall
from tests.journeys.contexts import opened, press
from tests.waiting import wait_until

pytestmark = pytest.mark.browser
PHONE, TABLET, DESK = ({"width": w, "height": h} for w, h in ((390, 844), (820, 1180), (1280, 900)))


class Town(Hall):
    """A county in which nobody has rotated yet."""

    def prepare(self) -> None:
        county = self.live.world.a
        self.tokens = {name: self.sign_in(county.people[name]) for name in ("manager", "examiner", "doctor")}

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


def test_a_rotation_beyond_capacity_is_refused_and_one_within_it_counts(town: Town, browser: Browser) -> None:
    address = town.live.address
    desk = opened(browser, DESK, address, town.tokens["manager"])
    tablet = opened(browser, TABLET, address, town.tokens["examiner"])
    phone = opened(browser, PHONE, address, town.tokens["doctor"])
    offer(town, desk)
    plan_until_it_is_full(town, desk)
    receive(town, tablet)
    see_that_it_counts(town, phone)


def offer(town: Town, desk: Page) -> None:
    county = town.live.world.a
    desk.goto(f"{town.live.address}/rotations/departments")
    desk.get_by_role("link", name="新增接收科室").click()
    desk.locator("#institution").select_option(str(county.hospital))
    desk.locator("#name").fill("心内科")
    desk.locator("#number").fill("1")
    desk.locator("#valid_from").fill(str(clock.today() - timedelta(days=60)))
    press(desk, "/rotations/departments/new")
    expect(desk.locator("h1")).to_have_text("心内科")
    desk.locator("#person").select_option(str(county.examiner))
    press(desk, "/receivers")
    expect(desk.locator("main")).to_contain_text("陈建国")


def plan(town: Town, desk: Page, doctor: int, first: int, last: int) -> None:
    today = clock.today()
    desk.goto(f"{town.live.address}/rotations/people/{doctor}/plan")
    desk.locator("#department").select_option(label="a县人民医院（演示） · 心内科")
    desk.locator("#begins_on").fill(str(today + timedelta(days=first)))
    desk.locator("#last_on").fill(str(today + timedelta(days=last)))
    press(desk, "/plan")


def plan_until_it_is_full(town: Town, desk: Page) -> None:
    county = town.live.world.a
    plan(town, desk, county.doctor, -40, 0)
    expect(desk.locator(".flashes")).to_contain_text("已安排")
    plan(town, desk, county.second_doctor, -10, 20)
    refusal = desk.locator(".notice-danger")
    expect(refusal).to_contain_text("心内科在")
    expect(refusal).to_contain_text("已满：1 个名额已占 1 个")
    expect(refusal).to_contain_text(f"最早可从 {clock.today() + timedelta(days=1)} 开始")
    assert desk.locator("#begins_on").input_value() == str(clock.today() - timedelta(days=10)), "nothing typed is lost"
    assert town.one(sa.select(sa.func.count()).select_from(Rotation)) == (1,)
    plan(town, desk, county.second_doctor, 1, 31)
    expect(desk.locator(".flashes")).to_contain_text("已安排")
    at = town.one(sa.select(RotationDepartment.id))[0]
    desk.goto(f"{town.live.address}/rotations/departments/{at}")
    expect(desk.locator("svg.calendar rect.calendar-bar")).to_have_count(2)


def receive(town: Town, tablet: Page) -> None:
    monday = clock.today() - timedelta(days=clock.today().weekday() + 7)
    tablet.goto(f"{town.live.address}/rotations/receiving")
    tablet.locator("#begin").get_by_role("link").first.click()
    tablet.locator("#on").fill(str(clock.today() - timedelta(days=40)))
    press(tablet, "/start")
    expect(tablet.locator(".flashes")).to_contain_text("已登记报到")
    tablet.get_by_role("link", name="确认实践学时").click()
    tablet.locator("#first_on").fill(str(monday))
    tablet.locator("#last_on").fill(str(monday + timedelta(days=6)))
    tablet.locator("#hours").fill("7.5")
    tablet.locator("#done").fill("病房管床、随诊")
    press(tablet, "/practice")
    expect(tablet.locator(".flashes")).to_contain_text("逐日记入学时账")
    press(tablet, "/end")
    expect(tablet.locator(".flashes")).to_contain_text("已结束")
    tablet.get_by_role("link", name="填写评价").click()
    tablet.locator("input[name=outcome][value=passed]").check()
    tablet.locator("#absent_days").fill("3")
    tablet.locator("#words").fill("能独立判读心电图")
    press(tablet, "/evaluate")
    expect(tablet.locator(".flashes")).to_contain_text("已保存")
    row = town.one(sa.select(Rotation.state, Rotation.present_days).where(Rotation.started_on.is_not(None)))
    assert row == ("evaluated", 38)


def see_that_it_counts(town: Town, phone: Page) -> None:
    def counted() -> Any:
        with town.session() as session:
            days = session.scalars(sa.select(Result.value).where(Result.kind == ResultKind.ROTATION_DAYS)).all()
            minutes = session.scalar(sa.select(sa.func.sum(HoursEntry.minutes)))
            return days == [Decimal(38)] and minutes == 5 * 450

    assert wait_until(counted)
    phone.goto(f"{town.live.address}/rotations")
    bar = phone.locator("progress").first
    expect(bar).to_have_attribute("value", "38")
    expect(bar).to_have_attribute("max", "180")
    phone.goto(f"{town.live.address}/hours")
    expect(phone.locator("main")).to_contain_text("a县人民医院（演示） · 心内科")
    expect(phone.locator("#credits")).to_contain_text("Ⅱ类学分")
