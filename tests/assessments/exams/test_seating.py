"""Who sits when and where: windows, rooms, everybody at once, one by hand; and extra time for many."""

from collections import Counter
from datetime import timedelta
from itertools import pairwise

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from assessments.exams.models import Candidate, Exam, ExamRoom, ExamWindow, ExtraTime
from assessments.exams.queries import rooms as queries
from assessments.exams.rules import seating as rules
from assessments.exams.services import making, placing, seating, sitting
from lms.db import db
from lms.errors import Conflict, Invalid, NotAllowed
from lms.people.models import Category, Person
from tests.factories import exams as made


@given(st.lists(st.sampled_from("abcd"), max_size=30))
def test_neighbours_come_from_different_places_whenever_they_can(groups):
    order = rules.apart(list(enumerate(groups)))
    assert sorted(order) == list(range(len(groups)))
    beside = sum(groups[one] == groups[other] for one, other in pairwise(order))
    most = max(Counter(groups).values(), default=0)
    if most <= (len(groups) + 1) // 2:
        assert beside == 0
    else:  # the largest group is more than half: its members sit beside each other only as far as they must
        assert beside == most - (len(groups) - most) - 1


@given(st.lists(st.lists(st.integers(1, 9), unique=True, max_size=5), max_size=4), st.integers(0, 12))
def test_places_are_filled_in_order_and_nobody_sits_on_another(free, people):
    halls = [rules.Hall(1, number, sorted(seats)) for number, seats in enumerate(free)]
    seats = sum(map(len, free))
    if people > seats:
        with pytest.raises(rules.NoRoom) as full:
            rules.seated(range(people), halls)
        assert full.value == rules.NoRoom(people, seats)
        return
    placed = rules.seated(range(people), halls)
    assert set(placed) == set(range(people))
    assert len(set(placed.values())) == people
    assert all(seat in free[room] for _window, room, seat in placed.values())
    assert list(placed.values()) == sorted(placed.values())


@pytest.fixture
def crowd(session, world):
    """Eight more people of two institutions of county A."""
    people = [
        Person(account=f"c-{n}", name=f"考生{n}", category=Category.NURSE, institution_id=place)
        for n, place in enumerate([world.a.township] * 4 + [world.a.hospital] * 4)
    ]
    session.add_all(people)
    session.commit()
    return [one.id for one in people]


@pytest.fixture
def exam_id(office, officers, world, crowd):
    return office.ready(officers, world.a.commission, *crowd)


def seats_of(session, exam_id):
    session.expire_all()
    rows = session.scalars(sa.select(Candidate).where(Candidate.exam_id == exam_id).order_by(Candidate.id))
    return [(one.window_id, one.room_id, one.seat) for one in rows]


def room(office, officer, exam_id, name, seats):
    return office.do(officer, exam_id, lambda a, e: placing.add_room(a, e, name=name, seats=seats).id)


def window(office, officer, exam_id, begins, ends):
    """A window so many minutes after the exam opens."""

    def add(actor, exam):
        times = (exam.opens_at + timedelta(minutes=m) for m in (begins, ends))
        return placing.add_window(actor, exam, opens_at=next(times), closes_at=next(times)).id

    return office.do(officer, exam_id, add)


def test_everybody_is_seated_or_nobody(office, officers, exam_id, session):
    with pytest.raises(Invalid):
        office.do(officers[0], exam_id, placing.seat_everybody)
    first = room(office, officers[0], exam_id, "一号考场", 5)
    with pytest.raises(Conflict, match=r"8.*5"):
        office.do(officers[0], exam_id, placing.seat_everybody)
    assert seats_of(session, exam_id) == [(None, None, None)] * 8
    second = room(office, officers[0], exam_id, "二号考场", 5)
    assert office.do(officers[0], exam_id, placing.seat_everybody) == 8
    seats = seats_of(session, exam_id)
    assert len(set(seats)) == 8
    assert {(one, seat) for _w, one, seat in seats} <= {(r, n) for r in (first, second) for n in range(1, 6)}
    assert office.do(officers[0], exam_id, placing.seat_everybody) == 0, "again changes nothing"
    assert seats_of(session, exam_id) == seats
    places = dict(zip(seats, [0] * 4 + [1] * 4, strict=True))
    row = [places[key] for key in sorted(seats, key=lambda s: (s[1] != min(first, second), s[2]))]
    assert all(one != other for one, other in pairwise(row)), "no neighbour is a colleague"
    with pytest.raises(Conflict, match=r"[345]"):
        room(office, officers[0], exam_id, "一号考场", 1)


