"""Renewing: another period of the same certificate, on what is in date and what was proved anew."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine
from sqlalchemy import orm

from assessments.certification import jobs, models
from assessments.certification.queries import certificates, decisions, proofs, proposals, renewals
from assessments.certification.rules.status import Status
from assessments.certification.services import doubting
from assessments.results.models import ResultKind
from lms import clock
from lms.authz import Actor
from lms.db import act_as, db
from lms.errors import Conflict
from lms.events import OutboxEvent
from lms.ledger import queries as ledger
from lms.people.models import Person
from lms.people.queries import actor_for
from lms.techniques.models import Technique
from tests.assessments.certification.conftest import Way
from tests.assessments.certification.lifecycle import (
    CODES,
    certified,
    due_at_once,
    entrusted,
    issued,
    status,
    suspend,
)
from tests.assessments.certification.test_doubts import correct
from tests.factories import packs
from tests.pages import Page


def cases(way: Way, person: int) -> list[models.Proposal]:
    return [case for case in way.proposals(person) if case.renewal]


def filters_agree(way: Way, session: orm.Session, certificate: models.Certificate) -> None:
    """The register's filter says of every day what the rules say."""
    session.expire_all()
    for after in (0, 400, 730, 731, 1460, 1461, 1600):
        day = clock.today() + timedelta(days=after)
        found = {one for one in Status if certificates.register(session, day, status=one.value).rows}
        assert found == {status(way, certificate, day)}, after


def test_a_renewal_adds_a_period_and_keeps_number_address_and_evidence(way: Way, session: orm.Session) -> None:
    due_at_once(way)
    doctor = way.world.a.doctor
    way.two_stars(doctor)
    decision = way.proposals(doctor)[-1].decision_id
    certificate = certified(way, doctor)
    assert status(way, certificate) is Status.DUE
    assert cases(way, doctor) == []
    way.decide(doctor)
    (case,) = cases(way, doctor)
    assert (case.decision_id, case.star) == (decision, 2), "the evidence is what it was"
    first = session.get_one(models.Certificate, certificate.id).periods[0]
    renewed = issued(way, case)
    assert renewed.id == certificate.id
    assert status(way, certificate) is Status.DUE, "until it is signed"
    filters_agree(way, session, certificate)
    assert way.issue(case).id == certificate.id, "safe to repeat"
    assert way.sign().signed == (certificate.number,)
    session.expire_all()
    row = session.get_one(models.Certificate, certificate.id)
    assert [period.proposal_id for period in row.periods] == [None, case.id]
    assert row.periods[1].begins_on == first.ends_on + timedelta(days=1)  # type: ignore[operator]
    assert status(way, certificate) is Status.VALID
    assert status(way, certificate, first.ends_on) is Status.VALID
    assert status(way, certificate, row.periods[1].ends_on) is Status.DUE
    filters_agree(way, session, certificate)
    proof = proofs.proof_of(session, row)
    assert proof is not None
    assert proof.holds
    assert proof.payload["number"] == certificate.number
    assert proof.payload["id"] == certificate.public_id
    assert proof.payload["until"] == row.periods[1].ends_on.isoformat()  # type: ignore[union-attr]
    way.decide(doctor)
    assert len(cases(way, doctor)) == 1
    finding = ledger.verify(session)
    assert finding.holds, finding


def test_skills_are_proved_anew_in_turn(way: Way, session: orm.Session) -> None:
    packs.bring_ours(way.app)
    due_at_once(way, techniques=4, refreshers=2)
    doctor = way.world.a.doctor
    entrusted(way, session, doctor, *CODES, on_day=clock.today() - timedelta(days=30))
    way.two_stars(doctor)
    certificate = certified(way, doctor)
    way.decide(doctor)
    assert cases(way, doctor) == [], "the sign-offs are older than the period"
    with way.app.app_context():
        act_as(db.session, Actor.job("test"))
        row = db.session.get_one(models.Certificate, certificate.id)
        (one,) = renewals.prospects(db.session, [row], clock.today())
        assert (one.carried, one.owed, one.ready) == (True, list(CODES[:2]), False)
    entrusted(way, session, doctor, CODES[0])
    assert cases(way, doctor) == []
    entrusted(way, session, doctor, CODES[1])
    (case,) = cases(way, doctor)
    issued(way, case)
    way.sign()
    with way.app.app_context(), time_machine.travel(clock.now() + timedelta(days=1000), tick=True):
        act_as(db.session, Actor.job("test"))
        row = db.session.get_one(models.Certificate, certificate.id)
        (one,) = renewals.prospects(db.session, [row], clock.today())
        assert one.owed == list(CODES[2:4]), "the others have their turn next"


