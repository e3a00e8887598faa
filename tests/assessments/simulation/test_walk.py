"""A consultation from its first question to hours and evidence, and everything that must not change it."""

from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import orm

from assessments.results.models import Result, ResultKind
from assessments.simulation import queries, rules, services
from assessments.simulation.formats import SentAct
from assessments.simulation.models import CaseAct, CaseFinish, CaseRun, SimulatedCase
from assessments.simulation.rules import Happened, Uncredited
from courses.hours.models import HoursEntry
from lms import ids
from lms.db import db, unfenced
from lms.errors import Conflict, Invalid, NotAllowed
from lms.events import OutboxEvent, deliver
from tests.assessments.simulation.conftest import GRANDFATHER, Clinic
from tests.conftest import As
from tests.factories.world import World


def hours(session: orm.Session, who: int) -> list[tuple[str, int, str]]:
    query = sa.select(HoursEntry.kind, HoursEntry.minutes, HoursEntry.source_id).where(HoursEntry.person_id == who)
    return [tuple(row) for row in session.execute(query.order_by(HoursEntry.id))]  # type: ignore[misc]


def results(session: orm.Session, who: int) -> list[Result]:
    return list(session.scalars(sa.select(Result).where(Result.person_id == who).order_by(Result.id)))


def test_the_experts_way_becomes_evidence_and_hours(clinic: Clinic, session: orm.Session, world: World) -> None:
    finish = clinic.play(world.a.doctor)
    assert (finish.percent, finish.critical, finish.minutes, finish.credited) == (Decimal(100), False, 1, 1)
    assert hours(session, world.a.doctor) == [], "not before it is told"
    clinic.tell()
    clinic.tell()
    assert hours(session, world.a.doctor) == [("simulation", 1, str(finish.run_id))]
    kinds = {one.kind: one for one in results(session, world.a.doctor)}
    assert kinds.keys() == {ResultKind.SIMULATED_CASE, ResultKind.SIMULATION_HOURS}
    result = kinds[ResultKind.SIMULATED_CASE]
    assert (result.value, result.critical_failure) == (Decimal(100), False)
    assert (result.source_kind, result.source_id) == ("case_run", str(finish.run_id))
    assert result.technique is not None
    assert result.technique.code == "hypertension-management"


def test_danger_caps_and_is_a_critical_failure(clinic: Clinic, session: orm.Session, world: World) -> None:
    finish = clinic.play(world.a.doctor, acts=[*clinic.way(), "decide-renew"])
    assert (finish.percent, finish.critical) == (Decimal(40), True)
    assert finish.scores["dangerous"] == ["decide-renew"]
    clinic.tell()
    assert [one.critical_failure for one in results(session, world.a.doctor)] == [True]


def test_leaving_out_what_is_essential_is_a_critical_failure_without_a_cap(clinic: Clinic, world: World) -> None:
    way = [code for code in clinic.way(GRANDFATHER) if code != "refer-ambulance"]
    finish = clinic.play(world.a.village_doctor, GRANDFATHER, way)
    assert finish.critical
    assert finish.scores["left_out"] == ["refer-ambulance"]
    assert finish.percent > 90


def test_what_is_sent_twice_stands_once(clinic: Clinic, session: orm.Session, world: World) -> None:
    run = clinic.begin(world.a.doctor)
    sent = [SentAct(id=ids.uuid7(), act=code) for code in ("ask-periods", "test-pregnancy")]
    for _ in range(3):
        assert set(clinic.send(world.a.doctor, run, sent)) == {str(one.id) for one in sent}
    clinic.send(world.a.doctor, run, [*sent, *sent])
    rows = session.scalars(sa.select(CaseAct).where(CaseAct.run_id == run).order_by(CaseAct.seq)).all()
    assert [(row.act, row.section) for row in rows] == [("ask-periods", "ask"), ("test-pregnancy", "test")]


