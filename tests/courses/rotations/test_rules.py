"""Places, days and what is owed, against slow and plain ways of counting."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from courses.rotations.rules import (
    OPEN_END,
    Load,
    Numbers,
    Owed,
    Place,
    Stay,
    counted,
    days_of,
    first_full,
    free_place,
    loads,
    next_free,
    seated,
    years_back,
)

BASE = date(2026, 1, 1)


def stay(first: int, days: int, key: int = 0) -> Stay:
    return Stay(BASE + timedelta(days=first), BASE + timedelta(days=first + days - 1), key)


stays = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 20)), max_size=12).map(
    lambda found: [stay(first, days, key) for key, (first, days) in enumerate(found, 1)]
)


def most_at_once(found: list[Stay]) -> int:
    """Day by day."""
    return max(
        (sum(s.begins_on <= d <= s.last_on for s in found) for d in (BASE + timedelta(days=n) for n in range(80))),
        default=0,
    )


@given(stays, st.integers(1, 6))
def test_everybody_gets_a_place_exactly_when_no_day_has_more_people_than_places(found: list[Stay], number: int) -> None:
    places = [Place(n, date(2000, 1, 1)) for n in range(1, number + 1)]
    given_ = seated(found, places, {})
    assert (given_ is not None) == (most_at_once(found) <= number)
    if given_ is not None:
        for one in found:
            assert not any(
                one.meets(other) for other in found if other.key != one.key and given_[other.key] == given_[one.key]
            )


@given(stays, st.lists(st.tuples(st.integers(0, 30), st.integers(0, 40)), min_size=1, max_size=5))
def test_nobody_is_put_where_no_place_is(found: list[Stay], windows: list[tuple[int, int]]) -> None:
    places = [
        Place(n, BASE + timedelta(days=opens), BASE + timedelta(days=opens + length))
        for n, (opens, length) in enumerate(windows, 1)
    ]
    given_ = seated(found, places, {}) or {}
    by_id = {place.id: place for place in places}
    assert all(by_id[given_[one.key]].holds(one) for one in found if one.key in given_)


@given(stays, st.integers(0, 5))
def test_the_load_is_what_counting_day_by_day_finds(found: list[Stay], number: int) -> None:
    places = [Place(n, BASE + timedelta(days=n), OPEN_END) for n in range(number)]
    last = BASE + timedelta(days=59)
    runs = loads(found, places, BASE, last)
    assert runs[0].begins_on == BASE
    assert runs[-1].last_on == last
    for run in runs:
        for n in range((run.last_on - run.begins_on).days + 1):
            day = run.begins_on + timedelta(days=n)
            assert run.taken == sum(s.begins_on <= day <= s.last_on for s in found)
            assert run.places == sum(p.opens_on <= day for p in places)


@given(stays, st.integers(1, 3), st.integers(1, 15))
def test_what_is_offered_instead_has_room(found: list[Stay], number: int, length: int) -> None:
    places = [Place(n, date(2000, 1, 1)) for n in range(number)]
    wish = stay(0, length)
    day = next_free(wish, found, places, BASE + timedelta(days=400))
    if first_full(wish, found, places) is not None:
        assert day is not None
    if day is not None:
        assert first_full(Stay(day, day + timedelta(days=length - 1)), found, places) is None


def test_a_place_is_taken_only_on_its_days() -> None:
    places = [Place(1, BASE), Place(2, BASE)]
    taken = {1: [stay(0, 10, 1)], 2: [stay(5, 10, 2)]}
    assert free_place(stay(10, 5), places, taken) == 1
    assert free_place(stay(9, 5), places, taken) is None
    assert first_full(stay(0, 20), [stay(0, 10, 1), stay(5, 10, 2)], places) == Load(
        BASE + timedelta(days=5), BASE + timedelta(days=9), 2, 2
    )


@given(st.integers(0, 400), st.integers(1, 200), st.integers(0, 200), st.integers(0, 400), st.integers(0, 300))
def test_days_count_once_and_never_more_than_were_attended(
    first: int, days: int, present: int, begins: int, length: int
) -> None:
    one, present = stay(first, days), min(present, days)
    window = (BASE + timedelta(days=begins), BASE + timedelta(days=begins + length))
    inside = sum(window[0] <= one.begins_on + timedelta(days=n) <= window[1] for n in range(days))
    assert counted(one, present, *window) == min(present, inside)


@given(st.integers(0, 400), st.integers(0, 400), st.integers(0, 400))
def test_what_is_owed_is_never_below_nothing(asked: int, have: int, ahead: int) -> None:
    owed = Owed("stay", asked, have, ahead)
    assert owed.owes >= owed.unplanned >= 0
    assert owed.done == (have >= asked)
    assert Numbers().stay_days == 180


def test_years_end_today() -> None:
    assert years_back(date(2026, 11, 22), 3) == date(2023, 11, 23)
    assert years_back(date(2028, 2, 29), 3) == date(2025, 3, 1)


def test_weekdays_of_a_period() -> None:
    monday = date(2026, 11, 16)
    found = list(days_of(monday, monday + timedelta(days=9), [0, 4]))
    assert found == [monday, monday + timedelta(days=4), monday + timedelta(days=7)]