def test_an_expired_certificate_is_renewed_from_the_day_of_its_issue(way: Way, session: orm.Session) -> None:
    due_at_once(way, grace_days=60)
    doctor = way.world.a.doctor
    way.two_stars(doctor)
    certificate = certified(way, doctor)
    ends_on = session.scalars(sa.select(models.CertificatePeriod.ends_on)).one()
    assert ends_on is not None
    assert status(way, certificate, ends_on + timedelta(days=1)) is Status.RENEWABLE
    assert status(way, certificate, ends_on + timedelta(days=60)) is Status.RENEWABLE
    assert status(way, certificate, ends_on + timedelta(days=61)) is Status.EXPIRED
    with time_machine.travel(clock.now() + timedelta(days=750), tick=True):
        way.decide(doctor)
        (case,) = cases(way, doctor)
        issued(way, case)
        session.expire_all()
        row = session.get_one(models.Certificate, certificate.id)
        assert row.periods[1].begins_on == clock.today()


def test_after_the_days_of_grace_a_new_certificate_is_proposed(way: Way) -> None:
    due_at_once(way, renew_days=30, grace_days=10)
    doctor = way.world.a.doctor
    way.two_stars(doctor)
    certificate = certified(way, doctor)
    before = len(way.proposals(doctor))
    with time_machine.travel(clock.now() + timedelta(days=800), tick=True):
        assert status(way, certificate) is Status.EXPIRED
        way.decide(doctor)
        (case,) = way.proposals(doctor)[before:]
        assert (case.renewal, case.after_id, case.star) == (False, certificate.id, 2)
        way.decide(doctor)
        assert len(way.proposals(doctor)) == before + 1
        made = issued(way, case)
        assert made.number != certificate.number


def test_not_while_suspended(way: Way) -> None:
    due_at_once(way)
    doctor = way.world.a.doctor
    way.two_stars(doctor)
    certificate = certified(way, doctor)
    way.decide(doctor)
    (case,) = cases(way, doctor)
    officer = way.world.a.certificate_officer
    suspend(way, certificate)
    with pytest.raises(Conflict, match=r"暂停|suspended"):
        way.approve(officer, case)
    with way.app.app_context():
        act_as(db.session, Actor.job("test"))
        row = db.session.get_one(models.Proposal, case.id)
        assert proposals.hindrance(db.session, row, officer) is proposals.Hindrance.SUSPENDED


def test_not_while_a_correction_is_unanswered(way: Way, session: orm.Session) -> None:
    due_at_once(way)
    doctor, officer = way.world.a.doctor, way.world.a.certificate_officer
    way.result(doctor, ResultKind.PRACTICAL_EXAM)
    way.result(doctor, ResultKind.PRACTICE_EVALUATION)
    way.result(doctor, ResultKind.THEORY_EXAM, 80, source_id="sitting")
    certified(way, doctor)
    correct(way, doctor, "40", 2)
    assert cases(way, doctor) == [], "what is left does not carry it"
    way.result(doctor, ResultKind.THEORY_EXAM, 90)
    (case,) = cases(way, doctor)
    with pytest.raises(Conflict, match=r"更正|corrected"):
        way.approve(officer, case)
    (doubt,) = session.scalars(sa.select(models.CertificateDoubt.id)).all()
    session.commit()
    with way.app.app_context():
        actor = actor_for(officer)
        act_as(db.session, actor)
        row = db.session.get_one(models.CertificateDoubt, doubt)
        doubting.let_stand(actor, row, reason="另有合格成绩")
    way.approve(officer, case)


