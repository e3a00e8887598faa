"""A county on the way to five stars: evidence, an exam with a wrong key in it, and officers who hold passkeys."""

import os
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from sqlalchemy import orm

import config
from assessments.certification.models import Certificate, Proposal
from assessments.exams.services import marking, sitting
from assessments.results.models import Result, ResultKind
from assessments.results.policy import Results
from assessments.results.services import Evidence, record
from lms import clock
from lms.authz import Actor
from lms.db import db
from lms.people.models import Person
from lms.techniques.models import Technique
from tests.assessments.certification.conftest import load_policy
from tests.factories import cohorts
from tests.factories import exams as made
from tests.factories.halls import Hall
from tests.journeys.contexts import sit
from tests.waiting import arrive

STARS = config.CHECKOUT / "content" / "policies" / "stars.yaml"
RECORDER = Actor.job("test", Results.RECORD)
TECHNIQUES = (
    "bp-measurement",
    "hypertension-management",
    "diabetes-management",
    "cpr-adult",
    "shock-first-response",
    "ecg-12-lead",
    "chest-xray-reading",
    "anaphylaxis-first-response",
    "acute-chest-pain",
    "stroke-recognition",
)
LATER = 60_000
WIDE = {"width": 1280, "height": 900}
#: Set, it is a folder for pictures of what the journey sees.
SHOTS = os.environ.get("STARS_SHOTS", "")


class County(Hall):
    """A site with a name, as passkeys need it, and evidence that the worker hears of."""

    site: str
    tokens: dict[str, str]

    def open(self, policy: str) -> None:
        """Everybody is signed in, the signer has a key; before the policy comes, the techniques it speaks of."""
        world, county = self.live.world, self.live.world.a
        self.site = f"http://localhost:{self.live.port}"
        self.live.environment |= {"LMS_PUBLIC_URL": self.site, "LMS_POLICY": policy}
        with self.session() as session:
            session.add_all(_technique(code) for code in TECHNIQUES)
            session.commit()
        everyone = {**county.people, **{f"city_{name}": person for name, person in world.people.items()}}
        self.tokens = {name: self.sign_in(person) for name, person in everyone.items()}
        self.live.flask("signer", "new-key")

    def give(self, person: int, kind: ResultKind, value: int, number: str, **more: Any) -> None:
        """One piece of evidence."""
        day = more.pop("on_day", clock.today() - timedelta(days=30))
        with self.as_(RECORDER) as actor:
            source = {"source_kind": "test", "source_id": f"{person}-{kind}-{number}", "source": {"n": number}}
            given = Evidence(kind=kind, on_day=day, value=Decimal(value), **source, **more)
            record(actor, db.session.get_one(Person, person), evidence=given)

    def give_now(self, *given: Any, **more: Any) -> None:
        """The same while a browser is open: in a thread of its own, away from the browser's event loop."""
        with ThreadPoolExecutor(1) as apart:
            apart.submit(lambda: self.give(*given, **more)).result()


