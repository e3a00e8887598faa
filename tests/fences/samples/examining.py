"""Exams, circuits, cases and self-tests of county A."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.exams.rules.standards import Angoff
from assessments.exams.services import placing, standards
from assessments.osce.models import CircuitStation, ExaminerAssignment, Sheet, SheetAside, Tablet
from assessments.selftest import services as selftest
from assessments.selftest.formats import SentAnswer
from assessments.selftest.queries import items as items_of
from assessments.simulation import services as simulation
from assessments.simulation.formats import SentAct
from assessments.simulation.queries import by_code
from lms import ids
from lms.authz import only
from lms.db import db
from lms.people.models import Person
from tests.conftest import As
from tests.factories import exams, osce, osce_deciding, timetables
from tests.factories.world import World
from tests.fences.samples.addresses import CASE, Made


def exam(session: orm.Session, as_: As, world: World) -> Made:
    """An exam that has begun, with a room, a window and a cut."""
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


def _standard(office: exams.Office, officer: int, exam: int) -> int:
    """A cut that one judge set."""
    questions = len(office.items(exam))
    judged = Angoff({1: {"j1": [Fraction(1, 2)] * questions}})
    values = {"given": judged, "errors": Decimal(0), "reason": "sample"}
    return int(office.do(officer, exam, lambda a, e: standards.set_standard(a, e, **values).version))


def bank(session: orm.Session) -> Made:
    """What our own pack brings into the bank beside questions."""
    names = {"case_of_series": "SELECT max(id) FROM shared_stem", "picture": "SELECT max(digest) FROM question_picture"}
    found = {name: session.scalar(sa.text(query)) for name, query in names.items()}
    return found | {"source": "htn-primary-2025"}


def circuit(session: orm.Session, as_: As, world: World) -> Made:
    """A circuit with a timetable, a former examiner and a tablet."""
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


def revised(session: orm.Session, as_: As, world: World) -> Made:
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


def _sheet_of(session: orm.Session, circuit: int) -> UUID:
    query = sa.select(Sheet.id).join(CircuitStation, CircuitStation.id == Sheet.circuit_station_id)
    return session.scalars(query.where(CircuitStation.circuit_id == circuit)).one()


def cases(as_: As, world: World) -> Made:
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


def practising(as_: As, session: orm.Session, world: World) -> Made:
    """A self-test under way, with one answer."""
    for number in (1, 2):
        exams.question(session, f"sample-{number}", bank="practice", use="practice", topic="样题")
    session.commit()
    with as_(world.a.doctor) as actor:
        begun = selftest.begin(actor, db.session.get_one(Person, world.a.doctor), topic="样题")
        sent = SentAnswer(id=ids.uuid7(), item=items_of(begun.id)[0].id, answer=("A",))
        selftest.answer(actor, begun, sent=[sent])
        return {"self_test": begun.id, "self_test_answer": sent.id}
