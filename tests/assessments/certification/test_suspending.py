"""Suspending and lifting it: two officers, reasons, and nothing else changes meanwhile."""

import pytest
import sqlalchemy as sa
from sqlalchemy import orm

from assessments.certification import models
from assessments.certification.rules.status import Status
from lms.errors import Conflict, Invalid, NotAllowed
from lms.events import OutboxEvent
from lms.ledger import queries as ledger
from tests.assessments.certification.conftest import Way
from tests.assessments.certification.lifecycle import answer, ask, status, suspend
from tests.pages import Page


def test_suspended_by_two_and_lifted_by_two(way: Way, session: orm.Session, certificate: models.Certificate) -> None:
    a = way.world.a
    request = ask(way, a.certificate_officer, certificate.id)
    assert status(way, certificate) is Status.VALID, "one officer alone changes nothing"
    with pytest.raises(NotAllowed, match=r"另一人|another one"):
        answer(way, a.certificate_officer, request)
    answer(way, a.second_certificate_officer, request)
    assert status(way, certificate) is Status.SUSPENDED
    with pytest.raises(Conflict):
        answer(way, a.second_certificate_officer, request)
    with pytest.raises(Conflict):
        ask(way, a.certificate_officer, certificate.id)
    lifted = ask(way, a.second_certificate_officer, certificate.id, resume=True)
    answer(way, a.certificate_officer, lifted)
    assert status(way, certificate) is Status.VALID
    kinds = session.scalars(sa.select(OutboxEvent.kind).where(OutboxEvent.kind.like("Certificate%"))).all()
    assert {"CertificateSuspended", "CertificateResumed"} <= set(kinds)
    assert ledger.verify(session).holds


def test_a_declined_suspension_needs_a_word_and_changes_nothing(way: Way, certificate: models.Certificate) -> None:
    a = way.world.a
    request = ask(way, a.certificate_officer, certificate.id)
    with pytest.raises(Conflict):
        ask(way, a.second_certificate_officer, certificate.id)
    with pytest.raises(Invalid):
        answer(way, a.second_certificate_officer, request, confirmed=False)
    answer(way, a.second_certificate_officer, request, confirmed=False, note="核对无误")
    assert status(way, certificate) is Status.VALID


def test_what_is_not_suspended_is_not_lifted_and_a_reason_is_needed(way: Way, certificate: models.Certificate) -> None:
    a = way.world.a
    with pytest.raises(Conflict):
        ask(way, a.certificate_officer, certificate.id, resume=True)
    with pytest.raises(Invalid):
        ask(way, a.certificate_officer, certificate.id, note=" ")


def test_nobody_suspends_their_own_and_the_neighbour_none(way: Way, certificate: models.Certificate) -> None:
    a, b = way.world.a, way.world.b
    with pytest.raises(sa.exc.NoResultFound):
        ask(way, b.certificate_officer, certificate.id)
    case = way.two_stars(a.certificate_officer)
    for officer in (a.second_certificate_officer, way.world.people["certificate_officer"]):
        way.approve(officer, case)
    own = way.issue(case)
    way.sign()
    with pytest.raises(NotAllowed):
        ask(way, a.certificate_officer, own.id)


def test_while_suspended_no_other_certificate_is_approved(way: Way, certificate: models.Certificate) -> None:
    a = way.world.a
    suspend(way, certificate)
    request = way.ask(a.certificate_officer, certificate.id)
    assert status(way, certificate) is Status.SUSPENDED
    way.answer(a.second_certificate_officer, request)
    assert status(way, certificate) is Status.REVOKED, "what is suspended can be revoked"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_pages_of_a_suspension(way: Way, page: Page, certificate: models.Certificate, language: str) -> None:
    a, b = way.world.a, way.world.b
    url = f"/certificates/{certificate.id}"
    data = {"s-category": "under_investigation", "s-note": "接到举报，正在核查", "s-code": "000001"}
    for reader in (a.doctor, a.manager, a.auditor):
        page.post(f"{url}/suspend", reader, expect=403, **data)
    page.post(f"{url}/suspend", b.certificate_officer, expect=404, **data)
    assert page.post(f"{url}/suspend", a.certificate_officer, expect=422, **data).select("#suspend[open]")
    data["s-code"] = way.code(a.certificate_officer)
    page.post(f"{url}/suspend", a.certificate_officer, expect=303, **data)
    assert page.get("/certificates", a.second_certificate_officer, language=language).select(f'a[href="{url}"]')
    assert page.get("/", a.second_certificate_officer, language=language).select(f'a[href="{url}"]')
    assert not page.get("/certificates", b.certificate_officer).select(f'a[href="{url}"]')
    assert "接到举报" in page.get(url, a.second_certificate_officer, language=language).get_text()
    assert "接到举报" not in page.get(url, a.doctor, language=language).get_text()
    with way.app.app_context():
        from lms.authz import Actor
        from lms.db import act_as, db

        act_as(db.session, Actor.job("test"))
        request = db.session.scalars(sa.select(models.SuspensionRequest.id)).one()
    page.post(f"/certificates/suspensions/{request}", b.certificate_officer, expect=404)
    agree = {"x-answer": "confirm", "x-code": way.code(a.second_certificate_officer)}
    page.post(f"/certificates/suspensions/{request}", a.second_certificate_officer, expect=303, **agree)
    shown = page.get(url, a.certificate_officer, language=language)
    assert shown.select("#resume")
    assert not shown.select("#suspend")
    public = page.get(f"/v/{certificate.public_id}", language=language)
    assert public.h1 is not None
    assert public.h1.get_text() == {"zh": "已暂停", "en": "Suspended"}[language]
    assert "举报" not in public.get_text()
    lift = {"u-note": "查无实据", "u-code": way.code(a.certificate_officer)}
    page.post(f"{url}/resume", a.certificate_officer, expect=303, **lift)
