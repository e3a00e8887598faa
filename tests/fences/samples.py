"""One thing of county A for every address that has a thing in it."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy import orm

from assessments.bank.models import QuestionImport
from assessments.certification.models import Certificate, CertificateDoubt
from assessments.certification.queries import policies
from assessments.exams.models import Appeal, Exam, ExamScore, Regrade, ScoreRun
from assessments.exams.rules.standards import Angoff
from assessments.exams.services import placing, standards
from assessments.osce.models import ExaminerAssignment
from assessments.practice import services as practice
from assessments.practice.queries import newest_forms
from assessments.results.models import Result
from assessments.selftest import services as selftest
from assessments.selftest.formats import SentAnswer
from assessments.selftest.queries import items as items_of
from assessments.signoff import services as signoff
from assessments.signoff.models import SignOff
from assessments.simulation import services as simulation
from assessments.simulation.formats import SentAct
from assessments.simulation.queries import by_code
from assessments.stall.models import Flag
from courses.curricula.models import Lesson, LessonAttachment
from courses.enrolment.services import enrol
from courses.hours.models import HoursEntry
from courses.mentoring import services as pairing
from courses.mentoring.models import Pairing
from lms import clock, ids
from lms.audit.models import AuditEvent
from lms.authz import only
from lms.db import db
from lms.institutions.models import Consortium, ConsortiumMember, Institution
from lms.people.models import Passkey, Person, RoleGrant, RosterImport, SignIn
from lms.techniques.models import Technique
from tests.assessments.certification.conftest import Way, equip
from tests.conftest import As
from tests.factories import exams, mentoring, osce, packs
from tests.factories.world import World

Made = dict[str, Any]

COURSE = "hypertension-primary-care"
CASE = "hypertension-renewal"

#: addresses whose things all institutions share, or that answer everybody alike, each with its reason
SHARED: dict[str, str] = {
    "/language/<code>": "the language of one's own pages",
    "/bank/export/<name>": "banks are shared; the permission to read keys is not",
    "/bank/versions/<int:number>": "banks are shared",
    "/bank/versions/<int:number>/preview": "banks are shared",
    "/bank/versions/<int:number>/compare": "banks are shared",
    "/bank/versions/<int:number>/edit": "banks are shared",
    "/bank/versions/<int:number>/again": "banks are shared",
    "/bank/versions/<int:number>/review": "banks are shared",
    "/bank/versions/<int:number>/give-back": "banks are shared",
    "/bank/versions/<int:number>/ready": "banks are shared",
    "/bank/versions/<int:number>/retire": "banks are shared",
    "/bank/versions/<int:number>/bring-back": "banks are shared",
    "/bank/new/<kind>": "banks are shared",
    "/bank/pictures/<digest>": "banks are shared; the address is the hash of the picture's bytes",
    "/bank/sources/<code>": "banks are shared",
    "/bank/sources/<code>/doubt": "banks are shared",
    "/bank/cases/<int:id>": "banks are shared",
    "/bank/cases/<int:id>/edit": "banks are shared",
    "/bank/cases/<int:id>/review": "banks are shared",
    "/bank/cases/<int:id>/ready": "banks are shared",
    "/case-bank/<int:number>": "cases are shared",
    "/cases/<code>": "cases are shared; every doctor plays them",
    "/cases/<code>/begin": "cases are shared; every doctor plays them",
    "/consortia/<int:id>": "names of institutions are shared knowledge; nobody's data stand there",
    "/institutions/<int:id>": "names of institutions are shared knowledge; persons on it are fenced",
    "/consortia/<int:id>/dissolve": "refused by 403: the consortium itself may be seen",
    "/consortia/<int:id>/join": "refused by 403: the consortium itself may be seen",
    "/consortia/<int:id>/leave/<int:member>": "refused by 403: the consortium itself may be seen",
    "/institutions/<int:id>/close": "refused by 403: the institution itself may be seen",
    "/institutions/<int:id>/move": "refused by 403: the institution itself may be seen",
    "/institutions/<int:id>/edit": "refused by 403: the institution itself may be seen",
    "/institutions/<int:id>/reopen": "refused by 403: the institution itself may be seen",
    "/techniques/<code>": "one catalogue for all",
    "/courses/<code>": "one catalogue of courses for all",
    "/courses/<code>/join": "one catalogue of courses for all",
    "/courses/<code>/assign": "a course is shared; it is assigned to one's own institutions only",
    "/courses/<code>/lessons/<lesson>": "one catalogue of courses for all",
    "/courses/<code>/lessons/<lesson>/events": "one's own progress in a shared course",
    "/lessons/files/<int:id>/<name>": "files of shared lessons",
    "/editor/courses/<code>": "one catalogue of courses for all",
    "/editor/courses/<code>/<int:number>/<lesson>": "one catalogue of courses for all",
    "/editor/courses/<code>/<int:number>/publish": "one catalogue of courses for all",
    "/v/<public_id>": "meant for strangers",
}


def _course(_made: Made) -> Made:
    return {"code": COURSE}


def _of(name: str, /, **more: str) -> Callable[[Made], Made]:
    """The address's `id` (and others) from what was made under these names."""
    return lambda made: {"id": made[name]} | {field: made[key] for field, key in more.items()}


