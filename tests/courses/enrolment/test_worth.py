"""Minutes of lessons beside one another: nothing twice, as much as fits, in whatever order it becomes known."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from courses.enrolment.rules.worth import Window, offline_part, worth

START = datetime(2026, 1, 1, 8, tzinfo=UTC)
#: begin, length and stated minutes of lessons, all on whole minutes: nothing is lost by cutting
LESSONS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 40), st.integers(1, 15)), max_size=7)


def moment(minute):
    return START + timedelta(minutes=minute)


def give(lessons):
    """What each is given, one after the other."""
    given = []
    for begin, length, stated in lessons:
        opened, done = moment(begin), moment(begin + length)
        minutes = worth(opened, done, most=timedelta(minutes=stated), others=given)
        given.append(Window(opened, done, minutes))
    return given


def most_possible(lessons):
    """The largest sum any timetable of whole minutes gives: by trying to seat each lesson's minutes (Kuhn)."""
    seats: dict[int, tuple[int, int]] = {}

    def seat(claim, tried):
        begin, length, _stated = lessons[claim[0]]
        for minute in range(begin, begin + length):
            if minute not in tried:
                tried.add(minute)
                if minute not in seats or seat(seats[minute], tried):
                    seats[minute] = claim
                    return True
        return False

    claims = [(n, k) for n, (_, _, stated) in enumerate(lessons) for k in range(stated)]
    return sum(seat(claim, set()) for claim in claims)


@given(LESSONS, st.randoms())
def test_the_sum_is_the_largest_possible_in_any_order(lessons, chance):
    best = most_possible(lessons)
    assert sum(one.minutes for one in give(lessons)) == best
    shuffled = list(lessons)
    chance.shuffle(shuffled)
    assert sum(one.minutes for one in give(shuffled)) == best


@given(LESSONS)
def test_no_stretch_of_time_holds_more_minutes_than_it_has(lessons):
    given = give(lessons)
    for begin in {one.opened_at for one in given}:
        for end in {one.done_at for one in given}:
            inside = [one.minutes for one in given if begin <= one.opened_at and one.done_at <= end]
            assert not inside or timedelta(minutes=sum(inside)) <= end - begin
    for one, (_, length, stated) in zip(given, lessons, strict=True):
        assert 0 <= one.minutes <= min(length, stated)


def test_a_lesson_read_later_does_not_take_from_one_read_before_that_is_told_late():
    evening = Window(moment(600), moment(610), 10)
    assert worth(moment(0), moment(10), most=timedelta(minutes=10), others=[evening]) == 10


def test_a_lesson_left_open_all_day_leaves_room_for_those_read_meanwhile():
    given = give([(0, 600, 10), (100, 10, 10), (105, 10, 10)])
    assert [one.minutes for one in given] == [10, 10, 5]


def test_parts_of_minutes_are_cut():
    assert worth(START, START + timedelta(seconds=119), most=timedelta(minutes=5), others=[]) == 1
    assert worth(START, START, most=timedelta(minutes=5), others=[]) == 0
    assert worth(START, moment(9), most=timedelta(minutes=-1), others=[]) == 0


def test_minutes_without_network_are_a_part_of_all():
    hour = timedelta(hours=1)
    assert offline_part(10, (timedelta(0), hour)) == 0
    assert offline_part(10, (hour, hour)) == 10
    assert offline_part(5, (hour / 2, hour)) == 3
    assert offline_part(0, (timedelta(0), timedelta(0))) == 0
