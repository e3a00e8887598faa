"""The timetable in the database: kept, refused in two places at once, changed on the day, and who may mark by it."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import orm

from assessments.osce.models import (
    Circuit,
    CircuitStation,
    ExaminerAssignment,
    Timetable,
    TimetableBooking,
    TimetableSlot,
)
from assessments.osce.queries import circuits, dayview, outlook, staffing
from assessments.osce.queries import timetable as queries
from assessments.osce.rules.drawing import Post
from assessments.osce.rules.events import Event, What
from assessments.osce.rules.staffing import Bar, Judge
from assessments.osce.rules.timetable import Bound, faults
from assessments.osce.services import planning
from assessments.osce.services import timetable as services
from courses.mentoring.models import Pairing
from lms import clock
from lms.db import db
from lms.errors import Conflict, Invalid, NotAllowed
from tests.factories.osce import Office
from tests.factories.timetables import PACE, Day, planned
from tests.factories.world import World


@pytest.fixture
def day(office: Office, world: World) -> Day:
    """Tomorrow: six candidates, three stations, four examiners to choose from."""
    return planned(office, world.a)


@pytest.fixture
def at_ten(monkeypatch: pytest.MonkeyPatch) -> date:
    """The clock of the centre shows 08:05 of the circuit's day: the first turn has begun."""
    on_day = clock.today() + timedelta(days=1)
    monkeypatch.setattr(circuits, "now", lambda: queries.moment(on_day, 8 * 60 + 5))
    return on_day


def change(day: Day, event: Event, reason: str = "当日情况") -> int:
    with day.office.as_(day.officer) as actor:
        circuit = db.session.get_one(Circuit, day.circuit)
        standing = queries.in_force(circuit)
        assert standing is not None
        seen = outlook.outlook(circuit, standing, event)
        return services.change(
            actor, circuit, event=event, over=standing.content_hash, seen=seen.hash, reason=reason
        ).id


def pair(session: orm.Session, world: World, mentor: int, apprentice: int) -> None:
    session.add(
        Pairing(
            person_id=apprentice,
            institution_id=world.a.township,
            mentor_id=mentor,
            mentor_institution_id=world.a.hospital,
            apprentice_name="学员",
            mentor_name="老师",
            agreed_from=clock.today() - timedelta(days=30),
            agreed_until=clock.today() + timedelta(days=300),
        )
    )
    session.commit()


def may_mark(session: orm.Session, day: Day) -> set[tuple[int, int]]:
    today = clock.today()
    session.expire_all()
    rows = session.scalars(sa.select(ExaminerAssignment).where(ExaminerAssignment.ends_on > today))
    return {(row.circuit_station_id, row.examiner_id) for row in rows if row.circuit_station_id in day.stations}


def test_a_timetable_is_kept_with_everything_and_its_examiners_may_mark(day: Day, session: orm.Session) -> None:
    number = day.generate()
    kept = session.get_one(Timetable, number)
    assert (kept.number, kept.reason, len(kept.content_hash)) == (1, "", 32)
    slots = session.scalars(sa.select(TimetableSlot).where(TimetableSlot.timetable_id == number)).all()
    assert {(slot.candidate_id, slot.circuit_station_id) for slot in slots} == {
        (candidate, station) for candidate in day.candidates for station in day.stations
    }
    seats = session.scalars(
        sa.select(TimetableBooking).where(
            TimetableBooking.timetable_id == number, TimetableBooking.kind == Bound.EXAMINER
        )
    ).all()
    assert may_mark(session, day) == {(seat.circuit_station_id, seat.person_id) for seat in seats}
    with day.office.as_(day.officer):
        plan = queries.plan_of(db.session.get_one(Timetable, number))
    assert faults(plan, whole=day.candidates) == []
    assert clock.local(kept.begins_at).strftime("%H:%M") == "08:00"


def test_without_a_timetable_there_are_no_slots_and_with_one_each_examiner_sees_theirs(
    day: Day, session: orm.Session
) -> None:
    def coming(examiner: int) -> dict[int, list[queries.Coming]]:
        with day.office.as_(examiner):
            places = db.session.scalars(sa.select(CircuitStation).where(CircuitStation.id.in_(day.stations))).all()
            return {place.id: queries.slots_for(place, examiner) for place in places}

    assert coming(day.examiners[0]) == {}
    day.generate()
    station, examiner = sorted(may_mark(session, day))[0]
    seen = coming(examiner)
    assert [len(seen[place]) for place in day.stations] == [6 if place == station else 0 for place in day.stations]
    assert sorted(one.candidate_id for one in seen[station]) == day.candidates
    assert {(one.track, one.room) for one in seen[station]} == {(1, f"1-{station}")}
    with day.office.as_(day.officer) as actor:
        circuit = db.session.get_one(Circuit, day.circuit)
        planning.amend(actor, circuit, plan=planning.Plan("改期", None, circuit.on_day + timedelta(days=7)))
    assert coming(examiner)[station] == []  # it was for another day


