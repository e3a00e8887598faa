"""A technique that has stopped rising: from two years of marks through the night to the mentor's answer."""

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, expect

from assessments.stall import jobs
from assessments.stall.models import Flag, FlagAnswer, StallModel
from lms import clock
from lms import jobs as work
from lms.authz import Actor, Role
from lms.db import db, transaction
from lms.jobs import Job
from lms.people.models import Category
from lms.techniques.models import Technique
from tests.assessments.stall.conftest import Ward
from tests.assessments.stall.learners import learners
from tests.databases import Live
from tests.factories import mentoring
from tests.factories import world as worlds
from tests.factories.halls import Hall
from tests.journeys.contexts import opened
from tests.waiting import wait_until

pytestmark = pytest.mark.browser
PHONE, TABLET = ({"width": w, "height": h} for w, h in ((390, 844), (820, 1180)))
#: Rose once, then fell from mark to mark, then nothing for a quarter.
STALLED = ((600, 62), (500, 78), (400, 80), (300, 74), (240, 71), (180, 69), (130, 68), (95, 66))


class Town(Hall):
    """A county with a past, one pair in each of two counties, and a night that is due."""

    def prepare(self) -> None:
        """Thirty doctors with two years of marks; the apprentice's have fallen."""
        world = self.live.world
        with self.session() as session:
            techniques = mentoring.techniques(session, 2)
            session.get_one(Technique, techniques[0]).title = "心电图操作"
            ward = Ward(self.as_, session, world, techniques)
            ward.pair(world.a.examiner, world.a.doctor)
            ward.pair(world.b.examiner, world.b.doctor)
            ward.marks(world.a.doctor, STALLED)
            ward.marks(world.b.doctor, STALLED)
            self._others(ward)
            session.commit()
        names = ("examiner", "doctor")
        self.tokens = {f"{c}.{n}": self.sign_in(getattr(world, c).people[n]) for c in "ab" for n in names}

    def _others(self, ward: Ward) -> None:
        people: dict[str, int] = {}
        for one in learners(30, every=45):
            if one.skill == "ecg":
                continue
            if one.learner not in people:
                at = ward.world.a.township
                people[one.learner] = worlds.person(
                    ward.session, f"past-{one.learner.lower()}", one.learner, Category.NURSE, at, (Role.DOCTOR, at)
                )
            ward.marks(people[one.learner], [(730 - int(one.at), one.score)], ("bp", "cpr").index(one.skill))

    def night_comes(self) -> None:
        """What the clock does at 02:40: the job is asked for; a worker that runs takes it."""
        with self.as_(Actor.job("clock")), transaction(db.session):
            work.request(jobs.WATCH, key=f"{jobs.WATCH}@{clock.today()}")

    def one(self, query: sa.Select[*tuple[Any, ...]]) -> Any:
        """What the database has now, read by its owner; None where there is nothing."""
        with self.session() as session:
            return session.execute(query).one_or_none()


@pytest.fixture
def town(live: Live) -> Iterator[Town]:
    """Prepared before a browser is open: beside its event loop the database extension does not work."""
    made = Town(live)
    made.prepare()
    made.night_comes()
    made.close()
    live.web()
    live.worker()
    yield made


def test_from_the_night_to_the_mentors_answer(town: Town, browser: Browser) -> None:
    county = town.live.world.a
    done = wait_until(lambda: town.one(sa.select(Job.outcome).where(Job.name == jobs.WATCH, Job.state == "done")))
    assert done[0]["raised"] >= 2
    about = sa.select(Flag.id, Flag.probability, Flag.model_hash).where(Flag.person_id == county.doctor)
    flag, probability, model = wait_until(lambda: town.one(about))
    assert town.one(sa.select(StallModel.content_hash)) == (model,)

    tablet = opened(browser, TABLET, town.live.address, town.tokens["a.examiner"])
    tablet.goto(f"{town.live.address}/")
    tablet.get_by_role("link", name="王小明 · 心电图操作").click()
    expect(tablet.locator("h1")).to_have_text("王小明 · 心电图操作")
    expect(tablet.locator(".flag-reasons li")).to_have_count(3)
    expect(tablet.locator(".flag-ways")).to_contain_text("30 天内在带教下完成一次操作")
    expect(tablet.locator("main")).to_contain_text(f"成绩相似的 100 人中，约 {min(round(probability * 100), 99)} 人")
    expect(tablet.locator("figure.spark svg polyline")).to_be_visible()

    tablet.get_by_label("我来接手").check()
    tablet.locator("#answer button[type=submit]").click()
    expect(tablet.locator("[role=alert]")).to_contain_text("请选择您准备怎么做")
    tablet.get_by_label("上门带教").check()
    tablet.locator("#note").fill("周五上午去卫生院一起做三例")
    tablet.locator("#answer button[type=submit]").click()
    expect(tablet.locator(".flashes")).to_contain_text("已保存")
    expect(tablet.locator("main")).to_contain_text("已接手")
    said = sa.select(FlagAnswer.flag_id, FlagAnswer.answer, FlagAnswer.plan, FlagAnswer.note, FlagAnswer.by_id)
    assert town.one(said) == (flag, "accepted", "visit", "周五上午去卫生院一起做三例", county.examiner)
    tablet.goto(f"{town.live.address}/flags")
    expect(tablet.locator(f"#flag-{flag}")).to_have_count(0)
    tablet.get_by_role("link", name="已答复").click()
    expect(tablet.locator(f"#flag-{flag}")).to_contain_text("此后还没有成绩")

    phone = opened(browser, PHONE, town.live.address, town.tokens["a.doctor"])
    phone.goto(f"{town.live.address}/")
    expect(phone.locator("main")).to_contain_text("陈建国 已知道并会帮助您")
    assert phone.goto(f"{town.live.address}/flags").status == 403  # type: ignore[union-attr]

    neighbour = opened(browser, PHONE, town.live.address, town.tokens["b.examiner"])
    neighbour.goto(f"{town.live.address}/flags?state=")
    expect(neighbour.locator("section[id^=flag-]")).to_have_count(1)
    expect(neighbour.locator(f"#flag-{flag}")).to_have_count(0)
    assert neighbour.goto(f"{town.live.address}/flags/{flag}").status == 404  # type: ignore[union-attr]
