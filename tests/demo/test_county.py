"""The county's practical exam and the year at work are in the demo with all that they are there to show."""

import pytest
import sqlalchemy as sa
from sqlalchemy import orm

from assessments.osce.models import (
    Circuit,
    CircuitAppeal,
    CircuitAppealAnswer,
    CircuitScore,
    SheetSettlement,
    Timetable,
)
from assessments.osce.models.appeals import Answered
from assessments.osce.queries import quality
from assessments.psychometrics.rules.borderline import Guard
from assessments.traces.models import SkillTrace
from assessments.workplace.models import WorkplaceAssessment
from demo.story import atwork, county
from demo.story.stage import Stage
from lms.db import db


@pytest.mark.slow
def test_a_county_exam_from_blueprint_to_released_results_and_a_year_at_work(
    stage: Stage, session: orm.Session
) -> None:
    county.hold(stage)
    session.commit()
    held = session.scalars(sa.select(Circuit).where(Circuit.title == county.HELD)).one()
    scores = session.scalars(sa.select(CircuitScore).where(CircuitScore.circuit_id == held.id)).all()
    assert len({one.candidate_id for one in scores}) == 40
    assert {len(one.stations) for one in scores} == {8}
    assert {one.passed for one in scores} == {True, False}

    appeal = session.scalars(sa.select(CircuitAppeal)).one()
    answer = session.scalars(sa.select(CircuitAppealAnswer)).one()
    assert (answer.appeal_id, answer.outcome) == (appeal.id, Answered.REVISED)
    assert [one.version for one in scores if one.person_id == appeal.person_id] == [1, 2]
    assert len(session.scalars(sa.select(SheetSettlement)).all()) == 1
    made = session.scalars(sa.select(Timetable).where(Timetable.circuit_id == held.id).order_by(Timetable.number)).all()
    assert [bool(one.reason) for one in made] == [False, True], "drawn, and drawn anew after an examiner fell ill"

    with stage.acting("exam"):
        places = quality.of_circuit(db.session.get_one(Circuit, held.id)).places
        said = [set(place.found.own.guards) if place.found.own else set() for place in places]
        cuts = [place.cut for place in places]
    assert all(0 < cut < 100 for cut in cuts)
    for guard in (Guard.SLOPE, Guard.FEW_GRADES, Guard.LOW_FIT):
        assert sum(guard in guards for guards in said) == 1, guard
    assert all(Guard.FEW_CANDIDATES in guards for guards in said)

    before = session.scalar(sa.select(sa.func.count()).select_from(CircuitScore))
    county.hold(stage)
    session.commit()
    assert session.scalar(sa.select(sa.func.count()).select_from(CircuitScore)) == before, "told once"

    atwork.watch(stage)
    session.commit()
    seen = session.scalars(sa.select(WorkplaceAssessment)).all()
    assert len(seen) == len(atwork.VISITS)
    assert len({one.assessor_id for one in seen}) == 3
    assert len(session.scalars(sa.select(SkillTrace)).all()) == len(atwork.RUNS)
