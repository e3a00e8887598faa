"""From evidence to five stars and to the end of a certificate: two officers with passkeys at every turn.

Two doctors sat an exam whose key has a mistake. One is certified by the wrong key, the other appeals; the corrected
key takes the first certificate away and carries the second, which is signed by a new key and renewed.
"""

import json
import signal
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import sqlalchemy as sa
import zxingcpp
from playwright.sync_api import Browser, Page, expect

from assessments.certification import documents
from assessments.certification.models import Certificate, Proposal
from assessments.certification.rules.document import unpack
from assessments.results.models import ResultKind
from lms import clock
from lms.techniques.models import Technique
from tests.databases import Live
from tests.journeys.contexts import press
from tests.journeys.stars import LATER, SHOTS, TECHNIQUES, Desk, Officer, Town, keep
from tests.waiting import arrive, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]
PHONE: Any = {"width": 390, "height": 844}
#: A page that cannot reach the centre waits six seconds before it goes on with what it has.
PATIENCE = 30_000


@pytest.fixture
def town(live: Live) -> Iterator[Town]:
    """Prepared before a browser is open: beside its event loop the database extension does not work."""
    made = Town(live)
    made.prepare()
    yield made
    made.close()


@pytest.fixture
def running(town: Town, live: Live) -> Town:
    """Real processes on it."""
    live.web()
    live.worker()
    live.signer()
    return town


def test_five_stars_from_evidence_to_revocation_and_renewal(running: Town, browser: Browser, tmp_path: Path) -> None:
    town, a = running, running.live.world.a
    first, second = (Officer(town, browser, who) for who in ("certificate_officer", "second_certificate_officer"))
    stranger = browser.new_context(viewport=PHONE, locale="zh-CN", timezone_id="Asia/Shanghai").new_page()

    release_the_exam(town, browser)
    made = certify(town, a.doctor, first, second)
    paper = take_the_paper(town, browser, made, tmp_path)
    verified(stranger, paper)
    verified_without_a_network(town, stranger, paper)
    rotate_the_key(town, made, tmp_path / "certificate.pdf")

    waiting = appeal(town, browser, first)
    regrade(town, browser, made)
    other = certified_by_the_corrected_key(town, waiting, first, second)
    assert other.signature
    assert made.signature
    assert other.signature.key_id != made.signature.key_id, "the new key signs, the old one still verifies"

    laid_before_the_officers(town, first, made)
    suspend(town, first, second, made, stranger, paper)
    revoke(town, first, second, made, stranger, paper)
    renew(town, first, second, other)
    assert json.loads(town.live.flask("ledger", "verify", "--json").stdout)["holds"] is True


def open_cases(town: Town, person: int, *, star: int, after: int = 0, renewal: bool = False) -> Proposal | None:
    """The newest case about a person, once it is there and about this star."""
    found = [one for one in town.cases(person, renewal=renewal) if one.id > after]
    return found[-1] if found and found[-1].star == star else None


def release_the_exam(town: Town, browser: Browser) -> None:
    """The last piece of evidence: before it the doctor has no star, after it five."""
    doctor = Desk(town, browser, "doctor", PHONE)
    rungs = ".rung:has-text('已达到')"
    expect(doctor.see("/stars").locator(rungs)).to_have_count(0)
    officer = Desk(town, browser, "city_exam_officer")
    press(officer.see(f"/exams/{town.sat}/review"), "/release")
    expect(officer.page.locator("main")).to_contain_text("已公布")
    person = town.live.world.a.doctor
    assert wait_until(lambda: town.theory(person)) == [(1, Decimal(100))]
    wait_until(lambda: open_cases(town, person, star=5))
    expect(doctor.see("/stars").locator(rungs)).to_have_count(5)
    keep(doctor.page, "stars")


def certify(town: Town, person: int, first: Officer, second: Officer) -> Certificate:
    """Both officers look at the newest case and approve it; issued and signed by what runs behind the pages."""
    before = len(town.certificates(person))
    case = town.cases(person)[-1]
    page = first.see("/certificates")
    expect(page.locator(f"a[href='/certificates/cases/{case.id}']")).to_be_visible()
    keep(page, "desk")
    first.approve(case)
    assert len(town.certificates(person)) == before, "one officer is not two"
    second.approve(case)

    def signed() -> Certificate | None:
        found = town.certificates(person)
        return found[-1] if len(found) > before and found[-1].signature else None

    made: Certificate = wait_until(signed)
    assert (made.star, made.proposal_id) == (5, case.id)
    return made