def _attempt(made: Made) -> Made:
    return {"attempt_id": made["attempt"]}


#: rule → the values that stand in its address; a prefix stands for all rules that begin with it
SAMPLES: dict[str, Callable[[Made], Made]] = {
    "/language/<code>": lambda _: {"code": "en"},
    "/account/passkeys/<int:id>": _of("passkey"),
    "/account/sign-ins/<int:id>": _of("sign_in"),
    "/appeals/<int:id>": _of("appeal"),
    "/attempts/<uuid:attempt_id>": _attempt,
    "/audit/<int:id>": _of("audit"),
    "/bank/import/<int:id>": _of("question_import"),
    "/bank/export/<name>": lambda _: {"name": "moodle"},
    "/bank/cases/<int:id>": _of("case_of_series"),
    "/bank/new/<kind>": lambda _: {"kind": "single"},
    "/bank/pictures/<digest>": lambda made: {"digest": made["picture"]},
    "/bank/sources/<code>": lambda made: {"code": made["source"]},
    "/bank/versions/<int:number>": lambda made: {"number": made["question"]},
    "/case-bank/<int:number>": lambda made: {"number": made["case_version"]},
    "/case-runs/<int:id>": _of("case_run"),
    "/case-runs/<int:id>/report": _of("ended_case"),
    "/cases/<code>": lambda _: {"code": CASE},
    "/certificates/cases/<int:id>": _of("proposal"),
    "/certificates/doubts/<int:id>": _of("doubt"),
    "/certificates/revocations/<int:id>": _of("revocation"),
    "/certificates/<int:id>": _of("certificate"),
    "/consortia/<int:id>": _of("consortium", member="member"),
    "/courses/<code>/lessons/<lesson>": lambda made: {"code": COURSE, "lesson": made["lesson_code"]},
    "/courses/<code>": _course,
    "/editor/courses/<code>": lambda made: {"code": COURSE, "number": 1, "lesson": made["lesson_code"]},
    "/exams/<int:exam>/candidates/<int:number>": lambda made: {"exam": made["exam"], "number": made["seat"]},
    "/exams/<int:exam>/rooms/<int:number>": lambda made: {"exam": made["exam"], "number": made["exam_room"]},
    "/exams/<int:exam>/windows/<int:number>": lambda made: {"exam": made["exam"], "number": made["exam_window"]},
    "/exams/<int:exam>/standards/<int:number>": lambda made: {"exam": made["exam"], "number": made["standard"]},
    "/exams/<int:exam>/regrades/<int:number>": lambda made: {"exam": made["exam"], "number": made["regrade"]},
    "/exams/<int:id>": _of("exam", number="seat"),
    "/flags/<int:id>": _of("flag"),
    "/hours/entries/<int:id>": _of("hours"),
    "/insight/<int:id>": _of("township"),
    "/insight/<int:id>/refresh/<uuid:job>": lambda made: {"id": made["township"], "job": made["attempt"]},
    "/institutions/<int:id>": _of("township"),
    "/lessons/files/<int:id>/<name>": _of("attachment", name="attachment_name"),
    "/mentoring/doctors/<int:id>": _of("person"),
    "/mentoring/mentors/<int:id>": _of("mentor"),
    "/mentoring/pairs/<int:id>": _of("pairing"),
    "/mentoring/runs/<int:id>": _of("pairing_run"),
    "/mentoring/sessions/<int:id>": _of("mentoring_session"),
    "/osce/circuits/<int:id>/examiners/<int:number>": _of("circuit", number="assignment"),
    "/osce/circuits/<int:id>/stations/<int:number>": _of("circuit", number="station"),
    "/osce/circuits/<int:id>": _of(
        "circuit", number="circuit_candidate", candidate="circuit_candidate", station="station"
    ),
    "/osce/results/<int:id>": _of("circuit_candidate"),
    "/osce/stations/<int:id>": _of("station"),
    "/people/roles/<int:id>": _of("role"),
    "/people/roster/<int:id>": _of("roster"),
    "/people/<int:id>": _of("person"),
    "/practice/<int:id>": _of("evaluation", number="one"),
    "/practice/results/<int:id>": _of("evaluation"),
    "/selftest/answers/<uuid:id>": _of("self_test_answer"),
    "/selftest/tests/<int:id>": _of("self_test"),
    "/signoffs/<int:id>": _of("sign_off"),
    "/signoffs/ask/<int:id>": _of("pairing"),
    "/stars/<int:id>": _of("person"),
    "/techniques/<code>": lambda _: {"code": "bp-measurement"},
    "/v/<public_id>": lambda made: {"public_id": made["public_id"]},
}


