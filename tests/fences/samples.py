"""One thing of county A for every address that has a thing in it."""

import io
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import Flask
from sqlalchemy import orm

from assessments.bank.models import QuestionImport
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
from assessments.exams.rules.standards import Angoff
from assessments.exams.services import placing, standards
from assessments.osce.models import CircuitStation, ExaminerAssignment, Sheet, SheetAside, Tablet
from assessments.practice import services as practice
from assessments.practice.models import Evaluation, EvaluationAppeal, EvaluationFormVersion, EvaluationResult
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
from assessments.traces import services as tracing
from assessments.workplace import services as workplace
from assessments.workplace.queries import people as workplace_people
from assessments.workplace.services.requesting import Wish
from courses.authoring.services import drafting, uploads
from courses.curricula.models import (
    Course,
    CourseVersion,
    Curriculum,
    CurriculumPublication,
    Lesson,
    LessonAttachment,
)
from courses.curricula.policy import Curricula
from courses.curricula.queries import current_of
from courses.curricula.services import tiers
from courses.discussion import services as discussion
from courses.discussion.queries import threads
from courses.enrolment.models import AssignmentException, CurriculumAssignment
from courses.enrolment.services import assigning, enrol
from courses.hours.models import HoursEntry
from courses.mentoring import services as pairing
from courses.mentoring.models import Pairing
from courses.rotations import services as rotating
from courses.rotations.models import Rotation
from lms import clock, ids
from lms.audit.models import AuditEvent
from lms.authz import Actor, only
from lms.db import act_as, db
from lms.institutions.models import Consortium, ConsortiumMember, Institution
from lms.ledger import services as ledger
from lms.notifications.models import Delivery, Notice
from lms.people.models import Erasure, Passkey, Person, PersonExport, RoleGrant, RosterImport, SignIn
from lms.techniques.models import Technique
from tests.assessments.certification.conftest import Way, equip
from tests.conftest import As
from tests.factories import exams, mentoring, osce, osce_deciding, packs, rotations, timetables, traces
from tests.factories.workplace import filled
from tests.factories.world import World

Made = dict[str, Any]

COURSE = "hypertension-primary-care"
CASE = "hypertension-renewal"

