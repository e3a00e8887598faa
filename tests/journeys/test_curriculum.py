"""An editor changes a curriculum: twenty doctors go over, two whom it cannot serve are listed, and a doctor sees it."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import orm

from courses.enrolment.models import CurriculumAssignment
from lms import clock, ids
from lms.authz import Actor
from lms.db import act_as
from lms.people.models import Person, SignIn
from lms.people.queries import hash_of
from lms.techniques.models import Standing, Technique
from tests.databases import Live
from tests.factories import curricula
from tests.journeys.contexts import opened, press
from tests.waiting import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
LATER = 60_000


class Training:
    """Twenty-two doctors of county a with a curriculum, one far ahead and one far behind."""

    def __init__(self, live: Live) -> None:
        self.live = live
        with self.session() as session:
            session.execute(sa.update(Person).where(Person.id.in_(self._of_b())).values(active=False))
            self.people = curricula.doctors(session, live.world.a.township, 20)
            session.commit()

    def _of_b(self) -> list[int]:
        return [self.live.world.b.doctor, self.live.world.b.second_doctor]

    def session(self) -> orm.Session:
        """A look at the database, as its owner."""
        made = orm.Session(self.live.engine())
        act_as(made, Actor.job("test"))
        return made

    def token(self, person_id: int) -> str:
        """A browser's token in which somebody is signed in."""
        token = ids.token()
        with self.session() as session:
            place = session.get_one(Person, person_id).institution_id
            session.add(SignIn(person_id=person_id, institution_id=place, token_hash=hash_of(token)))
            session.commit()
        return token

    def numbers(self) -> dict[int, int]:
        """Which version each of them follows, as its id."""
        with self.session() as session:
            query = sa.select(CurriculumAssignment.person_id, CurriculumAssignment.version_id)
            return dict(session.execute(query).all())

    def apart(self) -> None:
        """One has finished the first tier already; another began so long ago that its day is past."""
        with self.session() as session:
            bp = session.scalars(sa.select(Technique).where(Technique.code == "bp")).one()
            curricula.finish_course(session, self.people[0])
            session.add(
                Standing(
                    person_id=self.people[0], institution_id=self.live.world.a.township, technique_id=bp.id, level=3,
                    since=clock.today(),
                )
            )  # fmt: skip
            session.execute(
                sa.update(CurriculumAssignment)
                .where(CurriculumAssignment.person_id == self.people[1])
                .values(begins_on=date(2024, 1, 1), due_on=[date(2024, 7, 1), *[date(2030, 1, 1)] * 4])
            )
            session.commit()


@pytest.fixture
def training(live: Live, tmp_path: Path) -> Iterator[Training]:
    """Loaded by the command, served by real processes."""
    live.flask("content", "load", str(curricula.pack(tmp_path / "pack")))
    made = Training(live)
    live.web()
    live.worker()
    yield made


def write_a_version(desk: Page, address: str) -> None:
    """A draft of what holds, with a technique more on its first tier, made a version."""
    desk.goto(f"{address}/editor/curricula/gp")
    press(desk, "/editor/curricula/gp/draft/begin")
    expect(desk.locator("#tier-1")).to_be_visible()
    desk.locator("#tier-1 a.panel-more").click()
    expect(desk.locator("h1")).to_have_text("第 1 层的要求")
    desk.locator("select[name=kind]").select_option("technique")
    desk.locator("input[name=code]").fill("cpr-3")
    desk.locator("select[name=technique]").select_option("cpr")
    desk.locator("input[name=amount]").fill("3")
    desk.locator("main form.form button[type=submit]").click()
    expect(desk.locator("#tier-1").get_by_text("心肺复苏：3 级")).to_be_visible()
    desk.locator("#finish > summary").click()
    press(desk, "/editor/curricula/gp/draft/finish")


def test_a_change_moves_twenty_doctors_and_lists_two(training: Training, browser: Browser) -> None:
    world, live = training.live.world, training.live
    desk = opened(browser, DESK, live.address, training.token(world.a.editor))
    # the rules give it to everybody: by themselves once the pack is there, and whenever an editor asks
    desk.goto(f"{live.address}/editor/curricula/people")
    press(desk, "/editor/curricula/people/give")
    expect(desk.get_by_text("共 22 人")).to_be_visible(timeout=LATER)
    assert len(training.numbers()) == 22
    training.apart()
    before = training.numbers()
    # the doctor's way, on a phone
    phone = opened(browser, PHONE, live.address, training.token(training.people[5]))
    phone.goto(f"{live.address}/path")
    expect(phone.locator(".tier")).to_have_count(5)
    expect(phone.get_by_text("先完成：课程：高血压入门")).to_be_visible()
    expect(phone.get_by_text("心肺复苏")).to_have_count(0)
    write_a_version(desk, live.address)
    # and looked at before it holds
    press(desk, "/editor/curricula/gp/2/preview")
    expect(desk.locator("#moves-everybody")).to_have_text("20", timeout=LATER)
    expect(desk.locator("#excepted-everybody")).to_have_text("2")
    expect(desk.locator("#excepted .row-item")).to_have_count(2)
    assert training.numbers() == before
    desk.locator("select[name=moving]").select_option("everybody")
    press(desk, "/editor/curricula/gp/2/publish")
    wait_until(lambda: sum(training.numbers()[one] != before[one] for one in before) == 20)
    # the page goes on by itself once all went over
    expect(desk).to_have_url(re.compile("/publications/[0-9]+$"), timeout=LATER)
    expect(desk.locator(".stat-value").first).to_have_text("20", timeout=LATER)
    expect(desk.locator("#excepted .row-item")).to_have_count(2, timeout=LATER)
    words = desk.locator("#excepted").inner_text()
    assert "学员000" in words
    assert "已完成的一层要重新打开：心肺复苏：3 级" in words
    assert "学员001" in words
    assert "还没开始就已过期：心肺复苏：3 级" in words
    after = training.numbers()
    assert [one for one in before if after[one] == before[one]] == training.people[:2]
    phone.reload()
    expect(phone.get_by_text("心肺复苏：3 级")).to_be_visible()
    # the editor takes one of the two over all the same
    desk.locator("#excepted .row-item", has_text="学员001").get_by_role("button", name="仍然转版").click()
    wait_until(lambda: training.numbers()[training.people[1]] != before[training.people[1]])