PLANTED: list[tuple[str, Callable[[list[TimetableBooking], list[TimetableSlot]], Any]]] = [
    ("timetable_candidate_in_one_place", lambda _b, s: copy_of(s[0], track=7, circuit_station_id=None)),
    (
        "timetable_one_candidate_at_a_post",
        lambda _b, s: copy_of(s[0], candidate_id=s[-1].candidate_id, circuit_station_id=None),
    ),
    ("every_station_once", lambda _b, s: later(copy_of(s[0], track=7))),
    ("timetable_nobody_and_nothing_twice", lambda b, _s: copy_of(of(b, Bound.ROOM), track=7)),
    ("timetable_nobody_and_nothing_twice", lambda b, _s: copy_of(of(b, Bound.EXAMINER), track=7, seat=2)),
    ("timetable_nobody_and_nothing_twice", lambda b, _s: copy_of(of(b, Bound.PATIENT), track=7)),
    ("timetable_nobody_and_nothing_twice", lambda b, _s: copy_of(of(b, Bound.DEVICE), track=7)),
    ("timetable_one_of_a_kind_at_a_post", lambda b, _s: copy_of(of(b, Bound.ROOM), key="other", label="other")),
    ("ends_after_beginning", lambda _b, s: copy_of(s[0], track=7, ends_at=s[0].begins_at)),
]


def of(bookings: list[TimetableBooking], kind: Bound) -> TimetableBooking:
    return next(row for row in bookings if row.kind == kind)


def copy_of(row: Any, **other: Any) -> Any:
    fields = {column.key: getattr(row, column.key) for column in row.__table__.columns if column.key != "id"}
    return type(row)(**{**fields, **other})


def later(row: Any) -> Any:
    row.begins_at, row.ends_at = row.begins_at + timedelta(hours=9), row.ends_at + timedelta(hours=9)
    return row


def test_the_database_refuses_anybody_and_anything_in_two_places(day: Day, session: orm.Session) -> None:
    posts = {(1, at): Post(f"考室{at}", f"患者{at}", f"平板{at}") for at in day.stations}
    number = day.generate(day.wishes(posts=posts))
    for rule, planted in PLANTED:
        bookings = session.scalars(sa.select(TimetableBooking).where(TimetableBooking.timetable_id == number)).all()
        slots = session.scalars(sa.select(TimetableSlot).where(TimetableSlot.timetable_id == number)).all()
        point = session.begin_nested()
        session.add(planted(list(bookings), list(slots)))
        with pytest.raises(sa.exc.IntegrityError, match=rule):
            session.flush()
        point.rollback()


def test_who_rests_may_wait_in_one_room_with_others(day: Day) -> None:
    day.generate(day.wishes(rests=(1, 2), rest_room="候考室"))
    assert len(day.kept()) == 1


def test_nobody_examines_their_apprentice_unless_it_is_allowed(day: Day, world: World, session: orm.Session) -> None:
    for mentor in day.examiners:
        pair(session, world, mentor, day.persons[0]) if mentor == day.examiners[0] else None
    number = day.generate()
    with day.office.as_(day.officer):
        plan = queries.plan_of(db.session.get_one(Timetable, number))
        pairs = staffing.pairs_of(db.session.get_one(Circuit, day.circuit), day.examiners)
    assert [(one.examiner, one.candidate, one.why) for one in pairs] == [
        (day.examiners[0], day.candidates[0], Bar.APPRENTICE)
    ]
    assert faults(plan, pairs, whole=day.candidates) == []
    only = tuple(Judge(one) for one in day.examiners[:3])  # nobody in reserve
    with pytest.raises(Invalid, match=r"考官1.*考生1"):
        day.generate(day.wishes(judges=only), reason="重排")
    with pytest.raises(Invalid, match=r"Say why|请说明"):
        day.generate(day.wishes(judges=only, allowed=frozenset({Bar.APPRENTICE})), reason="重排")
    day.generate(day.wishes(judges=only, allowed=frozenset({Bar.APPRENTICE})), reason="重排", why_allowed="别无考官")
    last = day.kept()[-1]
    assert last.parameters["met"] == [[day.examiners[0], day.candidates[0], "apprentice"]]
    assert last.parameters["why_allowed"] == "别无考官"


