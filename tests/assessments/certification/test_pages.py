"""The pages: what each shows, to whom, and that they ask the database a constant number of questions."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from sqlalchemy import orm

from assessments.certification import models
from assessments.certification.queries import certificates, decisions, policies
from assessments.certification.rules.status import Status
from assessments.results.models import ResultKind
from lms import clock, ids
from lms.ledger.models import LedgerEntry
from lms.people.models import Person, Post, RoleGrant
from tests.assessments.certification.conftest import FIRST_WAY, Way, load_policy
from tests.pages import Page

LANGUAGES = ("zh", "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_ladder_says_what_is_missing(way: Way, page: Page, language: str) -> None:
    doctor = way.world.a.doctor
    way.result(doctor, ResultKind.THEORY_EXAM, 72)
    soup = page.get("/stars", doctor, language=language)
    text = soup.get_text(" ", strip=True)
    assert ("一次实践站点成绩" if language == "zh" else "One practical station") in text
    assert "72 %" in text or "72%" in text
    assert len(soup.select(".path-row")) == 2
    assert len(soup.select(".rung")) == 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_desk_the_case_and_the_way_to_a_certificate(way: Way, page: Page, language: str) -> None:
    a = way.world.a
    proposal = way.two_stars(a.doctor)
    desk = page.get("/certificates", a.certificate_officer, language=language)
    assert "王小明" in desk.get_text()
    case = page.get(f"/certificates/cases/{proposal.id}", a.certificate_officer, language=language)
    (document,) = case.select("input[name=document]")
    for officer in (a.certificate_officer, a.second_certificate_officer):
        data = {"a-code": way.code(officer), "document": document["value"]}
        page.post(f"/certificates/cases/{proposal.id}/approve", officer, expect=303, **data)
    made = way.issue(proposal)
    page.get(f"/certificates/{made.id}/certificate.pdf", a.doctor, expect=409)
    way.sign()
    for who in (a.doctor, a.certificate_officer, a.auditor, a.manager):
        page.get(f"/certificates/{made.id}", who, language=language)
    assert page.get("/certificates/mine", a.doctor, language=language).select(".row-item")
    page.get(f"/certificates/{made.id}/certificate.pdf", a.doctor)
    assert page.answer.data.startswith(b"%PDF")
    register = page.get(f"/certificates/register?q={made.number}&status=valid", a.auditor, language=language)
    assert made.number in register.get_text()


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_officer_s_home_names_what_waits_in_their_own_institutions(way: Way, page: Page, language: str) -> None:
    a, b = way.world.a, way.world.b
    proposal = way.two_stars(a.doctor)
    address = f"/certificates/cases/{proposal.id}"
    assert page.get("/", a.certificate_officer, language=language).select(f"a[href='{address}']")
    assert not page.get("/", b.certificate_officer, language=language).select(f"a[href='{address}']")


def test_a_stranger_asks_by_number_and_name_as_a_browser_does(page: Page) -> None:
    """A browser says where a form comes from, unless the page forbids it; then nobody could ask."""
    page.get("/verify")
    assert page.answer.headers["Referrer-Policy"] == "same-origin"


def test_what_is_sent_from_elsewhere_is_refused_and_not_a_fault(app: Flask) -> None:
    """The refusal comes before anybody knows who asks, and is a page nevertheless."""
    answer = app.test_client().post("/verify", headers={"Origin": "https://elsewhere.example"})
    assert answer.status_code in (400, 403)


def test_a_wrong_code_is_said_in_the_form_and_nothing_happens(way: Way, page: Page) -> None:
    a = way.world.a
    proposal = way.two_stars(a.doctor)
    data = {"a-code": "000001", "document": proposal.document_hash.hex()}
    soup = page.post(f"/certificates/cases/{proposal.id}/approve", a.certificate_officer, expect=422, **data)
    assert "动态码不对" in soup.get_text()


def test_returning_needs_a_reason_and_the_doctor_reads_it(way: Way, page: Page) -> None:
    a = way.world.a
    proposal = way.two_stars(a.doctor)
    url = f"/certificates/cases/{proposal.id}/return"
    page.post(url, a.certificate_officer, expect=422, **{"r-reason": " "})
    page.post(url, a.certificate_officer, expect=303, **{"r-reason": "实践成绩待核对"})
    assert "实践成绩待核对" in page.get("/certificates/mine", a.doctor).get_text()


def test_the_batch_shows_its_exceptions_first(way: Way, page: Page) -> None:
    a = way.world.a
    one, other = way.two_stars(a.doctor), way.two_stars(a.second_doctor)
    way.approve(a.certificate_officer, one)
    soup = page.get(f"/certificates/batch?id={one.id}&id={other.id}", a.certificate_officer)
    first, second = soup.select(".panel-flush")
    assert "王小明" in first.get_text()
    assert "李小红" in second.get_text()
    data = {"code": way.code(a.certificate_officer), "id": [other.id], "document": [other.document_hash.hex()]}
    page.post("/certificates/batch/approve", a.certificate_officer, expect=303, **data)


def test_revoking_names_what_it_touches_and_takes_two(way: Way, page: Page, certificate: models.Certificate) -> None:
    a = way.world.a
    url = f"/certificates/{certificate.id}"
    soup = page.get(url, a.certificate_officer)
    assert "王小明" in soup.select_one(".confirm-touches").get_text()  # type: ignore[union-attr]
    code = way.code(a.certificate_officer)
    asked = {"v-category": "misconduct", "v-note": "代考，已查实", "v-code": code}
    page.post(f"{url}/revoke", a.certificate_officer, expect=303, **asked)
    assert "代考" in page.get(url, a.second_certificate_officer).get_text()
    for who in (a.doctor, a.manager):
        assert "代考" not in page.get(url, who).get_text()
    assert "代考" in page.get(url, a.auditor).get_text()
    with way.app.app_context():
        request = max(r.id for r in way_requests(way))
    answer = {"w-answer": "confirm", "w-code": way.code(a.second_certificate_officer)}
    page.post(f"/certificates/revocations/{request}", a.certificate_officer, expect=403, **answer)
    page.post(f"/certificates/revocations/{request}", a.second_certificate_officer, expect=303, **answer)
    public = page.get(f"/v/{certificate.public_id}")
    assert public.h1 is not None
    assert public.h1.get_text() == "已吊销"
    assert "违规" in public.get_text()
    assert "代考" not in public.get_text()


def way_requests(way: Way) -> list[models.RevocationRequest]:
    from lms.authz import Actor
    from lms.db import act_as, db

    act_as(db.session, Actor.job("test"))
    return list(db.session.scalars(sa.select(models.RevocationRequest)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_stranger_reads_one_word_and_little_else(page: Page, certificate: models.Certificate, language: str) -> None:
    soup = page.get(f"/v/{certificate.public_id}", language=language)
    assert soup.h1 is not None
    assert soup.h1.get_text() == {"zh": "有效", "en": "Valid"}[language]
    text = soup.get_text(" ", strip=True)
    assert "王*明" in text
    assert "王小明" not in page.answer.text
    assert "镇卫生院" not in text
    assert page.answer.headers["Cache-Control"] == "no-store"
    assert "noindex" in page.answer.headers["X-Robots-Tag"]
    page.get("/verify/keys", language=language)


def test_an_unknown_address_is_as_calm_as_any(page: Page, way: Way) -> None:
    for unknown in (ids.public_id(), "x", "0" * 32, "' OR 1=1"):
        soup = page.get(f"/v/{unknown}", expect=404)
        assert soup.h1 is not None
        assert soup.h1.get_text() == "没有这张证书"


def test_by_number_only_together_with_the_name(page: Page, certificate: models.Certificate) -> None:
    for number, name, word in (
        (certificate.number, "王小明", "相符"),
        (certificate.number, " 王 小明 ", "相符"),
        (certificate.number, "王小红", "不相符"),
        (certificate.number[:-1] + "9", "王小明", "不相符"),
    ):
        soup = page.post("/verify", expect=200, number=number, name=name)
        assert soup.select_one(".notice-title").get_text() == word  # type: ignore[union-attr]


def test_strangers_cannot_try_numbers_without_end(page: Page, certificate: models.Certificate) -> None:
    with time_machine.travel(clock.now().replace(minute=1, second=0), tick=False):  # all of it in one window
        for _ in range(10):
            page.post("/verify", expect=200, number="1", name="王")
        page.post("/verify", expect=429, number="1", name="王")


def test_who_sees_what(way: Way, page: Page, certificate: models.Certificate) -> None:
    a, b = way.world.a, way.world.b
    case = f"/certificates/cases/{certificate.proposal_id}"
    whole = f"/certificates/{certificate.id}"
    for url in (case, whole, f"{whole}/certificate.pdf", f"/stars/{a.doctor}"):
        for stranger in (b.certificate_officer, b.doctor, b.auditor, a.second_doctor, a.examiner, b.administrator):
            page.get(url, stranger, expect=404)
        page.get(url, a.administrator, expect=403)
        page.get(url, a.exam_officer, expect=403)
        for reader in (a.doctor, a.certificate_officer, a.auditor, way.world.people["certificate_officer"]):
            page.get(url, reader)
        page.get(url, expect=302)
    for officer_only in (f"{case}/approve", f"{case}/return", f"{whole}/revoke"):
        page.post(officer_only, b.certificate_officer, expect=404)
        for reader in (a.doctor, a.auditor, a.manager, a.administrator):
            page.post(officer_only, reader, expect=403)
    for who in (a.doctor, a.examiner, a.administrator, a.exam_officer):
        page.get("/certificates", who, expect=403)


def test_an_officer_of_yesterday_sees_nothing_today(way: Way, page: Page, session: orm.Session) -> None:
    a = way.world.a
    proposal = way.two_stars(a.doctor)
    page.get(f"/certificates/cases/{proposal.id}", a.certificate_officer)
    session.execute(
        sa.update(RoleGrant).where(RoleGrant.person_id == a.certificate_officer).values(ends_on="2025-01-01")
    )
    session.commit()
    page.get(f"/certificates/cases/{proposal.id}", a.certificate_officer, expect=404)


def many_cases(way: Way, session: orm.Session, count: int) -> None:
    origin = session.get_one(models.Proposal, way.two_stars(way.world.a.doctor).id)
    decision = origin.decision
    entries = iter(range(10**9, 2 * 10**9))
    for n in range(count):
        person = Person(account=f"many-{n}", name=f"钱{n:04}", category="nurse", institution_id=way.world.a.township)
        session.add(person)
        session.flush()
        session.add(Post(person_id=person.id, institution_id=person.institution_id, begins_on=decision.on_day))
        copies = []
        for model, source, more in (
            (models.StarDecision, decision, {}),
            (models.Proposal, origin, {"public_id": ids.public_id(), "document_hash": n.to_bytes(32, "big")}),
        ):
            index = next(entries)
            session.add(LedgerEntry(index=index, kind="test", commitment=b"0" * 32, nodes=b"0" * 32))
            session.flush()
            columns = {c.key for c in sa.inspect(model).column_attrs} - {"id", "decided_at", "proposed_at"}
            values = {key: getattr(source, key) for key in columns} | more
            values |= {"person_id": person.id, "ledger_index": index}
            if copies:
                values["decision_id"] = copies[0].id
            copies.append(model(**values))
            session.add(copies[-1])
            session.flush()
    session.commit()


def test_lists_ask_the_same_number_of_questions_for_many_rows(
    way: Way, page: Page, session: orm.Session, queries: list[str], certificate: models.Certificate
) -> None:
    officer = way.world.a.certificate_officer
    counts = []
    for more in (0, 28):
        if more:
            many_cases(way, session, more)
        for url in ("/certificates", "/certificates/register"):
            page.get(url, officer)
            queries.clear()
            page.get(url, officer)
            counts.append(len([q for q in queries if "limit_window" not in q]))
    assert counts[:2] == counts[2:]
    chosen = re.findall(r'name="id" value="(\d+)"', page._app.test_client().get("/certificates").text)
    assert len(chosen) > 20
    sizes = []
    for number in (2, len(chosen)):
        queries.clear()
        page.get("/certificates/batch?" + "&".join(f"id={one}" for one in chosen[:number]), officer)
        sizes.append(len(queries))
    assert sizes[0] == sizes[1]


def test_the_home_page_says_at_most_five_rows_with_the_number_still_owed(way: Way, page: Page) -> None:
    load_policy(way.app, FIRST_WAY.with_name("stars.yaml"))
    policies.configure("default")
    doctor = way.world.a.doctor
    way.result(doctor, ResultKind.THEORY_EXAM)
    way.result(doctor, ResultKind.SIMULATION_HOURS, 12.5)
    card = page.get("/", doctor).select_one(".star-card")
    assert card is not None
    rows = [" ".join(row.get_text(" ", strip=True).split()) for row in card.select(".path-row")]
    assert "12.5 / 50 学时" in rows[0]
    assert "0 / 90 天" in rows[1]
    assert "0 / 40 学时" in rows[2]
    way.result(doctor, ResultKind.SIMULATION_HOURS, 40)
    way.result(doctor, ResultKind.ROTATION_DAYS, 90)
    way.result(doctor, ResultKind.THEORY_HOURS, 40)
    way.result(doctor, ResultKind.PRACTICE_EVALUATION)
    for _ in range(8):
        way.result(doctor, ResultKind.PRACTICAL_EXAM)
    card = page.get("/", doctor).select_one(".star-card")
    assert card is not None
    assert "三星" in card.get_text()
    assert len(card.select(".path-row")) == 5


def test_filters_and_rules_say_the_same_of_every_certificate_on_every_day(
    way: Way, session: orm.Session, certificate: models.Certificate
) -> None:
    a = way.world.a
    revoked = way.two_stars(a.second_doctor)
    for officer in (a.certificate_officer, a.second_certificate_officer):
        way.approve(officer, revoked)
    gone = way.issue(revoked)
    way.sign()
    way.answer(a.second_certificate_officer, way.ask(a.certificate_officer, gone.id))
    today = clock.today()
    for n, (kind, after) in enumerate((("suspended", 100), ("resumed", 200), ("suspended", 770), ("resumed", 790))):
        values = {"person_id": a.doctor, "institution_id": a.township, "certificate_id": certificate.id}
        index = 10**12 + n
        session.add(LedgerEntry(index=index, kind="test", commitment=b"0" * 32, nodes=b"0" * 32))
        session.flush()
        day = today + timedelta(days=after)
        session.add(models.CertificateChange(**values, kind=kind, on_day=day, ledger_index=index, sealed=b""))
    session.commit()
    session.expire_all()
    seen = set()
    for days in (-1, 0, 99, 100, 200, 300, 700, 729, 731, 775, 800, 900):
        day = today + timedelta(days=days)
        everyone = certificates.register(session, day).rows
        for status in Status:
            said = {c.id for c in certificates.register(session, day, status=status.value).rows}
            assert said == {c.id for c in everyone if decisions.status_of(c, day) is status}, (days, status)
            seen |= {status} if said else set()
    assert seen == set(Status) - {Status.UNSIGNED, Status.SUPERSEDED}