#: addresses whose things all institutions share, or that answer everybody alike, each with its reason
SHARED: dict[str, str] = {
    "/app-icon/<int:size>/<shape>.png": "the product's sign",
    "/language/<code>": "the language of one's own pages",
    "/policies/<int:id>": "what a star asks for is public",
    "/policies/<int:id>/policy.yaml": "what a star asks for is public",
    "/policies/<int:id>/state": "how far work for everybody is",
    "/policies/<int:id>/moved": "versions are public; whom they moved is fenced row by row",
    "/policies/<int:id>/drafts": "versions are public; the verb asks for the right over the whole tree",
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
    "/blueprints/<code>": "blueprints are shared",
    "/osce/circuits/new/<code>": "blueprints are shared; the circuit made is one's own",
    "/stations/<code>": "stations are shared",
    "/stations/<code>/versions/<int:number>": "stations are shared",
    "/stations/<code>/versions/<int:number>/approve": "stations are shared",
    "/stations/<code>/versions/<int:number>/compare": "stations are shared",
    "/stations/<code>/versions/<int:number>/edit": "stations are shared",
    "/stations/<code>/versions/<int:number>/give-back": "stations are shared",
    "/stations/<code>/versions/<int:number>/print": "stations are shared",
    "/stations/<code>/versions/<int:number>/withdraw": "stations are shared",
    "/rotations/departments/<int:id>": "refused by 403: that there is such a department is known to all who plan",
    "/rotations/departments/<int:id>/places": "refused by 403: the department itself may be seen",
    "/rotations/departments/<int:id>/record": "refused by 403: the department itself may be seen",
    "/rotations/departments/<int:id>/receivers": "refused by 403: the department itself may be seen",
    "/courses/<code>": "one catalogue of courses for all",
    "/courses/<code>/bundle": "one's own place in a shared course",
    "/courses/<code>/join": "one catalogue of courses for all",
    "/courses/<code>/assign": "a course is shared; it is assigned to one's own institutions only",
    "/courses/<code>/lessons/<lesson>": "one catalogue of courses for all",
    "/courses/<code>/lessons/<lesson>/events": "one's own progress in a shared course",
    "/courses/<code>/lessons/<lesson>/stand": "one's own progress in a shared course",
    "/lessons/files/<int:id>/<name>": "files of shared lessons",
    "/courses/<code>/lessons/<lesson>/questions": "questions are read by whoever may read lessons",
    "/courses/<code>/lessons/<lesson>/ask": "refused by 403 to whoever has not begun the course",
    "/questions/<int:id>": "questions are read by whoever may read lessons",
    "/questions/<int:id>/accept": "refused by 403: the question itself may be read",
    "/questions/<int:id>/answer": "refused by 403: the question itself may be read",
    "/questions/<int:id>/follow": "whoever reads a question may follow it",
    "/questions/entries/<int:id>/edit": "refused by 403: the text itself may be read",
    "/questions/entries/<int:id>/history": "refused by 403: the text itself may be read",
    "/questions/entries/<int:id>/moderate": "refused by 403: the text itself may be read",
    "/questions/entries/<int:id>/report": "whoever reads a text may report it",
    "/questions/entries/<int:id>/useful": "whoever reads a text may find it useful",
    "/editor/courses/<code>": "one catalogue of courses for all",
    "/editor/curricula/<code>": "one set of curricula for all",
    "/editor/curricula/<code>/<int:number>": "one set of curricula for all",
    "/editor/curricula/<code>/<int:number>/preview": "one set of curricula for all; counting moves nobody",
    "/editor/curricula/<code>/<int:number>/preview/state": "how far counting is",
    "/editor/curricula/<code>/<int:number>/publish": "one set of curricula for all; names are shown of one's own area",
    "/editor/curricula/<code>/draft": "drafts are as shared as the curricula they become",
    "/editor/curricula/<code>/draft/about": "drafts are as shared as the curricula they become",
    "/editor/curricula/<code>/draft/ask": "drafts are as shared as the curricula they become",
    "/editor/curricula/<code>/draft/begin": "drafts are as shared as the curricula they become",
    "/editor/curricula/<code>/draft/drop": "drafts are as shared as the curricula they become",
    "/editor/curricula/<code>/draft/finish": "drafts are as shared as the curricula they become",
    "/editor/curricula/<code>/draft/shift": "drafts are as shared as the curricula they become",
    "/editor/curricula/<code>/draft/source": "drafts are as shared as the curricula they become",
    "/editor/curricula/<code>/draft/take-out": "drafts are as shared as the curricula they become",
    "/editor/curricula/<code>/draft/take-out-source": "drafts are as shared as the curricula they become",
    "/editor/curricula/<code>/draft/tier": "drafts are as shared as the curricula they become",
    "/editor/curricula/<code>/rules/new": "one set of curricula for all; a rule is made for one's own places",
    "/editor/curricula/publications/<int:id>": "one set of curricula for all; names are shown of one's own area",
    "/editor/curricula/publications/<int:id>/state": "how far work for everybody is",
    "/editor/assignment-rules/<code>": "who gets what is known to all editors; a rule is changed by those of its place",
    "/editor/assignment-rules/<code>/retire": "the same",
    "/editor/courses/<code>/retire": "one catalogue of courses for all",
    "/editor/courses/<code>/bring-back": "one catalogue of courses for all",
    "/editor/courses/<code>/<int:number>/draft": "one catalogue of courses for all",
    "/editor/courses/<code>/<int:number>/package": "one catalogue of courses for all",
    "/editor/drafts/<int:id>": "drafts are as shared as the courses they become",
    "/editor/drafts/<int:id>/about": "drafts are as shared as the courses they become",
    "/editor/drafts/<int:id>/approve": "drafts are as shared as the courses they become",
    "/editor/drafts/<int:id>/discard": "drafts are as shared as the courses they become",
    "/editor/drafts/<int:id>/files": "drafts are as shared as the courses they become",
    "/editor/drafts/<int:id>/give-back": "drafts are as shared as the courses they become",
    "/editor/drafts/<int:id>/lessons": "drafts are as shared as the courses they become",
    "/editor/drafts/<int:id>/package": "drafts are as shared as the courses they become",
    "/editor/drafts/<int:id>/publish": "drafts are as shared as the courses they become",
    "/editor/drafts/<int:id>/send": "drafts are as shared as the courses they become",
    "/editor/drafts/<int:id>/take-back": "drafts are as shared as the courses they become",
    "/editor/drafts/<int:id>/uploads": "drafts are as shared as the courses they become",
    "/editor/drafts/files/<int:id>/<name>": "drafts are as shared as the courses they become",
    "/editor/drafts/files/<int:id>/<name>/remove": "drafts are as shared as the courses they become",
    "/editor/drafts/lessons/<int:id>": "drafts are as shared as the courses they become",
    "/editor/drafts/lessons/<int:id>/move": "drafts are as shared as the courses they become",
    "/editor/drafts/lessons/<int:id>/preview": "drafts are as shared as the courses they become",
    "/editor/drafts/lessons/<int:id>/remove": "drafts are as shared as the courses they become",
    "/editor/courses/<code>/<int:number>/<lesson>": "one catalogue of courses for all",
    "/editor/courses/<code>/<int:number>/publish": "one catalogue of courses for all",
    "/v/<public_id>": "meant for strangers",
    "/v/keys/<key_id>": "public keys; meant for strangers",
    "/v/issuers/<code>": "which authorities issue certificates; meant for strangers",
    "/v/achievements/<policy_hash>/<int:star>": "what each star requires is public",
    "/v/status/<int:number>/<purpose>": "one bit for each of many certificates; meant for strangers",
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
    "/blueprints/<code>": lambda _: {"code": "county-gp-exam"},
    "/cases/<code>": lambda _: {"code": CASE},
    "/certificates/cases/<int:id>": _of("proposal"),
    "/certificates/doubts/<int:id>": _of("doubt"),
    "/certificates/looks/<int:id>": _of("decision"),
    "/certificates/issuing/<int:id>": _of("officer_act"),
    "/certificates/revocations/<int:id>": _of("revocation"),
    "/certificates/suspensions/<int:id>": _of("suspension"),
    "/certificates/<int:id>": _of("certificate"),
    "/app-icon/<int:size>/<shape>.png": lambda made: {"size": 192, "shape": "any"},
    "/consortia/<int:id>": _of("consortium", member="member"),
    "/courses/<code>/lessons/<lesson>": lambda made: {"code": COURSE, "lesson": made["lesson_code"]},
    "/courses/<code>": _course,
    "/editor/courses/<code>": lambda made: {"code": COURSE, "number": 1, "lesson": made["lesson_code"]},
    "/editor/assignment-rules/<code>": lambda made: {"code": made["assignment_rule"]},
    "/editor/curricula/<code>": lambda made: {"code": made["curriculum"], "number": 1},
    "/editor/curricula/exceptions/<int:id>": _of("assignment_exception"),
    "/editor/curricula/publications/<int:id>": _of("curriculum_publication"),
    "/editor/drafts/<int:id>": _of("course_draft"),
    "/editor/drafts/files/<int:id>": _of("draft_file", name="draft_file_name"),
    "/editor/drafts/lessons/<int:id>": _of("draft_lesson"),
    "/editor/uploads/<uuid:id>": _of("upload"),
    "/exams/<int:exam>/candidates/<int:number>": lambda made: {"exam": made["exam"], "number": made["seat"]},
    "/exams/<int:exam>/rooms/<int:number>": lambda made: {"exam": made["exam"], "number": made["exam_room"]},
    "/exams/<int:exam>/windows/<int:number>": lambda made: {"exam": made["exam"], "number": made["exam_window"]},
    "/exams/<int:exam>/standards/<int:number>": lambda made: {"exam": made["exam"], "number": made["standard"]},
    "/exams/<int:exam>/regrades/<int:number>": lambda made: {"exam": made["exam"], "number": made["regrade"]},
    "/exams/<int:id>": _of("exam", number="seat"),
    "/flags/<int:id>": _of("flag"),
    "/hours/entries/<int:id>": _of("hours"),
    "/follows/<int:id>": _of("township"),
    "/insight/<int:id>": _of("township"),
    "/insight/<int:id>/refresh/<uuid:job>": lambda made: {"id": made["township"], "job": made["attempt"]},
    "/institutions/<int:id>": _of("township"),
    "/lessons/files/<int:id>/<name>": _of("attachment", name="attachment_name"),
    "/mentoring/doctors/<int:id>": _of("person"),
    "/mentoring/mentors/<int:id>": _of("mentor"),
    "/mentoring/pairs/<int:id>": _of("pairing"),
    "/mentoring/runs/<int:id>": _of("pairing_run"),
    "/mentoring/sessions/<int:id>": _of("mentoring_session"),
    "/notifications/<int:id>": _of("notice"),
    "/notifications/post/<int:id>": _of("delivery"),
    "/osce/circuits/<int:id>/examiners/<int:number>": _of("circuit", number="assignment"),
    "/osce/circuits/<int:id>/timetable/versions": lambda made: {"id": made["circuit"], "number": 1},
    "/osce/circuits/<int:id>/timetable/print": lambda made: {"id": made["circuit"], "what": "slips"},
    "/osce/circuits/<int:id>/quality/stations/<int:number>": _of("circuit", number="station"),
    "/osce/circuits/<int:id>/stations/<int:number>": _of("circuit", number="station"),
    "/osce/circuits/<int:id>/board/stations/<int:number>": _of("circuit", number="station"),
    "/osce/circuits/<int:id>/asides/<int:number>": _of("revised_circuit", number="sheet_aside"),
    "/osce/circuits/<int:id>/rulings/<int:number>": _of("revised_circuit", number="sheet_ruling"),
    "/osce/circuits/<int:id>/revisions/<int:number>": _of("revised_circuit", number="revision"),
    "/osce/appeals/<int:id>": _of("circuit_appeal"),
    "/osce/circuits/new/<code>": lambda _: {"code": "county-gp-exam"},
    "/osce/circuits/<int:id>": _of(
        "circuit", number="circuit_candidate", candidate="circuit_candidate", station="station"
    ),
    "/osce/results/<int:id>": _of("circuit_candidate"),
    "/osce/stations/<int:id>": _of("station"),
    "/osce/tablets/<int:id>": _of("tablet"),
    "/people/data/<int:id>": _of("export"),
    "/people/erasures/<int:id>": _of("erasure"),
    "/people/roles/<int:id>": _of("role"),
    "/people/roster/<int:id>": _of("roster"),
    "/people/<int:id>": _of("person"),
    "/policies/<int:id>": _of("policy_version"),
    "/policies/drafts/<int:id>": lambda made: {"id": made["policy_draft"], "place": "1", "kind": "theory_exam"},
    "/policies/proposals/<int:id>": _of("policy_proposal"),
    "/practice/<int:id>": _of("evaluation", number="one"),
    "/practice/appeals/<int:id>": _of("practice_appeal"),
    "/practice/figures/import/<int:id>": _of("figures"),
    "/practice/results/<int:id>": _of("evaluation"),
    "/traces/<int:id>": _of("trace"),
    "/traces/pairs/<int:id>": _of("pairing"),
    "/traces/people/<int:id>": _of("person"),
    "/rotations/<int:id>": _of("rotation"),
    "/rotations/departments/<int:id>": _of("rotation_department"),
    "/rotations/files/<int:id>": _of("rotation_file"),
    "/rotations/people/<int:id>": _of("person"),
    "/rotations/receivers/<int:id>": _of("rotation_receiver"),
    "/questions/<int:id>": _of("lesson_question"),
    "/questions/entries/<int:id>": _of("lesson_question"),
    "/selftest/answers/<uuid:id>": _of("self_test_answer"),
    "/selftest/tests/<int:id>": _of("self_test"),
    "/signoffs/<int:id>": _of("sign_off"),
    "/signoffs/ask/<int:id>": _of("pairing"),
    "/stars/<int:id>": _of("person"),
    "/stations/<code>": lambda _: {"code": "bp-measurement-station", "number": 1},
    "/techniques/<code>": lambda _: {"code": "bp-measurement"},
    "/v/<public_id>": lambda made: {"public_id": made["public_id"]},
    "/v/achievements/<policy_hash>": lambda made: {"policy_hash": made["policy_hash"], "star": 1},
    "/v/issuers/<code>": lambda made: {"code": made["commission_code"]},
    "/v/keys/<key_id>": lambda _: {"key_id": "0" * 16},
    "/v/status/<int:number>": lambda _: {"number": 0, "purpose": "revocation"},
    "/workplace/assessments/<uuid:id>": _of("workplace_assessment"),
    "/workplace/doctors/<int:id>": _of("person"),
    "/workplace/requests/<int:id>": _of("workplace_request"),
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
    made |= _writing(as_, world)
    made |= _curriculum(as_, session, world)
    made |= _exam(session, as_, world)
    made |= _bank(session)
    made |= _circuit(session, as_, world)
    made |= _evaluation(as_, world)
    made |= _workplace(session, as_, world)
    made |= _cases(as_, world)
    made |= _practising(as_, session, world)
    made |= _mentoring(as_, session, world)
    made |= _rotating(as_, session, world)
    made |= _certificate(app, session, world)
    made |= _policy(app, as_, session, world)
    made |= _rows(session, world)
    made |= _notice(session, world)
    made |= _doubted(session, world, made)
    # Last: while an appeal waits, no certificate is approved.
    made |= _appealed(as_, session, world)
    made |= _revised(session, as_, world)
    session.commit()
    return made


def _learning(session: orm.Session, as_: As, world: World) -> Made:
    of_ours = Lesson.version.has(CourseVersion.course.has(Course.code == COURSE))
    lesson = session.scalars(sa.select(Lesson).where(of_ours).order_by(Lesson.id).limit(1)).one()
    attachment = session.scalars(sa.select(LessonAttachment).limit(1)).one()
    with as_(world.a.doctor) as actor:
        enrol(actor, db.session.get_one(type(lesson.version), lesson.version.id))
        asked = discussion.ask(actor, only(threads.place(COURSE, lesson.code)), title="样例问题", body="").id
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
        "lesson_question": asked,
        "attachment": attachment.id,
        "attachment_name": attachment.name,
        "hours": hours.id,
    }