def test_windows_share_the_people_and_say_when_one_can_begin(office, officers, exam_id, crowd, session):
    now = window(office, officers[0], exam_id, 0, 60)
    later = window(office, officers[0], exam_id, 60, 100)
    with pytest.raises(Conflict):
        window(office, officers[0], exam_id, 60, 100)
    for begins, ends in ((10, 10), (-1, 10), (0, 10_000)):
        with pytest.raises(Invalid):
            window(office, officers[0], exam_id, begins, ends)
    with pytest.raises(Conflict):
        office.start(crowd[0], exam_id)
    office.do(officers[0], exam_id, placing.seat_everybody)
    assert Counter(one for one, _room, _seat in seats_of(session, exam_id)) == {now: 4, later: 4}
    early = session.scalars(sa.select(Candidate).where(Candidate.window_id == now)).first()
    late = session.scalars(sa.select(Candidate).where(Candidate.window_id == later)).first()
    attempt = office.attempt(office.start(early.person_id, exam_id))
    assert attempt.deadline == attempt.started_at + timedelta(minutes=30)
    with pytest.raises(Conflict):
        office.start(late.person_id, exam_id)
    with pytest.raises(Conflict):  # it would leave a window outside
        office.do(officers[0], exam_id, lambda a, e: making.amend(a, e, plan=made.plan()))


def test_the_deadline_is_the_end_of_ones_own_window_and_extra_time_is_added(office, officers, world, session):
    exam_id = office.ready(officers, world.a.commission, world.a.doctor, world.a.second_doctor)
    window(office, officers[0], exam_id, 0, 20)
    office.do(officers[0], exam_id, placing.seat_everybody)
    ends = session.scalars(sa.select(ExamWindow.closes_at)).one()
    chosen = session.scalars(sa.select(Candidate.id).where(Candidate.person_id == world.a.second_doctor)).one()
    give = {"minutes": 7, "reason": "short-sighted", "candidates": [chosen]}
    assert office.do(officers[0], exam_id, lambda a, e: seating.add_time(a, e, **give)) == 1
    plain, extra = (office.attempt(office.start(p, exam_id)) for p in (world.a.doctor, world.a.second_doctor))
    assert plain.deadline == ends
    assert extra.deadline == ends + timedelta(minutes=7)


def by_hand(office, officer, exam_id, person, **where):
    def put(actor, exam):
        candidate = db.session.scalars(sa.select(Candidate).where(Candidate.person_id == person)).one()
        found = {
            "window": queries.window_by(exam.id, where["window"]) if where.get("window") else None,
            "room": db.session.get(ExamRoom, where["room"]) if where.get("room") else None,
        }
        placing.place(actor, candidate, seat=where.get("seat"), **found)
        return candidate.seat

    return office.do(officer, exam_id, put)


def test_one_is_placed_by_hand(office, officers, exam_id, crowd, session, world):
    hall = room(office, officers[0], exam_id, "大厅", 2)
    assert by_hand(office, officers[0], exam_id, crowd[0], room=hall, seat=2) == 2
    assert by_hand(office, officers[0], exam_id, crowd[1], room=hall) == 1
    assert by_hand(office, officers[0], exam_id, crowd[0], room=hall) == 2, "one's own seat is free for oneself"
    for seat in (None, 2, 3, 0):
        with pytest.raises((Conflict, Invalid)):
            by_hand(office, officers[0], exam_id, crowd[2], room=hall, seat=seat)
    with pytest.raises(Invalid):
        by_hand(office, officers[0], exam_id, crowd[2])
    other = office.draft(officers[0], world.a.commission)
    with pytest.raises(Invalid):
        by_hand(office, officers[0], exam_id, crowd[2], room=room(office, officers[0], other, "别处", 3))
    office.start(crowd[0], exam_id)
    with pytest.raises(Conflict, match="考生0"):
        by_hand(office, officers[0], exam_id, crowd[0], room=hall, seat=2)
    with pytest.raises(Conflict, match="考生0"):
        office.do(officers[0], exam_id, lambda a, _e: placing.drop_room(a, db.session.get_one(ExamRoom, hall)))


