"""One doctor's way, whole: lesson, exam, station, practice, two stars, certificate, verified by a stranger, revoked.

Three people in three contexts: the doctor on a phone, the examiner on a tablet, the officers' desk on a desktop, where
officers take turns (nobody approves, marks or releases twice).
"""

import re
import time
from collections.abc import Iterator

import pyotp
import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, BrowserContext, Page, expect

from assessments.certification.models import Certificate
from assessments.exams.models import Exam
from assessments.practice import services as practice
from assessments.practice.queries import newest_forms
from lms import clock
from lms.db import db
from lms.people.models import CodeGenerator, Person
from tests.databases import Live
from tests.factories import exams as exam_factory
from tests.factories import osce as osce_factory
from tests.factories.halls import PASSWORD, Hall
from tests.journeys.contexts import press, sit
from tests.waiting import arrive, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PHONE, TABLET, DESK = ({"width": w, "height": h} for w, h in ((390, 844), (820, 1180), (1440, 900)))
LATER = 60_000
CODE = "input[autocomplete=one-time-code]"


class Town(Hall):
    """A county ready for one doctor's way: content, an open exam, a running station, an assigned evaluation."""

    def prepare(self) -> None:
        world, county = self.live.world, self.live.world.a
        self.load_content()
        with self.session() as session:
            office = exam_factory.Office(self.as_, session)
            paper = exam_factory.blueprint(bank="hypertension")
            self.exam_id = office.draft(county.exam_officer, county.commission, paper=paper)
            office.seat(county.exam_officer, self.exam_id, county.doctor)
            office.approve(self.exam_id, county.exam_officer, world.people["exam_officer"])
        with self.session() as session:
            rounds = osce_factory.Office(self.as_, session)
            self.round = rounds.running(county.exam_officer, county.commission, [county.doctor], [county.examiner])
        with self.as_(county.exam_officer) as actor:
            made = practice.assign(
                actor,
                db.session.get_one(Person, county.doctor),
                assessor=db.session.get_one(Person, county.second_examiner),
                version=newest_forms()[0],
                period_from=clock.today().replace(month=1, day=1),
                period_until=clock.today(),
            )
            self.evaluation = made.id
        everyone = {**county.people, "city_exam_officer": world.people["exam_officer"]}
        self.tokens = {name: self.sign_in(person) for name, person in everyone.items()}
        self.live.flask("signer", "new-key")

    def right_answers(self) -> dict[str, list[str]]:
        with self.session() as session:
            return dict(session.get_one(Exam, self.exam_id).key.keys)

    def code(self, officer: str) -> str:
        """A code that has not been used: of the step after the last one, which is accepted a little early."""
        person = self.live.world.a.people[officer]
        with self.session() as session:
            found = session.scalars(sa.select(CodeGenerator).where(CodeGenerator.person_id == person)).one()
            step = max(int(time.time()) // 30, found.last_step + 1)
            wait_until(lambda: step <= int(time.time()) // 30 + 1)
            return pyotp.TOTP(found.secret).generate_otp(step)

    def certificate(self) -> Certificate | None:
        with self.session() as session:
            return session.scalars(sa.select(Certificate).order_by(Certificate.id.desc())).first()


@pytest.fixture
def town(live: Live) -> Iterator[Town]:
    """Prepared before a browser is open: beside its event loop the database extension does not work."""
    made = Town(live)
    made.prepare()
    made.close()
    live.web()
    live.worker()
    live.signer()
    yield made


class Desk:
    """The officers' desktop: whoever sits down is signed in, whoever gets up is not."""

    def __init__(self, town: Town, browser: Browser) -> None:
        self.town = town
        self.context: BrowserContext = browser.new_context(viewport=DESK, locale="zh-CN")
        self.page = self.context.new_page()

    def sit(self, officer: str, address: str) -> Page:
        sit(self.context, self.town.live.address, self.town.tokens[officer])
        arrive(self.page, f"{self.town.live.address}{address}")  # the one that is open may go on by itself
        return self.page


def open_up(page: Page, summary: str) -> None:
    """Open a dangerous act to see what it touches."""
    page.locator(f"#{summary} > summary").click()


def test_one_doctors_way_from_lesson_to_a_revoked_star(town: Town, browser: Browser) -> None:
    phone = browser.new_context(viewport=PHONE, locale="zh-CN", has_touch=True).new_page()
    read_a_lesson(town, phone)
    sit_the_exam(town, phone)

    tablet_context = browser.new_context(viewport=TABLET, locale="zh-CN", has_touch=True)
    tablet = tablet_context.new_page()
    sit(tablet_context, town.live.address, town.tokens["examiner"])
    mark_the_station(town, tablet)
    sit(tablet_context, town.live.address, town.tokens["second_examiner"])
    evaluate_practice(town, tablet)

    desk = Desk(town, browser)
    release_the_exam(town, desk)
    release_the_station(town, desk)
    accept_the_evaluation(town, desk)
    approve_the_certificate(town, desk)

    certificate = wait_until(town.certificate)
    stranger = browser.new_context(viewport=PHONE, locale="zh-CN").new_page()
    address = f"{town.live.address}/v/{certificate.public_id}"
    verified(stranger, address)
    take_the_paper_home(town, phone, certificate)
    revoke(town, desk, certificate)
    stranger.goto(address)
    expect(stranger.locator("h1")).to_have_text("已吊销")
    expect(stranger.locator("main")).to_contain_text("发证有误")
    expect(stranger.locator("main")).not_to_contain_text("内部说明不外传")


def read_a_lesson(town: Town, phone: Page) -> None:
    phone.goto(f"{town.live.address}/")
    phone.locator("#account").fill("a-doctor")
    phone.locator("#password").fill(PASSWORD)
    phone.locator("form button[type=submit]").first.click()
    expect(phone.locator("h1")).to_have_text("王小明")
    phone.goto(f"{town.live.address}/courses/hypertension-primary-care")
    press(phone, "/join")
    phone.locator("a[href*='/lessons/']").first.click()
    expect(phone.locator("h1")).to_have_text("把血压量准")
    expect(phone.locator(".lesson[data-ready]")).to_be_attached()
    phone.mouse.wheel(0, 1500)
    until = time.monotonic() + LATER / 1000
    while "接着学" not in phone.locator("main").inner_text():  # that it was opened is told by a script, a moment later
        assert time.monotonic() < until, "the course does not know that its first lesson was opened"
        phone.goto(f"{town.live.address}/courses/hypertension-primary-care")


def sit_the_exam(town: Town, phone: Page) -> None:
    right = town.right_answers()
    phone.goto(f"{town.live.address}/my/exams")
    phone.get_by_role("link", name="高血压理论考试").click()
    phone.get_by_role("button", name="开始考试").click()
    expect(phone.locator("#saved")).to_have_text("已全部保存到服务器")
    for number in range(phone.locator("section.question").count()):
        if not phone.locator(f"[data-go='{number}']").is_visible():
            phone.locator("#show-overview").click()
        phone.locator(f"[data-go='{number}']").click()
        question = phone.locator("section.question:visible")
        for key in right[question.get_attribute("data-item") or ""]:
            question.locator(f".choice:has(input[value='{key}'])").click()
    expect(phone.locator("#saved")).to_have_text("已全部保存到服务器", timeout=LATER)
    if not phone.locator("#hand-in").is_visible():
        phone.locator("#show-overview").click()
    phone.locator("#hand-in").click()
    phone.locator("#hand-in-yes").click()
    phone.wait_for_url(re.compile("/result$"), timeout=LATER)


def mark_the_station(town: Town, tablet: Page) -> None:
    tablet.goto(f"{town.live.address}/osce/stations/{town.round.station}")
    expect(tablet.locator(".candidate[aria-current]")).to_have_count(1)
    tablet.locator(".candidate").first.click()
    items = tablet.locator("fieldset.item")
    for at in range(items.count()):
        items.nth(at).locator("label.cell").last.click()
    tablet.locator("label.level").nth(2).click()
    tablet.locator("#submit").click()
    expect(tablet.locator(".candidate").first).to_have_attribute("data-state", "confirmed", timeout=LATER)


def evaluate_practice(town: Town, tablet: Page) -> None:
    tablet.goto(f"{town.live.address}/practice/{town.evaluation}/records/1")
    for number in range(1, 11):
        expect(tablet.locator(f"form[action$='/records/{number}']")).to_be_visible()
        tablet.locator("#label").fill(f"2026 年第 {number} 份")
        for field in tablet.locator("input[name^=points-]").all():
            field.fill(field.get_attribute("max") or "0")
        press(tablet, f"/records/{number}")
    tablet.wait_for_url(re.compile("/records$"))
    press(tablet, "/submit")
    expect(tablet.locator("main")).to_contain_text("已提交")


def release_the_exam(town: Town, desk: Desk) -> None:
    page = desk.sit("exam_officer", f"/exams/{town.exam_id}")
    open_up(page, "close")
    page.locator("#close textarea").fill("全部考生已交卷")
    press(page, "/close")
    press(page, "/mark")
    expect(page).to_have_url(re.compile("/review$"), timeout=LATER)
    expect(page.locator("main")).to_contain_text("100")
    page = desk.sit("city_exam_officer", f"/exams/{town.exam_id}/review")
    press(page, "/release")
    expect(page.locator("main")).to_contain_text("已公布")


def release_the_station(town: Town, desk: Desk) -> None:
    page = desk.sit("exam_officer", f"/osce/circuits/{town.round.circuit}")
    page.locator("details.confirm:has(form[action$='/close']) > summary").click()
    press(page, "/close")
    expect(page.locator("form[action$='/close']")).to_have_count(0)
    page = desk.sit("city_exam_officer", f"/osce/circuits/{town.round.circuit}")
    press(page, "/release")
    expect(page.locator("main")).to_contain_text("已公布")


def accept_the_evaluation(town: Town, desk: Desk) -> None:
    page = desk.sit("exam_officer", f"/practice/{town.evaluation}")
    press(page, "/accept")
    expect(page.locator("main")).to_contain_text("已采纳")


def approve_the_certificate(town: Town, desk: Desk) -> None:
    """The system proposes two stars by itself, once it has heard of the third result."""
    for officer in ("certificate_officer", "second_certificate_officer"):
        wait_until(lambda who=officer: "二星" in desk.sit(who, "/certificates").locator("main").inner_text())
        desk.page.get_by_role("link", name="王小明").click()
        expect(desk.page.locator("h1")).to_contain_text("王小明")
        desk.page.locator(CODE).fill(town.code(officer))
        press(desk.page, "/approve")
        expect(desk.page).to_have_url(re.compile("/certificates($|/issuing/)"), timeout=LATER)


def verified(stranger: Page, address: str) -> None:
    def shown() -> bool:
        stranger.goto(address)
        return stranger.locator("h1").inner_text() == "有效"

    wait_until(shown)
    main = stranger.locator("main")
    expect(main).to_contain_text("王*明")
    expect(main).not_to_contain_text("王小明")
    expect(main).to_contain_text("二星")


def take_the_paper_home(town: Town, phone: Page, certificate: Certificate) -> None:
    phone.goto(f"{town.live.address}/certificates/mine")
    expect(phone.locator("main")).to_contain_text("二星")
    link = f"/certificates/{certificate.id}/certificate.pdf"
    phone.goto(f"{town.live.address}/certificates/{certificate.id}")
    expect(phone.locator(f"a[href^='{link}']").first).to_be_visible()
    answer = phone.request.get(f"{town.live.address}{link}")
    assert answer.status == 200
    assert answer.body().startswith(b"%PDF")


def revoke(town: Town, desk: Desk, certificate: Certificate) -> None:
    page = desk.sit("certificate_officer", f"/certificates/{certificate.id}")
    open_up(page, "revoke")
    form = page.locator("#revoke")
    form.locator("select").select_option("issued_in_error")
    form.locator("textarea").fill("内部说明不外传")
    form.locator(CODE).fill(town.code("certificate_officer"))
    press(page, "/revoke")
    expect(page.locator("#answer")).to_be_visible(timeout=LATER)
    page = desk.sit("second_certificate_officer", f"/certificates/{certificate.id}")
    form = page.locator("#answer-form")
    form.locator("input[type=radio]").first.check()
    form.locator(CODE).fill(town.code("second_certificate_officer"))
    form.locator("button[type=submit]").click()
    expect(page.locator("main")).to_contain_text("已吊销")
