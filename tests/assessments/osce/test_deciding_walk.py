"""From a day on which everything went wrong to results that stand, its state looked at after every step."""

from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.osce.models import (
    Circuit,
    CircuitAppealAnswer,
    CircuitCandidate,
    CircuitScore,
    CircuitStation,
    Method,
    State,
)
from assessments.osce.queries import feedback, sheets, standards
from assessments.osce.rules.judging import Cell
from assessments.osce.services import deciding
from assessments.osce.services import standards as cutting
from assessments.results.models import Result
from lms.db import db
from tests.factories.osce import Office
from tests.factories.osce_deciding import Desk, desk
from tests.factories.world import World
from tests.pages import Page

FIXED = cutting.Wanted(Method.FIXED, percent=Decimal("70"))


def settle(held: Desk, station: int, candidate: int, sheet: Any) -> None:
    def act(actor: Any) -> None:
        spot = sheets.spot(held.circuit, held.candidates[candidate], held.stations[station])
        assert spot is not None
        over = sheets.board(held.row()).squares[spot.station.id, spot.candidate.id].judged.over
        deciding.settle(actor, spot.candidate, station=spot.station, sheet=sheet, over=over, reason="看了录像")

    held.do(held.officer, act)


def cut(held: Desk, by: int) -> None:
    """A cut of seventy at the first station, and one station must be passed."""

    def act(actor: Any) -> None:
        place = db.session.get_one(CircuitStation, held.stations[0])
        cutting.set_station(actor, place, wanted=FIXED, reason="专家组商定")
        cutting.set_exam(actor, held.row(), errors=None, least_stations=1, reason="三站过一站")

    held.do(by, act)


def state(session: orm.Session, held: Desk) -> str:
    session.expire_all()
    return session.get_one(Circuit, held.circuit).state


def results(session: orm.Session, held: Desk, candidate: int) -> list[tuple[int, bool]]:
    session.expire_all()
    query = sa.select(CircuitScore.version, CircuitScore.passed)
    query = query.where(CircuitScore.candidate_id == held.candidates[candidate]).order_by(CircuitScore.version)
    return [tuple(row) for row in session.execute(query)]  # type: ignore[misc]


def test_the_whole_way_of_a_bad_day(office: Office, world: World, session: orm.Session, page: Page) -> None:
    county, officer, second = world.a, world.a.exam_officer, world.people["exam_officer"]
    people, examiners = [county.doctor, county.second_doctor], [county.examiner, county.second_examiner]
    held = desk(office, officer, county.commission, people, examiners, 3)
    day_that_goes_wrong(held, world)
    put_right(held, world)
    closed_cut_and_released(held, world, session)
    mine = held.candidates[1]
    told = held.do(county.second_doctor, lambda _: feedback.told(db.session.get_one(CircuitCandidate, mine)))
    assert told is not None
    assert (told.score.passed, [one.at["stand"] for one in told.stations]) == (False, ["marked", "marked", "voided"])
    page.get(f"/osce/results/{mine}", county.second_doctor)
    appealed_and_revised(held, world, session)
    shown = page.get(f"/osce/results/{mine}", county.second_doctor, language="zh").get_text()
    assert "第二站重评" in shown
    assert session.get_one(Circuit, held.circuit).released_by_id == second


def day_that_goes_wrong(held: Desk, world: World) -> None:
    """Two sheets differ, one is about the wrong candidate, one comes after the close, a fire alarm stops station 3."""
    examiner, other = world.a.examiner, world.a.second_examiner
    first = held.mark(examiner, 0, 0, posture=0)
    held.mark(other, 0, 0)
    assert held.cell(0, 0) is Cell.DIFFERENT
    settle(held, 0, 0, first)
    assert held.cell(0, 0) is Cell.SETTLED
    swapped = held.mark(examiner, 1, 0, "fail", comment="没有喊离开", all_clear=0)
    held.move(1, 0, 1, swapped)
    assert (held.cell(1, 0), held.cell(1, 1)) == (Cell.MISSING, Cell.MARKED)
    held.mark(other, 1, 0)
    assert held.cell(1, 0) is Cell.MARKED
    held.void_station(2)
    assert (held.cell(2, 0), held.cell(2, 1)) == (Cell.VOIDED, Cell.VOIDED)


def put_right(held: Desk, world: World) -> None:
    """The last sheet comes to a closed door and is let in by a ruling."""
    held.close("一份评分表在离线平板上")
    held.mark(world.a.examiner, 0, 1, posture=0, both_arms=0, cuff_position=0, heart_rate=0)
    assert held.board().asides == 1
    held.office.reopen(held.officer, held.circuit)
    held.accept(held.aside(), 0, 1)
    assert (held.cell(0, 1), held.board().asides) == (Cell.MARKED, 0)


def closed_cut_and_released(held: Desk, world: World, session: orm.Session) -> None:
    """Closed and cut by one officer, released by another."""
    held.close()
    assert state(session, held) == State.CLOSED
    before = held.do(held.officer, lambda _: standards.cuts_of(held.row()))
    cut(held, held.officer)
    after = held.do(held.officer, lambda _: standards.cuts_of(held.row()))
    assert (before.hash, before.least_stations) != (after.hash, after.least_stations)
    assert after.stations[held.stations[0]] == Decimal("70")
    assert held.outcome(0).passed
    assert held.release(world.people["exam_officer"]) == 4
    assert state(session, held) == State.RELEASED
    assert (results(session, held, 0), results(session, held, 1)) == ([(1, True)], [(1, False)])


def appealed_and_revised(held: Desk, world: World, session: orm.Session) -> None:
    """The second examiner's sheet takes the place of the first; a second officer lets the new version stand."""
    appeal = held.appeal(world.a.second_doctor, 1)
    held.mark(world.a.second_examiner, 1, 1)
    assert held.board().asides == 1
    revision = held.revise("第二站重评", appeal=appeal)
    held.accept(held.aside(), 1, 1, alone=True)
    assert results(session, held, 1) == [(1, False)]
    held.release_revision(revision, world.people["exam_officer"])
    assert results(session, held, 1) == [(1, False), (2, True)]
    assert results(session, held, 0) == [(1, True)]
    assert session.scalars(sa.select(CircuitAppealAnswer.outcome)).one() == "revised"
    place = f"{held.stations[1]}:{held.candidates[1]}"
    versions = sa.select(Result.critical_failure).where(Result.source_id == place).order_by(Result.version)
    assert session.scalars(versions).all() == [True, False]
