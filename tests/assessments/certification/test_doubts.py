"""A corrected result is held against the certificates that rest on it; nothing is revoked by itself."""

from decimal import Decimal

import pytest
import sqlalchemy as sa
from sqlalchemy import orm

from assessments.certification import jobs, models
from assessments.certification.queries import decisions, doubts
from assessments.certification.rules.status import Status
from assessments.certification.services import doubting
from assessments.results.models import Result, ResultKind
from lms import clock
from lms.db import act_as, db
from lms.errors import Conflict, Invalid, NotAllowed
from tests.assessments.certification.conftest import Way
from tests.conftest import As
from tests.pages import Page


def correct(way: Way, person: int, value: str | None, number: int) -> int:
    """A later version of the person's exam, and that everybody who listens has heard of it."""
    again = {"source_id": "sitting", "n": number, "reason": "第 5 题答案更正"}
    result = way.result(person, ResultKind.THEORY_EXAM, None if value is None else Decimal(value), **again)
    with way.app.app_context():
        jobs.result_recorded({"person_id": person, "result_id": result, "kind": "theory_exam"})
        db.session.commit()
    return result


def certified(way: Way, person: int) -> models.Certificate:
    """Two stars that rest on one exam, one station, one evaluation."""
    way.result(person, ResultKind.THEORY_EXAM, 80, source_id="sitting")
    way.result(person, ResultKind.PRACTICAL_EXAM)
    way.result(person, ResultKind.PRACTICE_EVALUATION)
    proposal = way.proposals(person)[-1]
    for officer in (way.world.a.certificate_officer, way.world.a.second_certificate_officer):
        way.approve(officer, proposal)
    made = way.issue(proposal)
    way.sign()
    return made


def all_doubts(session: orm.Session) -> list[models.CertificateDoubt]:
    session.expire_all()
    return list(session.scalars(sa.select(models.CertificateDoubt).order_by(models.CertificateDoubt.id)))


def status(session: orm.Session, certificate: models.Certificate) -> Status:
    session.expire_all()
    return decisions.status_of(session.get_one(models.Certificate, certificate.id), clock.today())


def test_what_would_come_of_a_correction_is_told_before_it_is_made(way: Way, session: orm.Session) -> None:
    certificate = certified(way, way.world.a.doctor)
    exam = session.scalars(sa.select(Result.id).where(Result.source_id == "sitting")).one()
    (kept,) = doubts.resting_on(session, {exam: doubts.New(Decimal(75))})
    assert (kept.certificate.id, kept.star, kept.holds, kept.status) == (certificate.id, 2, True, Status.VALID)
    (lost,) = doubts.resting_on(session, {exam: doubts.New(Decimal(40))})
    assert not lost.holds
    (gone,) = doubts.resting_on(session, {exam: doubts.New(None)})
    assert not gone.holds
    assert doubts.resting_on(session, {exam + 99: doubts.New(Decimal(0))}) == []
    assert doubts.resting_on(session, {}) == []
    assert all_doubts(session) == []


def test_a_fallen_mark_raises_one_doubt_and_revokes_nothing(way: Way, session: orm.Session) -> None:
    certificate = certified(way, way.world.a.doctor)
    assert all_doubts(session) == []
    correct(way, way.world.a.doctor, "75", 2)
    assert all_doubts(session) == [], "the star is still carried"
    correct(way, way.world.a.doctor, "40", 3)
    (doubt,) = all_doubts(session)
    assert (doubt.certificate_id, doubt.star, doubt.reason) == (certificate.id, 0, "第 5 题答案更正")
    assert status(session, certificate) is Status.VALID
    with way.app.app_context():
        act_as(db.session, jobs.ACTOR)
        assert doubting.doubt(jobs.ACTOR, db.session.get_one(Result, doubt.result_id)) == 0, "heard twice, said once"
    assert len(all_doubts(session)) == 1


def test_a_certificate_that_is_gone_already_is_not_doubted(way: Way, session: orm.Session) -> None:
    certificate = certified(way, way.world.a.doctor)
    way.answer(way.world.a.second_certificate_officer, way.ask(way.world.a.certificate_officer, certificate.id))
    correct(way, way.world.a.doctor, "40", 2)
    assert all_doubts(session) == []


def test_an_officer_says_why_it_stays(way: Way, session: orm.Session, as_: As) -> None:
    certificate, a = certified(way, way.world.a.doctor), way.world.a
    correct(way, a.doctor, "40", 2)
    (doubt,) = all_doubts(session)
    number = doubt.id

    def stand(who: int, reason: str) -> None:
        session.commit()  # the test's own session lets go of its savepoint first
        with as_(who) as actor:
            row = db.session.get_one(models.CertificateDoubt, number)
            doubting.let_stand(actor, row, reason=reason)

    with pytest.raises(Invalid):
        stand(a.certificate_officer, " ")
    with pytest.raises(NotAllowed):
        stand(a.manager, "x")
    stand(a.certificate_officer, "另有一次合格成绩")
    with pytest.raises(Conflict):
        stand(a.second_certificate_officer, "也这样认为")
    assert doubts.waiting(session) == []
    assert status(session, certificate) is Status.VALID


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_desk_names_it_and_the_page_asks_for_a_word(
    way: Way, session: orm.Session, page: Page, language: str
) -> None:
    certificate, a = certified(way, way.world.a.doctor), way.world.a
    correct(way, a.doctor, "40", 2)
    (doubt,) = all_doubts(session)
    address = f"/certificates/{certificate.id}"
    assert page.get("/certificates", a.certificate_officer, language=language).select(f'a[href="{address}"]')
    assert page.get("/", a.certificate_officer, language=language).select(f'a[href="{address}"]')
    assert not page.get("/certificates", way.world.b.certificate_officer).select(f'a[href="{address}"]')
    assert "第 5 题答案更正" in page.get(address, a.certificate_officer, language=language).get_text()
    assert "第 5 题答案更正" not in page.get(address, a.doctor, language=language).get_text()
    answer = f"/certificates/doubts/{doubt.id}"
    page.post(answer, way.world.b.certificate_officer, expect=404, **{"d-reason": "x"})
    page.post(answer, a.manager, expect=403, **{"d-reason": "x"})
    page.post(answer, a.certificate_officer, expect=303)
    assert doubts.waiting(session), "nothing was said"
    page.post(answer, a.certificate_officer, expect=303, **{"d-reason": "另有合格成绩"})
    assert not page.get("/certificates", a.certificate_officer, language=language).select(f'a[href="{address}"]')
    assert "另有合格成绩" in page.get(address, a.certificate_officer, language=language).get_text()