def take_the_paper(town: Town, browser: Browser, made: Certificate, folder: Path) -> str:
    """The doctor downloads the PDF; looked at as a picture, it is a certificate whose code can be read."""
    doctor = Desk(town, browser, "doctor", PHONE)
    expect(doctor.see("/certificates/mine").locator("main")).to_contain_text("五星")
    answer = doctor.page.request.get(f"{town.site}/certificates/{made.id}/certificate.pdf")
    assert answer.status == 200
    (folder / "certificate.pdf").write_bytes(answer.body())
    document = pypdfium2.PdfDocument(answer.body())
    page = document[0]
    size, text = page.get_size(), page.get_textpage()
    words, picture = text.get_text_range(), page.render(scale=3).to_pil().convert("RGB")
    for one in (text, page, document):
        one.close()
    assert [round(one) for one in size] == [842, 595], "a sheet of A4, lying"
    for wanted in ("王小明", "五星", made.number):
        assert wanted in words, wanted
    drawn = sum(picture.convert("L").histogram()[:200])
    assert 0.01 < drawn / (picture.width * picture.height) < 0.5, "neither a blank nor a black page"
    (code,) = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode)
    address, _, card = code.text.partition("#")
    assert address == f"{town.site}/v/{made.public_id}"
    facts, _signature = unpack(card)
    assert (facts["number"], facts["name"], facts["star"]) == (made.number, "王小明", 5)
    if SHOTS:
        picture.save(Path(SHOTS) / "paper.png")
    return str(code.text)


def verified(stranger: Page, paper: str) -> None:
    """A stranger scans the code: the public page, and what the paper itself says."""
    arrive(stranger, paper)
    expect(stranger.locator("h1")).to_have_text("有效")
    main = stranger.locator("main")
    expect(main).to_contain_text("王*明")
    expect(stranger.locator("[data-paper=same]")).to_be_visible()
    expect(stranger.locator("[data-part=paper-facts]")).to_contain_text("王小明")
    keep(stranger, "verified")


def shown_offline(stranger: Page, outcome: str, word: str) -> None:
    expect(stranger.locator("[data-part=answer]")).to_have_attribute("data-shown", outcome, timeout=PATIENCE)
    expect(stranger.locator(f"[data-outcome={outcome}] h2")).to_have_text(word)


def verified_without_a_network(town: Town, stranger: Page, paper: str) -> None:
    """The same scan with the server stopped, after the device has kept keys and lists."""
    stranger.goto(f"{town.site}/v/offline#{paper.partition('#')[2]}")
    shown_offline(stranger, "good", "真实有效")
    expect(stranger.locator("main")).to_have_attribute("data-kept", "yes")
    web = town.live.processes[0]
    town.live.kill(web, signal.SIGTERM)
    arrive(stranger, paper)
    shown_offline(stranger, "good", "真实有效")
    expect(stranger.locator("[data-outcome=good] [data-as-of]")).not_to_be_empty()
    keep(stranger, "offline")
    town.live.web()


def checked(town: Town, what: str) -> dict[str, Any]:
    """What the command says of a file."""
    ran = town.live.flask("certificates", "verify", what, "--json", check=False)
    return dict(json.loads(ran.stdout))


def rotate_the_key(town: Town, made: Certificate, file: Path) -> None:
    """A new key signs from now on; what the old one signed is as genuine as before."""
    assert documents.read(file.read_bytes())[0]["number"] == made.number
    town.live.flask("signer", "new-key")
    found = checked(town, str(file))
    assert (found["genuine"], found["number"]) == (True, made.number), found


def appeal(town: Town, browser: Browser, officer: Officer) -> Proposal:
    """The other doctor, marked down by the wrong key, appeals; meanwhile nobody decides about their certificate."""
    person = town.live.world.a.second_doctor
    case: Proposal = wait_until(lambda: open_cases(town, person, star=5))
    assert town.theory(person) == [(1, Decimal(75))]
    doctor = Desk(town, browser, "second_doctor", PHONE)
    page = doctor.see(f"/attempts/{town.attempts[person]}/result")
    page.locator(".appeal-form summary").click()
    page.locator(".appeal-form textarea").fill("最后一题的答案与指南不符")
    press(page, "/appeal")
    expect(page.locator("#appeal")).to_contain_text("最后一题的答案与指南不符")
    page = officer.see(f"/certificates/cases/{case.id}")
    expect(page.locator("#decide")).to_contain_text("申诉")
    expect(page.get_by_role("button", name="使用通行密钥")).to_have_count(0)
    return case


def regrade(town: Town, browser: Browser, made: Certificate) -> None:
    """The key is corrected by one officer, who answers the appeal, and released by another."""
    page = Desk(town, browser, "exam_officer").see(f"/exams/{town.sat}/regrade")
    question = page.locator(f"details:has(#ruling-{town.wrong})")
    question.locator("summary").click()
    page.locator(f"#ruling-{town.wrong}").select_option("corrected")
    page.locator(f"#key-{town.wrong}").fill("A")
    page.get_by_role("button", name="试算").click()
    expect(page.locator("#dry")).to_contain_text("王小明")
    expect(page.locator("main")).to_contain_text(made.number)
    page.locator("textarea[name=reason]").fill("最后一题的答案按指南更正")
    page.locator("form:has(#dry) button[type=submit]:not([name=again])").last.click()
    expect(page.locator("#certificates")).to_contain_text(made.number, timeout=LATER)
    proposed = page.url
    page.goto(f"{town.site}/appeals")
    page.locator("td a[href^='/appeals/']").first.click()
    page.locator("input[type=radio][value=regrade]").check()
    page.locator("select[name=regrade]").select_option(index=1)
    page.locator("textarea[name=reason]").fill("申诉成立，更正答案")
    page.locator("main form button[type=submit]").click()
    expect(page.locator("main")).to_contain_text("已答复")
    page = Desk(town, browser, "city_exam_officer").see(proposed.removeprefix(town.site))
    press(page, "/release")
    a = town.live.world.a
    assert wait_until(lambda: town.theory(a.doctor)[1:]) == [(2, Decimal(75))]
    assert wait_until(lambda: town.theory(a.second_doctor)[1:]) == [(2, Decimal(100))]


