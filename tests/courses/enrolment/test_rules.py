"""When a lesson is learned and what it is worth."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courses.enrolment.rules import EventKind, Happening, is_right, next_lesson, stand

START = datetime(2026, 1, 1, 8, tzinfo=UTC)
SECONDS = st.integers(0, 4 * 3600)


def at(seconds, kind, **more):
    return Happening(kind, START + timedelta(seconds=seconds), **more)


happenings = st.lists(
    st.one_of(
        st.builds(at, SECONDS, st.sampled_from([EventKind.OPENED, EventKind.FINISHED])),
        st.builds(at, SECONDS, st.just(EventKind.POSITION), anchor=st.sampled_from(["b1", "b2", "b9"])),
        st.builds(at, SECONDS, st.just(EventKind.SELF_CHECK), question=st.integers(0, 3), right=st.booleans()),
    ),
    max_size=14,
)
READ = [at(0, EventKind.OPENED), at(200, EventKind.FINISHED)]
RIGHT = [at(150, EventKind.SELF_CHECK, question=n, right=True) for n in range(2)]


def complete(events, minutes=9):
    return stand(events, minutes=minutes, questions=2).complete


def test_a_lesson_is_complete_when_read_answered_and_not_too_fast():
    assert complete(READ + RIGHT)


@pytest.mark.parametrize(
    "events",
    [
        [],
        [at(0, EventKind.OPENED), at(36000, EventKind.POSITION, anchor="b9")],  # open for ten hours
        READ,
        [READ[0], *RIGHT],
        [READ[1], *RIGHT],
        [*READ, RIGHT[0]],
        [*READ, RIGHT[0], at(190, EventKind.SELF_CHECK, question=1, right=False)],
        [at(0, EventKind.OPENED), at(179, EventKind.FINISHED), *RIGHT],
    ],
)
def test_whatever_is_missing_it_is_not_complete(events):
    assert not complete(events)


def test_a_third_of_the_stated_time_must_have_passed():
    events = [at(0, EventKind.OPENED), at(10, EventKind.FINISHED), *[h for h in RIGHT if False]]
    quick = [*events, *(at(20, EventKind.SELF_CHECK, question=n, right=True) for n in range(2))]
    assert stand(quick, minutes=9, questions=2).wait == timedelta(seconds=160)
    assert complete([*quick, at(180, EventKind.POSITION, anchor="b1")])


@given(happenings, st.integers(1, 15), st.randoms())
def test_order_and_repetition_change_nothing(events, minutes, chance):
    again = [*events, *events[: len(events) // 2]]
    chance.shuffle(again)
    first, second = stand(events, minutes=minutes, questions=3), stand(again, minutes=minutes, questions=3)
    assert (first.complete, first.wait, first.passed, first.opened_at) == (
        second.complete,
        second.wait,
        second.passed,
        second.opened_at,
    )


@given(happenings, happenings, st.integers(1, 15))
def test_more_events_never_take_anything_away(events, more, minutes):
    before, after = stand(events, minutes=minutes, questions=3), stand(events + more, minutes=minutes, questions=3)
    assert after.passed >= before.passed
    assert after.complete or not before.complete
    assert after.reached_end or not before.reached_end


@given(happenings, st.integers(1, 15))
def test_complete_means_all_three(events, minutes):
    made = stand(events, minutes=minutes, questions=3)
    if made.complete:
        assert any(one.kind is EventKind.FINISHED for one in events)
        assert {one.question for one in events if one.right} >= {0, 1, 2}
        assert (made.latest_at - made.opened_at) * 3 >= timedelta(minutes=minutes)


def test_what_arrives_late_may_have_happened_early():
    late = at(3600, EventKind.POSITION, anchor="b3", ago=timedelta(seconds=3000))
    assert stand([at(1800, EventKind.POSITION, anchor="b8"), late], minutes=9, questions=2).anchor == "b8"


@pytest.mark.parametrize(
    ("chosen", "right", "expected"), [([1], [1], True), ([2, 0], [0, 2], True), ([0], [0, 2], False), ([], [1], False)]
)
def test_right_is_exactly_the_right_ones(chosen, right, expected):
    assert is_right(chosen, right) is expected


@pytest.mark.parametrize(
    ("done", "last", "expected"),
    [([], None, 1), ([1], None, 2), ([], 3, 3), ([3], 3, 1), ([1, 2, 3], 2, None), ([], 9, 1)],
)
def test_one_goes_on_where_one_stopped(done, last, expected):
    assert next_lesson([1, 2, 3], done, last) == expected
