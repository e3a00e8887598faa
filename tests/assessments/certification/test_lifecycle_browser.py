"""Two officers at real browsers with passkeys: they approve, suspend and lift, and the signer believes their keys."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from assessments.certification import models
from assessments.certification.signer import passkeys as asked_again
from lms import passwords
from lms.people.models import Person
from tests import browser as chrome
from tests.assessments.certification.conftest import Way
from tests.assessments.certification.lifecycle import due_at_once
from tests.assessments.certification.signing import signed_here
from tests.databases import Live
from tests.waiting import arrive

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]
PASSWORD = "瑞雪兆丰年 2026"
LATER = 60_000
#: Set, it is a folder for pictures of every page, at three widths and in both languages.
SHOTS = os.environ.get("LIFECYCLE_SHOTS", "")


@pytest.fixture
def site(live: Live, real: Way) -> Iterator[str]:
    """A running server reached by a name, as passkeys need it; the signer knows the name."""
    address = f"http://localhost:{live.port}"
    live.environment["LMS_PUBLIC_URL"] = address
    with live.engine().begin() as connection:
        connection.execute(sa.update(Person).values(password_hash=passwords.protect(PASSWORD)))
    live.web()
    asked_again.configure(address)
    yield address
    asked_again.configure(real.app.config["LMS"].public_url)


class Officer:
    """One officer at a desk, signed in, with a key enrolled."""

    def __init__(self, browser: Browser, site: str, way: Way, account: str, officer: int) -> None:
        self.site = site
        self.context: BrowserContext = browser.new_context(locale="zh-CN", viewport={"width": 1280, "height": 900})
        self.context.set_default_timeout(LATER)
        self.page: Page = self.context.new_page()
        self._holds_a_key()
        self.page.goto(f"{site}/sign-in")
        self.page.get_by_label("账号").fill(account)
        self.page.get_by_label("密码").fill(PASSWORD)
        self.page.get_by_role("button", name="登录", exact=True).click()
        self.page.locator("input[autocomplete=one-time-code]").fill(way.code(officer))
        self.page.locator("main button[type=submit]").first.click()
        expect(self.page).to_have_url(f"{site}/", timeout=LATER)
        self.page.goto(f"{site}/account/second-factor")
        self.page.get_by_role("button", name="创建通行密钥").click()
        expect(self.page).to_have_url(re.compile("/account/recovery-codes$"), timeout=LATER)

    def _holds_a_key(self) -> None:
        devtools = self.context.new_cdp_session(self.page)
        devtools.send("WebAuthn.enable")
        options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
        options |= {"isUserVerified": True, "automaticPresenceSimulation": True}
        devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})

    def see(self, address: str, name: str = "") -> Page:
        """Open a page; with pictures where they are wanted. The one that is open may go on by itself."""
        arrive(self.page, f"{self.site}{address}")
        if SHOTS and name:
            for width in (390, 820, 1280):
                self.page.set_viewport_size({"width": width, "height": 900})
                self.page.screenshot(path=Path(SHOTS) / f"{name}_{width}.png", full_page=True)
        return self.page

    def touch(self, form: Page | Locator) -> None:
        """The passkey instead of a code."""
        form.get_by_role("button", name="使用通行密钥").click()


def test_officers_approve_suspend_and_lift_with_their_keys(live: Live, real: Way, site: str) -> None:
    due_at_once(real)
    a = real.world.a
    case = real.two_stars(a.doctor)
    address = f"/certificates/cases/{case.id}"
    with chrome.opened() as browser:
        first = Officer(browser, site, real, "a-certificate_officer", a.certificate_officer)
        second = Officer(browser, site, real, "a-second_certificate_officer", a.second_certificate_officer)
        first.touch(first.see(address, "case").locator("#decide form").first)
        expect(first.page).to_have_url(f"{site}/certificates", timeout=LATER)
        second.touch(second.see(address).locator("#decide form").first)
        expect(second.page).to_have_url(re.compile("/certificates/issuing/"), timeout=LATER)
        second.see(second.page.url.removeprefix(site), "issuing")
        made = real.issue(case)
        assert signed_here(live) == {"signed": [made.number], "refused": {}}

        whole = f"/certificates/{made.id}"
        real.decide(a.doctor)
        second.see("/certificates", "desk")
        second.see("/certificates/renewals", "renewals")
        page = second.see(whole, "certificate")
        page.locator("#suspend summary").click()
        page.locator("#suspend textarea").fill("接到举报，正在核查")
        second.touch(page.locator("#suspend"))
        expect(page.locator("#suspension-answer")).to_be_visible(timeout=LATER)
        page = first.see(whole, "suspension")
        page.locator("#suspension-form").get_by_label("同意", exact=True).check()
        first.touch(page.locator("#suspension-form"))
        expect(page.get_by_role("main")).to_contain_text("已暂停", timeout=LATER)
        first.see(whole, "suspended")
    with live.engine().connect() as connection:
        acts = connection.execute(sa.select(models.OfficerAct.purpose, models.OfficerAct.code)).all()
    assert sorted(acts) == [("approve", None), ("approve", None), ("confirm", None), ("suspend", None)]