def certified_by_the_corrected_key(town: Town, before: Proposal, first: Officer, second: Officer) -> Certificate:
    """The case of before is overtaken; the one on the corrected mark is approved."""
    person = before.person_id
    case: Proposal = wait_until(lambda: open_cases(town, person, star=5, after=before.id))
    expect(first.see(f"/certificates/cases/{before.id}").locator("#decide")).to_have_count(0)
    assert case.document_hash != before.document_hash
    return certify(town, person, first, second)


def laid_before_the_officers(town: Town, officer: Officer, made: Certificate) -> None:
    """The certificate that rests on the wrong key is no longer carried: it stays valid until officers decide."""
    expect(officer.see("/certificates").locator("main")).to_contain_text(made.number)
    page = officer.see(f"/certificates/{made.id}")
    expect(page.locator("[id^=doubt-]").first).to_contain_text("最后一题的答案按指南更正")
    assert town.certificates(made.person_id)[-1].changes == []
    keep(page, "doubted")


def suspend(town: Town, first: Officer, second: Officer, made: Certificate, stranger: Page, paper: str) -> None:
    second.ask(made, "suspend", "答案更正后成绩不够，正在核查")
    expect(second.page.locator("#suspension-answer")).to_be_visible(timeout=LATER)
    arrive(stranger, paper)
    expect(stranger.locator("h1")).to_have_text("有效")
    expect(first.confirm(made, "suspension-form").get_by_role("main")).to_contain_text("已暂停", timeout=LATER)
    arrive(stranger, paper)
    expect(stranger.locator("h1")).to_have_text("已暂停")


def revoke(town: Town, first: Officer, second: Officer, made: Certificate, stranger: Page, paper: str) -> None:
    first.ask(made, "revoke", "内部说明不外传", "issued_in_error")
    expect(first.page.locator("#answer")).to_be_visible(timeout=LATER)
    arrive(stranger, paper)
    expect(stranger.locator("h1")).to_have_text("已暂停")
    expect(second.confirm(made, "answer-form").get_by_role("main")).to_contain_text("已吊销", timeout=LATER)
    kinds = [one.kind for one in town.certificates(made.person_id)[-1].changes]
    assert kinds == ["suspended", "revoked"]
    arrive(stranger, paper)
    expect(stranger.locator("h1")).to_have_text("已吊销")
    expect(stranger.locator("main")).to_contain_text("发证有误")
    expect(stranger.locator("main")).not_to_contain_text("内部说明不外传")
    keep(stranger, "revoked")

    def listed() -> bool:
        arrive(stranger, f"{town.site}/v/offline#{paper.partition('#')[2]}")
        answer = stranger.locator("[data-part=answer][data-shown]")
        answer.wait_for(timeout=PATIENCE)
        return answer.get_attribute("data-shown") == "revoked"

    wait_until(listed)  # the signer publishes the list a moment later


def renew(town: Town, first: Officer, second: Officer, made: Certificate) -> None:
    """One skill proved anew since the certificate began: another period of the same certificate."""
    person = made.person_id
    assert town.cases(person, renewal=True) == []
    with town.session() as session:
        skill = session.scalar(sa.select(Technique.id).where(Technique.code == TECHNIQUES[0]))
    town.give_now(person, ResultKind.ENTRUSTMENT, 5, "again", technique_id=skill, on_day=clock.today())
    case: Proposal = wait_until(lambda: open_cases(town, person, star=5, renewal=True))
    for officer in (first, second):
        officer.approve(case)
    page = second.page

    def renewed() -> bool:
        page.goto(f"{town.site}/certificates/{made.id}")
        periods = page.locator("section:has-text('有效期')").filter(has=page.locator(f"a[href$='/cases/{case.id}']"))
        return periods.count() > 0 and "正在签名" not in page.locator("main").inner_text()

    wait_until(renewed)
    (now,) = town.certificates(person)
    assert (now.number, now.public_id) == (made.number, made.public_id)
    assert [one.proposal_id for one in now.periods] == [None, case.id]
    assert now.periods[1].begins_on > now.periods[0].begins_on
    keep(page, "renewed")
