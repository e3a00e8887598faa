"""From the plan to the days that count: the receiving side's acts, practice, documents, and what is owed."""

import io
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import orm

from assessments.results.models import Result
from courses.hours.models import HoursEntry
from courses.rotations import services
from courses.rotations.models import Rotation, RotationFile, RotationReceiver, RotationStep
from courses.rotations.queries import owing
from courses.rotations.rules import Numbers, Opens, Outcome, State
from lms import clock
from lms.db import db, unfenced
from lms.errors import Conflict, Invalid, NotAllowed
from lms.events import OutboxEvent, deliver, subscribers_of
from lms.institutions.models import Institution
from lms.people.models import Person
from tests.conftest import As
from tests.factories.rotations import Hospital, ago
from tests.factories.world import World


def hear(app: Flask, session: orm.Session, *, newest_first: bool = False) -> None:
    """Everybody hears everything, twice where they would let it happen."""
    session.commit()
    order = OutboxEvent.id.desc() if newest_first else OutboxEvent.id
    for number in list(session.scalars(sa.select(OutboxEvent.id).order_by(order))):
        with app.app_context():
            names = subscribers_of(number)
        for name in names:
            with app.app_context():
                deliver(number, name)
                assert not deliver(number, name)
    session.commit()
    session.expire_all()


def marks(session: orm.Session) -> list[tuple[Any, ...]]:
    query = sa.select(Result.value, Result.version, Result.source_id).where(Result.kind == "rotation_days")
    return [tuple(row) for row in session.execute(query.order_by(Result.id))]


def test_days_count_once_the_receiving_side_has_said_how_it_went(
    hospital: Hospital, department: int, app: Flask, session: orm.Session, world: World
) -> None:
    a = world.a
    number = hospital.been(a.manager, a.examiner, a.doctor, department, ago(100), ago(2))
    hear(app, session)
    assert marks(session) == []
    hospital.evaluate(a.examiner, number, absent=4)
    hear(app, session)
    assert marks(session) == [(Decimal(95), 1, str(number))]
    with pytest.raises(Invalid):
        hospital.evaluate(a.examiner, number, absent=3)
    hospital.evaluate(a.examiner, number, absent=9, why="考勤表核对有误")
    hospital.evaluate(a.examiner, number, outcome=Outcome.FAILED, why="出科考核未通过")
    hear(app, session, newest_first=True)
    assert marks(session)[-1][0] is None
    assert {row[2] for row in marks(session)} == {str(number)}
    steps = list(session.scalars(sa.select(RotationStep.what).order_by(RotationStep.id)))
    assert steps == ["planned", "started", "ended", "evaluated", "corrected", "corrected"]


def test_what_was_not_passed_is_no_evidence(
    hospital: Hospital, department: int, app: Flask, session: orm.Session, world: World
) -> None:
    number = hospital.been(world.a.manager, world.a.examiner, world.a.doctor, department, ago(30), ago(2))
    hospital.evaluate(world.a.examiner, number, outcome=Outcome.FAILED)
    hear(app, session)
    assert marks(session) == []
    hospital.evaluate(world.a.examiner, number, why="补考通过")
    hear(app, session)
    assert marks(session) == [(Decimal(29), 1, str(number))]