def test_an_order_is_taken_back_and_a_question_is_not(clinic: Clinic, world: World) -> None:
    run = clinic.begin(world.a.doctor)
    clinic.act(world.a.doctor, run, "ask-neck", "decide-renew")
    with pytest.raises(Invalid):
        clinic.act(world.a.doctor, run, "ask-neck", happened=Happened.TAKEN_BACK)
    clinic.act(world.a.doctor, run, "decide-renew", happened=Happened.TAKEN_BACK)
    finish = clinic.end(world.a.doctor, run)
    assert finish.scores["dangerous"] == []
    with pytest.raises(sa.exc.IntegrityError, match="only_orders_are_taken_back"):
        clinic.session.execute(
            sa.insert(CaseAct).values(
                id=ids.uuid7(),
                run_id=run,
                person_id=world.a.doctor,
                institution_id=world.a.township,
                section="ask",
                act="ask-neck",
                happened="taken_back",
            )
        )
    clinic.session.rollback()


def test_an_act_that_is_not_of_this_case_is_refused(clinic: Clinic, world: World) -> None:
    run = clinic.begin(world.a.doctor)
    with pytest.raises(Invalid):
        clinic.act(world.a.doctor, run, "decide-insulin")


def test_beginning_again_goes_on_with_what_is_open(clinic: Clinic, session: orm.Session, world: World) -> None:
    run = clinic.begin(world.a.doctor)
    assert clinic.begin(world.a.doctor) == run
    other = clinic.begin(world.a.doctor, GRANDFATHER)
    assert other != run
    clinic.act(world.a.doctor, run, "ask-periods")
    clinic.end(world.a.doctor, run)
    assert clinic.begin(world.a.doctor) not in (run, other)
    opened = sa.update(CaseRun).where(CaseRun.id == run).values(handed_in_at=None)
    with pytest.raises(sa.exc.IntegrityError, match="uq_case_run_open"):
        session.execute(opened)
    session.rollback()


def test_ending_happens_once_and_nothing_counts_afterwards(clinic: Clinic, session: orm.Session, world: World) -> None:
    run = clinic.begin(world.a.doctor)
    with pytest.raises(Conflict):
        clinic.end(world.a.doctor, run)
    clinic.act(world.a.doctor, run, "ask-periods")
    first = clinic.end(world.a.doctor, run)
    assert clinic.end(world.a.doctor, run).id == first.id
    with pytest.raises(Conflict):
        clinic.act(world.a.doctor, run, "test-pregnancy")
    assert session.scalar(sa.select(sa.func.count()).select_from(CaseAct)) == 1
    assert session.scalar(sa.select(sa.func.count()).select_from(CaseFinish)) == 1


def later(monkeypatch: pytest.MonkeyPatch, by: timedelta) -> None:
    """Let the database's clock, as the verb asks it, go ahead: what is append-only cannot be moved back."""
    real = services._database_now
    monkeypatch.setattr(services, "_database_now", lambda: real() + by)