def test_nobody_examines_their_own_institution(day: Day, world: World, session: orm.Session) -> None:
    with day.office.as_(day.officer) as actor:
        circuit = db.session.get_one(Circuit, day.circuit)
        planning.add_candidates(actor, circuit, persons=[world.a.second_examiner])  # of the hospital, like the mentors
        pairs = staffing.pairs_of(circuit, day.examiners)
    assert {(one.examiner, one.why) for one in pairs} == {(one, Bar.INSTITUTION) for one in day.examiners}
    with pytest.raises(Invalid, match=r"周敏"):
        day.generate()


def test_a_new_version_needs_a_reason_and_the_old_one_stays(day: Day, session: orm.Session) -> None:
    first = day.generate()
    before = session.scalars(sa.select(TimetableSlot.id).where(TimetableSlot.timetable_id == first)).all()
    with pytest.raises(Invalid):
        day.generate(day.wishes(pace=PACE))
    day.generate(reason="考官调整")
    assert [(row.number, row.reason) for row in day.kept()] == [(1, ""), (2, "考官调整")]
    assert session.scalars(sa.select(TimetableSlot.id).where(TimetableSlot.timetable_id == first)).all() == before


def test_an_examiner_who_is_away_is_relieved_and_what_has_begun_stays(
    day: Day, session: orm.Session, at_ten: date
) -> None:
    first = day.generate()
    station, gone = sorted(may_mark(session, day))[0]
    made = change(day, Event(What.EXAMINER_AWAY, at=9 * 60, person=gone), "考官急诊抢救")
    assert [(row.number, row.reason) for row in day.kept()] == [(1, ""), (2, "考官急诊抢救")]
    with day.office.as_(day.officer):
        old, new = (queries.plan_of(db.session.get_one(Timetable, one)) for one in (first, made))
    assert old.visits == new.visits
    seats = [(b.person, b.begins) for b in new.bookings if b.kind is Bound.EXAMINER and b.station == station]
    reserve = (set(day.examiners) - {b.person for b in old.bookings}).pop()
    nine = next(turn.begins for turn in old.turns if turn.begins >= 9 * 60)
    assert sorted(seats, key=lambda seat: seat[1]) == [(gone, 8 * 60), (reserve, nine)]
    assert (station, reserve) in may_mark(session, day)