def test_a_room_and_a_window_are_taken_away_and_their_people_wait(office, officers, exam_id, session):
    hall = room(office, officers[0], exam_id, "大厅", 20)
    time = window(office, officers[0], exam_id, 0, 60)
    office.do(officers[0], exam_id, placing.seat_everybody)
    assert office.do(officers[0], exam_id, lambda a, _e: placing.drop_room(a, db.session.get_one(ExamRoom, hall))) == 8
    assert seats_of(session, exam_id) == [(None, None, None)] * 8
    office.do(officers[0], exam_id, placing.seat_everybody)
    gone = office.do(officers[0], exam_id, lambda a, e: placing.drop_window(a, queries.window_by(e.id, time)))
    assert gone == 8
    office.do(officers[0], exam_id, lambda a, e: sitting.close(a, e, reason="over"))
    with pytest.raises(Conflict):
        room(office, officers[0], exam_id, "晚了", 3)


def test_who_is_added_later_gets_a_seat_if_there_is_one(office, officers, exam_id, session, world):
    room(office, officers[0], exam_id, "大厅", 9)
    office.do(officers[0], exam_id, placing.seat_everybody)
    office.seat(officers[0], exam_id, world.a.doctor)
    assert sorted(seat for _w, _r, seat in seats_of(session, exam_id)) == list(range(1, 10))
    office.seat(officers[0], exam_id, world.a.second_doctor)
    assert seats_of(session, exam_id).count((None, None, None)) == 1
    assert office.do(officers[0], exam_id, lambda _a, e: queries.without_place(e)) == 1


def test_an_officer_who_sits_it_does_not_seat_and_the_next_county_cannot(office, officers, world, session):
    exam_id = office.draft(officers[1], world.a.commission)
    office.seat(officers[1], exam_id, world.a.exam_officer)
    for act in (
        lambda a, e: placing.add_room(a, e, name="x", seats=2),
        placing.seat_everybody,
        lambda a, e: seating.add_time(a, e, minutes=5, reason="me too"),
    ):
        with pytest.raises(NotAllowed):
            office.do(world.a.exam_officer, exam_id, act)
        with pytest.raises((NotAllowed, sa.exc.NoResultFound)):
            office.do(world.b.exam_officer, exam_id, act)
    assert session.scalars(sa.select(ExamRoom)).all() == []
    assert session.get_one(Exam, exam_id).state == "drafted"


def deadlines(session, exam_id):
    session.expire_all()
    from assessments.exams.models import Attempt

    return dict(session.execute(sa.select(Attempt.person_id, Attempt.deadline).where(Attempt.exam_id == exam_id)).all())


def test_time_for_many_is_given_to_all_of_them_or_to_nobody(office, officers, exam_id, crowd, session, page):
    for person in crowd[:3]:
        office.start(person, exam_id)
    before = deadlines(session, exam_id)
    with office.as_(crowd[0]) as actor:
        from assessments.exams.queries.attempts import Pen

        attempt = db.session.scalars(sa.text("SELECT id FROM exam_attempt WHERE person_id = :p"), {"p": crowd[0]}).one()
        sitting.hand_in(actor, Pen(attempt, crowd[0]))

    def give(minutes=10, reason="the power failed", candidates=None):
        return office.do(
            officers[0],
            exam_id,
            lambda a, e: seating.add_time(a, e, minutes=minutes, reason=reason, candidates=candidates),
        )

    assert give() == 7, "whoever has handed in gets none"
    after = deadlines(session, exam_id)
    ten = timedelta(minutes=10)
    assert [after[p] - before[p] for p in crowd[:3]] == [timedelta(0), ten, ten]
    extra = dict(session.execute(sa.select(Candidate.person_id, Candidate.extra_minutes)).all())
    assert [extra[p] for p in crowd] == [0] + [10] * 7
    assert session.scalar(sa.select(sa.func.count()).select_from(ExtraTime)) == 7
    one = session.scalars(sa.select(Candidate.id).where(Candidate.person_id == crowd[1])).one()
    assert give(5, candidates=[one]) == 1
    for wrong in ({"reason": " "}, {"minutes": 0}, {"minutes": 601}, {"minutes": 590}):
        with pytest.raises(Invalid):
            give(**wrong)
    extra = dict(session.execute(sa.select(Candidate.person_id, Candidate.extra_minutes)).all())
    assert [extra[p] for p in crowd] == [0, 15] + [10] * 6
    assert give(candidates=[]) == 0


def test_time_for_many_takes_as_many_statements_for_many(office, officers, world, session, queries, crowd):
    counts = []
    for people in (crowd[:2], crowd):
        exam_id = office.ready(officers, world.a.commission, *people)
        session.commit()
        queries.clear()
        office.do(officers[0], exam_id, lambda a, e: seating.add_time(a, e, minutes=5, reason="x"))
        counts.append(len(queries))
    assert counts[0] == counts[1]
