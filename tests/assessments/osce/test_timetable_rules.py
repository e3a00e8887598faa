"""Timetables drawn and drawn anew over many sizes: every invariant holds, or it is refused with its reason."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.osce.rules.drawing import Post, Wishes, draw
from assessments.osce.rules.events import Event, Known, What
from assessments.osce.rules.replanning import replan
from assessments.osce.rules.rotation import Cannot, Impossible, Pace, place_in, rotation, turns
from assessments.osce.rules.staffing import Bar, Judge, Pair
from assessments.osce.rules.timetable import Bound, Fault, Plan, changes, faults
from assessments.osce.rules.typed import breaks_of, breaks_written, clock_of, rests_of
from assessments.osce.rules.written import (
    event_read,
    event_written,
    frame_written,
    plan_read,
    wishes_read,
    wishes_written,
)

EXAMINER = 1000
LONG_DAY = Pace(6 * 60, 24 * 60, None, 1, 3, ())


def posts(tracks: int, stations: int) -> dict[tuple[int, int], Post]:
    return {
        (track, station): Post(
            f"{track}-{station}", f"SP {track} {station}" if station % 3 == 0 else "", f"t{track}{station}"
        )
        for track in range(1, tracks + 1)
        for station in range(1, stations + 1)
    }


def wishes(tracks: int, stations: int, judges: int, **more: object) -> Wishes:
    chosen = tuple(Judge(EXAMINER + number) for number in range(judges))
    return replace(Wishes(tracks, posts(tracks, stations), chosen, LONG_DAY), **more)  # type: ignore[arg-type]


def drawn(tracks: int, stations: int, judges: int, candidates: int, *pairs: Pair, **more: object) -> Plan:
    minutes = [(station, 5 + station % 3) for station in range(1, stations + 1)]
    asked = wishes(tracks, stations, judges, **more)
    return draw(asked, minutes, range(1, candidates + 1), pairs).plan


@st.composite
def days(draw_: st.DrawFn) -> tuple[Wishes, int, int, list[Pair]]:
    """Wishes, stations, candidates, pairs that must not meet."""
    tracks, stations = draw_(st.integers(1, 3)), draw_(st.integers(1, 5))
    per_post = draw_(st.integers(1, 2))
    judges = tracks * stations * per_post + draw_(st.integers(-1, 4))
    candidates = draw_(st.integers(1, 24))
    rests = tuple(draw_(st.sets(st.integers(0, stations), max_size=2)))
    some = st.tuples(st.integers(0, max(judges - 1, 0)), st.integers(1, candidates), st.sampled_from(Bar))
    pairs = [Pair(EXAMINER + who, one, why) for who, one, why in draw_(st.lists(some, max_size=12))]
    pace = Pace(7 * 60, 24 * 60, draw_(st.sampled_from([None, 9])), draw_(st.integers(0, 3)), draw_(st.integers(0, 9)))
    asked = wishes(tracks, stations, max(judges, 0), per_post=per_post, rests=rests, rest_room="休息室", pace=pace)
    return replace(asked, allowed=draw_(st.sampled_from([frozenset(), frozenset(Bar)]))), stations, candidates, pairs


@settings(max_examples=120, deadline=None)
@given(days())
def test_a_day_holds_every_invariant_or_is_refused(day: tuple[Wishes, int, int, list[Pair]]) -> None:
    asked, stations, candidates, pairs = day
    minutes = [(station, 5 + station % 3) for station in range(1, stations + 1)]
    people = list(range(1, candidates + 1))
    hindered: Impossible | None = None
    try:
        made = draw(asked, minutes, people, pairs)
    except Impossible as refused:
        hindered = refused
    if hindered is not None:
        assert hindered.why in (Cannot.TOO_FEW_EXAMINERS, Cannot.BARRED, Cannot.TOO_LONG)
        assert set(hindered.facts.get("pairs", ())) <= set(pairs)
        assert hindered.why is not Cannot.BARRED or not asked.allowed
        return
    barred = [pair for pair in pairs if pair.why not in asked.allowed]
    assert faults(made.plan, barred, whole=people) == []
    assert set(made.met) <= set(pairs)
    assert all(asked.pace.begins <= visit.begins < visit.ends <= asked.pace.latest for visit in made.plan.visits)
    assert all(v.ends <= 12 * 60 or v.begins >= 13 * 60 for v in made.plan.visits)
    sits = {b.person for b in made.plan.bookings if b.kind is Bound.EXAMINER}
    assert sits | set(made.reserve) == {judge.id for judge in asked.judges}


@st.composite
def events(draw_: st.DrawFn, plan: Plan) -> Event:
    sits = sorted({b.person for b in plan.bookings if b.person is not None})
    stations = [place.station for place in plan.places if place.station is not None]
    return Event(
        draw_(st.sampled_from(What)),
        at=draw_(st.integers(0, 1200)),
        person=draw_(st.sampled_from(sits) | st.integers(1, 12)),
        station=draw_(st.sampled_from(stations)),
        track=draw_(st.sampled_from([None, 1, 2])),
        room=draw_(st.sampled_from([b.label for b in plan.bookings if b.kind is Bound.ROOM])),
        to=draw_(st.sampled_from(["", "另一间", "1-1"])),
        minutes=draw_(st.integers(-5, 300)),
        candidates=tuple(draw_(st.lists(st.integers(1, 14), max_size=3, unique=True))),
    )


BASE = drawn(2, 3, 8, 10, Pair(EXAMINER, 3, Bar.APPRENTICE), Pair(EXAMINER + 1, 4, Bar.APPRENTICE), rests=(2,))


def across(plan: Plan) -> tuple[Pair, ...]:
    """Everybody with the first examiner of the other track: good as it is, and easily spoilt by a change."""
    seats = {b.track: b.person or 0 for b in reversed(plan.bookings) if b.kind is Bound.EXAMINER}
    there = {v.candidate: v.track for v in plan.visits}
    return tuple(Pair(seats[3 - track], one, Bar.APPRENTICE) for one, track in sorted(there.items()) if one % 2)


@settings(max_examples=200, deadline=None)
@given(st.data(), st.integers(300, 620), st.lists(st.integers(0, 40), max_size=6))
def test_a_changed_day_leaves_what_has_begun_and_has_no_fault(data: st.DataObject, now: int, sheets: list[int]) -> None:
    pairs = across(BASE)
    judges = tuple(Judge(EXAMINER + number) for number in range(8))
    past = [(v.candidate, v.station) for v in BASE.visits if v.begins <= now and v.station is not None]
    marked = frozenset(past[number] for number in sheets if number < len(past))
    plan = BASE
    for _ in range(2):
        event = data.draw(events(plan))
        try:
            new = replan(plan, event, Known(now, judges, pairs, marked))
        except Impossible:
            continue
        assert faults(new, pairs) == []
        had = {(v.candidate, v.track, v.position, v.begins, v.ends) for v in plan.visits if v.begins <= now}
        assert had <= {(v.candidate, v.track, v.position, v.begins, v.ends) for v in new.visits}
        gone = {(v.candidate, v.station) for v in new.visits if v.missed}
        assert not gone & marked
        before = [(b.kind, b.key, b.track, b.position, t.begins) for t in plan.turns for b in plan.bookings
                  if t.begins <= now and b.begins <= t.begins < b.ends]  # fmt: skip
        after = [(b.kind, b.key, b.track, b.position, t.begins) for t in new.turns for b in new.bookings
                 if t.begins <= now and b.begins <= t.begins < b.ends]  # fmt: skip
        assert sorted(before) == sorted(after)
        assert plan_read(frame_written(new), new.bookings, new.visits) == new
        plan = new


def test_an_examiner_who_leaves_is_relieved_with_one_change() -> None:
    gone = next(b for b in BASE.bookings if b.kind is Bound.EXAMINER)
    known = Known(0, tuple(Judge(EXAMINER + number) for number in range(8)))
    new = replan(BASE, Event(What.EXAMINER_AWAY, at=BASE.turns[4].begins, person=gone.person), known)
    told = changes(BASE, new)
    assert told.visits == ()
    assert [move.now.begins for move in told.bookings if move.was is None] == [BASE.turns[4].begins]
    assert gone.person in new.away
    with pytest.raises(Impossible, match="nobody_free"):
        replan(BASE, Event(What.EXAMINER_AWAY, person=gone.person), Known(0))


def test_nobody_in_reserve_may_sit_all_day_so_two_take_turns() -> None:
    gone = next(b for b in BASE.bookings if b.kind is Bound.EXAMINER and b.track == 1)
    reserve = sorted({EXAMINER + n for n in range(8)} - {b.person for b in BASE.bookings if b.person})
    comes = [v.candidate for v in BASE.visits if (v.track, v.position) == (gone.track, gone.position)]
    pairs = (Pair(reserve[0], comes[0], Bar.INSTITUTION), Pair(reserve[1], comes[-1], Bar.INSTITUTION))
    others = tuple(Pair(reserve[n], v.candidate, Bar.INSTITUTION) for n in (0, 1) for v in BASE.visits if v.track == 2)
    judges = tuple(Judge(EXAMINER + number) for number in range(8))
    tied = tuple(Judge(j.id, only=1 if j.id in reserve else None) for j in judges)
    known = Known(0, tied if gone.station == 1 else judges, pairs + others)
    new = replan(BASE, Event(What.EXAMINER_AWAY, person=gone.person), known)
    assert faults(new, known.pairs) == []


def test_a_late_candidate_is_everywhere_in_the_end() -> None:
    at = BASE.turns[2].begins
    new = replan(BASE, Event(What.CANDIDATE_LATE, at=at, person=2), Known(at - 1))
    assert faults(new, whole=range(1, 11)) == []
    missed = [visit for visit in new.visits if visit.missed]
    assert missed
    assert {visit.candidate for visit in missed} == {2}
    assert all(visit.begins >= at for visit in new.visits if visit.candidate == 2 and not visit.missed)


def test_who_was_added_later_goes_everywhere_and_the_day_grows_only_if_it_must() -> None:
    new = replan(BASE, Event(What.PLACE, candidates=(11, 12)), Known(0))
    assert faults(new, whole=range(1, 13)) == []
    assert new.ends == BASE.ends  # ten of sixteen places of the second group were free
    many = replan(BASE, Event(What.PLACE, candidates=tuple(range(11, 30))), Known(0))
    assert faults(many, whole=range(1, 30)) == []
    assert many.ends > BASE.ends


def test_a_station_out_in_one_track_sends_people_to_the_other() -> None:
    since = BASE.turns[1].begins
    new = replan(BASE, Event(What.STATION_OUT, at=since, station=2, track=2), Known(since - 1))
    assert faults(new, whole=range(1, 11)) == []
    assert not [v for v in new.visits if (v.station, v.track) == (2, 2) and v.begins >= since]
    out = replan(BASE, Event(What.STATION_OUT, at=since, station=2), Known(since - 1))
    assert not [v for v in out.visits if v.station == 2 and v.begins >= since]
    assert {fault for fault, _ in faults(out, whole=range(1, 11))} == {Fault.STATION_LEFT_OUT}


def test_a_make_up_never_leads_to_whom_one_must_not_meet() -> None:
    since = BASE.turns[1].begins
    out = Event(What.STATION_OUT, at=since, station=2, track=2)
    other = next(b for b in BASE.bookings if (b.kind, b.track, b.station) == (Bound.EXAMINER, 1, 2))
    sent = {v.candidate for v in BASE.visits if (v.track, v.station) == (2, 2) and v.begins >= since}
    assert sent
    pairs = tuple(Pair(other.person or 0, one, Bar.INSTITUTION) for one in sorted(sent))
    with pytest.raises(Impossible, match="no_place"):
        replan(BASE, out, Known(since - 1, pairs=pairs))


@pytest.mark.parametrize(
    ("why", "more"),
    [
        (Cannot.MINUTES, {"pace": replace(LONG_DAY, change=-1)}),
        (Cannot.MINUTES, {"pace": replace(LONG_DAY, minutes=-8)}),
        (Cannot.MINUTES, {"pace": replace(LONG_DAY, gap=1000)}),
        (Cannot.TOO_SHORT, {"pace": replace(LONG_DAY, minutes=6)}),
        (Cannot.CLOCK, {"pace": replace(LONG_DAY, begins=25 * 60)}),
        (Cannot.CLOCK, {"pace": replace(LONG_DAY, latest=60)}),
        (Cannot.BREAK, {"pace": replace(LONG_DAY, breaks=((600, 590),))}),
        (Cannot.BREAK, {"pace": replace(LONG_DAY, breaks=((0, 1440),))}),
        (Cannot.TOO_LONG, {"pace": replace(LONG_DAY, latest=7 * 60)}),
        (Cannot.REST, {"rests": (9,)}),
        (Cannot.TRACKS, {"tracks": 0}),
        (Cannot.TRACKS, {"tracks": 99}),
        (Cannot.NO_ROOM, {"tracks": 3}),
        (Cannot.TWICE, {"posts": {**posts(2, 4), (2, 4): Post(" １-1 ")}}),
        (Cannot.TWICE, {"posts": {**posts(2, 4), (1, 1): Post("x", "sp 2 3")}}),
        (Cannot.TOO_FEW_EXAMINERS, {"per_post": 2}),
        (Cannot.STATION_UNMANNED, {"judges": tuple(Judge(EXAMINER + n, only=1 + n % 3) for n in range(10))}),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason(why: Cannot, more: dict[str, object]) -> None:
    minutes = [(station, 5 + station % 3) for station in range(1, 5)]
    with pytest.raises(Impossible) as refused:
        draw(replace(wishes(2, 4, 10), **more), minutes, range(1, 31), [])  # type: ignore[arg-type]
    assert refused.value.why is why


def test_nobody_and_far_too_many_are_refused_at_once() -> None:
    for candidates, why in ((0, Cannot.NO_CANDIDATES), (10_000, Cannot.TOO_MANY_CANDIDATES)):
        with pytest.raises(Impossible, match=why):
            drawn(2, 4, 10, candidates)


def test_a_pair_without_anybody_to_stand_in_is_named() -> None:
    pair = Pair(EXAMINER, 3, Bar.APPRENTICE)
    with pytest.raises(Impossible) as refused:
        drawn(1, 2, 2, 4, pair)
    assert refused.value.facts["pairs"] == [pair]
    assert faults(drawn(1, 2, 3, 4, pair), [pair], whole=range(1, 5)) == []  # with one in reserve it can be


def test_what_is_allowed_is_used_only_where_it_must_be() -> None:
    pair = Pair(EXAMINER, 3, Bar.APPRENTICE)
    asked = wishes(1, 2, 2, allowed=frozenset({Bar.APPRENTICE}))
    assert draw(asked, [(1, 5), (2, 5)], range(1, 5), [pair]).met == (pair,)
    asked = wishes(2, 2, 4, allowed=frozenset({Bar.APPRENTICE}))
    assert draw(asked, [(1, 5), (2, 5)], range(1, 5), [pair]).met == ()


def test_every_fault_is_seen_when_it_is_planted() -> None:
    first, second = (
        BASE.visits[0],
        next(v for v in BASE.visits if v.turn == 1 and v.candidate != BASE.visits[0].candidate),
    )
    others = BASE.visits[1:]
    seat = next(b for b in BASE.bookings if b.kind is Bound.EXAMINER)
    rest = tuple(b for b in BASE.bookings if b is not seat)
    room = next(b for b in BASE.bookings if b.kind is Bound.ROOM)
    planted = {
        Fault.CANDIDATE_TWICE: replace(BASE, visits=(replace(first, candidate=second.candidate), *others)),
        Fault.POST_TWICE: replace(BASE, visits=(replace(first, track=second.track, position=second.position), *others)),
        Fault.BOUND_TWICE: replace(BASE, bookings=(replace(seat, key=next(b.key for b in rest if b.person)), *rest)),
        Fault.STATION_LEFT_OUT: replace(BASE, visits=others if first.station else BASE.visits[2:]),
        Fault.NO_EXAMINER: replace(BASE, bookings=rest),
        Fault.NO_ROOM: replace(BASE, bookings=tuple(b for b in BASE.bookings if b is not room)),
    }
    for fault, plan in planted.items():
        assert fault in {found for found, _ in faults(plan, whole=range(1, 11))}, fault
    meets = next(v for v in BASE.visits if (v.track, v.position) == (seat.track, seat.position))
    pair = Pair(seat.person or 0, meets.candidate, Bar.APPRENTICE)
    assert Fault.BARRED in {found for found, _ in faults(BASE, [pair])}
    again = replace(BASE, visits=(*BASE.visits, replace(first, turn=99, begins=1300, ends=1310)))
    if first.station:
        assert Fault.STATION_AGAIN in {found for found, _ in faults(again)}


@given(st.integers(1, 40), st.integers(0, 39), st.integers(0, 39))
def test_the_scheme_is_a_latin_square(places: int, turn: int, order: int) -> None:
    assert sorted(place_in(one, turn, places) for one in range(places)) == list(range(places))
    assert sorted(place_in(order, one, places) for one in range(places)) == list(range(places))


def test_a_break_never_cuts_a_turn_and_rests_stand_where_asked() -> None:
    pace = Pace(11 * 60, 24 * 60, None, 2, 10, ((12 * 60, 13 * 60),))
    begins = [turn.begins for turn in turns(pace, 25, 4, 1)]
    assert begins == [660, 687, 780, 807]
    places = rotation([(7, 5), (8, 9)], (0, 1), None)
    assert [(place.station, place.minutes) for place in places] == [(None, 9), (7, 5), (None, 9), (8, 9)]


@pytest.mark.parametrize(
    ("text", "minute"),
    [("8:30", 510), ("８：３０", 510), ("0830", 510), ("8点半", None), ("8点", 480), ("24:00", 1440), ("25:00", None),
     ("8:75", None), ("-3:00", None), ("", None), ("noon", None)],
)  # fmt: skip
def test_times_as_people_type_them(text: str, minute: int | None) -> None:
    assert clock_of(text) == minute


def test_breaks_and_rests_as_people_type_them() -> None:
    assert breaks_of("12:00-13:00，15:10 至 15:20") == ((720, 780), (910, 920))
    assert breaks_of("") == ()
    assert breaks_of("午饭") is None
    assert breaks_of("12:00") is None
    assert breaks_of(breaks_written(((720, 780), (910, 920)))) == ((720, 780), (910, 920))
    assert rests_of("8，4、4") == (4, 8)
    assert rests_of("four") is None


def test_wishes_and_events_survive_being_written_down() -> None:
    asked = wishes(2, 3, 7, rests=(1,), rest_room="休息室", allowed=frozenset({Bar.INSTITUTION}))
    assert wishes_read(wishes_written(asked)) == asked
    event = Event(What.STATION_OUT, at=600, station=3, track=2, candidates=(4, 5))
    assert event_read(event_written(event)) == event
