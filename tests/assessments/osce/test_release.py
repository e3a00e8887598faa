"""Release over frozen sheets and cuts by two, results as rows, and revisions that leave every older one standing."""

from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import orm

from assessments.osce.models import (
    Circuit,
    CircuitRun,
    CircuitScore,
    Revision,
    RevisionEnd,
    SheetAside,
    SheetRuling,
)
from assessments.osce.queries import results, revisions
from assessments.osce.queries.standards import Cuts
from assessments.osce.rules.judging import Cell
from assessments.osce.services import releasing
from assessments.results.models import Result
from lms.db import db
from lms.errors import Conflict, Invalid, NotAllowed
from lms.events import OutboxEvent
from tests.factories.osce_deciding import Desk
from tests.factories.world import World


def second(world: World) -> int:
    return world.people["exam_officer"]


@pytest.fixture
def released(held: Desk, world: World) -> Desk:
    """Two candidates at two stations: the second one loses points at the first and a critical item at the second."""
    for station in (0, 1):
        held.mark(world.a.examiner, station, 0, "good", comment="流畅")
    held.mark(world.a.examiner, 0, 1, posture=0, both_arms=0)
    held.mark(world.a.examiner, 1, 1, "fail", comment="没有喊离开", all_clear=0)
    held.close()
    held.release(second(world))
    return held


def scores(session: orm.Session, desk: Desk, candidate: int) -> list[CircuitScore]:
    session.expire_all()
    query = sa.select(CircuitScore).where(CircuitScore.candidate_id == desk.candidates[candidate])
    return list(session.scalars(query.order_by(CircuitScore.version)))


def test_results_are_rows_with_what_they_rest_on(released: Desk, world: World, session: orm.Session) -> None:
    good, bad = scores(session, released, 0)[0], scores(session, released, 1)[0]
    assert (good.percent, good.passed, good.why, good.stations_passed) == (Decimal("100.00"), True, [], 2)
    assert (bad.passed, bad.why, bad.stations_passed, bad.stations_needed) == (False, ["stations"], 1, 2)
    first, last = bad.stations
    assert (first["passed"], first["why"], last["passed"], last["why"]) == (True, [], False, ["critical"])
    assert bad.percent == (Decimal(first["percent"]) + Decimal(last["percent"])) / 2
    assert {row.version for row in (good, bad)} == {1}
    rests = bad.rests_on[str(released.stations[0])]
    assert rests["sheets"] == [rests["counts"]]
    run = session.scalars(sa.select(CircuitRun)).one()
    assert (run.version, run.made_by_id, run.cuts["exam"]) == (1, second(world), None)
    assert set(run.cuts["stations"]) == {str(number) for number in released.stations}
    assert session.scalar(sa.select(sa.func.count()).select_from(Result)) == 4


def test_before_the_release_there_is_nothing_to_see(held: Desk, world: World, session: orm.Session) -> None:
    held.mark_all(world.a.examiner)
    held.close()
    assert session.scalar(sa.select(sa.func.count()).select_from(CircuitScore)) == 0
    lines = held.do(
        held.officer, lambda _: results.expected(results.counted(held.board(), releasing.cuts_of(held.row())))
    )
    assert [line.passed for line in lines] == [True, True]


def test_the_neighbour_and_another_doctor_reach_no_result(released: Desk, world: World) -> None:
    for stranger, seen in (
        (world.a.doctor, 1),
        (world.a.exam_officer, 2),
        (world.a.manager, 2),
        (world.a.village_doctor, 0),
        (world.b.exam_officer, 0),
        (world.b.doctor, 0),
        (world.a.examiner, 0),
    ):
        with released.office.as_(stranger):
            assert len(db.session.scalars(sa.select(CircuitScore)).all()) == seen


def test_cuts_that_changed_since_are_not_released_by(held: Desk, world: World) -> None:
    held.mark_all(world.a.examiner)
    held.close()
    with pytest.raises(Conflict, match=r"cuts|合格线|分数线"):
        held.office.release(second(world), held.circuit, standard=b"x" * 32)


