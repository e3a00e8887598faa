"""A wrong key found after certificates were signed: the dry run lists them, the release lays them before officers."""

from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import orm

from assessments.certification import models
from assessments.certification.queries import decisions, doubts
from assessments.certification.rules.status import Status
from assessments.exams.models import Regrade, Ruling
from assessments.exams.queries import regrades
from assessments.exams.queries.exams import last_run
from assessments.exams.services import marking, regrading, releasing, sitting
from assessments.exams.services.keys import Correction, corrected
from assessments.results.models import ResultKind
from lms import clock, events
from lms.authz import Actor
from lms.db import act_as, db
from tests.assessments.certification.conftest import Way
from tests.conftest import As
from tests.factories import cohorts
from tests.factories import exams as made
from tests.pages import Page


def deliver(app: Flask) -> None:
    """Have certification hear of everything that happened, as the worker does, each in a session of its own."""
    with app.app_context():
        act_as(db.session, Actor.job("test"))
        heard = [(one, name) for one in events.undelivered() for name in events.subscribers_of(one)]
    for event, name in heard:
        if name.startswith("certification."):
            with app.app_context():
                events.deliver(event, name)


class Story:
    """An exam that the doctor of county A passed, and the two stars that rest on it."""

    def __init__(self, way: Way, as_: As, session: orm.Session) -> None:
        self.way, self.session, self.office = way, session, made.Office(as_, session)
        a = way.world.a
        self.doctor, self.officers = a.doctor, (a.exam_officer, way.world.people["exam_officer"])
        made.bank(session)
        self.exam = self.office.ready(self.officers, a.commission)
        key = self.office.right_answers(self.exam)
        self.items = [one.id for one in self.office.items(self.exam) if one.question.kind == "multiple"]
        (self.attempt,) = cohorts.sit(session, self.exam, {self.doctor: key}).values()

    def do(self, officer: int, act: Any) -> Any:
        return self.office.do(self.officers[officer], self.exam, act)

    def hold(self) -> None:
        self.do(0, lambda a, e: sitting.close(a, e, reason="over"))
        self.do(0, marking.mark)
        self.do(1, lambda a, e: releasing.release(a, e, input_hash=last_run(e).input_hash))
        deliver(self.way.app)

    def certify(self) -> models.Certificate:
        self.way.result(self.doctor, ResultKind.PRACTICAL_EXAM)
        self.way.result(self.doctor, ResultKind.PRACTICE_EVALUATION)
        proposal = self.way.proposals(self.doctor)[-1]
        for officer in (self.way.world.a.certificate_officer, self.way.world.a.second_certificate_officer):
            self.way.approve(officer, proposal)
        certificate = self.way.issue(proposal)
        assert self.way.sign().signed == (certificate.number,)
        return certificate

    def corrections(self) -> list[Correction]:
        return [Correction(item, Ruling.CORRECTED, ["A"]) for item in self.items]

    def dry_run(self) -> regrades.DryRun:
        def look(_actor: Actor, exam: Any) -> regrades.DryRun:
            found = corrected(exam, exam.key, self.corrections())
            return regrades.dry_run(exam, last_run(exam), found.key, found.dropped, found.content_hash)

        return self.do(0, look)

    def touched(self) -> list[tuple[str, int, bool, bool]]:
        """Number, what the corrected results come to, whether they carry it, whether officers were told."""

        def look(_actor: Actor, _exam: Any) -> Any:
            row = db.session.scalars(sa.select(Regrade)).one()
            found = regrades.certificates(regrades.changes_of(row))
            return [
                (one.touched.certificate.number, one.touched.star, one.touched.holds, one.doubt is not None)
                for one in found
            ]

        return self.do(0, look)

    def status(self, certificate: models.Certificate) -> Status:
        self.session.expire_all()
        return decisions.status_of(self.session.get_one(models.Certificate, certificate.id), clock.today())


@pytest.fixture
def story(way: Way, as_: As, session: orm.Session) -> Story:
    return Story(way, as_, session)


def test_from_a_wrong_key_to_the_certificate_officers(story: Story, page: Page, session: orm.Session) -> None:
    story.hold()
    certificate = story.certify()
    assert (certificate.star, story.status(certificate)) == (2, Status.VALID)

    dry = story.dry_run()
    assert [(one.outcome, one.before, one.after) for one in dry.changes] == [("lost", Decimal(100), Decimal(50))]
    assert story.status(certificate) is Status.VALID

    def propose(actor: Actor, exam: Any) -> int:
        given = {"corrections": story.corrections(), "dry": dry.hash, "reason": "两题答案有误"}
        return regrading.propose(actor, exam, **given).id

    regrade = story.do(0, propose)
    assert story.touched() == [(certificate.number, 0, False, False)]
    deliver(story.way.app)
    assert doubts.waiting(session) == [], "nothing is said before the second officer"

    def release(actor: Actor, _exam: Any) -> None:
        regrading.release_regrade(actor, db.session.get_one(Regrade, regrade), dry=dry.hash)

    story.do(1, release)
    deliver(story.way.app)
    assert story.touched() == [(certificate.number, 0, False, True)]
    ((doubt, doubted, _name),) = doubts.waiting(session)
    assert (doubted.number, doubt.star, doubt.reason) == (certificate.number, 0, "两题答案有误")
    assert story.status(certificate) is Status.VALID, "nothing is revoked by itself"

    shown = page.get(f"/exams/{story.exam}/regrades/{regrade}", story.officers[1])
    assert certificate.number in shown.select_one("#certificates").get_text()
    a = story.way.world.a
    address = f"/certificates/{certificate.id}"
    assert page.get("/certificates", a.certificate_officer).select(f'a[href="{address}"]')
    story.way.answer(a.second_certificate_officer, story.way.ask(a.certificate_officer, certificate.id))
    assert story.status(certificate) is Status.REVOKED
    session.expire_all()
    assert doubts.waiting(session) == []