class Town(County):
    """County a under the default policy: what is missing for five stars is the release of the theory exam."""

    def prepare(self) -> None:
        """Policy, evidence, an exam that is over and marked."""
        world, county = self.live.world, self.live.world.a
        self.open("default")
        # What is issued can be renewed at once, with one skill proved anew.
        about = {"valid_years": 2, "renew_days": 730, "refreshers": 1}
        load_policy(self._app, STARS, certificate=about)
        for person, marks in ((county.doctor, 74), (county.second_doctor, 90)):
            self.all_but_theory(person, marks)
        self.hold_an_exam(county.exam_officer, world.people["exam_officer"])

    def all_but_theory(self, person: int, marks: int) -> None:
        """Hours, a rotation, stations, evaluation, encounters and sign-offs, all that five stars ask for."""
        county = self.live.world.a
        self.give(person, ResultKind.SIMULATION_HOURS, 50, "1")
        self.give(person, ResultKind.ROTATION_DAYS, 90, "1")
        self.give(person, ResultKind.THEORY_HOURS, 40, "1")
        self.give(person, ResultKind.PRACTICE_EVALUATION, marks, "1")
        for number in range(8):
            self.give(person, ResultKind.PRACTICAL_EXAM, marks, f"{number}")
        assessors = county.examiner, county.second_examiner, county.manager
        for number in range(12):
            self.give(person, ResultKind.WORKPLACE_ENCOUNTER, 5, f"{number}", assessor_id=assessors[number % 3])
        with self.session() as session:
            codes = dict(session.execute(sa.select(Technique.code, Technique.id)).all())
        for code in TECHNIQUES:
            self.give(person, ResultKind.ENTRUSTMENT, 5, code, technique_id=codes[code])

    def hold_an_exam(self, *officers: int) -> None:
        """Both doctors sat it; one multiple choice has a wrong key, and one of them answered by it."""
        county = self.live.world.a
        with self.session() as session:
            made.bank(session)
        with self.session() as session:
            office = made.Office(self.as_, session)
            self.sat = office.ready((officers[0], officers[1]), county.commission)
            key = office.right_answers(self.sat)
            self.wrong = [one.id for one in office.items(self.sat) if one.question.kind == "multiple"][-1]
            answers = {county.doctor: key, county.second_doctor: key | {self.wrong: ["A"]}}
            self.attempts = cohorts.sit(session, self.sat, answers)
            office.do(officers[0], self.sat, lambda a, e: sitting.close(a, e, reason="over"))
            office.do(officers[0], self.sat, marking.mark)

    def cases(self, person: int, *, renewal: bool = False) -> list[Proposal]:
        """The cases about a person, oldest first."""
        with self.session() as session:
            query = sa.select(Proposal).where(Proposal.person_id == person, Proposal.renewal.is_(renewal))
            return list(session.scalars(query.order_by(Proposal.id)))

    def certificates(self, person: int) -> list[Certificate]:
        """The certificates of a person, with what their state rests on."""
        with self.session() as session:
            query = sa.select(Certificate).where(Certificate.person_id == person).order_by(Certificate.id)
            with_all = orm.selectinload(Certificate.periods), orm.selectinload(Certificate.changes)
            return list(session.scalars(query.options(*with_all, orm.joinedload(Certificate.signature))))

    def theory(self, person: int) -> list[tuple[int, Decimal]]:
        """Every version of the theory mark of a person."""
        with self.session() as session:
            query = sa.select(Result.version, Result.value).where(Result.kind == "theory_exam")
            rows = session.execute(query.where(Result.person_id == person).order_by(Result.version))
            return [(version, value) for version, value in rows if value is not None]


def _technique(code: str) -> Technique:
    words = {"title": code, "title_en": code, "summary": code, "standard": code}
    return Technique(code=code, kind="procedure", core=True, categories=["general_practitioner"], sources=[], **words)


class Desk:
    """A screen at which somebody of the county sits."""

    def __init__(self, town: County, browser: Browser, who: str, size: Any = WIDE) -> None:
        self.site = town.site
        self.context: BrowserContext = browser.new_context(viewport=size, locale="zh-CN")
        self.context.set_default_timeout(LATER)
        sit(self.context, town.site, town.tokens[who])
        self.page: Page = self.context.new_page()

    def see(self, address: str) -> Page:
        """Open a page; the one that is open may show how work goes, and go on by itself."""
        arrive(self.page, f"{self.site}{address}")
        return self.page


class Officer(Desk):
    """An officer at a desk, whose device holds a passkey: a fingerprint that says yes by itself."""

    def __init__(self, town: County, browser: Browser, who: str) -> None:
        super().__init__(town, browser, who)
        devtools = self.context.new_cdp_session(self.page)
        devtools.send("WebAuthn.enable")
        options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
        options |= {"isUserVerified": True, "automaticPresenceSimulation": True}
        devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        self.see("/account/second-factor").get_by_role("button", name="创建通行密钥").click()
        expect(self.page).to_have_url(re.compile("/account/recovery-codes$"), timeout=LATER)

    def touch(self, form: Page | Locator) -> None:
        """The passkey instead of a code."""
        form.get_by_role("button", name="使用通行密钥").click()

    def approve(self, case: Proposal) -> None:
        """Look at a case and approve it."""
        page = self.see(f"/certificates/cases/{case.id}")
        self.touch(page.locator("#decide form").first)
        expect(page).to_have_url(re.compile("/certificates($|/issuing/)"), timeout=LATER)

    def ask(self, certificate: Certificate, what: str, note: str, category: str | None = None) -> None:
        """The first half of a suspension or a revocation."""
        page = self.see(f"/certificates/{certificate.id}")
        page.locator(f"#{what} > summary").click()
        form = page.locator(f"#{what}")
        if category:
            form.locator("select").select_option(category)
        form.locator("textarea").fill(note)
        self.touch(form)

    def confirm(self, certificate: Certificate, form: str) -> Page:
        """The second half."""
        page = self.see(f"/certificates/{certificate.id}")
        page.locator(f"#{form} input[type=radio]").first.check()
        self.touch(page.locator(f"#{form}"))
        return page


def keep(page: Page, name: str) -> None:
    """A picture, where pictures are wanted."""
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)
