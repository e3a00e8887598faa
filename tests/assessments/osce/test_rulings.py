"""Every way out when a sheet or a station went wrong: it holds, it is seen, it is undone, and no sheet changes."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import orm

from assessments.osce.models import (
    CircuitStation,
    Sheet,
    SheetAside,
    SheetRuling,
    SheetSettlement,
)
from assessments.osce.queries import rulings as queries
from assessments.osce.queries import sheets
from assessments.osce.rules.judging import Cell, Missed, Ruled
from assessments.osce.rules.outcome import Failing
from assessments.osce.services import deciding, planning
from assessments.results.models import Result
from lms.audit.models import AuditEvent
from lms.errors import Conflict
from tests.assessments.osce.quarantine import content_of, quarantined
from tests.factories.osce_deciding import Desk
from tests.factories.world import World


def frozen(session: orm.Session) -> list[Any]:
    """All sheets and all that lies aside, as they lie."""
    session.expire_all()
    kept = sa.select(Sheet.__table__).order_by(Sheet.__table__.c.id)
    aside = sa.select(SheetAside.__table__).order_by(SheetAside.__table__.c.id)
    return [*session.execute(kept).all(), *session.execute(aside).all()]


def test_a_sheet_for_the_wrong_candidate_counts_for_the_right_one(
    held: Desk, world: World, session: orm.Session
) -> None:
    wrong = held.mark(world.a.examiner, 0, 0, posture=1)
    before, seen = frozen(session), held.board().hash
    held.move(0, 0, 1, wrong)
    assert held.cells() == [Cell.MISSING, Cell.MARKED, Cell.MISSING, Cell.MISSING]
    assert frozen(session) == before, "no sheet was changed"
    assert held.board().hash != seen, "what was closed over before is not closed over now"
    row = session.scalars(sa.select(SheetRuling)).one()
    assert (row.ruling, row.sheet_id, row.to_candidate_id, row.person_id) == (
        Ruled.MOVED,
        wrong,
        held.candidates[1],
        world.a.exam_officer,
    )
    held.undo(row.id)
    assert held.cells() == [Cell.MARKED, Cell.MISSING, Cell.MISSING, Cell.MISSING]
    assert held.board().hash == seen
    told = session.scalars(sa.select(AuditEvent.verb))
    assert {"move", "undo"} <= set(told)


def test_two_that_were_swapped_are_moved_one_after_the_other(held: Desk, world: World) -> None:
    first, second = held.mark(world.a.examiner, 0, 0, posture=1), held.mark(world.a.examiner, 0, 1)
    held.move(0, 0, 1, first)
    assert held.cell(0, 1) is Cell.DIFFERENT, "for a moment the same examiner has written two about one candidate"
    held.move(0, 1, 0, second)
    assert held.cells()[:2] == [Cell.MARKED, Cell.MARKED]
    board = held.board()
    assert board.squares[held.stations[0], held.candidates[1]].counts.id == first  # type: ignore[union-attr]
    assert board.squares[held.stations[0], held.candidates[0]].counts.id == second  # type: ignore[union-attr]


def test_a_correction_of_a_moved_sheet_is_about_whom_it_was_written_for(held: Desk, world: World) -> None:
    wrong = held.mark(world.a.examiner, 0, 0, posture=1)
    held.move(0, 0, 1, wrong)
    right = held.mark(world.a.examiner, 0, 0, supersedes=wrong, reason="先前写的是二号")
    assert held.cells()[:2] == [Cell.MARKED, Cell.MARKED]
    held.move(0, 0, 1, right)
    board = held.board()
    assert [one.id for one in board.squares[held.stations[0], held.candidates[1]].sheets] == [right]


def test_a_moved_sheet_is_evidence_about_the_right_person_alone(held: Desk, world: World, session: orm.Session) -> None:
    held.mark(world.a.examiner, 0, 1, cuff_position=0)
    held.move(0, 1, 0, session.scalars(sa.select(Sheet.id)).one())
    held.close("其余缺考")
    assert held.release(world.people["exam_officer"]) == 1
    row = session.scalars(sa.select(Result)).one()
    assert (row.person_id, row.source_id) == (world.a.doctor, f"{held.stations[0]}:{held.candidates[0]}")


@pytest.mark.parametrize(
    ("missed", "cell", "failing"),
    [
        (Missed.EXCUSED, Cell.AWAITED, (Failing.MISSING,)),
        (Missed.FAILED, Cell.ABSENT, (Failing.ABSENT,)),
        (Missed.LEFT_OUT, Cell.VOIDED, ()),
    ],
)
def test_a_candidate_who_was_not_there(
    held: Desk, world: World, missed: Missed, cell: Cell, failing: tuple[Failing, ...]
) -> None:
    held.mark(world.a.examiner, 1, 0)
    number = held.miss(0, 0, missed)
    assert held.cell(0, 0) is cell
    assert held.outcome(0).stations[0].why == failing
    assert held.outcome(0).passed is (missed is Missed.LEFT_OUT)
    waits = held.do(held.officer, lambda _: sheets.awaited(held.row()))
    assert waits == ([(held.stations[0], held.candidates[0])] if missed is Missed.EXCUSED else [])
    held.undo(number)
    assert held.cell(0, 0) is Cell.MISSING


def test_a_make_up_takes_the_place_of_the_excuse_by_itself(held: Desk, world: World) -> None:
    held.miss(0, 0, Missed.EXCUSED)
    held.mark(world.a.second_examiner, 0, 0)
    assert held.cell(0, 0) is Cell.MARKED
    with pytest.raises(Conflict):
        held.miss(0, 0, Missed.FAILED)


def test_a_sheet_that_comes_after_all_is_not_hidden_by_the_word_that_nobody_was_there(held: Desk, world: World) -> None:
    held.miss(0, 0, Missed.FAILED)
    held.mark(world.a.examiner, 0, 0)
    assert held.cell(0, 0) is Cell.MARKED


def test_a_voided_station_leaves_the_outcome_for_one_and_for_all(held: Desk, world: World) -> None:
    held.mark_all(world.a.examiner)
    bad = held.mark(world.a.second_examiner, 0, 0, "fail", comment="未做", posture=0)
    assert held.cell(0, 0) is Cell.DIFFERENT
    one = held.void(0, 0)
    assert held.cell(0, 0) is Cell.VOIDED
    assert (held.outcome(0).stations_counted, held.outcome(1).stations_counted) == (1, 2)
    with pytest.raises(Conflict):
        held.void(0, 0)
    everybody = held.void_station(1)
    with pytest.raises(Conflict):
        held.void_station(1)
    assert held.cells() == [Cell.VOIDED, Cell.MARKED, Cell.VOIDED, Cell.VOIDED]
    assert held.outcome(0).percent is None
    held.undo(everybody)
    held.undo(one)
    assert held.cells() == [Cell.DIFFERENT, Cell.MARKED, Cell.MARKED, Cell.MARKED]
    assert bad in {sheet.id for sheet in held.board().squares[held.stations[0], held.candidates[0]].sheets}


def test_a_sheet_kept_aside_counts_beside_the_others_or_in_their_place(late: Desk, session: orm.Session) -> None:
    aside, before = late.aside(), late.cells()
    assert late.board().asides == 1
    beside = late.accept(aside, 0, 0)
    assert late.cell(0, 0) is Cell.DIFFERENT, "it never replaces another by itself"
    assert late.board().asides == 0
    kept = session.scalars(sa.select(SheetAside)).one()
    row = session.get_one(Sheet, kept.sheet_id)
    assert (row.content_hash, row.examiner_id, dict(row.marks)) == (
        kept.content_hash,
        kept.examiner_id,
        kept.content["marks"],
    )
    late.undo(beside)
    assert (late.cells(), late.board().asides) == (before, 1)
    late.accept(aside, 0, 0, alone=True)
    assert late.cell(0, 0) is Cell.MARKED
    assert late.board().squares[late.stations[0], late.candidates[0]].counts.id == kept.sheet_id  # type: ignore[union-attr]


def test_a_sheet_kept_aside_is_refused_and_the_refusal_taken_back(late: Desk, world: World) -> None:
    aside = late.aside()
    late.close()
    with pytest.raises(Conflict, match=r"lies aside|留存"):
        late.release(world.people["exam_officer"])
    with pytest.raises(Conflict):
        late.accept(aside, 0, 0)  # not while it is closed: what was frozen stays frozen
    number = late.refuse(aside)
    with pytest.raises(Conflict):
        late.refuse(aside)
    late.undo(number)
    assert late.board().asides == 1
    late.refuse(aside)
    assert late.release(world.people["exam_officer"]) == 4


def test_an_examiner_who_was_taken_off_while_offline(held: Desk, world: World, session: orm.Session) -> None:
    """Their sheet lies in quarantine with its reason; an officer lets it count."""
    sent = held.mark(world.a.examiner, 0, 0)
    content = content_of(session, sent)
    other = content | {"sheet": "01936b2e-0000-7000-8000-000000000001", "examiner": world.a.second_examiner}
    session.add(quarantined(session, sent, other, world.a.second_examiner))
    session.commit()
    held.accept(held.aside(), 0, 0)
    assert held.cell(0, 0) is Cell.AGREED


def test_the_history_of_a_square_tells_it_all(held: Desk, world: World, session: orm.Session) -> None:
    sheet = held.mark(world.a.examiner, 0, 0)
    held.move(0, 0, 1, sheet)
    first = held.void(0, 1)
    held.undo(first, reason="设备没有坏")

    def told(_: object) -> list[tuple[str, bool, bool, str]]:
        spot = sheets.spot(held.circuit, held.candidates[1], held.stations[0])
        assert spot is not None
        return [
            (one.row.ruling, one.holds, one.undone, one.row.reason)
            for one in queries.said_of(spot.station, spot.candidate)
        ]

    assert held.do(held.officer, told) == [
        ("undone", True, False, "设备没有坏"),
        ("voided", False, True, "模拟人损坏"),
        ("moved", True, False, "照片与编号不符"),
    ]
    with pytest.raises(Conflict):
        held.undo(first)


def test_a_settled_conflict_stays_settled_beside_rulings(held: Desk, world: World, session: orm.Session) -> None:
    first = held.mark(world.a.examiner, 0, 0, posture=0)
    held.mark(world.a.second_examiner, 0, 0)
    held.void(1, 1)

    def settle(actor: Any) -> None:
        spot = sheets.spot(held.circuit, held.candidates[0], held.stations[0])
        assert spot is not None
        over = sheets.board(held.row()).squares[spot.station.id, spot.candidate.id].judged.over
        deciding.settle(actor, spot.candidate, station=spot.station, sheet=first, over=over, reason="看了录像")

    held.do(held.officer, settle)
    assert held.cell(0, 0) is Cell.SETTLED
    assert session.scalar(sa.select(sa.func.count()).select_from(SheetSettlement)) == 1


def test_the_database_itself_wants_whole_rulings(held: Desk, session: orm.Session) -> None:
    base = {
        "institution_id": session.get_one(CircuitStation, held.stations[0]).institution_id,
        "circuit_id": held.circuit,
        "circuit_station_id": held.stations[0],
        "candidate_id": held.candidates[0],
        "over_hash": b"x" * 32,
        "reason": "理由",
        "person_id": held.officer,
    }
    wrong: list[tuple[str, dict[str, Any]]] = [
        ("reason_given", {"ruling": "voided", "reason": ""}),
        ("over_hash_is_sha256", {"ruling": "voided", "over_hash": b"x"}),
        ("about_a_candidate", {"ruling": "missed", "missed": "failed", "candidate_id": None}),
        ("missed_says_how", {"ruling": "missed"}),
        ("names_a_sheet", {"ruling": "moved", "to_candidate_id": held.candidates[1]}),
        ("undoes_a_ruling", {"ruling": "undone"}),
        ("alone_when_accepted", {"ruling": "voided", "alone": True}),
        ("ruling_known", {"ruling": "guessed"}),
    ]
    for name, values in wrong:
        with pytest.raises(sa.exc.IntegrityError, match=name), session.begin_nested():
            session.execute(sa.insert(SheetRuling).values(**(base | values)))


def test_the_board_counts_and_narrows(late: Desk, world: World) -> None:
    from assessments.osce.queries.board import Wanted, counts, rows, uploads

    late.void(1, 1)
    board = late.board()
    assert counts(board) == {
        "missing": 0,
        "marked": 3,
        "agreed": 0,
        "different": 0,
        "settled": 0,
        "awaited": 0,
        "absent": 0,
        "voided": 1,
        "aside": 1,
    }

    def shown(**wanted: str) -> list[int]:
        return [one.number for one in rows(board, Wanted(**wanted))]

    assert shown() == [1, 2]
    assert shown(show="voided") == [2]
    assert shown(show="aside") == [1]
    assert shown(show="different") == []
    assert shown(words="王小明") == [1]
    assert shown(words="2") == [2]
    assert uploads(board, {}) == []


def test_who_may_still_hold_sheets_longest_unheard_first(held: Desk, world: World) -> None:
    from assessments.osce.queries import tablets
    from assessments.osce.queries.board import uploads

    held.mark(world.a.examiner, 0, 0)

    def told(_: object) -> list[tuple[int, str, int, int, bool]]:
        found = uploads(sheets.board(held.row()), tablets.last_heard(held.row()))
        return [(one.station.position, one.name, one.came, one.missing, one.heard is not None) for one in found]

    names = {person: held.office.session.get_one(planning.Person, person).name for person in _examiners(world)}
    silent, heard = names[world.a.second_examiner], names[world.a.examiner]
    assert held.do(held.officer, told) == [
        (1, silent, 0, 1, False),
        (2, silent, 0, 2, False),
        (1, heard, 1, 1, True),
        (2, heard, 0, 2, True),
    ]


def _examiners(world: World) -> tuple[int, int]:
    return world.a.examiner, world.a.second_examiner
