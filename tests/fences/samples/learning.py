"""Courses, curricula, mentors and rotations of county A."""

import io

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.signoff import services as signoff
from assessments.signoff.models import SignOff
from assessments.traces import services as tracing
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
from lms import clock
from lms.authz import Actor, only
from lms.db import db
from lms.institutions.models import Institution
from lms.techniques.models import Technique
from tests.conftest import As
from tests.factories import mentoring, rotations, traces
from tests.factories.world import World
from tests.fences.samples.addresses import COURSE, Made


def lesson(session: orm.Session, as_: As, world: World) -> Made:
    """A lesson with a file and a question, and an hour of learning."""
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


def writing(as_: As, world: World) -> Made:
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


def curriculum(as_: As, session: orm.Session, world: World) -> Made:
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


def pair(as_: As, session: orm.Session, world: World) -> Made:
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


def _trace(as_: As, world: World, pair: int) -> int:
    """What the doctor did on the manikin while the mentor watched."""
    with as_(world.a.examiner) as actor:
        return tracing.measure(actor, db.session.get_one(Pairing, pair), run=traces.run_of(traces.GOOD)).id


def rotation(as_: As, session: orm.Session, world: World) -> Made:
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
