"""A mark passes by the cut of the exam it comes from, and by the station's."""

from decimal import Decimal
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import orm

from assessments.insight.models import InsightFigure
from assessments.insight.rules import Period
from assessments.osce.models import CircuitStation
from assessments.results.models import Result
from assessments.stations.models import StationVersion
from lms import clock
from tests.assessments.insight.conftest import refresh
from tests.conftest import As
from tests.factories import exams, osce
from tests.factories.past import HASH
from tests.factories.world import World


def mark(session: orm.Session, world: World, kind: str, source: tuple[str, object], value: str) -> None:
    source_kind, source_id = source
    who = {"person_id": world.a.doctor, "institution_id": world.a.township}
    given = {"kind": kind, "value": Decimal(value), "on_day": clock.today(), "source_hash": HASH}
    session.add(Result(**who, **given, source_kind=source_kind, source_id=str(source_id)))
    session.commit()


def counted(app: Flask, session: orm.Session, world: World, measure: str) -> int:
    run = refresh(app)
    figures = sa.select(sa.func.coalesce(sa.func.sum(InsightFigure.n), 0)).where(
        InsightFigure.run_id == run,
        InsightFigure.institution_id == world.city,
        InsightFigure.period == Period.THIS_YEAR,
        InsightFigure.measure == measure,
    )
    return int(session.scalar(figures) or 0)


@pytest.mark.parametrize(("value", "passed"), [("79.990", 0), ("80.000", 1)])
def test_an_exam_says_itself_what_is_enough(
    app: Flask, session: orm.Session, as_: As, world: World, value: str, passed: int
) -> None:
    exams.bank(session)
    session.commit()
    office = exams.Office(as_, session)
    exam = office.ready(
        (world.a.exam_officer, world.people["exam_officer"]),
        world.a.commission,
        world.a.doctor,
        pass_percent=Decimal(80),
    )
    attempt: UUID = office.start(world.a.doctor, exam)
    mark(session, world, "theory_exam", ("exam_attempt", attempt), value)
    assert counted(app, session, world, "theory") == 1
    assert counted(app, session, world, "theory_passed") == passed


@pytest.mark.parametrize(("below", "passed"), [("0.010", 0), ("0", 1)])
def test_a_station_says_itself_what_is_enough(
    app: Flask, session: orm.Session, as_: As, world: World, below: str, passed: int
) -> None:
    osce.load_content(app)
    office = osce.Office(as_, session)
    made = office.running(world.a.exam_officer, world.a.commission, [world.a.doctor], [world.a.examiner])
    place = session.get_one(CircuitStation, made.station)
    cut = Decimal(str(session.get_one(StationVersion, place.station_version_id).body["pass_percent"]))
    source = ("osce_station", f"{made.station}:{made.candidates[0]}")
    mark(session, world, "practical_exam", source, str(cut - Decimal(below)))
    assert counted(app, session, world, "practical") == 1
    assert counted(app, session, world, "practical_passed") == passed