def test_the_same_case_earns_hours_once_in_thirty_days(
    clinic: Clinic, session: orm.Session, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = clinic.play(world.a.doctor)
    again = clinic.play(world.a.doctor)
    assert (again.credited, again.uncredited) == (0, Uncredited.RECENTLY)
    other = clinic.play(world.a.doctor, GRANDFATHER)
    assert other.credited == 1
    later(monkeypatch, timedelta(days=31))
    a_month_on = clinic.play(world.a.doctor)
    assert a_month_on.credited > 0
    clinic.tell()
    assert {source for _kind, _minutes, source in hours(session, world.a.doctor)} == {
        str(one.run_id) for one in (first, other, a_month_on)
    }
    assert len(results(session, world.a.doctor)) == 4, "every try is evidence, whether it earned hours or not"


@pytest.mark.parametrize(("passed", "minutes"), [(0, 1), (9.5, 9), (500, 12)])
def test_time_is_the_databases_and_at_most_what_the_case_takes(
    clinic: Clinic, world: World, monkeypatch: pytest.MonkeyPatch, passed: float, minutes: int
) -> None:
    run = clinic.begin(world.a.doctor, GRANDFATHER)
    clinic.act(world.a.doctor, run, "test-finger-glucose")
    later(monkeypatch, timedelta(minutes=passed))
    assert clinic.end(world.a.doctor, run).minutes == minutes


def test_the_score_can_be_made_again_from_what_is_kept(clinic: Clinic, session: orm.Session, world: World) -> None:
    finish = clinic.play(world.a.doctor, acts=["ask-periods", "ask-neck", "test-pregnancy", "decide-wait"])
    run = session.get_one(CaseRun, finish.run_id)
    events = session.scalars(sa.select(CaseAct).where(CaseAct.run_id == run.id).order_by(CaseAct.seq)).all()
    again = rules.score(rules.Key.of(clinic.key()), rules.standing((e.act, e.happened) for e in events))
    assert (again.percent, again.critical, again.plain()) == (finish.percent, finish.critical, finish.scores)
    hashed = rules.input_hash(run.version.content_hash, [(str(e.id), e.act, e.happened) for e in events])
    assert hashed == finish.input_hash


def test_a_retired_case_is_not_begun_and_an_open_one_is_ended(
    clinic: Clinic, session: orm.Session, world: World
) -> None:
    run = clinic.begin(world.a.doctor)
    session.execute(sa.update(SimulatedCase).values(retired=True))
    assert clinic.begin(world.a.doctor) == run
    with pytest.raises(Conflict):
        clinic.begin(world.a.second_doctor)


def test_another_doctor_and_the_neighbour_do_nothing_with_it(clinic: Clinic, as_: As, world: World) -> None:
    run = clinic.begin(world.a.doctor)
    clinic.act(world.a.doctor, run, "ask-periods")
    clinic.session.commit()
    for who in (world.a.second_doctor, world.b.doctor, world.a.manager, world.a.exam_officer, world.b.manager):
        with as_(who) as actor, unfenced(db.session):
            row = db.session.get_one(CaseRun, run)
            with pytest.raises(NotAllowed):
                services.act(actor, row, sent=[SentAct(id=ids.uuid7(), act="ask-neck")])
            with pytest.raises(NotAllowed):
                services.hand_in(actor, row)
    for who in (world.a.manager, world.a.editor, world.a.examiner):
        with as_(who) as actor, pytest.raises(NotAllowed):
            services.begin(actor, db.session.scalars(sa.select(SimulatedCase)).first())


def test_rows_are_within_reach_of_doctor_and_mentor_only(clinic: Clinic, as_: As, world: World) -> None:
    finish = clinic.play(world.a.doctor)
    clinic.pair(world.a.examiner, world.a.doctor)
    for who, many in ((world.a.doctor, 1), (world.a.examiner, 1), (world.a.second_examiner, 0), (world.b.examiner, 0)):
        with as_(who):
            assert len(db.session.scalars(sa.select(CaseRun)).all()) == many
            assert len(db.session.scalars(sa.select(CaseFinish)).all()) == many
            assert bool(db.session.scalars(sa.select(CaseAct)).all()) is bool(many)
            assert len(db.session.execute(queries.of_apprentices(who)).all()) == (many if who != world.a.doctor else 0)
    assert finish.percent == 100


def test_what_was_heard_twice_changes_nothing(app: Flask, clinic: Clinic, session: orm.Session, world: World) -> None:
    clinic.play(world.a.doctor)
    session.commit()
    (event,) = session.scalars(sa.select(OutboxEvent.id).where(OutboxEvent.kind == "CaseHandedIn")).all()
    for name in ("results.record_case", "hours.enter_case") * 2:
        with app.app_context():
            deliver(event, name)
    assert len(results(session, world.a.doctor)) == 1
    assert len(hours(session, world.a.doctor)) == 1
