"""Two officers change the star policy: everybody is decided again, and the page shows who moves."""

import re
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.dialects import postgresql as pg

from assessments.certification.models import PolicyVersion, StarDecision
from assessments.results.models import ResultKind
from lms import clock
from tests.assessments.certification.conftest import load_policy
from tests.databases import Live
from tests.journeys.contexts import press
from tests.journeys.stars import LATER, County, Desk, Officer, keep
from tests.waiting import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]
REASON = "理论考试要求提高"


class Cohort(County):
    """Five doctors of two counties with theory marks around what the policy asks, decided about already."""

    def prepare(self) -> None:
        """The introductory policy: sixty percent make the first star."""
        a, b = self.live.world.a, self.live.world.b
        self.open("first-way")
        load_policy(self._app)
        self.marks = {a.doctor: 95, a.second_doctor: 70, a.village_doctor: 40, b.doctor: 88, b.second_doctor: 91}
        for person, mark in self.marks.items():
            self.give(person, ResultKind.THEORY_EXAM, mark, "1")

    def stars(self, version: int) -> dict[int, int]:
        """Whom this version of the policy was decided about, and with how many stars."""
        with self.session() as session:
            query = sa.select(StarDecision.person_id, StarDecision.star).join(StarDecision.policy_version)
            query = query.where(PolicyVersion.version == version).ext(pg.distinct_on(StarDecision.person_id))
            return dict(session.execute(query.order_by(StarDecision.person_id, StarDecision.id.desc())).all())

    def versions(self) -> dict[int, int]:
        """The versions in the book, by their number."""
        with self.session() as session:
            return dict(session.execute(sa.select(PolicyVersion.version, PolicyVersion.id)).all())


@pytest.fixture
def cohort(live: Live) -> Iterator[Cohort]:
    """Prepared before a browser is open, decided about by a real worker."""
    made = Cohort(live)
    made.prepare()
    live.web()
    live.worker()
    wait_until(lambda: len(made.stars(1)) == len(made.marks))
    yield made
    made.close()


def test_a_policy_changed_by_two_officers_moves_the_cohort(cohort: Cohort, browser: Browser) -> None:
    a, b = cohort.live.world.a, cohort.live.world.b
    assert cohort.stars(1) == {one: int(mark >= 60) for one, mark in cohort.marks.items()}
    first = Officer(cohort, browser, "city_certificate_officer")
    second = Officer(cohort, browser, "city_second_certificate_officer")

    draft(first)
    counted(first.page)
    press(first.page, "/propose")
    expect(first.page).to_have_url(re.compile("/policies/proposals/[0-9]+$"))
    proposal = first.page.url.removeprefix(cohort.site)
    keep(first.page, "policy_proposal")
    first.touch(first.page.locator("#decide form").first)
    expect(first.page).to_have_url(re.compile("/policies$"), timeout=LATER)
    assert set(cohort.versions()) == {1}, "one officer is not two"
    assert first.see(proposal).get_by_role("button", name="使用通行密钥").count() == 0, "nor is one twice"
    second.touch(second.see(proposal).locator("#decide form").first)
    expect(second.page).to_have_url(re.compile("/policies$"), timeout=LATER)
    assert set(cohort.versions()) == {1, 2}

    wait_until(lambda: len(cohort.stars(2)) == len(cohort.marks))
    assert cohort.stars(2) == {a.doctor: 1, a.second_doctor: 0, a.village_doctor: 0, b.doctor: 0, b.second_doctor: 1}
    address = f"/policies/{cohort.versions()[2]}/moved"
    assert moved(second.see(address)) == {person(cohort, a.second_doctor), person(cohort, b.doctor)}
    keep(second.page, "policy_moved")
    neighbour = Desk(cohort, browser, "certificate_officer")
    assert moved(neighbour.see(address)) == {person(cohort, a.second_doctor)}, "a county sees its own"
    expect(Desk(cohort, browser, "doctor").see("/policies").locator("main")).to_contain_text("90%")


def draft(officer: Officer) -> None:
    """A draft that asks for ninety percent instead of sixty, with its reason."""
    page = officer.see("/policies")
    press(page, "/drafts")
    expect(page).to_have_url(re.compile("/policies/drafts/[0-9]+$"))
    address = page.url
    page.goto(f"{address}/parts/1.0")
    page.locator("input[name=min]").fill("90")
    page.locator("input[name=zh]").fill("")
    page.locator("input[name=en]").fill("")
    page.locator("main form button[type=submit]").first.click()
    expect(page).to_have_url(f"{address}#star-1")
    page.goto(f"{address}/about")
    page.locator("textarea[name=reason]").fill(REASON)
    page.locator("input[name=valid_from]").fill(clock.today().isoformat())
    page.locator("main form button[type=submit]").first.click()
    expect(page).to_have_url(address)
    expect(page.locator("main")).to_contain_text(REASON)


def counted(page: Page) -> None:
    """A job counts whom it would move; the page shows when it is done."""
    press(page, "/preview")
    expect(page.locator("#preview a[href$='/moves']")).to_be_visible(timeout=LATER)
    keep(page, "policy_draft")
    address = page.url.partition("#")[0]
    page.locator("#preview a[href$='/moves']").click()
    expect(page.locator("tbody tr")).to_have_count(2)
    page.goto(address)


def person(cohort: Cohort, number: int) -> str:
    """The address under which a list names somebody."""
    return f"/stars/{number}"


def moved(page: Page) -> set[str]:
    """Whom the page of moves names."""
    return {one.get_attribute("href") or "" for one in page.locator("tbody tr a").all()}