def sample_for(rule: str) -> Callable[[Made], Made] | None:
    """The most special sample whose rule this one is or begins with."""
    fitting = [one for one in SAMPLES if rule == one or rule.startswith((f"{one}/", f"{one}."))]
    return SAMPLES[max(fitting, key=len)] if fitting else None


def address(rule: str, made: Made) -> str:
    """The rule with a sample's values in it."""
    sample = sample_for(rule)
    values = sample(made) if sample and "<" in rule else {}
    return re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", lambda found: str(values[found[1]]), rule)


def make(app: Flask, session: orm.Session, as_: As, world: World) -> Made:
    """Things of county A, by name: an exam with an attempt, a circuit, a certificate, a revocation that waits …"""
    packs.bring_ours(app)
    made: Made = {"one": 1, "person": world.a.doctor, "township": world.a.township}
    made |= _learning(session, as_, world)
    made |= _exam(session, as_, world)
    made |= _bank(session)
    made |= _circuit(session, as_, world)
    made |= _evaluation(as_, world)
    made |= _cases(as_, world)
    made |= _practising(as_, session, world)
    made |= _mentoring(as_, session, world)
    made |= _certificate(app, session, world)
    made |= _rows(session, world)
    made |= _doubted(session, world, made)
    session.commit()
    return made


def _learning(session: orm.Session, as_: As, world: World) -> Made:
    lesson = session.scalars(sa.select(Lesson).order_by(Lesson.id).limit(1)).one()
    attachment = session.scalars(sa.select(LessonAttachment).limit(1)).one()
    with as_(world.a.doctor) as actor:
        enrol(actor, db.session.get_one(type(lesson.version), lesson.version.id))
    hours = HoursEntry(
        person_id=world.a.doctor,
        institution_id=world.a.township,
        kind="theory",
        minutes=60,
        on_day=sa.func.current_date(),
        source_kind="test",
        source_id="1",
        evidence={},
    )
    session.add(hours)
    session.flush()
    return {
        "lesson_code": lesson.code,
        "attachment": attachment.id,
        "attachment_name": attachment.name,
        "hours": hours.id,
    }