def _writing(as_: As, world: World) -> Made:
    """The next version of a course in the making, and a file on its way into it."""
    with as_(world.a.editor) as actor:
        version = current_of(COURSE)
        assert version is not None
        draft = drafting.go_on(actor, version)
        upload = uploads.announce(actor, draft, name="a.wav", length=9)
        file = draft.files[0]
        return {
            "course_draft": draft.id,
            "draft_lesson": draft.lessons[0].id,
            "draft_file": file.id,
            "draft_file_name": file.name,
            "upload": upload.id,
        }


def _curriculum(as_: As, session: orm.Session, world: World) -> Made:
    """The doctor's curriculum, a draft of it, and that a version could not serve that doctor."""
    with as_(Actor.job("test", Curricula.ASSIGN)) as actor:
        assigning.settle(actor, None, person_ids=[world.a.doctor])
    mine = session.scalars(sa.select(CurriculumAssignment)).one()
    with as_(world.a.editor) as actor:
        tiers.begin_draft(actor, db.session.get_one(Curriculum, mine.curriculum_id))
    held = session.scalars(
        sa.select(CurriculumPublication.id).where(CurriculumPublication.version_id == mine.version_id)
    ).one()
    refused = AssignmentException(
        publication_id=held, assignment_id=mine.id, person_id=mine.person_id, institution_id=mine.institution_id,
        reopened=["one"], past_due=[],
    )  # fmt: skip
    session.add(refused)
    session.commit()
    return {
        "curriculum": mine.curriculum.code,
        "assignment_rule": mine.rule.code,
        "assignment_exception": refused.id,
        "curriculum_publication": held,
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
    timetables.one(office, world.a.exam_officer, made, world.a.examiner)
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
    tablet = Tablet(institution_id=world.a.commission, label="一号平板", enrolled_by_id=world.a.exam_officer)
    session.add(tablet)
    session.flush()
    assigned = sa.select(ExaminerAssignment.id).where(ExaminerAssignment.examiner_id == world.a.examiner)
    return {
        "tablet": tablet.id,
        "circuit": made.circuit,
        "station": made.station,
        "circuit_candidate": made.candidates[0],
        "assignment": session.scalar(assigned),
    }


def _revised(session: orm.Session, as_: As, world: World) -> Made:
    """A released circuit with a sheet aside, an appeal, and a revision with one ruling."""
    office, county = osce.Office(as_, session), world.a
    made = osce_deciding.desk(office, county.exam_officer, county.commission, [county.doctor], [county.examiner], 1)
    made.mark(county.examiner, 0, 0)
    made.close()
    made.release(world.people["exam_officer"])
    number = made.mark(county.examiner, 0, 0, supersedes=_sheet_of(session, made.circuit), reason="改")
    appeal = made.appeal(county.doctor, 0)
    revision = made.revise()
    ruling = made.void(0, 0)
    aside = session.scalars(sa.select(SheetAside.id).where(SheetAside.sheet_id == number)).one()
    return {
        "revised_circuit": made.circuit,
        "circuit_appeal": appeal,
        "revision": revision,
        "sheet_ruling": ruling,
        "sheet_aside": aside,
    }


def _notice(session: orm.Session, world: World) -> Made:
    """What the doctor was told, by letter too, which failed."""
    here = {"person_id": world.a.doctor, "institution_id": world.a.township}
    notice = Notice(**here, kind="exams.released", matter="sample", facts={})
    session.add(notice)
    session.flush()
    stuck = {"channel": "mail", "state": "failed", "why": "sample", "due_at": clock.now()}
    delivery = Delivery(**here, notification_id=notice.id, **stuck)
    session.add(delivery)
    session.flush()
    return {"notice": notice.id, "delivery": delivery.id}


def _sheet_of(session: orm.Session, circuit: int) -> UUID:
    query = sa.select(Sheet.id).join(CircuitStation, CircuitStation.id == Sheet.circuit_station_id)
    return session.scalars(query.where(CircuitStation.circuit_id == circuit)).one()


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


def _appealed(as_: As, session: orm.Session, world: World) -> Made:
    """A table of figures that was checked, and an appeal against a result of another evaluation."""
    text = "账号,姓名,指标,期间起,期间止,分子,分母\nnobody,无,无,2026-01-01,2026-02-01,1,2".encode()
    with as_(world.a.exam_officer) as actor:
        figures = practice.send(actor, None, taken=traces.taken(text, "figures.csv")).id
    here = {"person_id": world.a.second_doctor, "institution_id": world.a.township}
    evaluation = Evaluation(
        **here,
        form_version_id=session.scalars(sa.select(sa.func.min(EvaluationFormVersion.id))).one(),
        assessor_id=world.a.second_examiner,
        assessor_institution_id=world.a.hospital,
        doctor_name="李小红",
        assessor_name="周敏",
        period_from=clock.today(),
        period_until=clock.today(),
        state="accepted",
        percent=80,
        assigned_by_id=world.a.exam_officer,
    )
    session.add(evaluation)
    session.flush()
    decided: Made = {"content_hash": b"x" * 32, "parts": {"parts": [], "indicators": []}, "percent": 80, "version": 1}
    by = world.people["exam_officer"]
    result = EvaluationResult(**here, **decided, evaluation_id=evaluation.id, decided_by_id=by)
    session.add(result)
    session.flush()
    appeal = EvaluationAppeal(**here, evaluation_id=evaluation.id, result_id=result.id, reason="x")
    session.add(appeal)
    session.flush()
    return {"figures": figures, "practice_appeal": appeal.id}


def _trace(as_: As, world: World, pair: int) -> int:
    """What the doctor did on the manikin while the mentor watched."""
    with as_(world.a.examiner) as actor:
        return tracing.measure(actor, db.session.get_one(Pairing, pair), run=traces.run_of(traces.GOOD)).id


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
        "trace": _trace(as_, world, pair),
    }


