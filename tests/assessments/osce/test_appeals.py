"""Appeals: in time, once for a result, answered with a reason by somebody who had no hand in the sheets."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy import orm

from assessments.certification.queries import proposals
from assessments.osce.models import (
    CircuitAppeal,
    CircuitAppealAnswer,
    CircuitCandidate,
    CircuitRun,
    CircuitScore,
)
from assessments.osce.queries import appeals as queries
from assessments.osce.queries import results
from lms.db import db
from lms.errors import Conflict, Invalid, NotAllowed
from tests.factories.osce_deciding import Desk
from tests.factories.world import World


@pytest.fixture
def released(held: Desk, world: World) -> Desk:
    """Released: the second candidate has failed the second station."""
    held.mark_all(world.a.examiner)
    found = held.board().squares[held.stations[1], held.candidates[1]].sheets[0]
    more = {"supersedes": found.id, "reason": "漏扣", "comment": "没有喊离开", "all_clear": 0}
    held.mark(world.a.examiner, 1, 1, "fail", **more)
    held.close()
    held.release(world.people["exam_officer"])
    return held


def test_an_appeal_is_made_once_and_answered_once(released: Desk, world: World, session: orm.Session) -> None:
    for reason in (" ", "x" * 1_000_000):
        with pytest.raises(Invalid):
            released.appeal(world.a.second_doctor, 1, reason)
    number = released.appeal(world.a.second_doctor, 1)
    with pytest.raises(Conflict):
        released.appeal(world.a.second_doctor, 1)
    with pytest.raises(Invalid):
        released.reject(number, world.a.exam_officer, " ")
    released.reject(number, world.a.exam_officer)
    with pytest.raises(Conflict):
        released.reject(number, world.people["exam_officer"])
    with pytest.raises(Conflict):
        released.revise(appeal=number)
    session.expire_all()
    row = session.scalars(sa.select(CircuitAppealAnswer)).one()
    assert (row.outcome, row.by_id, row.person_id, row.revision_id) == (
        "rejected",
        world.a.exam_officer,
        world.a.second_doctor,
        None,
    )


def test_a_released_revision_is_the_answer(released: Desk, world: World, session: orm.Session) -> None:
    number = released.appeal(world.a.second_doctor, 1)
    released.mark(world.a.second_examiner, 1, 1)
    revision = released.revise("第二站重评后更正", appeal=number)
    with pytest.raises(Conflict):
        released.reject(number, world.people["exam_officer"])
    released.accept(released.aside(), 1, 1, alone=True)
    released.release_revision(revision, world.people["exam_officer"])
    session.expire_all()
    answer = session.scalars(sa.select(CircuitAppealAnswer)).one()
    assert (answer.outcome, answer.revision_id, answer.reason) == ("revised", revision, "第二站重评后更正")
    versions = sa.select(CircuitScore).where(CircuitScore.candidate_id == released.candidates[1])
    assert [row.passed for row in session.scalars(versions.order_by(CircuitScore.version))] == [False, True]
    assert released.appeal(world.a.second_doctor, 1, "还有一站") != number, "a corrected result can be appealed again"


def test_a_revision_that_leaves_the_appellant_as_is_does_not_answer(released: Desk, world: World) -> None:
    number = released.appeal(world.a.second_doctor, 1)
    revision = released.revise(appeal=number)
    released.void(0, 0)
    with pytest.raises(Conflict, match=r"who appealed|申诉人|申诉的考生"):
        released.release_revision(revision, world.people["exam_officer"])


def test_who_ruled_on_the_sheets_does_not_answer(held: Desk, world: World) -> None:
    held.mark_all(world.a.examiner)
    held.void(1, 1)
    held.close()
    held.release(world.people["exam_officer"])
    number = held.appeal(world.a.second_doctor, 1)
    with pytest.raises(Conflict, match=r"decided about|裁定"):
        held.reject(number, world.a.exam_officer)
    held.reject(number, world.people["exam_officer"])


def test_the_days_are_counted_by_the_database(
    released: Desk, world: World, session: orm.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = session.scalars(sa.select(CircuitRun.made_at)).one()
    for days, may in ((6, True), (8, False)):
        at = made + timedelta(days=days)
        monkeypatch.setattr(queries, "now", lambda at=at: at)

        def may_still(_: object) -> bool:
            candidate = db.session.get_one(CircuitCandidate, released.candidates[1])
            return queries.may_still(results.versions(candidate)[0])

        assert released.do(world.a.second_doctor, may_still) is may
    with pytest.raises(Conflict, match=r"over|已过"):
        released.appeal(world.a.second_doctor, 1)


def test_only_ones_own_result_and_only_after_the_release(held: Desk, world: World, session: orm.Session) -> None:
    held.mark_all(world.a.examiner)
    with pytest.raises(NotAllowed):
        held.appeal(world.a.doctor, 0)
    held.close()
    held.release(world.people["exam_officer"])
    for stranger in (world.a.second_doctor, world.b.doctor):
        with pytest.raises((NotAllowed, sa.exc.NoResultFound)):
            held.appeal(stranger, 0)
    with pytest.raises(NotAllowed):
        held.appeal(world.a.exam_officer, 0)
    number = held.appeal(world.a.doctor, 0)
    for neighbour in (world.b.exam_officer, world.a.second_doctor):
        with held.office.as_(neighbour):
            assert db.session.get(CircuitAppeal, number) is None
    with pytest.raises(NotAllowed):
        held.reject(number, world.a.manager)
    assert held.do(held.officer, lambda _: queries.waiting()) == 1
    assert held.do(world.b.exam_officer, lambda _: queries.waiting()) == 0


def test_nothing_is_built_on_a_result_while_an_appeal_waits(released: Desk, world: World) -> None:
    persons = [world.a.doctor, world.a.second_doctor]

    def appealing(_: object) -> set[int]:
        return proposals.appealing(persons)

    assert released.do(world.a.certificate_officer, appealing) == set()
    number = released.appeal(world.a.second_doctor, 1)
    assert released.do(world.a.certificate_officer, appealing) == {world.a.second_doctor}
    released.reject(number, world.a.exam_officer)
    assert released.do(world.a.certificate_officer, appealing) == set()