def _exam(session: orm.Session, as_: As, world: World) -> Made:
    office = exams.Office(as_, session)
    officers = (world.a.exam_officer, world.people["exam_officer"])
    paper = exams.blueprint(bank="hypertension")
    exam = office.draft(officers[0], world.a.commission, paper=paper)
    office.seat(officers[0], exam, world.a.doctor, world.a.second_doctor)
    office.approve(exam, *officers)
    attempt = office.start(world.a.doctor, exam)
    question = office.items(exam)[0].question_version_id
    seat = session.scalar(sa.text("SELECT max(id) FROM exam_candidate WHERE exam_id = :exam"), {"exam": exam})
    room = office.do(officers[0], exam, lambda a, e: placing.add_room(a, e, name="一号考场", seats=5).id)
    window = office.do(
        officers[0],
        exam,
        lambda a, e: placing.add_window(a, e, opens_at=e.opens_at, closes_at=e.closes_at).id,
    )
    places = {"exam_room": room, "exam_window": window, "standard": _standard(office, officers[0], exam)}
    return {"exam": exam, "attempt": attempt, "question": question, "seat": seat} | places


def _bank(session: orm.Session) -> Made:
    """What our own pack brings into the bank beside questions."""
    names = {"case_of_series": "SELECT max(id) FROM shared_stem", "picture": "SELECT max(digest) FROM question_picture"}
    found = {name: session.scalar(sa.text(query)) for name, query in names.items()}
    return found | {"source": "htn-primary-2025"}


def _standard(office: exams.Office, officer: int, exam: int) -> int:
    """A cut that one judge set."""
    questions = len(office.items(exam))
    judged = Angoff({1: {"j1": [Fraction(1, 2)] * questions}})
    values = {"given": judged, "errors": Decimal(0), "reason": "sample"}
    return int(office.do(officer, exam, lambda a, e: standards.set_standard(a, e, **values).version))


def _circuit(session: orm.Session, as_: As, world: World) -> Made:
    office = osce.Office(as_, session)
    made = office.running(world.a.exam_officer, world.a.commission, [world.a.doctor], [world.a.examiner])
    former = ExaminerAssignment(
        institution_id=world.a.commission,
        circuit_station_id=made.station,
        examiner_id=world.a.second_examiner,
        name="周敏",
        begins_on=date(2025, 1, 1),
        ends_on=date(2025, 2, 1),
        assigned_by_id=world.a.exam_officer,
    )
    session.add(former)
    session.flush()
    assigned = sa.select(ExaminerAssignment.id).where(ExaminerAssignment.examiner_id == world.a.examiner)
    return {
        "circuit": made.circuit,
        "station": made.station,
        "circuit_candidate": made.candidates[0],
        "assignment": session.scalar(assigned),
    }


def _evaluation(as_: As, world: World) -> Made:
    with as_(world.a.exam_officer) as actor:
        made = practice.assign(
            actor,
            db.session.get_one(Person, world.a.doctor),
            assessor=db.session.get_one(Person, world.a.examiner),
            version=newest_forms()[0],
            period_from=clock.today(),
            period_until=clock.today(),
        )
        return {"evaluation": made.id}


