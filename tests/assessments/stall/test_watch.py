"""The nightly watch: who is flagged, who is left alone, and that doing it twice changes nothing."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from sqlalchemy import orm

from assessments.results.models import Result, ResultKind
from assessments.stall import jobs
from assessments.stall.models import Flag, FlagAnswer, StallModel
from assessments.stall.services import CAPACITY
from lms import clock
from lms import jobs as work
from lms.audit.models import AuditEvent
from lms.authz import Role
from lms.events import OutboxEvent
from lms.people.models import Category, Person
from lms.techniques.models import Technique
from tests.assessments.stall.conftest import FALLING, RISING, Ward
from tests.assessments.stall.learners import learners
from tests.factories import world as worlds
from tests.factories.world import World


def test_without_marks_nothing_happens(ward: Ward) -> None:
    assert ward.night() == []
    assert ward.last == {"raised": 0, "pairs": 0, "why": "there are no marks yet"}


def test_with_few_marks_the_plain_rule_flags_and_says_so(ward: Ward, world: World) -> None:
    ward.marks(world.a.doctor, FALLING)
    ward.marks(world.a.second_doctor, RISING)
    (flag,) = ward.night()
    assert (flag.person_id, flag.technique_id) == (world.a.doctor, ward.techniques[0])
    assert (flag.probability, flag.model_hash) == (None, None)
    assert flag.reasons[0] == {"code": "last_three", "marks": [72, 71, 70]}
    assert flag.reasons[1] == {"code": "pause", "days": 140}
    assert [mark for _, mark in flag.history] == [80.0, 72.0, 71.0, 70.0]
    assert flag.since == clock.today() - timedelta(days=320), "the best mark was the first one"
    assert ward.last["by"] == "plain rule"
    assert "days; at least" in ward.last["why"] or "learners" in ward.last["why"]


def test_again_on_the_same_night_nothing_changes(ward: Ward, world: World) -> None:
    ward.marks(world.a.doctor, FALLING)
    before = [flag.id for flag in ward.night()]
    assert [flag.id for flag in ward.night()] == before
    assert ward.last["raised"] == 0


def test_what_was_raised_is_told_and_written_down(ward: Ward, world: World, session: orm.Session) -> None:
    ward.marks(world.a.doctor, FALLING)
    (flag,) = ward.night()
    told = session.scalars(sa.select(OutboxEvent.payload).where(OutboxEvent.kind == "FlagRaised")).all()
    assert told == [{"flag_id": flag.id, "person_id": world.a.doctor, "technique_id": ward.techniques[0]}]
    assert session.scalar(sa.select(AuditEvent.id).where(AuditEvent.verb == "watch")) is not None


def test_results_that_are_no_marks_do_not_count(ward: Ward, world: World, session: orm.Session) -> None:
    ward.marks(world.a.doctor, FALLING, kind=ResultKind.ENTRUSTMENT)
    ward.marks(world.a.second_doctor, FALLING, kind=ResultKind.PRACTICE_HOURS)
    assert ward.night() == []


def test_a_mark_that_was_corrected_counts_as_it_is_now(ward: Ward, world: World, session: orm.Session) -> None:
    last = ward.marks(world.a.doctor, FALLING)[-1]
    newer = Result(
        **{name: getattr(last, name) for name in ("person_id", "institution_id", "kind", "technique_id", "on_day")},
        **{name: getattr(last, name) for name in ("source_kind", "source_id", "source_hash")},
        value=Decimal(95),
        version=2,
        supersedes_id=last.id,
        reason="录错",
    )
    session.add(newer)
    assert ward.night() == []


@pytest.mark.parametrize("leaves", ["person", "technique"])
def test_nobody_who_left_and_nothing_that_is_no_longer_taught(
    ward: Ward, world: World, session: orm.Session, leaves: str
) -> None:
    ward.marks(world.a.doctor, FALLING)
    if leaves == "person":
        session.get_one(Person, world.a.doctor).active = False
    else:
        session.get_one(Technique, ward.techniques[0]).retired = True
    assert ward.night() == []


def apprentices(ward: Ward, count: int, mentor: int | None) -> list[int]:
    """More doctors of one township, each of whom has stalled, a little deeper each time."""
    made = []
    for number in range(count):
        at = ward.world.a.township
        role = (Role.DOCTOR, at)
        person = worlds.person(
            ward.session, f"stall-{number}", f"医师{number}", Category.GENERAL_PRACTITIONER, at, role
        )
        ward.marks(person, ((200, 80), (100, 75), (50, 74 - number)))
        if mentor is not None:
            ward.pair(mentor, person)
        made.append(person)
    return made


@pytest.mark.parametrize("with_mentor", [True, False])
def test_no_more_than_people_can_take(ward: Ward, world: World, with_mentor: bool) -> None:
    people = apprentices(ward, CAPACITY.per_mentor + 3, world.a.examiner if with_mentor else None)
    flags = ward.night()
    assert len(flags) == CAPACITY.per_mentor
    assert {flag.person_id for flag in flags} == set(people[-CAPACITY.per_mentor :]), "the steepest falls first"
    assert len(ward.night()) == CAPACITY.per_mentor, "the next night too, while they are open"


def test_an_answer_makes_room(ward: Ward, world: World) -> None:
    apprentices(ward, CAPACITY.per_mentor + 1, world.a.examiner)
    first = ward.night()[0]
    ward.answer(world.a.examiner, first, "accepted", plan="call")
    assert len(ward.night()) == CAPACITY.per_mentor + 1


def test_one_doctor_gets_no_more_than_two(ward: Ward, world: World, session: orm.Session) -> None:
    from tests.factories import mentoring

    ward.techniques += mentoring.techniques(session, 3, category="nurse")
    for number in range(4):
        ward.marks(world.a.doctor, FALLING, technique=number)
    assert len(ward.night()) == CAPACITY.per_doctor


def test_what_was_answered_is_left_alone_for_sixty_days(ward: Ward, world: World) -> None:
    ward.pair(world.a.examiner, world.a.doctor)
    ward.marks(world.a.doctor, FALLING)
    (flag,) = ward.night()
    ward.answer(world.a.examiner, flag, "not_a_problem", note="换了评分表")
    with time_machine.travel(clock.now() + timedelta(days=59), tick=False):
        assert len(ward.night()) == 1
    with time_machine.travel(clock.now() + timedelta(days=61), tick=False):
        assert len(ward.night()) == 2


def test_a_flag_whose_marks_rose_is_open_no_more(ward: Ward, world: World) -> None:
    ward.marks(world.a.doctor, FALLING)
    ward.night()
    with time_machine.travel(clock.now() + timedelta(days=70), tick=False):
        ward.marks(world.a.doctor, ((60, 90), (40, 80), (1, 79)))
        assert len(ward.night()) == 2, "risen, and later fallen again: another flag"


def test_with_enough_marks_a_model_is_trained_and_scores(ward: Ward, world: World, session: orm.Session) -> None:
    """Two years of marks of fifty doctors: the model flags, the flag says how likely and by which model."""
    people = {}
    for one in learners(50, every=45):
        if one.skill == "ecg":
            continue
        if one.learner not in people:
            role = (Role.DOCTOR, world.a.township)
            people[one.learner] = worlds.person(
                session, f"m-{one.learner.lower()}", one.learner, Category.NURSE, world.a.township, role
            )
        ago = 730 - int(one.at)
        ward.marks(people[one.learner], [(ago, one.score)], technique=("bp", "cpr").index(one.skill))
    flags = ward.night()
    model = session.scalars(sa.select(StallModel)).one()
    assert ward.last["by"] == model.content_hash.hex()
    assert 1 <= len(flags) <= CAPACITY.per_mentor
    for flag in flags:
        assert flag.model_hash == model.content_hash
        assert flag.probability is not None
        assert flag.probability >= Decimal(str(CAPACITY_LEAST))
        assert 1 <= len(flag.reasons) <= 3
    assert model.card["learners"] == 50
    assert model.card["trial"]["ways"]["model"]["average_precision"]["value"] > 0

    ward.night()
    assert session.scalar(sa.select(sa.func.count()).select_from(StallModel)) == 1, "not trained again the next night"
    forged = {"content_hash": b"f" * 32, "signature": model.signature, "card": model.card}
    session.add(
        StallModel(content=model.content + b"x", data_from=model.data_from, data_until=model.data_until, **forged)
    )
    ward.night()
    assert "was altered, or another installation made it" in ward.last["why"]
    assert ward.last["by"] == model.content_hash.hex(), "trained again from the same marks it is the same model"


def test_nobody_changes_a_model_that_stands(session: orm.Session) -> None:
    with pytest.raises(sa.exc.ProgrammingError, match="permission denied"), session.begin_nested():
        session.execute(sa.text("UPDATE stall_model SET content = ''::bytea"))


CAPACITY_LEAST = 0.25


def test_it_is_due_once_a_night_where_the_institutions_are() -> None:
    due = work.PERIODIC.get(jobs.WATCH)
    rule = due.due if due else jobs.nightly(2, 40)
    moments = [datetime(2026, 11, 21, tzinfo=UTC).replace(tzinfo=None) + timedelta(minutes=n) for n in range(24 * 60)]
    begins = [moment for moment in moments if rule(moment)]
    assert begins == [datetime(2026, 11, 21, 18, 40)]  # 02:40 in Shanghai


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"probability": Decimal("0.5")}, "a_model_knows_how_likely"),
        ({"reasons": []}, "one_to_three_reasons"),
        ({"history": []}, "rests_on_marks"),
        ({"since": date(2100, 1, 1)}, "begins_before_it_is_raised"),
        ({"level": Decimal(101)}, "level_in_percent"),
    ],
)
def test_the_database_refuses_what_is_no_flag(
    ward: Ward, world: World, session: orm.Session, change: dict[str, object], name: str
) -> None:
    values = {
        "person_id": world.a.doctor,
        "institution_id": world.a.township,
        "technique_id": ward.techniques[0],
        "raised_on": clock.today(),
        "since": clock.today(),
        "level": Decimal(70),
        "reasons": [{"code": "pause", "days": 90}],
        "history": [["2026-01-01", 70.0]],
    }
    with pytest.raises(sa.exc.IntegrityError, match=name), session.begin_nested():
        session.add(Flag(**values | change))


def test_flags_and_answers_are_only_added(built: Flask) -> None:
    assert all(table.__append_only__ for table in (Flag, FlagAnswer, StallModel))
