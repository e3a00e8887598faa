"""A stranger's phone: the page behind the QR code, and the same check with the server stopped."""

import signal
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from assessments.certification import documents, jobs, models
from assessments.certification.queries import proofs
from assessments.certification.rules.document import decoded, encoded
from lms.db import act_as, db
from tests import browser as chrome
from tests import databases
from tests.assessments.certification.conftest import Way
from tests.assessments.certification.signing import once

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]
#: A page that cannot reach the centre waits six seconds before it goes on with what it has.
PATIENCE = 30_000
PHONE = {"width": 390, "height": 844}


@dataclass
class Paper:
    """A certificate as somebody holds it in their hand."""

    id: int
    address: str
    pdf: bytes

    @property
    def card(self) -> str:
        """What stands behind the # of its QR code."""
        return self.address.partition("#")[2]

    @property
    def altered(self) -> str:
        """The same code with another name in it, and the signature as it was."""
        values, _, signature = self.card.partition(".")
        other = encoded(decoded(values).replace("王小明".encode(), "王小红".encode()))
        return f"{self.address.partition('#')[0]}#{other}.{signature}"


def printed(way: Way, made: models.Certificate, address: str) -> Paper:
    with way.app.app_context():
        act_as(db.session, jobs.ACTOR)
        proof = proofs.proof_of(db.session, db.session.get_one(models.Certificate, made.id))
        assert proof is not None
        look = documents.Look(address, simulated=True)
        return Paper(made.id, documents.address(proof, address), documents.certificate(proof, look))


def revoke(way: Way, number: int) -> None:
    """By two officers; in a thread of its own, because beside the browser's event loop the database does not work."""
    a = way.world.a
    with ThreadPoolExecutor(1) as apart:
        apart.submit(lambda: way.answer(a.second_certificate_officer, way.ask(a.certificate_officer, number))).result()


def outcome(page: Page, word: str, shown: str) -> None:
    expect(page.locator("[data-part=answer]")).to_have_attribute("data-shown", shown, timeout=PATIENCE)
    expect(page.locator(f"[data-outcome={shown}] h2")).to_have_text(word)
    expect(page.locator("[data-outcome]:visible")).to_have_count(1)


def test_a_strangers_phone_with_and_without_a_network(real: Way, live: databases.Live, tmp_path: Path) -> None:
    a = real.world.a
    cases = [real.two_stars(person) for person in (a.doctor, a.second_doctor)]
    for officer in (a.certificate_officer, a.second_certificate_officer):
        real.approve(officer, *cases)
    made = [real.issue(case) for case in cases]
    assert len(once(live)["signed"]) == 2
    mine, other = (printed(real, one, live.address) for one in made)
    file = tmp_path / "certificate.pdf"
    file.write_bytes(mine.pdf)
    web = live.web()
    with chrome.opened() as browser:
        # Abroad: the day that counts is the one where the certificate was issued.
        abroad = {"locale": "zh-CN", "timezone_id": "America/Los_Angeles"}
        page = browser.new_context(viewport=PHONE, has_touch=True, **abroad).new_page()
        the_page_reads_the_paper(page, mine, other)
        page.goto(f"{live.address}/v/offline#{mine.card}")
        outcome(page, "真实有效", "good")
        expect(page.locator("[data-part=facts]")).to_contain_text("王小明")
        expect(page.locator("main")).to_have_attribute("data-kept", "yes")

        live.kill(web, signal.SIGTERM)
        without_a_network(page, mine, file)

        web = live.web()
        revoke(real, mine.id)
        assert once(live)["refused"] == {}
        page.goto(f"{live.address}/v/offline#{mine.card}")
        outcome(page, "已吊销", "revoked")
        page.goto(f"{live.address}/v/offline#{other.card}")
        page.reload()
        outcome(page, "真实有效", "good")
        live.kill(web, signal.SIGTERM)
        page.goto(mine.address)
        outcome(page, "已吊销", "revoked")
        expect(page.locator("[data-outcome=revoked] [data-as-of]")).not_to_be_empty()


def the_page_reads_the_paper(page: Page, mine: Paper, other: Paper) -> None:
    """The fragment never left the phone; what it says is held against the page."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(mine.address)
    expect(page.locator("h1")).to_have_text("有效")
    expect(page.locator("[data-paper=same]")).to_be_visible()
    expect(page.locator("[data-part=paper-facts]")).to_contain_text("王小明")
    for address, shown in ((mine.altered, "forged"), (f"{mine.address.partition('#')[0]}#{other.card}", "other")):
        page.goto("about:blank")
        page.goto(address)
        expect(page.locator(f"[data-paper={shown}]")).to_be_visible()
        expect(page.locator("[data-paper]:visible")).to_have_count(1)
    assert not [url for url in asked if mine.card[:40] in url.partition("#")[0]]


def without_a_network(page: Page, mine: Paper, file: Path) -> None:
    page.goto("about:blank")
    page.goto(mine.address)  # the address on the paper itself
    outcome(page, "真实有效", "good")
    expect(page.locator("[data-outcome=good] [data-as-of]")).not_to_be_empty()
    page.goto("about:blank")
    page.goto(mine.altered)
    outcome(page, "不是真证书", "forged")
    expect(page.locator("[data-part=facts]")).to_be_hidden()
    page.locator("#check-file").set_input_files(file)
    page.locator("[data-part=form] button").click()
    outcome(page, "真实有效", "good")
    page.locator("#check-text").fill("一段别的文字")
    page.locator("[data-part=form] button").click()
    outcome(page, "无法识别", "unreadable")
