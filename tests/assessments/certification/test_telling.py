"""Who is told what becomes of a certificate: the officers once a day, the holder of every turn; each once."""

from flask import Flask
from sqlalchemy import orm

from assessments.certification import events
from lms.authz import Actor
from lms.db import act_as, db, transaction
from lms.events import publish
from tests.assessments.certification.conftest import Way
from tests.factories.telling import again, count, hear, told
from tests.pages import Page


def test_from_the_proposal_to_the_revocation(way: Way, app: Flask, session: orm.Session, page: Page) -> None:
    a = way.world.a
    proposal = way.two_stars(a.doctor)
    hear(app, session)
    officers = {a.certificate_officer, a.second_certificate_officer}
    assert set(told(session, "certificates.waiting")) == officers
    before = count(session)
    way.two_stars(a.second_doctor)
    hear(app, session)
    assert count(session) == before, "officers are told once a day, however many wait"

    way.approve(a.certificate_officer, proposal)
    way.approve(a.second_certificate_officer, proposal)
    made = way.issue(proposal)
    hear(app, session)
    assert set(told(session, "certificates.approved")) == set(told(session, "certificates.issued")) == {a.doctor}
    assert told(session, "certificates.issued")[a.doctor] == {"id": made.id, "number": made.number, "star": made.star}

    way.sign()
    request = way.ask(a.certificate_officer, made.id)
    hear(app, session)
    assert told(session, "certificates.revoked") == {}, "a wish is not a revocation"
    way.answer(a.second_certificate_officer, request)
    hear(app, session)
    assert set(told(session, "certificates.revoked")) == {a.doctor}
    before = count(session)
    again(app, session)
    assert count(session) == before
    for language in ("zh", "en"):
        shown = page.get("/notifications?all=1", a.doctor, language=language)
        assert made.number in shown.get_text()
    for form in shown.select(".inbox-row form"):
        page.post(str(form["action"]), a.doctor, expect=303)
        page.get(page.answer.location, a.doctor)


def say(app: Flask, event: object) -> None:
    with app.app_context():
        act_as(db.session, Actor.job("test"))
        with transaction(db.session):
            publish(event)


def test_every_stage_of_running_out_is_told_once(way: Way, app: Flask, session: orm.Session, page: Page) -> None:
    a = way.world.a
    proposal = way.two_stars(a.doctor)
    way.approve(a.certificate_officer, proposal)
    way.approve(a.second_certificate_officer, proposal)
    made = way.issue(proposal)
    way.sign()
    number = made.id
    hear(app, session)
    before = count(session)
    for _twice in range(2):
        for stage in ("due", "ending", "expired", "closing"):
            say(app, events.CertificateDue(number, a.doctor, "2029-03-01", stage, 30))
        hear(app, session)
    assert count(session) == before + 4
    text = page.get("/notifications", a.doctor).get_text()
    for words in ("有效期至2029年3月1日", "已于2029年3月1日到期", "续期即将截止"):
        assert words in text
    say(app, events.CertificateDoubted(number, a.doctor))
    hear(app, session)
    assert set(told(session, "certificates.doubted")) == {a.certificate_officer, a.second_certificate_officer}
    for officer in told(session, "certificates.doubted"):
        for form in page.get("/notifications", officer).select(".inbox-row form"):
            page.post(str(form["action"]), officer, expect=303)
            page.get(page.answer.location, officer)
