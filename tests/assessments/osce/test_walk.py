"""A circuit from plan to released results, its state looked at after every step; and every way it refuses."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import rfc8785
import sqlalchemy as sa
from sqlalchemy import orm

from assessments.osce.models import (
    Circuit,
    CircuitCandidate,
    CircuitDecision,
    CircuitStation,
    ExaminerAssignment,
    Sheet,
    SheetAside,
    State,
)
from assessments.osce.queries import sheets as queries
from assessments.osce.rules.judging import Cell
from assessments.osce.services import deciding, planning
from assessments.results.models import Result
from lms import clock, ids
from lms.db import db
from lms.errors import Conflict, Invalid, NotAllowed
from lms.events import OutboxEvent
from tests.conftest import As
from tests.factories.osce import Office, Round, sheet_for
from tests.factories.world import World


def state(session: orm.Session, circuit: int) -> str:
    session.expire_all()
    return session.get_one(Circuit, circuit).state


def cells(office: Office, officer: int, circuit: int) -> list[Cell]:
    with office.as_(officer):
        return [one.judged.cell for one in queries.board(db.session.get_one(Circuit, circuit)).squares.values()]


def test_the_whole_way(office: Office, world: World, session: orm.Session, officers: tuple[int, int]) -> None:
    county, (first, second) = world.a, officers
    circuit = office.plan(first, county.commission)
    assert state(session, circuit) == State.PLANNED
    with pytest.raises(Invalid, match=r"list of candidates|考生"):
        office.start(first, circuit)
    made = office.staff(first, circuit, [county.doctor, county.second_doctor], [county.examiner])
    assert len(made.candidates) == 2
    office.start(first, circuit)
    assert state(session, circuit) == State.RUNNING
    assert cells(office, first, circuit) == [Cell.MISSING, Cell.MISSING]

    body = office.body()
    office.submit(county.examiner, made.station, made.candidates[0], sheet_for(body, comment="流畅", posture=1))
    assert cells(office, first, circuit) == [Cell.MARKED, Cell.MISSING]
    office.submit(
        county.examiner, made.station, made.candidates[1], sheet_for(body, "fail", "读数记录有误", honest_record=0)
    )
    assert cells(office, first, circuit) == [Cell.MARKED, Cell.MARKED]

    office.close(first, circuit)
    assert state(session, circuit) == State.CLOSED
    assert session.scalar(sa.select(sa.func.count()).select_from(Result)) == 0
    with pytest.raises(Conflict, match=r"Another officer|另一"):
        office.release(first, circuit)
    assert office.release(second, circuit) == 2
    assert state(session, circuit) == State.RELEASED

    results = {row.person_id: row for row in session.scalars(sa.select(Result))}
    good, bad = results[county.doctor], results[county.second_doctor]
    assert (good.kind, good.value, good.critical_failure) == ("practical_exam", Decimal("95.000"), False)
    assert (good.assessor_id, good.on_day) == (county.examiner, clock.today())
    assert good.technique is not None
    assert good.technique.code == "bp-measurement"
    assert (bad.value, bad.critical_failure) == (Decimal("90.000"), True)
    events = session.scalars(sa.select(OutboxEvent).where(OutboxEvent.kind == "CircuitReleased")).all()
    assert [event.payload for event in events] == [{"circuit_id": circuit}]
    decided = session.scalars(sa.select(CircuitDecision.decided).order_by(CircuitDecision.id)).all()
    assert decided == ["started", "closed", "released"]
    with pytest.raises(Conflict):
        office.release(second, circuit)


def test_the_same_sheet_again_is_one_sheet(office: Office, running: Round, world: World, session: orm.Session) -> None:
    number, sent = ids.uuid7(), sheet_for(office.body())
    for _ in range(3):
        outcome = office.submit(world.a.examiner, running.station, running.candidates[0], sent, sheet=number)
        assert (outcome.sheet, outcome.aside) == (number, None)
    assert session.scalar(sa.select(sa.func.count()).select_from(Sheet)) == 1


def test_other_content_under_the_same_number_is_refused(office: Office, running: Round, world: World) -> None:
    number, body = ids.uuid7(), office.body()
    office.submit(world.a.examiner, running.station, running.candidates[0], sheet_for(body), sheet=number)
    with pytest.raises(Conflict, match=r"Another sheet|另一份"):
        office.submit(world.a.examiner, running.station, running.candidates[0], sheet_for(body, "fail"), sheet=number)
    with pytest.raises(Conflict):
        office.submit(world.a.second_examiner, running.station, running.candidates[0], sheet_for(body), sheet=number)


def test_the_hash_is_of_what_was_handed_in(office: Office, running: Round, world: World, session: orm.Session) -> None:
    sent = sheet_for(office.body(), comment="手法稳")
    office.submit(world.a.examiner, running.station, running.candidates[0], sent)
    row = session.scalars(sa.select(Sheet)).one()
    place = session.get_one(CircuitStation, running.station)
    content = sent | {
        "sheet": str(row.id),
        "station": running.station,
        "station_version": place.version.content_hash.hex(),
        "candidate": running.candidates[0],
        "examiner": world.a.examiner,
        "begun_at": "2026-11-22T08:30:00.000+00:00",
        "supersedes": None,
    }
    assert row.content_hash == hashlib.sha256(rfc8785.dumps(content)).digest()
    assert row.submitted_at is not None


WRONG: list[tuple[str, Callable[[dict[str, Any]], None]]] = [
    ("greet-identify", lambda s: s["marks"].update({"greet-identify": 2})),
    ("posture", lambda s: s["marks"].update(posture=float("nan"))),
    ("dance", lambda s: s["marks"].update(dance=1)),
    ("posture", lambda s: s["marks"].pop("posture")),
    ("honest-record", lambda s: s["marks"].update({"honest-record": 1})),
    ("rating|评价", lambda s: s.update(rating=None)),
]


@pytest.mark.parametrize(("words", "spoil"), WRONG)
def test_a_sheet_that_breaks_a_rule_is_refused_with_its_reason(
    office: Office, running: Round, world: World, words: str, spoil: Callable[[Any], None]
) -> None:
    sent = sheet_for(office.body())
    spoil(sent)
    with pytest.raises(Invalid, match=words):
        office.submit(world.a.examiner, running.station, running.candidates[0], sent)
    assert office.session.scalar(sa.select(sa.func.count()).select_from(Sheet)) == 0


def test_a_candidate_of_another_circuit_is_refused(
    office: Office, running: Round, world: World, officers: tuple[int, int]
) -> None:
    other = office.running(officers[0], world.a.commission, [world.a.village_doctor], [world.a.examiner])
    with pytest.raises(Invalid, match=r"not in this circuit|不在"):
        office.submit(world.a.examiner, running.station, other.candidates[0], sheet_for(office.body()))


def test_nobody_marks_themselves(
    office: Office, running: Round, world: World, session: orm.Session, officers: tuple[int, int]
) -> None:
    with office.as_(officers[0]) as actor, pytest.raises(Invalid):
        planning.add_candidates(actor, db.session.get_one(Circuit, running.circuit), persons=[world.a.examiner])
    # somebody who became both all the same
    session.add(
        CircuitCandidate(
            institution_id=world.a.commission,
            circuit_id=running.circuit,
            person_id=world.a.examiner,
            number=99,
            name="陈建国",
            added_by_id=officers[0],
        )
    )
    session.commit()
    with pytest.raises(Invalid, match=r"themselves|自己"):
        office.submit(world.a.examiner, running.station, office.numbers(running.circuit)[-1], sheet_for(office.body()))


def test_who_is_not_assigned_or_no_longer_does_not_mark(
    office: Office, running: Round, world: World, session: orm.Session, officers: tuple[int, int]
) -> None:
    sent, first = sheet_for(office.body()), running.candidates[0]
    for stranger in (world.b.examiner, world.a.editor):
        with pytest.raises(sa.exc.NoResultFound):
            office.submit(stranger, running.station, first, sent)
    for within in (world.a.exam_officer, world.a.doctor):
        with pytest.raises(NotAllowed):
            office.submit(within, running.station, first, sent)
    query = sa.select(ExaminerAssignment).where(ExaminerAssignment.examiner_id == world.a.examiner)
    with office.as_(officers[0]) as actor:
        planning.unassign(actor, db.session.scalars(query).one())
    with pytest.raises(sa.exc.NoResultFound):
        office.submit(world.a.examiner, running.station, first, sent)


def test_the_right_to_mark_ends_a_month_after_the_day(
    office: Office, running: Round, world: World, session: orm.Session
) -> None:
    assignment = session.scalars(sa.select(ExaminerAssignment).order_by(ExaminerAssignment.id)).first()
    assert assignment is not None
    assert assignment.ends_on - clock.today() == timedelta(days=30)
    for row in session.scalars(sa.select(ExaminerAssignment)):
        row.begins_on, row.ends_on = clock.today() - timedelta(days=9), clock.today()
    session.commit()
    with pytest.raises(sa.exc.NoResultFound):
        office.submit(world.a.examiner, running.station, running.candidates[0], sheet_for(office.body()))


def test_a_correction_supersedes_with_a_reason_and_keeps_the_first(
    office: Office, running: Round, world: World, session: orm.Session
) -> None:
    body, first = office.body(), ids.uuid7()
    place = (world.a.examiner, running.station, running.candidates[0])
    office.submit(*place, sheet_for(body), sheet=first)
    with pytest.raises(Conflict) as refused:
        office.submit(*place, sheet_for(body, "good"))
    assert refused.value.where["standing"] == str(first)
    with pytest.raises(Invalid, match=r"why|说明"):
        office.submit(*place, sheet_for(body, "good"), supersedes=first)
    with pytest.raises(Conflict):
        office.submit(*place, sheet_for(body, "good") | {"reason": "点错"}, supersedes=ids.uuid7())
    office.submit(*place, sheet_for(body, "good") | {"reason": "点错"}, supersedes=first)
    rows = session.scalars(sa.select(Sheet).order_by(Sheet.version)).all()
    assert [(row.version, row.rating, row.supersedes_id) for row in rows] == [(1, "pass", None), (2, "good", first)]


def test_sheets_that_come_too_late_are_kept_aside_and_come_in_when_it_is_opened_again(
    office: Office, running: Round, world: World, session: orm.Session, officers: tuple[int, int]
) -> None:
    body, late = office.body(), ids.uuid7()
    office.submit(world.a.examiner, running.station, running.candidates[0], sheet_for(body))
    with pytest.raises(Invalid, match=r"missing|缺"):
        office.close(officers[0], running.circuit)
    office.close(officers[0], running.circuit, reason="二号考生缺考")
    place = (world.a.examiner, running.station, running.candidates[1])
    for _ in range(2):
        assert office.submit(*place, sheet_for(body), sheet=late).aside == "closed"
    assert [row.sheet_id for row in session.scalars(sa.select(SheetAside))] == [late]
    with pytest.raises(Invalid):
        office.reopen(officers[0], running.circuit, reason="  ")
    office.reopen(officers[0], running.circuit)
    assert office.submit(*place, sheet_for(body), sheet=late).aside is None
    office.close(officers[0], running.circuit)
    office.release(officers[1], running.circuit)
    # a replay of what stands is no news; anything new after the release is kept aside and not counted
    assert office.submit(*place, sheet_for(body), sheet=late).aside is None
    correction = sheet_for(body, "fail") | {"reason": "改"}
    assert office.submit(*place, correction, supersedes=late).aside == "released"
    assert session.scalar(sa.select(sa.func.count()).select_from(Sheet)) == 2


def test_different_sheets_block_the_close_until_somebody_settles_them(
    office: Office, running: Round, world: World, officers: tuple[int, int], session: orm.Session
) -> None:
    body, chosen = office.body(), ids.uuid7()
    first = running.candidates[0]
    office.submit(world.a.examiner, running.station, first, sheet_for(body, posture=0), sheet=chosen)
    office.submit(world.a.second_examiner, running.station, first, sheet_for(body))
    for examiner in (world.a.examiner, world.a.second_examiner):
        office.submit(examiner, running.station, running.candidates[1], sheet_for(body))
    assert cells(office, officers[0], running.circuit) == [Cell.DIFFERENT, Cell.AGREED]
    with pytest.raises(Conflict, match=r"differ|不一致"):
        office.close(officers[0], running.circuit)
    _settle(office, officers[0], running, chosen)
    assert cells(office, officers[0], running.circuit) == [Cell.SETTLED, Cell.AGREED]
    office.close(officers[0], running.circuit)
    office.release(officers[1], running.circuit)
    result = session.scalars(sa.select(Result).where(Result.person_id == world.a.doctor)).one()
    assert (result.value, result.assessor_id) == (Decimal("90.000"), world.a.examiner)


def _settle(office: Office, officer: int, running: Round, sheet: Any, over: bytes | None = None) -> None:
    with office.as_(officer) as actor:
        candidate = db.session.get_one(CircuitCandidate, running.candidates[0])
        station = db.session.get_one(CircuitStation, running.station)
        square = queries.board(candidate.circuit).squares[station.id, candidate.id]
        deciding.settle(
            actor, candidate, station=station, sheet=sheet, over=over or square.judged.over, reason="看了录像"
        )


def test_a_word_about_two_sheets_says_nothing_about_a_third(
    office: Office, running: Round, world: World, officers: tuple[int, int]
) -> None:
    body, chosen, other = office.body(), ids.uuid7(), ids.uuid7()
    place = (running.station, running.candidates[0])
    office.submit(world.a.examiner, *place, sheet_for(body, posture=0), sheet=chosen)
    office.submit(world.a.second_examiner, *place, sheet_for(body), sheet=other)
    _settle(office, officers[0], running, chosen)
    correction = sheet_for(body, posture=1) | {"reason": "再看一遍"}
    office.submit(world.a.second_examiner, *place, correction, supersedes=other)
    assert cells(office, officers[0], running.circuit)[0] is Cell.DIFFERENT
    with pytest.raises(Conflict):
        _settle(office, officers[0], running, chosen, over=b"x" * 32)
    with pytest.raises(Invalid):
        _settle(office, officers[0], running, other)


def test_what_was_not_seen_is_not_closed_or_released(
    office: Office, running: Round, world: World, officers: tuple[int, int]
) -> None:
    body = office.body()
    office.submit(world.a.examiner, running.station, running.candidates[0], sheet_for(body))
    seen = office.hash(officers[0], running.circuit)
    office.submit(world.a.examiner, running.station, running.candidates[1], sheet_for(body))
    with pytest.raises(Conflict):
        office.close(officers[0], running.circuit, hashed=seen)
    office.close(officers[0], running.circuit)
    with pytest.raises(Conflict):
        office.release(officers[1], running.circuit, hashed=seen)


def test_who_takes_part_decides_nothing(
    office: Office, running: Round, world: World, session: orm.Session, officers: tuple[int, int]
) -> None:
    session.add(
        CircuitCandidate(
            institution_id=world.a.commission,
            circuit_id=running.circuit,
            person_id=officers[0],
            number=98,
            name="考务",
            added_by_id=officers[1],
        )
    )
    session.commit()
    with pytest.raises(NotAllowed):
        office.close(officers[0], running.circuit, reason="缺考")


def test_the_database_itself_wants_two_officers(
    office: Office, running: Round, session: orm.Session, officers: tuple[int, int]
) -> None:
    row = session.get_one(Circuit, running.circuit)
    row.state, row.closed_by_id, row.released_by_id, row.closed_hash = State.RELEASED, officers[0], officers[0], b"x"
    with pytest.raises(sa.exc.IntegrityError, match="second_officer"):
        session.flush()


def test_a_neighbour_finds_no_circuit(office: Office, running: Round, world: World, as_: As) -> None:
    for neighbour in (world.b.exam_officer, world.b.examiner, world.b.doctor):
        with as_(neighbour):
            for model, number in (
                (Circuit, running.circuit),
                (CircuitStation, running.station),
                (CircuitCandidate, running.candidates[0]),
            ):
                assert db.session.get(model, number) is None


def test_an_examiner_sees_candidates_but_no_sheet_of_another(
    office: Office, running: Round, world: World, as_: As
) -> None:
    office.submit(world.a.examiner, running.station, running.candidates[0], sheet_for(office.body()))
    with as_(world.a.second_examiner):
        assert len(db.session.scalars(sa.select(CircuitCandidate)).all()) == 2
        assert db.session.scalars(sa.select(Sheet)).all() == []
    with as_(world.a.doctor):
        assert db.session.scalars(sa.select(Sheet)).all() == []  # not released yet
        assert len(db.session.scalars(sa.select(CircuitCandidate)).all()) == 1
