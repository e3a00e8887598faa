"""Policies and certificates of county A, and what makes one doubtful."""

import sqlalchemy as sa
from flask import Flask
from sqlalchemy import orm

from assessments.certification import jobs as certification_jobs
from assessments.certification.models import (
    Certificate,
    CertificateDoubt,
    OfficerAct,
    PolicyDraft,
    PolicyPreview,
    PolicyVersion,
    SuspensionRequest,
)
from assessments.certification.queries import policies, renewals
from assessments.certification.services import policies as adopting
from assessments.exams.models import Appeal, Exam, ExamScore, Regrade, ScoreRun
from assessments.results.models import Result
from lms.authz import only
from lms.db import act_as, db
from lms.institutions.models import Institution
from lms.ledger import services as ledger
from tests.assessments.certification.conftest import Way, equip
from tests.conftest import As
from tests.factories.world import World
from tests.fences.samples.addresses import Made


def policy(app: Flask, as_: As, session: orm.Session, world: World) -> Made:
    """A draft of the star policy, and a version that waits for two officers; both are the city's."""
    with as_(world.people["certificate_officer"]) as actor:
        source = only(policies.newest(db.session))
        city = db.session.get_one(Institution, world.city)
        made = {"policy_draft": adopting.draft_policy(actor, city, source=source).id, "policy_version": source.id}
        draft = adopting.draft_policy(actor, city, source=source)
        adopting.edit_policy(actor, draft, revision=1, content=draft.content, what="about", reason="年度修订")
        counted, proposed = adopting.preview_policy(actor, draft).id, draft.id
    with app.app_context():
        act_as(db.session, certification_jobs.POLICIES)
        adopting.count_policy(certification_jobs.POLICIES, db.session.get_one(PolicyPreview, counted))
    with as_(world.people["certificate_officer"]) as actor:
        draft = db.session.get_one(PolicyDraft, proposed)
        made["policy_proposal"] = adopting.propose_policy(actor, draft, revision=draft.revision).id
    return made


def certificate(app: Flask, session: orm.Session, world: World) -> Made:
    """A certificate, one that waits, a revocation and a suspension that wait."""
    policies.configure("first-way")
    equip(session, world)
    session.commit()
    way = Way(app, world)
    certified = way.two_stars(world.a.second_doctor)
    for officer in (world.a.certificate_officer, world.a.second_certificate_officer):
        way.approve(officer, certified)
    certificate = way.issue(certified)
    waiting = way.two_stars(world.a.doctor)
    revocation = way.ask(world.a.certificate_officer, certificate.id)
    act = session.scalars(sa.select(sa.func.max(OfficerAct.id))).one()
    suspension = _suspension(session, session.get_one(Certificate, certificate.id), act, world.a.certificate_officer)
    return {
        "certificate": certificate.id,
        "decision": certified.decision_id,
        "public_id": certificate.public_id,
        "policy_hash": session.scalars(sa.select(PolicyVersion.content_hash)).first().hex(),
        "commission_code": session.get_one(Institution, world.a.commission).code,
        "proposal": waiting.id,
        "revocation": revocation,
        "suspension": suspension,
        "officer_act": act,
    }


def _suspension(session: orm.Session, certificate: Certificate, act: int, officer: int) -> int:
    """A wish to suspend, as its verb writes it; the certificate itself is not signed here."""
    halt = {"kind": "suspended", "category": "own_wish"}
    about = certificate.person.ledger_subject
    recorded = ledger.append(session, renewals.REQUEST, {**halt, "act": act, "number": certificate.number}, about)
    whose = {"person_id": certificate.person_id, "institution_id": certificate.institution_id}
    kept = {"ledger_index": recorded.index, "sealed": recorded.sealed}
    row = SuspensionRequest(**whose, **halt, **kept, certificate_id=certificate.id, by_id=officer, act_id=act)
    session.add(row)
    session.flush()
    return row.id


def doubted(session: orm.Session, world: World, made: Made) -> Made:
    """A regrade that waits, an appeal against a result, a doubt about a certificate."""
    exam = session.get_one(Exam, made["exam"])
    here = {"institution_id": exam.institution_id}
    by = {"made_by_id": world.a.exam_officer, "input_hash": b"x" * 32}
    figures: Made = {"candidates": 1, "mean": "50", "reliability": None, "items": []}
    run = ScoreRun(**here, **by, exam_id=exam.id, version=1, key_id=exam.key_id, rules_version=1, figures=figures)
    session.add(run)
    session.flush()
    mark: Made = {"percent": 50, "maximum": 2, "passed": False, "items": [], "input_hash": b"x" * 32}
    score = ExamScore(**here, **mark, person_id=world.a.doctor, run_id=run.id, attempt_id=made["attempt"])
    asked: Made = {"dry_hash": b"x" * 32, "changes": [], "reason": "x", "proposed_by_id": world.a.exam_officer}
    regrade = Regrade(**here, **asked, exam_id=exam.id, from_run_id=run.id, key_id=exam.key_id)
    held = session.get_one(Certificate, made["certificate"])
    result = session.scalars(sa.select(sa.func.max(Result.id)).where(Result.person_id == held.person_id)).one()
    doubt = CertificateDoubt(
        person_id=held.person_id,
        institution_id=held.institution_id,
        certificate_id=held.id,
        result_id=result,
        star=0,
        reason="x",
    )
    session.add_all([score, regrade, doubt])
    session.flush()
    appeal = Appeal(**here, person_id=world.a.doctor, exam_id=exam.id, score_id=score.id, reason="x")
    session.add(appeal)
    session.flush()
    return {"regrade": regrade.id, "appeal": appeal.id, "doubt": doubt.id}