def _rotating(as_: As, session: orm.Session, world: World) -> Made:
    """A doctor at a department where the examiner receives and the second examiner used to; a document attached."""
    hospital, county = rotations.Hospital(as_, session), world.a
    department = hospital.department(county.manager, county.hospital, county.examiner)
    former = hospital.name(county.manager, department, county.second_examiner, rotations.ago(90), rotations.ago(30))
    stay = hospital.plan(county.manager, county.doctor, department, rotations.ago(20), rotations.ago(-20))
    hospital.do(county.examiner, Rotation, stay, rotating.start, on=rotations.ago(20))
    with as_(county.doctor) as actor:
        found = db.session.get_one(Rotation, stay)
        file = rotating.attach(actor, found, file=io.BytesIO(b"%PDF-1.4 log book"), name="log.pdf").id
    return {"rotation": stay, "rotation_department": department, "rotation_receiver": former, "rotation_file": file}


def _workplace(session: orm.Session, as_: As, world: World) -> Made:
    """A doctor asks for an assessment, and for another that was handed in."""
    county = world.a
    technique = session.scalars(sa.select(Technique.id).where(Technique.code == "bp-measurement")).one()
    with as_(county.doctor) as actor:
        form = workplace_people.forms()[0]
        wish = Wish(form.station_id, technique, county.examiner, clock.today())
        asked = workplace.request(actor, db.session.get_one(Person, county.doctor), wish=wish).id
        marks = {item["code"]: item["points"] for item in form.body["items"]}
        sent = filled(form.id, technique=technique, marks=marks)
    with as_(county.examiner) as actor:
        doctor = only(workplace_people.watched(county.doctor))
        made = workplace.assess(actor, doctor, sheet=ids.uuid7(), sent=sent).id
    return {"workplace_request": asked, "workplace_assessment": made}


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


def _policy(app: Flask, as_: As, session: orm.Session, world: World) -> Made:
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
        "export": PersonExport(**who, asked_by_id=world.a.doctor, expires_at=later),
        "erasure": Erasure(**who, asked_by_id=world.a.manager, reason="x", due_on=clock.today()),
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