def test_acts_come_in_their_order(hospital: Hospital, department: int, session: orm.Session, world: World) -> None:
    a = world.a
    number = hospital.plan(a.manager, a.doctor, department, ago(10), ago(-10))
    found = services.Found(Outcome.PASSED, 0, "好")
    for verb, details in (
        (services.end, {"last_on": ago(1)}),
        (services.interrupt, {"last_on": ago(1), "reason": "x"}),
        (services.evaluate, {"found": found}),
    ):
        with pytest.raises(Conflict):
            hospital.do(a.examiner, Rotation, number, verb, **details)
    for day in (ago(11), ago(-1)):
        with pytest.raises(Invalid):
            hospital.do(a.examiner, Rotation, number, services.start, on=day)
    hospital.do(a.examiner, Rotation, number, services.start, on=ago(8))
    with pytest.raises(Conflict):
        hospital.do(a.manager, Rotation, number, services.cancel, reason="x")
    with pytest.raises(Invalid):
        hospital.do(a.examiner, Rotation, number, services.end, last_on=ago(-1))
    hospital.do(a.examiner, Rotation, number, services.interrupt, last_on=ago(3), reason="家中有事")
    session.expire_all()
    row = session.get_one(Rotation, number)
    assert (row.state, row.days, row.last_on) == (State.INTERRUPTED, 6, ago(3))
    # the place is free from the next day on, and what was attended can be evaluated
    hospital.plan(a.manager, a.second_doctor, department, ago(2), ago(-10))
    with pytest.raises(Invalid):
        hospital.evaluate(a.examiner, number, absent=7)
    hospital.evaluate(a.examiner, number)
    session.expire_all()
    assert session.get_one(Rotation, number).present_days == 6


def test_only_who_receives_there_today_speaks_for_the_department(
    hospital: Hospital, department: int, as_: As, session: orm.Session, world: World
) -> None:
    a = world.a
    number = hospital.plan(a.manager, a.doctor, department, ago(1), ago(-9))
    hospital.name(a.manager, department, a.second_examiner, ago(90), ago(30))
    others = (a.second_examiner, a.doctor, a.manager, a.exam_officer, world.b.examiner, world.b.manager)
    for who in others:
        with as_(who) as actor, unfenced(db.session):
            stay = db.session.get_one(Rotation, number)
            with pytest.raises(NotAllowed):
                services.start(actor, stay, on=ago(1))
    near = {a.examiner, a.doctor, a.manager, a.auditor}
    for who in (*near, a.second_examiner, a.second_doctor, a.editor, world.b.examiner, world.b.manager):
        with as_(who):
            assert (db.session.get(Rotation, number) is not None) == (who in near)
    term = session.scalars(sa.select(RotationReceiver.id).where(RotationReceiver.person_id == a.examiner)).one()
    hospital.do(a.manager, RotationReceiver, term, services.dismiss)
    with as_(a.examiner):
        assert db.session.get(Rotation, number) is None


def test_practice_becomes_hours_a_day_once(
    hospital: Hospital, department: int, app: Flask, session: orm.Session, world: World
) -> None:
    a, monday = world.a, clock.today() - timedelta(days=clock.today().weekday() + 14)
    number = hospital.plan(a.manager, a.doctor, department, monday, ago(-9))
    practice = services.Practice(monday, monday, (0,), 480, "门诊")
    with pytest.raises(Conflict):
        hospital.do(a.examiner, Rotation, number, services.confirm_practice, practice=practice)
    hospital.do(a.examiner, Rotation, number, services.start, on=monday)
    week = services.Practice(monday, monday + timedelta(days=6), (0, 1, 2, 3, 4), 450, "病房管床")
    hospital.do(a.examiner, Rotation, number, services.confirm_practice, practice=week)
    for first, last, minutes, days in ((0, 0, 60, (0,)), (7, 7, 721, (0,)), (7, 7, 60, (5,)), (-1, 0, 60, (0,))):
        wrong = services.Practice(monday + timedelta(days=first), monday + timedelta(days=last), days, minutes, "x")
        with pytest.raises((Conflict, Invalid)):
            hospital.do(a.examiner, Rotation, number, services.confirm_practice, practice=wrong)
    hear(app, session)  # the receiving side's word makes entries,
    hear(app, session)  # and entries make evidence
    rows = session.scalars(sa.select(HoursEntry).order_by(HoursEntry.on_day)).all()
    assert [(row.on_day, row.minutes, row.kind) for row in rows] == [
        (monday + timedelta(days=day), 450, "practice") for day in range(5)
    ]
    assert {(row.person_id, row.confirmed_by_id, row.source_kind) for row in rows} == {
        (a.doctor, a.examiner, "rotation_day")
    }
    found = session.scalar(sa.select(sa.func.sum(Result.value)).where(Result.kind == "practice_hours"))
    assert found == Decimal("37.5")