def _mentoring(as_: As, session: orm.Session, world: World) -> Made:
    """A search, a pair with a session that waits for the doctor, a sign-off that waits for the second examiner."""
    office, county = mentoring.Office(as_, session), world.a
    office.offer(county.manager, county.examiner)
    run = office.do(county.manager, Institution, county.commission, pairing.propose)
    pair = office.pair(county.manager, county.doctor, county.examiner, begins=mentoring.ago(30))
    logged = office.log(county.examiner, pair)
    with as_(county.examiner) as actor:
        technique = db.session.scalars(sa.select(Technique).order_by(Technique.id).limit(1)).one()
        seen = signoff.Seen(4, clock.today(), "独立完成")
        asked = signoff.ask(actor, db.session.get_one(Pairing, pair), technique=technique, seen=seen).id
    office.do(county.examiner, SignOff, asked, signoff.assign, assessor=county.second_examiner)
    return {
        "mentor": county.examiner,
        "pairing_run": run,
        "pairing": pair,
        "mentoring_session": logged,
        "sign_off": asked,
    }


def _cases(as_: As, world: World) -> Made:
    """A consultation that has ended, and another one under way on the same case."""
    with as_(world.a.doctor) as actor:
        version = only(by_code(CASE))
        ended = simulation.begin(actor, version.case)
        simulation.act(actor, ended, sent=[SentAct(id=ids.uuid7(), act="ask-periods")])
        simulation.hand_in(actor, ended)
        return {
            "ended_case": ended.id,
            "case_run": simulation.begin(actor, version.case).id,
            "case_version": version.id,
        }


def _practising(as_: As, session: orm.Session, world: World) -> Made:
    """A self-test under way, with one answer."""
    for number in (1, 2):
        exams.question(session, f"sample-{number}", bank="practice", use="practice", topic="样题")
    session.commit()
    with as_(world.a.doctor) as actor:
        begun = selftest.begin(actor, db.session.get_one(Person, world.a.doctor), topic="样题")
        sent = SentAnswer(id=ids.uuid7(), item=items_of(begun.id)[0].id, answer=("A",))
        selftest.answer(actor, begun, sent=[sent])
        return {"self_test": begun.id, "self_test_answer": sent.id}


def _certificate(app: Flask, session: orm.Session, world: World) -> Made:
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
    return {
        "certificate": certificate.id,
        "public_id": certificate.public_id,
        "proposal": waiting.id,
        "revocation": revocation,
    }


def _doubted(session: orm.Session, world: World, made: Made) -> Made:
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


def _rows(session: orm.Session, world: World) -> Made:
    who = {"person_id": world.a.doctor, "institution_id": world.a.township}
    later = sa.text("now() + interval '1 day'")
    rows: Made = {
        "flag": Flag(
            **who,
            technique_id=session.scalar(sa.select(sa.func.min(Technique.id))),
            raised_on=clock.today(),
            since=clock.today(),
            level=70,
            reasons=[{"code": "pause", "days": 140}],
            history=[["2026-01-01", 70.0]],
        ),
        "sign_in": SignIn(**who, token_hash=b"x" * 32),
        "passkey": Passkey(**who, credential_id=b"c", public_key=b"k", sign_count=0, label="x"),
        "question_import": QuestionImport(
            institution_id=world.a.commission,
            sent_by_id=world.a.editor,
            file_name="x.xml",
            kind="xml",
            format="moodle",
            defaults={},
            sha256="0" * 64,
            content=b"x",
            expires_at=later,
        ),
        "roster": RosterImport(
            institution_id=world.a.commission,
            sent_by_id=world.a.manager,
            file_name="x.xlsx",
            kind="xlsx",
            sha256="0" * 64,
            content=b"x",
            expires_at=later,
        ),
    }
    session.add_all(rows.values())
    session.flush()
    made = {name: row.id for name, row in rows.items()}
    role = sa.select(RoleGrant.id).where(RoleGrant.person_id == world.a.doctor)
    audit = sa.select(sa.func.max(AuditEvent.id)).where(AuditEvent.institution_id == world.a.commission)
    consortium = session.scalars(sa.select(Consortium)).one()
    member = sa.select(ConsortiumMember.id).where(ConsortiumMember.institution_id == world.a.township)
    return made | {
        "role": session.scalar(role),
        "audit": session.scalar(audit),
        "consortium": consortium.id,
        "member": session.scalar(member),
    }
