"""Nobody is told twice, whoever asks how often; and everybody in the inbox."""

from dataclasses import dataclass

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import orm

from lms import clock, events
from lms.authz import Actor, Role
from lms.db import act_as, db, transaction
from lms.errors import NotAllowed
from lms.notifications.models import Delivery, Notice
from lms.notifications.policy import Notices
from lms.notifications.queries import holders
from lms.notifications.rules.kinds import Heard, Told
from lms.notifications.services import settings as keeping
from lms.notifications.services.telling import notify, tell_people
from lms.people.models import Person
from tests.conftest import As
from tests.factories.world import World, person
from tests.lms.notifications.conftest import DAILY, NEEDED, PLAIN, Post


def test_told_once_however_often_it_is_said(post: Post, world: World) -> None:
    assert post.tell(world.a.doctor, world.a.doctor, world.b.doctor) == 2
    assert post.tell(world.a.doctor, world.b.doctor) == 0
    assert post.tell(world.a.doctor, n=2) == 1
    assert post.tell(world.a.doctor, kind=DAILY) == 1
    assert [(one.kind, one.matter) for one in post.notices(world.a.doctor)] == [
        ("test.plain", "matter:1"),
        ("test.plain", "matter:2"),
        ("test.daily", "matter:1"),
    ]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 4)), max_size=12))
def test_any_order_any_repetition(post: Post, world: World, said: list[tuple[int, int]]) -> None:
    post.session.execute(sa.delete(Delivery))
    post.session.execute(sa.delete(Notice))
    people = [world.a.doctor, world.b.doctor, world.a.village_doctor, world.a.examiner]
    told = sum(post.tell(people[who], n=n) for who, n in said)
    assert told == len(set(said)) == post.session.scalar(sa.select(sa.func.count()).select_from(Notice))


def test_two_at_once_tell_once(post: Post, world: World, session: orm.Session) -> None:
    """The second waits for the first at the unique constraint; neither fails."""
    told = [Told(world.a.doctor, "matter:1", {"n": 1})]
    for _twice in range(2):
        with post.as_(Actor.job("tell people", Notices.TELL)) as actor, transaction(db.session):
            tell_people(actor, None, kind=PLAIN, told=told)
    assert len(post.notices(world.a.doctor)) == 1


def test_only_jobs_tell(post: Post, world: World, as_: As) -> None:
    for who in (world.a.doctor, world.a.manager, world.people["administrator"]):
        with as_(who) as actor, pytest.raises(NotAllowed):
            tell_people(actor, None, kind=PLAIN, told=[Told(world.a.doctor, "x", {"n": 1})])


def test_out_of_the_house_goes_what_can_arrive(post: Post, world: World, session: orm.Session) -> None:
    a = world.a
    post.reach(a.doctor, "wang@clinic.example", "13900001234")
    post.reach(a.second_doctor, None, None)
    post.reach(a.village_doctor, "", None)
    post.reach(a.examiner)
    session.get_one(Person, a.examiner).active = False
    post.tell(a.doctor, a.second_doctor, a.village_doctor, a.examiner, kind=NEEDED)
    rows = session.execute(sa.select(Delivery.person_id, Delivery.channel).order_by(Delivery.id)).all()
    assert {tuple(row) for row in rows} == {(a.doctor, "mail"), (a.doctor, "sms")}
    assert len(post.notices(a.examiner)) == len(post.notices(a.second_doctor)) == 1


def test_what_is_not_urgent_waits_for_the_digest(post: Post, world: World, session: orm.Session) -> None:
    post.reach(world.a.doctor)
    post.tell(world.a.doctor, kind=DAILY)
    post.tell(world.a.doctor)
    daily, plain = session.scalars(sa.select(Delivery.due_at).order_by(Delivery.id))
    assert clock.local(daily).strftime("%H:%M") == "18:00"
    assert plain <= clock.now()


@dataclass(frozen=True)
class Planted:
    """Stands in for an event of a feature."""

    person: int


def test_an_event_is_heard_and_told_once(post: Post, world: World, app: Flask) -> None:
    one = Heard(Planted, PLAIN, lambda said: [Told(said["person"], "planted", {"n": 7})])
    notify(one)
    try:
        with app.app_context():
            act_as(db.session, Actor.job("test"))
            with transaction(db.session):
                number = events.publish(Planted(world.a.doctor))
        for _again in range(2):
            with app.app_context():
                events.deliver(number, one.subscriber)
        assert [row.facts for row in post.notices(world.a.doctor)] == [{"n": 7}]
    finally:
        del events.SUBSCRIBERS[one.subscriber]


def test_two_officers_at_least_nearest_first(session: orm.Session, world: World, post: Post) -> None:
    a = world.a
    city = world.people["exam_officer"]
    assert holders_of(post, Role.EXAM_OFFICER, a.township) == {a.exam_officer, city}
    assert holders_of(post, Role.EXAM_OFFICER, a.township, least=1) == {a.exam_officer}
    near = person(session, "near", "近", "administrator", a.hospital, (Role.EXAM_OFFICER, a.hospital))  # type: ignore[arg-type]
    assert holders_of(post, Role.EXAM_OFFICER, a.hospital) == {near, a.exam_officer}
    assert holders_of(post, Role.EXAM_OFFICER, world.city) == {city}
    assert world.b.exam_officer not in holders_of(post, Role.EXAM_OFFICER, a.township, least=9)


def holders_of(post: Post, role: Role, place: int, least: int = 2) -> set[int]:
    post.session.commit()
    with post.as_(Actor.job("x")):
        return set(holders(role, place, least))


def test_an_erased_person_leaves_nothing(post: Post, world: World, session: orm.Session) -> None:
    post.reach(world.a.doctor)
    post.tell(world.a.doctor, world.b.doctor)
    assert keeping.forget(session, world.a.doctor) == 3
    assert post.notices(world.a.doctor) == []
    assert len(post.notices(world.b.doctor)) == 1
