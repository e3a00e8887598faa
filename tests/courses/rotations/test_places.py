"""Capacity: held by the verbs with words that help, and by the database against whoever goes around them."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy import orm

from courses.rotations import services
from courses.rotations.models import Rotation, RotationDepartment, RotationSeat
from courses.rotations.queries import places
from courses.rotations.rules import Opens
from lms import clock
from lms.db import db, unfenced
from lms.errors import Conflict, Invalid, NotAllowed
from lms.people.models import Person
from tests.conftest import As
from tests.factories.rotations import Hospital, ago
from tests.factories.world import World


def test_a_rotation_beyond_capacity_is_refused_and_says_what_is_free(
    hospital: Hospital, department: int, world: World
) -> None:
    first, last = ago(-10), ago(-39)
    hospital.plan(world.a.manager, world.a.doctor, department, first, last)
    with pytest.raises(Conflict) as wrong:
        hospital.plan(world.a.manager, world.a.second_doctor, department, ago(-30), ago(-59))
    assert str(last) in str(wrong.value)
    assert str(last + timedelta(days=1)) in str(wrong.value)
    assert hospital.plan(world.a.manager, world.a.second_doctor, department, ago(-40), ago(-69))


def test_the_database_refuses_what_goes_around_the_verbs(
    hospital: Hospital, department: int, session: orm.Session, world: World
) -> None:
    number = hospital.plan(world.a.manager, world.a.doctor, department, ago(-10), ago(-39))
    row = session.get_one(Rotation, number)
    same = {
        column.name: getattr(row, column.name)
        for column in Rotation.__table__.columns
        if column.name not in ("id", "planned_at", "person_id")
    }
    with pytest.raises(sa.exc.IntegrityError, match="one_doctor_a_place_a_day"), session.begin_nested():
        session.execute(sa.insert(Rotation).values(**same, person_id=world.a.second_doctor))
    with pytest.raises(sa.exc.IntegrityError, match="one_doctor_a_place"), session.begin_nested():
        session.execute(sa.insert(Rotation).values(**(same | {"begins_on": ago(-39)}), person_id=world.b.doctor))
    foreign = same | {"begins_on": ago(-50), "last_on": ago(-60), "seat_closes_on": date(2100, 1, 1)}
    with pytest.raises(sa.exc.IntegrityError, match="seat_of_its_department"), session.begin_nested():
        session.execute(sa.insert(Rotation).values(**foreign, person_id=world.a.second_doctor))


def test_a_place_cannot_be_closed_under_somebody(
    hospital: Hospital, department: int, session: orm.Session, world: World
) -> None:
    hospital.plan(world.a.manager, world.a.doctor, department, ago(-10), ago(-39))
    with pytest.raises(Conflict):
        hospital.do(world.a.manager, RotationDepartment, department, services.set_places, number=0, valid_from=ago(-20))
    with pytest.raises(sa.exc.IntegrityError, match="only_while_the_place_is_there"), session.begin_nested():
        session.execute(sa.update(RotationSeat).values(closes_on=ago(-20)))
    hospital.do(world.a.manager, RotationDepartment, department, services.set_places, number=0, valid_from=ago(-40))
    with pytest.raises(Conflict):
        hospital.plan(world.a.manager, world.a.second_doctor, department, ago(-41), ago(-45))
    hospital.do(world.a.manager, RotationDepartment, department, services.set_places, number=2, valid_from=ago(-40))
    assert hospital.plan(world.a.manager, world.a.second_doctor, department, ago(-41), ago(-45))


def test_others_move_to_another_place_where_that_makes_room(
    hospital: Hospital, session: orm.Session, world: World
) -> None:
    """Two places, no day with more than two people: first fit alone would leave no place free for the whole stay."""
    wide = hospital.department(world.a.manager, world.a.hospital, places=2, opens_to=Opens.EVERYWHERE)
    a, manager = world.a, world.a.manager
    hospital.plan(manager, a.doctor, wide, ago(-1), ago(-10))
    hospital.plan(manager, a.second_doctor, wide, ago(-5), ago(-20))
    hospital.plan(manager, a.village_doctor, wide, ago(-21), ago(-40))
    seats = dict(session.execute(sa.select(Rotation.person_id, Rotation.seat_id)).all())
    assert seats[a.doctor] != seats[a.second_doctor]
    assert seats[a.village_doctor] == seats[a.doctor]
    number = hospital.plan(world.b.manager, world.b.doctor, wide, ago(-11), ago(-40))
    session.expire_all()
    seats = dict(session.execute(sa.select(Rotation.person_id, Rotation.seat_id)).all())
    assert seats[a.village_doctor] != seats[world.b.doctor]
    assert session.get_one(Rotation, number).seat_id == seats[a.doctor]


def test_fewer_and_more_places_from_a_day_on(hospital: Hospital, department: int, as_: As, world: World) -> None:
    set_places = services.set_places
    hospital.do(world.a.manager, RotationDepartment, department, set_places, number=3, valid_from=ago(-100))
    hospital.do(world.a.manager, RotationDepartment, department, set_places, number=2, valid_from=ago(-200))
    with as_(world.a.manager):
        found = places.filling(department, clock.today(), ago(-300))
    assert [(load.begins_on, load.places) for load in found] == [(clock.today(), 1), (ago(-100), 3), (ago(-200), 2)]
    for number, day in ((-1, ago(-1)), (201, ago(-1)), (0, ago(1))):
        with pytest.raises(Invalid):
            hospital.do(world.a.manager, RotationDepartment, department, set_places, number=number, valid_from=day)


def test_a_department_takes_its_own_county_unless_it_is_open_to_all(
    hospital: Hospital, department: int, world: World
) -> None:
    with pytest.raises(Conflict):
        hospital.plan(world.b.manager, world.b.doctor, department, ago(-1), ago(-9))
    everywhere = hospital.department(world.a.manager, world.a.hospital, name="全科", opens_to=Opens.EVERYWHERE)
    assert hospital.plan(world.b.manager, world.b.doctor, everywhere, ago(-1), ago(-9))


def test_only_doctors_go_and_not_to_their_own_house(hospital: Hospital, department: int, world: World) -> None:
    for who in (world.a.examiner, world.a.auditor):
        with pytest.raises(Invalid):
            hospital.plan(world.a.manager, who, department, ago(-1), ago(-9))
    for days in ((ago(-9), ago(-1)), (ago(-1), ago(-1200)), (ago(200), ago(91))):
        with pytest.raises(Invalid):
            hospital.plan(world.a.manager, world.a.doctor, department, *days)


def test_who_plans_and_who_offers(hospital: Hospital, department: int, as_: As, world: World) -> None:
    for who in (world.a.doctor, world.a.examiner, world.b.manager, world.a.auditor, world.a.administrator):
        with as_(who) as actor, unfenced(db.session):
            doctor, at = db.session.get_one(Person, world.a.doctor), db.session.get_one(RotationDepartment, department)
            with pytest.raises(NotAllowed):
                services.plan(actor, doctor, department=at, wish=services.Wish(ago(-1), ago(-9)))
            with pytest.raises(NotAllowed):
                services.set_places(actor, at, number=9, valid_from=clock.today())
            with pytest.raises(NotAllowed):
                services.appoint(actor, at, person=doctor, begins_on=clock.today())


def test_days_are_changed_against_capacity_too(hospital: Hospital, department: int, world: World) -> None:
    a = world.a
    one = hospital.plan(a.manager, a.doctor, department, ago(-1), ago(-9))
    hospital.plan(a.manager, a.second_doctor, department, ago(-10), ago(-19))
    with pytest.raises(Conflict):
        hospital.do(a.manager, Rotation, one, services.amend, wish=services.Wish(ago(-1), ago(-10)), reason="延长")
    hospital.do(a.manager, Rotation, one, services.amend, wish=services.Wish(ago(-20), ago(-29)), reason="门诊缺人")
    hospital.do(a.manager, Rotation, one, services.cancel, reason="产假")
    with pytest.raises(Conflict):
        hospital.do(a.manager, Rotation, one, services.cancel, reason="再一次")
    assert hospital.plan(a.manager, a.village_doctor, department, ago(-20), ago(-29))
