"""What is assessed at work in county A."""

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.practice import services as practice
from assessments.practice.models import Evaluation, EvaluationAppeal, EvaluationFormVersion, EvaluationResult
from assessments.practice.queries import newest_forms
from assessments.workplace import services as workplace
from assessments.workplace.queries import people as workplace_people
from assessments.workplace.services.requesting import Wish
from lms import clock, ids
from lms.authz import only
from lms.db import db
from lms.people.models import Person
from lms.techniques.models import Technique
from tests.conftest import As
from tests.factories import traces
from tests.factories.workplace import filled
from tests.factories.world import World
from tests.fences.samples.addresses import Made


def evaluation(as_: As, world: World) -> Made:
    """An evaluation that was assigned."""
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


def appealed(as_: As, session: orm.Session, world: World) -> Made:
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


def at_work(session: orm.Session, as_: As, world: World) -> Made:
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
