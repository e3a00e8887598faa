"""Hours become evidence through the outbox: once for each entry, withdrawn with it, exact to the minute."""

from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from assessments.results import jobs
from assessments.results.models import Result
from assessments.results.rules import in_hours, in_minutes
from courses.hours.events import HoursBroughtIn, HoursConfirmed
from courses.hours.models import HoursEntry
from courses.hours.policy import Hours
from courses.hours.rules import HoursKind
from courses.hours.services import Earned, bring_in, credit, reverse
from lms import clock
from lms.authz import Actor
from lms.db import db
from lms.events import SUBSCRIBERS, OutboxEvent, deliver
from lms.institutions.models import Institution
from lms.jobs import Job
from lms.people.models import Person

BOOKKEEPER = Actor.job("test", Hours.CREDIT, Hours.REVERSE, Hours.BRING_IN)


def earned(number: int, minutes: int = 50, kind: HoursKind = HoursKind.THEORY, by: int | None = None) -> Earned:
    day = clock.today() - timedelta(days=number % 300)
    return Earned(kind, minutes, day, "test", str(number), {"title": "x"}, by)


@pytest.fixture
def enter(as_, world):
    """Enter hours of the doctor of county a; the entry's id."""

    def act(number: int, minutes: int = 50, kind: HoursKind = HoursKind.THEORY) -> int:
        with as_(BOOKKEEPER) as actor:
            person = db.session.get_one(Person, world.a.doctor)
            return credit(actor, person, earned=earned(number, minutes, kind, world.a.manager)).id

    return act


@pytest.fixture
def hear(app, session):
    """Deliver whatever has been told of hours, the newest first if asked; each may be delivered twice."""

    def act(*, newest_first: bool = False, again: bool = False) -> None:
        session.commit()
        order = OutboxEvent.id.desc() if newest_first else OutboxEvent.id
        query = sa.select(OutboxEvent.id, OutboxEvent.kind).order_by(order)
        names = {"HoursConfirmed": "results.record_hours", "HoursBroughtIn": "results.record_hours_of_place"}
        for number, kind in session.execute(query).all():
            if kind in names:
                with app.app_context():
                    told = [deliver(number, names[kind]) for _ in range(1 + again)]
                    assert told[1:] == [False] * again

        session.commit()

    return act


def marks(session):
    session.commit()
    return session.scalars(sa.select(Result).where(Result.source_kind == "hours_entry").order_by(Result.id)).all()


def test_results_hear_of_hours() -> None:
    kinds = {one.name: one.kind for one in SUBSCRIBERS.values()}
    assert kinds["results.record_hours"] == HoursConfirmed.__name__
    assert kinds["results.record_hours_of_place"] == HoursBroughtIn.__name__


def test_each_entry_is_one_mark_of_its_kind(enter, hear, session, world) -> None:
    entries = [enter(n, 50 + n, kind) for n, kind in enumerate(HoursKind)]
    hear(again=True)
    found = marks(session)
    assert [(one.kind, one.value, one.source_id) for one in found] == [
        (f"{kind}_hours", in_hours(50 + n), str(entries[n])) for n, kind in enumerate(HoursKind)
    ]
    assert {(one.person_id, one.institution_id, one.assessor_id) for one in found} == {
        (world.a.doctor, world.a.township, world.a.manager)
    }


@pytest.mark.parametrize("newest_first", [False, True])
def test_what_is_taken_back_no_longer_counts_whichever_is_heard_first(enter, hear, as_, session, newest_first) -> None:
    entry = enter(1)
    if not newest_first:
        hear()
    with as_(BOOKKEEPER) as actor:
        reverse(actor, db.session.get_one(HoursEntry, entry), reason="entered twice")
    hear(newest_first=newest_first)
    last = marks(session)[-1]
    assert (last.source_id, last.value, last.reason) == (str(entry), None, "entered twice")
    hear()
    assert marks(session)[-1].id == last.id


def test_sixty_lessons_of_fifty_minutes_are_fifty_hours(enter, hear, session) -> None:
    for number in range(60):
        enter(number)
    hear()
    assert sum(one.value for one in marks(session)) != Decimal(50)
    assert sum(in_minutes(one.value) for one in marks(session)) == 50 * 60


@given(st.integers(0, 60 * 10_000))
def test_minutes_come_back_from_hours(minutes) -> None:
    assert in_minutes(in_hours(minutes)) == minutes


def test_a_history_becomes_evidence_in_the_background_and_only_there(app, as_, hear, session, world) -> None:
    persons = [world.a.doctor, world.a.village_doctor, world.b.doctor]
    for place, some in ((world.a.commission, persons[:2]), (world.b.commission, persons[2:])):
        with as_(BOOKKEEPER) as actor:
            home = db.session.get_one(Institution, place)
            bring_in(actor, home, rows=[(who, earned(place * 100 + n)) for n, who in enumerate(some * 20)])
    hear()
    wanted = session.scalars(sa.select(Job.arguments).where(Job.name == jobs.PLACE)).all()
    assert sorted(one["institution_id"] for one in wanted) == sorted([world.a.commission, world.b.commission])
    assert marks(session) == []
    steps = []
    with app.app_context():
        made = jobs.record_hours_of_place(
            lambda done, total: steps.append((done, total)), institution_id=world.a.commission
        )
        assert made == {"written": 40}
        assert jobs.record_hours_of_place(lambda *_: None, institution_id=world.a.commission) == {"written": 0}
    assert {one.person_id for one in marks(session)} == set(persons[:2])
    assert steps == [(0, 40)]
    with app.app_context():
        assert jobs.record_hours_left(lambda *_: None) == {"written": 20}
    told = session.scalars(sa.select(OutboxEvent.payload).where(OutboxEvent.kind == "ResultsRecorded")).all()
    assert [one["person_ids"] for one in told] == [sorted(persons[:2]), persons[2:]]


def test_what_was_taken_back_before_it_was_heard_of_never_counted(app, as_, enter, session) -> None:
    entry = enter(1)
    with as_(BOOKKEEPER) as actor:
        reverse(actor, db.session.get_one(HoursEntry, entry), reason="wrong person")
    with app.app_context():
        assert jobs.record_hours_left(lambda *_: None) == {"written": 1}
    assert [(one.value, one.reason) for one in marks(session)] == [(None, "wrong person")]