def cuts(desk: Desk, exam: Decimal | None, least: int, *by: int, cut: str = "60") -> Cuts:
    stations = {number: Decimal(cut) for number in desk.stations}
    return Cuts(stations, exam, least, "…", "…", frozenset(by))


def test_who_set_the_cut_does_not_release_by_it(held: Desk, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    held.mark_all(world.a.examiner)
    held.close()
    kept = cuts(held, Decimal(60), 1, second(world))
    monkeypatch.setattr(releasing, "cuts_of", lambda _: kept)
    with pytest.raises(Conflict, match=r"set the cuts|设定"):
        held.office.release(second(world), held.circuit, standard=kept.hash)


@pytest.mark.parametrize(
    ("exam", "least", "passed", "why"),
    [("99", 0, False, ["cut"]), ("60", 2, False, ["stations"]), ("60", 1, True, []), (None, 1, True, [])],
)
def test_the_cuts_decide_and_are_kept(
    held: Desk,
    world: World,
    session: orm.Session,
    monkeypatch: pytest.MonkeyPatch,
    exam: str | None,
    least: int,
    passed: bool,
    why: list[str],
) -> None:
    held.mark_all(world.a.examiner)
    kept = cuts(held, Decimal(exam) if exam else None, least)
    # the second station asks for more than anybody has at it
    kept = Cuts({held.stations[0]: Decimal(60), held.stations[1]: Decimal("100")}, kept.exam, least, "w", "y")
    _lower(held, world, session)
    held.close()
    monkeypatch.setattr(releasing, "cuts_of", lambda _: kept)
    held.office.release(second(world), held.circuit, standard=kept.hash)
    row = scores(session, held, 0)[0]
    assert (row.passed, row.why) == (passed, why)
    assert session.scalars(sa.select(CircuitRun.cuts)).one()["stations"][str(held.stations[1])] == "100"


def _lower(desk: Desk, world: World, session: orm.Session) -> None:
    """The first candidate loses a point at the second station."""
    found = desk.board().squares[desk.stations[1], desk.candidates[0]].sheets[0]
    desk.mark(world.a.examiner, 1, 0, supersedes=found.id, reason="漏扣", recoil=0)


def test_evidence_rests_on_the_cut_too(released: Desk, session: orm.Session) -> None:
    query = sa.select(Result).where(Result.source_id == f"{released.stations[1]}:{released.candidates[1]}")
    row = session.scalars(query).one()
    assert (row.version, row.critical_failure) == (1, True)


def test_a_sheet_after_the_release_is_kept_and_changes_nothing(
    released: Desk, world: World, session: orm.Session
) -> None:
    released.mark(world.a.second_examiner, 0, 1)
    assert [row.why for row in session.scalars(sa.select(SheetAside))] == ["released"]
    assert [row.version for row in scores(session, released, 1)] == [1]
    with pytest.raises(Conflict, match=r"revision|修订"):
        released.accept(released.aside(), 0, 1)


def test_a_revision_makes_new_versions_beside_the_old(released: Desk, world: World, session: orm.Session) -> None:
    revision = released.revise("第二站除颤仪故障")
    released.void(1, 1)
    assert released.cell(1, 1) is Cell.MARKED, "nothing holds before the second officer"
    dry = released.dry(revision)
    assert [(one.number, one.outcome) for one in dry.changes] == [(2, "gained")]
    with pytest.raises(Conflict, match=r"worked on|参与"):
        released.release_revision(revision, released.officer)
    with pytest.raises(Conflict):
        released.release_revision(revision, second(world), dry=b"x" * 32)
    assert released.release_revision(revision, second(world)) == 2
    old, new = scores(session, released, 1)
    assert (old.passed, new.passed, new.version, new.supersedes_id) == (False, True, 2, old.id)
    assert (new.reason, new.stations_counted) == ("第二站除颤仪故障", 1)
    assert new.stations[1]["said"] == "模拟人损坏"
    assert [row.version for row in scores(session, released, 0)] == [1], "who does not change keeps the version"
    assert released.cell(1, 1) is Cell.VOIDED
    place = f"{released.stations[1]}:{released.candidates[1]}"
    evidence = session.scalars(sa.select(Result).where(Result.source_id == place).order_by(Result.version)).all()
    assert [(row.version, row.value is None, row.reason) for row in evidence] == [
        (1, False, ""),
        (2, True, "第二站除颤仪故障"),
    ]
    others = sa.select(sa.func.max(Result.version)).where(Result.source_id != place)
    assert session.scalar(others) == 1, "stations that did not change keep their version"
    events = session.scalars(sa.select(OutboxEvent).where(OutboxEvent.kind == "CircuitRevised")).all()
    assert len(events) == 1
    with pytest.raises(Conflict):
        released.release_revision(revision, second(world), dry=dry.hash)


def test_a_second_examiners_sheet_takes_the_place_of_the_first(
    released: Desk, world: World, session: orm.Session
) -> None:
    released.mark(world.a.second_examiner, 1, 1, "pass")
    revision = released.revise("第二站由另一考官重评")
    released.accept(released.aside(), 1, 1, alone=True, reason="看录像重评")
    assert released.board().squares[released.stations[1], released.candidates[1]].score.critical_failed  # type: ignore[union-attr]
    released.release_revision(revision, second(world))
    old, new = scores(session, released, 1)
    assert (old.passed, new.passed) == (False, True)
    place = f"{released.stations[1]}:{released.candidates[1]}"
    last = session.scalars(
        sa.select(Result).where(Result.source_id == place).order_by(Result.version.desc()).limit(1)
    ).one()
    assert (last.version, last.critical_failure, last.assessor_id) == (2, False, world.a.second_examiner)


def test_sheets_that_differ_block_a_revision(released: Desk, world: World) -> None:
    released.mark(world.a.second_examiner, 1, 1, "pass")
    revision = released.revise()
    released.accept(released.aside(), 1, 1)
    with pytest.raises(Conflict, match=r"differ|不一致"):
        released.release_revision(revision, second(world))


def test_a_withdrawn_revision_leaves_all_as_it_was(released: Desk, world: World, session: orm.Session) -> None:
    before = released.board().hash
    released.mark(world.a.second_examiner, 1, 1, "pass")
    revision = released.revise()
    with pytest.raises(Conflict):
        released.revise()
    released.accept(released.aside(), 1, 1, alone=True)
    with pytest.raises(Invalid):
        released.withdraw(revision, reason="  ")
    released.withdraw(revision, second(world))
    assert released.board().hash == before
    assert released.board().asides == 1, "what lay aside waits again"
    assert [row.version for row in scores(session, released, 1)] == [1]
    with pytest.raises(Conflict):
        released.void(1, 1)
    again = released.revise("再议")
    released.accept(released.aside(), 1, 1, alone=True)
    released.release_revision(again, second(world))
    assert [row.version for row in scores(session, released, 1)] == [1, 2]


def test_what_a_revision_undoes_can_be_undone_again_after_its_withdrawal(held: Desk, world: World) -> None:
    held.mark_all(world.a.examiner)
    void = held.void(1, 1)
    held.close()
    held.release(second(world))
    first = held.revise()
    held.undo(void)
    assert held.cell(1, 1) is Cell.VOIDED
    held.withdraw(first)
    later = held.revise("该站照常计分")
    held.undo(void)
    held.release_revision(later, second(world))
    assert held.cell(1, 1) is Cell.MARKED


def test_a_revision_that_changes_nothing_is_not_released(released: Desk, world: World) -> None:
    revision = released.revise()
    with pytest.raises(Conflict, match=r"no result|没有成绩"):
        released.release_revision(revision, second(world))
    first = released.void(1, 1)
    released.undo(first)
    with pytest.raises(Conflict, match=r"no result|没有成绩"):
        released.release_revision(revision, second(world))


def test_a_sheet_that_moves_between_two_changes_both(held: Desk, world: World, session: orm.Session) -> None:
    sheet = held.mark(world.a.examiner, 0, 0, posture=0)
    held.mark(world.a.examiner, 1, 0)
    held.mark(world.a.examiner, 1, 1)
    held.close("二号第一站无评分表")
    held.release(second(world))
    revision = held.revise("第一站写错考生")
    held.move(0, 0, 1, sheet)
    assert [one.number for one in held.dry(revision).changes] == [1, 2]
    held.release_revision(revision, second(world))
    first, other = (f"{held.stations[0]}:{number}" for number in held.candidates)
    values = {
        (row.source_id, row.version): row.value is None
        for row in session.scalars(sa.select(Result).where(Result.source_id.in_([first, other])))
    }
    assert values == {(first, 1): False, (first, 2): True, (other, 1): False}


def test_certificates_that_rest_on_a_changed_mark_are_named(released: Desk, world: World) -> None:
    revision = released.revise()
    released.void(1, 1)

    def touched(_: Any) -> list[Any]:
        dry = revisions.dry_run(db.session.get_one(Revision, revision))
        return revisions.certificates(dry.board, [one.candidate for one in dry.changes])

    assert released.do(released.officer, touched) == []


def test_before_the_release_nothing_is_revised(held: Desk, world: World) -> None:
    with pytest.raises(Conflict):
        held.revise()


def test_who_may_revise_and_release(released: Desk, world: World, session: orm.Session) -> None:
    for stranger in (world.b.exam_officer, world.b.manager):
        with pytest.raises(sa.exc.NoResultFound):
            released.revise(by=stranger)
    for within in (world.a.manager, world.a.auditor, world.a.examiner):
        with pytest.raises(NotAllowed):
            released.revise(by=within)
    revision = released.revise()
    released.void(1, 1)
    with pytest.raises(sa.exc.NoResultFound):
        released.release_revision(revision, world.b.exam_officer)
    with released.office.as_(world.b.exam_officer):
        assert db.session.get(Revision, revision) is None


def test_the_database_itself_wants_two_for_a_revision(released: Desk, session: orm.Session) -> None:
    revision = released.revise()
    run = session.scalars(sa.select(CircuitRun.id)).one()
    row = session.get_one(Revision, revision)
    values = {
        "institution_id": row.institution_id,
        "revision_id": row.id,
        "opened_by_id": row.opened_by_id,
        "ending": "released",
        "run_id": run,
        "dry_hash": b"x" * 32,
        "by_id": row.opened_by_id,
    }
    with pytest.raises(sa.exc.IntegrityError, match="the_second_is_not_the_first"):
        session.execute(sa.insert(RevisionEnd).values(**values))


def test_what_candidates_may_do_and_read_is_said_before_the_release(
    held: Desk, world: World, session: orm.Session
) -> None:
    def settle(days: int, named: bool) -> None:
        held.do(
            held.officer,
            lambda actor: releasing.settle_release(actor, held.row(), appeal_days=days, examiners_named=named),
        )

    settle(10, True)
    session.expire_all()
    row = session.get_one(Circuit, held.circuit)
    assert (row.appeal_days, row.examiners_named) == (10, True)
    with pytest.raises(Invalid):
        settle(366, True)
    held.mark_all(world.a.examiner)
    held.close()
    held.release(second(world))
    with pytest.raises(Conflict):
        settle(3, False)


def test_the_list_is_sorted_and_narrowed(released: Desk) -> None:
    lines = released.do(released.officer, lambda _: results.lines(released.row()))

    def shown(**wanted: str) -> list[int]:
        return [line.number for line in results.chosen(lines, results.Wanted(**wanted))]

    assert shown() == [1, 2]
    assert shown(sort="percent") == [2, 1]
    assert shown(sort="-percent") == [1, 2]
    assert shown(sort=f"s{released.stations[0]}") == [2, 1]
    assert shown(sort="nonsense") == [1, 2]
    assert shown(outcome="failed") == [2]
    assert shown(outcome="critical") == [2]
    assert shown(outcome="voided") == []
    assert shown(words="王小明") == [1]
    assert shown(words="2") == [2]


def test_rulings_of_a_revision_carry_it(released: Desk, session: orm.Session) -> None:
    revision = released.revise()
    released.void(1, 1)
    assert session.scalars(sa.select(SheetRuling.revision_id)).one() == revision
