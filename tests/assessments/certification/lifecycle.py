"""What the tests of a certificate's life do: suspend, lift, renew, and a policy whose certificates are due at once."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.certification import jobs, models
from assessments.certification.queries import decisions
from assessments.certification.rules.status import Status, SuspensionCategory
from assessments.certification.services import suspending
from assessments.results.models import ResultKind
from lms import clock
from lms.db import act_as, db
from lms.people.queries import actor_for
from lms.techniques.models import Technique
from tests.assessments.certification.conftest import FIRST_WAY, Way, load_policy, plain

CODES = ("bp-measurement", "cpr-adult", "ecg-12-lead", "shock-first-response")


def due_at_once(way: Way, *, techniques: int = 0, refreshers: int = 0, **certificate: Any) -> None:
    """A newer version of the introductory policy: what is issued is due for renewal from the first day on."""
    given = plain(FIRST_WAY)
    about = {"valid_years": 2, "renew_days": 730, "refreshers": refreshers, **certificate}
    two = given["stars"][1]["requires"]["all"]
    title = {"zh": "授权", "en": "Entrusted"}
    two += [
        {"kind": "entrustment", "title": title, "min": 1, "technique": code, "level": 3} for code in CODES[:techniques]
    ]
    load_policy(way.app, version=2, certificate=about, stars=given["stars"])


def entrusted(way: Way, session: orm.Session, person: int, *codes: str, **more: Any) -> None:
    """Sign-offs of these techniques."""
    for code in codes:
        technique = session.scalar(sa.select(Technique.id).where(Technique.code == code))
        way.result(person, ResultKind.ENTRUSTMENT, 4, technique_id=technique, **more)


def certified(way: Way, person: int) -> models.Certificate:
    """What the newest case of a person comes to: approved by two, issued and signed."""
    case = way.proposals(person)[-1]
    made = issued(way, case)
    assert made.number in way.sign().signed
    return made


def issued(way: Way, case: models.Proposal) -> models.Certificate:
    """Approved by two and issued, not signed."""
    for officer in (way.world.a.certificate_officer, way.world.a.second_certificate_officer):
        way.approve(officer, case)
    return way.issue(case)


def status(way: Way, certificate: models.Certificate, on: Any = None) -> Status:
    with way.app.app_context():
        act_as(db.session, jobs.ACTOR)
        row = db.session.get_one(models.Certificate, certificate.id)
        return decisions.status_of(row, on or clock.today())


def ask(way: Way, officer: int, certificate: int, *, resume: bool = False, note: str = "正在核查") -> int:
    """The first half of a suspension, or of lifting it."""
    code = way.code(officer)
    with way.app.app_context():
        actor = actor_for(officer)
        act_as(db.session, actor)
        row = db.session.get_one(models.Certificate, certificate)
        if resume:
            return suspending.ask_to_resume(actor, row, note=note, code=code).id
        category = SuspensionCategory.UNDER_INVESTIGATION
        return suspending.ask_to_suspend(actor, row, category=category, note=note, code=code).id


def answer(way: Way, officer: int, request: int, *, confirmed: bool = True, note: str = "") -> None:
    """The second half."""
    code = way.code(officer)
    with way.app.app_context():
        actor = actor_for(officer)
        act_as(db.session, actor)
        row = db.session.get_one(models.SuspensionRequest, request)
        suspending.answer_suspension(actor, row, confirmed=confirmed, note=note, code=code)


def suspend(way: Way, certificate: models.Certificate) -> None:
    """Both halves."""
    a = way.world.a
    answer(way, a.second_certificate_officer, ask(way, a.certificate_officer, certificate.id))
