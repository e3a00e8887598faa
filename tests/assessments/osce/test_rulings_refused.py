"""What could not count, was not seen, or is nobody's to rule on is refused, and nothing of it is written."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import orm

from assessments.osce.models import (
    CircuitCandidate,
    CircuitStation,
    ExaminerAssignment,
    Sheet,
    SheetAside,
    SheetRuling,
)
from assessments.osce.queries import rulings as queries
from lms.db import db
from lms.errors import Conflict, Invalid, NotAllowed
from tests.assessments.osce.quarantine import content_of, quarantined
from tests.factories.osce import Office
from tests.factories.osce_deciding import Desk, desk
from tests.factories.world import World

SPOILT: list[tuple[str, Callable[[dict[str, Any]], None]]] = [
    ("only be refused|只能", lambda c: c["marks"].update({"posture": 99})),
    ("only be refused|只能", lambda c: c.update(candidate=999)),
    ("only be refused|只能", lambda c: c.update(station=999)),
]


@pytest.mark.parametrize(("words", "spoil"), SPOILT)
def test_what_could_never_count_is_only_refused(
    held: Desk, world: World, session: orm.Session, words: str, spoil: Callable[[dict[str, Any]], None]
) -> None:
    sent = held.mark(world.a.examiner, 0, 0)
    content = content_of(session, sent) | {
        "sheet": "01936b2e-0000-7000-8000-000000000002",
        "examiner": world.a.second_examiner,
    }
    spoil(content)
    session.add(quarantined(session, sent, content, world.a.second_examiner, "bad_signature"))
    session.commit()
    with pytest.raises(Conflict, match=words):
        held.accept(held.aside(), 0, 0)
    held.refuse(held.aside())


def test_content_that_was_changed_where_it_lay_is_not_accepted(held: Desk, world: World, session: orm.Session) -> None:
    sent = held.mark(world.a.examiner, 0, 0)
    content = content_of(session, sent) | {
        "sheet": "01936b2e-0000-7000-8000-000000000003",
        "examiner": world.a.second_examiner,
    }
    row = quarantined(session, sent, content, world.a.second_examiner)
    row.content = content | {"rating": "excellent"}
    session.add(row)
    session.commit()
    with pytest.raises(Conflict):
        held.accept(held.aside(), 0, 0)


def test_a_second_first_sheet_of_the_same_examiner_is_not_accepted(
    held: Desk, world: World, session: orm.Session
) -> None:
    sent = held.mark(world.a.examiner, 0, 0)
    content = content_of(session, sent) | {"sheet": "01936b2e-0000-7000-8000-000000000004", "rating": "good"}
    session.add(quarantined(session, sent, content, world.a.examiner, "unknown_device"))
    session.commit()
    with pytest.raises(Conflict, match=r"correct it instead|更正"):
        held.accept(held.aside(), 0, 0)


REASONS = ["", "   ", "\n\t", "理" * 1001, "x" * 1_000_000, "a\x00b"]


@pytest.mark.parametrize("reason", REASONS, ids=["none", "blanks", "line ends", "1001", "a megabyte", "nul"])
def test_a_reason_is_a_reason(late: Desk, reason: str, session: orm.Session) -> None:
    aside = late.aside()
    number = late.void(1, 1)
    acts: list[Callable[[], object]] = [
        lambda: late.void(0, 0, reason=reason),
        lambda: late.void_station(0, reason=reason),
        lambda: late.accept(aside, 0, 0, reason=reason),
        lambda: late.refuse(aside, reason=reason),
        lambda: late.undo(number, reason=reason),
        lambda: late.move(0, 0, 1, session.scalars(sa.select(Sheet.id).limit(1)).one(), reason=reason),
    ]
    for act in acts:
        with pytest.raises(Invalid):
            act()
    assert session.scalar(sa.select(sa.func.count()).select_from(SheetRuling)) == 1


def test_what_was_not_seen_is_not_ruled_on(held: Desk, world: World) -> None:
    stale = held.over(0, 0)
    sheet = held.mark(world.a.examiner, 0, 0)
    for act in (
        lambda: held.void(0, 0, over=stale),
        lambda: held.move(0, 0, 1, sheet, over=stale),
        lambda: held.void(0, 0, over=b"x" * 32),
    ):
        with pytest.raises(Conflict, match=r"changed|变动|变化"):
            act()


def test_a_sheet_does_not_move_to_another_circuit_to_itself_or_to_its_examiner(
    held: Desk, world: World, session: orm.Session, office: Office
) -> None:
    sheet = held.mark(world.a.examiner, 0, 0)
    other = desk(office, held.officer, world.a.commission, [world.a.village_doctor], [world.a.examiner])
    far = other.candidates[0]
    with pytest.raises(Invalid):
        held.move(0, 0, 0, sheet)
    held.candidates.append(far)
    with pytest.raises(Invalid):
        held.move(0, 0, 2, sheet)
    session.add(
        CircuitCandidate(
            institution_id=world.a.commission,
            circuit_id=held.circuit,
            person_id=world.a.examiner,
            number=77,
            name="陈建国",
            added_by_id=held.officer,
        )
    )
    session.commit()
    held.candidates[2] = office.numbers(held.circuit)[-1]
    with pytest.raises(Invalid, match=r"themselves|自己"):
        held.move(0, 0, 2, sheet)


def test_a_station_of_another_circuit_is_not_ruled_on_here(held: Desk, world: World, office: Office) -> None:
    other = desk(office, held.officer, world.a.commission, [world.a.village_doctor], [world.a.examiner])
    over = held.over(0, 0)
    mixed = Desk(office, held.circuit, held.officer, other.stations, held.candidates)
    with pytest.raises((Invalid, AssertionError, AttributeError, sa.exc.NoResultFound)):
        mixed.void(0, 0, over=over)
    with held.office.as_(held.officer) as actor:
        place = db.session.get_one(CircuitStation, other.stations[0])
        candidate = db.session.get_one(CircuitCandidate, held.candidates[0])
        from assessments.osce.services import rulings

        with pytest.raises(Invalid):
            rulings.void(actor, candidate, station=place, over=over, reason="错")


def test_who_takes_part_or_is_a_stranger_rules_on_nothing(held: Desk, world: World, session: orm.Session) -> None:
    number = held.void(1, 1)
    for stranger in (world.b.exam_officer, world.b.doctor, world.b.examiner):
        with pytest.raises((sa.exc.NoResultFound, AssertionError)):
            held.void(0, 0, by=stranger)
        with pytest.raises(sa.exc.NoResultFound):
            held.undo(number, by=stranger)
    for within in (world.a.manager, world.a.auditor):
        with pytest.raises(NotAllowed):
            held.void(0, 0, by=within)
    session.add(
        ExaminerAssignment(
            institution_id=world.a.commission,
            circuit_station_id=held.stations[0],
            examiner_id=held.officer,
            name="考务",
            begins_on=sa.func.current_date() - 9,
            ends_on=sa.func.current_date() - 3,
            assigned_by_id=world.people["exam_officer"],
        )
    )
    session.commit()
    for act in (lambda: held.void(0, 0), lambda: held.void_station(0), lambda: held.undo(number)):
        with pytest.raises(NotAllowed):
            act()


def test_a_neighbour_finds_no_ruling_and_nothing_aside(late: Desk, world: World) -> None:
    number, aside = late.void(1, 1), late.aside()
    for neighbour in (world.b.exam_officer, world.b.manager, world.b.doctor):
        with late.office.as_(neighbour):
            assert db.session.get(SheetRuling, number) is None
            assert db.session.get(SheetAside, aside) is None
            assert queries.ruling_at(late.circuit, number) is None
            assert queries.aside_at(late.circuit, aside) is None