def test_documents_are_looked_at_and_kept_once(
    hospital: Hospital, department: int, as_: As, session: orm.Session, world: World
) -> None:
    a = world.a
    number = hospital.plan(a.manager, a.doctor, department, ago(1), ago(-9))
    pdf = b"%PDF-1.4 log book"

    def attach(who: int, data: bytes, name: str) -> int:
        found: int = hospital.do(who, Rotation, number, services.attach, file=io.BytesIO(data), name=name)
        return found

    with pytest.raises(NotAllowed):
        attach(a.doctor, pdf, "手册.pdf")
    hospital.do(a.examiner, Rotation, number, services.start, on=ago(1))
    assert attach(a.doctor, pdf, "../手册.pdf") == attach(a.examiner, pdf, "again.pdf")
    assert session.scalars(sa.select(RotationFile.name)).all() == ["手册.pdf"]
    with pytest.raises(Invalid):
        attach(a.doctor, b"MZ not a document", "x.pdf")
    for who, sees in ((a.manager, True), (a.second_doctor, False), (world.b.manager, False)):
        with as_(who):
            assert bool(db.session.scalars(sa.select(RotationFile.id)).all()) == sees


def test_what_is_owed_follows_from_days_present_and_what_is_planned(
    hospital: Hospital, as_: As, session: orm.Session, world: World
) -> None:
    a = world.a
    wide = hospital.department(a.manager, a.hospital, a.examiner, places=3, opens_to=Opens.EVERYWHERE)
    old = hospital.been(a.manager, a.examiner, a.doctor, wide, ago(180), ago(81))
    hospital.evaluate(a.examiner, old, absent=10)
    back = {"begins_on": ago(800), "started_on": ago(800), "last_on": ago(701)}
    session.execute(sa.update(Rotation).where(Rotation.id == old).values(**back))
    session.commit()
    begun = max(ago(20), clock.today().replace(month=1, day=1))  # all of it in this year, on the first day of one too
    ended = max(ago(1), begun)
    days = (ended - begun).days + 1
    new = hospital.been(a.manager, a.examiner, a.doctor, wide, begun, ended)
    hospital.evaluate(a.examiner, new)
    hospital.plan(a.manager, a.doctor, wide, ago(-10), ago(-19))
    with as_(a.doctor):
        person = db.session.get_one(Person, a.doctor)
        stay, consortium, star = owing.owed(person)
        assert (stay.asked, stay.have, stay.ahead, stay.owes) == (180, 90 + days, 10, 90 - days)
        assert (consortium.asked, consortium.have) == (30, days)
        assert (star.asked, star.have, star.done) == (90, 90 + days, True)
    with as_(a.manager) as actor:
        rows = {row.Person.id: row for row in db.session.execute(owing.listing())}
        assert (rows[a.doctor].stay, rows[a.doctor].ahead, rows[a.doctor].member) == (90 + days, 10, True)
        assert rows[a.second_doctor].stay == 0
        assert a.village_doctor in rows
        assert world.b.doctor not in rows
        city = db.session.get_one(Institution, world.city)
        with pytest.raises(NotAllowed):
            services.set_policy(actor, city, numbers=Numbers(90, 2, 15, 60), valid_from=clock.today())
    with as_(world.people["administrator"]) as actor:
        city = db.session.get_one(Institution, world.city)
        services.set_policy(actor, city, numbers=Numbers(90, 2, 15, 60), valid_from=clock.today())
    with as_(a.doctor):
        old_days = [ago(back) for back in range(701, 801)]
        stay, _consortium, _star = owing.owed(db.session.get_one(Person, a.doctor))
        assert stay.first is not None
        assert (stay.asked, stay.have) == (90, days + sum(day >= stay.first for day in old_days))