def test_rights_end_only_where_nothing_can_have_been_marked(
    day: Day, session: orm.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    day.generate()
    station, gone = sorted(may_mark(session, day))[0]
    change(day, Event(What.EXAMINER_AWAY, person=gone))
    assert (station, gone) not in may_mark(session, day)  # the day had not begun: nothing lies on a tablet


def test_an_examiner_who_sat_already_keeps_the_right_to_hand_in(office: Office, world: World) -> None:
    day = planned(office, world.a, on_day=clock.today() - timedelta(days=1))
    day.generate()
    session = office.session
    station, gone = sorted(may_mark(session, day))[0]
    with office.as_(day.officer) as actor:
        circuit = db.session.get_one(Circuit, day.circuit)
        others = tuple(Judge(one) for one in day.examiners if one != gone)
        services.generate(actor, circuit, wishes=day.wishes(judges=others), reason="换考官")
    assert (station, gone) in may_mark(session, day)


def test_a_late_candidate_gets_make_ups(day: Day, session: orm.Session, at_ten: date) -> None:
    day.generate()
    made = change(day, Event(What.CANDIDATE_LATE, at=8 * 60 + 20, person=day.candidates[0]), "堵车")
    slots = session.scalars(sa.select(TimetableSlot).where(TimetableSlot.timetable_id == made)).all()
    mine = [slot for slot in slots if slot.candidate_id == day.candidates[0]]
    assert len([slot for slot in mine if slot.missed]) == 1  # the turn that had begun
    assert {slot.circuit_station_id for slot in mine if not slot.missed} == set(day.stations)
    assert min(slot.begins_at for slot in mine if not slot.missed) >= queries.moment(at_ten, 8 * 60 + 20)


def test_whoever_was_added_later_is_seen_and_gets_slots(day: Day, world: World) -> None:
    day.generate()
    with day.office.as_(day.officer) as actor:
        circuit = db.session.get_one(Circuit, day.circuit)
        planning.add_candidates(actor, circuit, persons=[world.a.doctor])
        standing = queries.in_force(circuit)
        assert standing is not None
        new = [row.id for row in outlook.unplaced(circuit, queries.plan_of(standing))]
    assert len(new) == 1
    made = change(day, Event(What.PLACE, candidates=tuple(new)), "补报名")
    with day.office.as_(day.officer):
        plan = queries.plan_of(db.session.get_one(Timetable, made))
    assert faults(plan, whole=[*day.candidates, *new]) == []


def test_one_confirms_what_one_has_seen_over_what_is_in_force(day: Day) -> None:
    day.generate()
    event = Event(What.DELAY, minutes=10)
    with day.office.as_(day.officer) as actor:
        circuit = db.session.get_one(Circuit, day.circuit)
        standing = queries.in_force(circuit)
        assert standing is not None
        seen, over = outlook.outlook(circuit, standing, event).hash, standing.content_hash
        for wrong in ({"over": b"x"}, {"seen": b"x"}):
            with pytest.raises(Conflict):
                services.change(actor, circuit, event=event, reason="停电", **{"over": over, "seen": seen, **wrong})
        with pytest.raises(Invalid):
            services.change(actor, circuit, event=event, reason="", over=over, seen=seen)
        services.change(actor, circuit, event=event, reason="停电", over=over, seen=seen)
        with pytest.raises(Conflict):
            services.change(actor, circuit, event=event, reason="停电", over=over, seen=seen)


def test_nobody_is_needed_by_two_circuits_at_once(day: Day, office: Office, world: World) -> None:
    day.generate()
    other = planned(office, world.b, candidates=3)
    with office.as_(world.people["exam_officer"]) as actor:
        circuit = db.session.get_one(Circuit, other.circuit)
        posts = {(1, at): Post(f"乙{at}") for at in other.stations}
        wishes = other.wishes(judges=tuple(Judge(one) for one in day.examiners), posts=posts)
        with pytest.raises(Conflict, match=r"考官\d"):
            services.generate(actor, circuit, wishes=wishes)
        planning.amend(actor, circuit, plan=planning.Plan("改期", None, circuit.on_day + timedelta(days=1)))
        services.generate(actor, circuit, wishes=wishes)


def test_a_candidate_in_the_timetable_stays_on_the_list(day: Day) -> None:
    day.generate()
    with day.office.as_(day.officer) as actor, pytest.raises(Conflict):
        planning.remove_candidate(actor, circuits.candidates_of(db.session.get_one(Circuit, day.circuit))[0])


def test_only_officers_of_the_area_plan_and_others_see_their_own(day: Day, world: World, session: orm.Session) -> None:
    number = day.generate()
    with day.office.as_(world.b.exam_officer):
        assert db.session.get(Timetable, number) is None
        assert db.session.scalars(sa.select(TimetableSlot)).all() == []
        assert db.session.scalars(sa.select(TimetableBooking)).all() == []
    for who in (world.a.manager, world.a.doctor, day.persons[0], day.examiners[0]):
        circuit = session.get_one(Circuit, day.circuit)
        with day.office.as_(who) as actor, pytest.raises(NotAllowed):
            services.generate(actor, circuit, wishes=day.wishes(), reason="x")
    with day.office.as_(day.persons[0]):
        seen = db.session.scalars(sa.select(TimetableSlot)).all()
        assert {slot.person_id for slot in seen} == {day.persons[0]}
        held = db.session.scalars(sa.select(TimetableBooking.kind)).all()
        assert set(held) == {"room"}  # who examines is not told to candidates
        assert [(slot.station, slot.room) for slot in dayview.own_slots(day.persons[0])] != []
        assert len(dayview.own_slots(day.persons[0])) == 3
    with day.office.as_(world.a.doctor):
        assert db.session.scalars(sa.select(TimetableSlot)).all() == []
        assert dayview.own_slots(world.a.doctor) == []


def test_an_examiner_sees_the_own_posts_while_assigned(day: Day, session: orm.Session) -> None:
    day.generate()
    station, examiner = sorted(may_mark(session, day))[0]
    with day.office.as_(examiner):
        posts = dayview.own_posts(examiner)
        assert [(post.station.id, post.room, post.candidates) for post in posts] == [(station, f"1-{station}", 6)]


def test_the_time_of_day_is_the_wall_clocks(world: World) -> None:
    on_day = date(2026, 11, 22)
    assert queries.moment(on_day, 510) == datetime(2026, 11, 22, 8, 30, tzinfo=clock.zone())
    assert queries.minute_of(on_day, queries.moment(on_day, 1500)) == 1500
    assert queries.minute_of(on_day, queries.moment(on_day, -1)) == -1