def test_an_appeal_after_the_approvals_keeps_the_number_back(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    a, waiting = way.world.a, set[int]()
    monkeypatch.setitem(proposals.APPEALING, "test", lambda persons: waiting & set(persons))
    case = way.two_stars(a.doctor)
    for officer in (a.certificate_officer, a.second_certificate_officer):
        way.approve(officer, case)
    waiting.add(a.doctor)
    with pytest.raises(Conflict, match=r"appealed|申诉"):
        way.issue(case)
    waiting.clear()
    assert way.issue(case).star == 2


def test_what_was_approved_is_not_issued_to_who_no_longer_qualifies(way: Way) -> None:
    doctor, a = way.world.a.doctor, way.world.a
    case = way.two_stars(doctor)
    for officer in (a.certificate_officer, a.second_certificate_officer):
        way.approve(officer, case)
    with way.app.app_context():
        act_as(db.session, Actor.job("test"))
        db.session.get_one(Person, doctor).active = False
        db.session.commit()
    with pytest.raises(Conflict):
        way.issue(case)


def test_a_batch_is_issued_by_one_job_that_can_be_repeated(way: Way, session: orm.Session) -> None:
    a = way.world.a
    batch = [way.two_stars(a.doctor), way.two_stars(a.second_doctor), way.two_stars(a.village_doctor)]
    for officer in (a.certificate_officer, a.second_certificate_officer):
        way.approve(officer, *batch)
    act = session.scalars(sa.select(sa.func.max(models.OfficerAct.id))).one()
    with way.app.app_context():
        act_as(db.session, Actor.job("test"))
        job = renewals.issuing_of(act)
        assert job is not None
        wanted = dict(job.arguments)
    assert wanted == {"proposal_ids": [case.id for case in batch]}
    seen: list[tuple[int, int]] = []
    way.result(a.second_doctor, ResultKind.THEORY_EXAM, 61)
    for _ in range(2):
        with way.app.app_context():
            done = jobs.issue_all(lambda n, total: seen.append((n, total)), **wanted)  # type: ignore[arg-type]
        assert len(done["issued"]) == 2
        assert [one["proposal"] for one in done["refused"]] == [batch[1].id]
    assert seen[:3] == [(0, 3), (1, 3), (2, 3)]
    assert session.scalar(sa.select(sa.func.count()).select_from(models.Certificate)) == 2


def test_holders_are_reminded_once_of_each_stage(way: Way, session: orm.Session) -> None:
    due_at_once(way, renew_days=90, grace_days=60, remind_days=[30, 7])
    doctor = way.world.a.doctor
    way.two_stars(doctor)
    certificate = certified(way, doctor)
    ends_on = session.scalars(sa.select(models.CertificatePeriod.ends_on)).one()
    assert ends_on is not None
    told = []
    for before in (200, 90, 89, 30, 29, 7, 0, -1, -2, -31, -59, -61):
        moment = clock.now() + timedelta(days=(ends_on - clock.today()).days - before)
        with time_machine.travel(moment, tick=True), way.app.app_context():
            told.append(jobs.renew(lambda *_: None)["reminded"])  # type: ignore[arg-type]
    assert told == [0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 0]
    rows = session.scalars(sa.select(OutboxEvent.payload).where(OutboxEvent.kind == "CertificateDue")).all()
    assert sorted((row["stage"], row["days"]) for row in rows) == [
        ("closing", 30),
        ("due", 90),
        ("ending", 7),
        ("ending", 30),
        ("expired", 0),
    ]
    assert {row["certificate_id"] for row in rows} == {certificate.id}
    assert len(cases(way, doctor)) == 1, "and the renewal was proposed by the same work"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_pages_of_a_renewal(way: Way, page: Page, session: orm.Session, language: str) -> None:
    due_at_once(way)
    a, b = way.world.a, way.world.b
    way.two_stars(a.doctor)
    certificate = certified(way, a.doctor)
    number = certificate.number
    assert number in page.get("/certificates/renewals", a.certificate_officer, language=language).get_text()
    assert number not in page.get("/certificates/renewals", b.certificate_officer, language=language).get_text()
    page.get("/certificates/renewals", a.doctor, expect=403)
    whole = f"/certificates/{certificate.id}"
    assert page.get(whole, a.doctor, language=language).select("#renewal .path-row")
    way.decide(a.doctor)
    (case,) = cases(way, a.doctor)
    desk = page.get("/certificates?about=renewal", a.certificate_officer, language=language)
    assert desk.select(f'a[href="/certificates/cases/{case.id}"]')
    assert not page.get("/certificates?about=new", a.certificate_officer).select(
        f'a[href="/certificates/cases/{case.id}"]'
    )
    for officer in (a.certificate_officer, a.second_certificate_officer):
        shown = page.get(f"/certificates/cases/{case.id}", officer, language=language)
        assert number in shown.get_text()
        data = {"a-code": way.code(officer), "document": case.document_hash.hex()}
        page.post(f"/certificates/cases/{case.id}/approve", officer, expect=303, **data)
    issuing = page.answer.headers["Location"]
    assert "王小明" in page.get(issuing, a.second_certificate_officer, language=language).get_text()
    page.get(issuing, a.certificate_officer, expect=403)
    page.get(issuing, b.certificate_officer, expect=404)
    page.get(f"{issuing}/state", a.second_certificate_officer)
    way.issue(case)
    way.sign()
    shown = page.get(whole, a.auditor, language=language)
    assert ("续期" if language == "zh" else "Renewed") in shown.get_text()
    assert len(shown.select('a[href^="/certificates/cases/"]')) == 2


def test_a_forged_period_is_not_signed(way: Way, session: orm.Session) -> None:
    due_at_once(way)
    doctor = way.world.a.doctor
    way.two_stars(doctor)
    certificate = certified(way, doctor)
    way.decide(doctor)
    (case,) = cases(way, doctor)
    row = session.get_one(models.Certificate, certificate.id)
    entry = session.scalars(sa.select(models.Certificate.ledger_index).where(models.Certificate.id == row.id)).one()
    session.add(
        models.CertificatePeriod(
            person_id=row.person_id,
            institution_id=row.institution_id,
            certificate_id=row.id,
            proposal_id=case.id,
            begins_on=clock.today() + timedelta(days=900),
            ends_on=clock.today() + timedelta(days=9000),
            ledger_index=entry,
            sealed=row.sealed,
        )
    )
    session.commit()
    done = way.sign()
    assert done.signed == ()
    assert [one.number for one in done.refused] == [certificate.number]
    assert "approvals" in done.refused[0].why
    with way.app.app_context():
        act_as(db.session, Actor.job("test"))
        found = db.session.get_one(models.Certificate, certificate.id)
        assert decisions.status_of(found, clock.today() + timedelta(days=950)) is Status.EXPIRED


def test_the_signer_refuses_a_skill_that_was_not_proved_anew(
    way: Way, session: orm.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An application that forgets to ask for it gets two approvals, and no signature."""
    session.add(technique())
    session.commit()
    due_at_once(way, techniques=1, refreshers=1)
    doctor = way.world.a.doctor
    entrusted(way, session, doctor, CODES[0], on_day=clock.today() - timedelta(days=30))
    way.two_stars(doctor)
    certificate = certified(way, doctor)
    way.decide(doctor)
    assert cases(way, doctor) == [], "the sign-off is older than the period"
    monkeypatch.setattr(renewals.Prospect, "ready", True)
    way.decide(doctor)
    (case,) = cases(way, doctor)
    issued(way, case)
    done = way.sign()
    assert [(one.number, one.why) for one in done.refused] == [
        (certificate.number, "a skill that was to be proved anew was not")
    ]
    assert done.signed == ()
    assert status(way, certificate) is Status.DUE, "what is not signed renews nothing"


def technique() -> Technique:
    """The first technique that renewals ask for."""
    words = {"title": "血压测量", "title_en": "Blood pressure", "summary": "量准", "standard": "坐位"}
    return Technique(
        code=CODES[0], kind="procedure", core=True, categories=["general_practitioner"], sources=[], **words
    )
