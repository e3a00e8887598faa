"""Pieces of films: each second once, no faster than they play, one at a time, not before they could be seen."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courses.enrolment.rules.watching import OneAtATime, Piece, Verdict, Watched, least_to_watch, union

START = datetime(2026, 1, 1, 8, tzinfo=UTC)
RANGES = st.lists(st.tuples(st.integers(0, 100), st.integers(1, 40)).map(lambda p: (p[0], p[0] + p[1])), max_size=12)


def piece(of_film, at, took=None):
    """Seconds of a film, played from a second on."""
    start, stop = of_film
    began = START + timedelta(seconds=at)
    return Piece(start * 1000, stop * 1000, began, began + timedelta(seconds=stop - start if took is None else took))


def judge(*pieces, heard=START):
    times = OneAtATime()
    return [times.judge(one, heard=heard).value for one in pieces]


@given(RANGES, st.randoms())
def test_every_second_is_there_once_in_any_order(ranges, chance):
    covered = {second for start, stop in ranges for second in range(start, stop)}
    found = union(ranges)
    assert {second for start, stop in found for second in range(start, stop)} == covered
    assert sum(stop - start for start, stop in found) == len(covered)
    again = ranges * 2
    chance.shuffle(again)
    assert union(again) == found


@pytest.mark.parametrize(
    ("ranges", "percent", "enough"),
    [
        ([], 0, False),
        ([(0, 89_999)], 89, False),
        ([(0, 90_000)], 90, True),
        ([(0, 50_000), (40_000, 90_000)], 90, True),
        ([(0, 50_000), (0, 50_000)], 50, False),
        ([(60_000, 101_000), (0, 60_000)], 100, True),
    ],
)
def test_ninety_parts_of_a_hundred_are_enough(ranges, percent, enough):
    made = Watched(100, union(ranges))
    assert (made.percent, made.enough) == (percent, enough)


def test_a_film_that_is_played_counts_and_so_does_double_speed():
    assert judge(piece((0, 15), 0), piece((15, 30), 15), piece((30, 60), 30, took=15)) == ["counts"] * 3


def test_faster_than_double_does_not():
    assert judge(piece((0, 60), 0, took=15)) == [Verdict.TOO_FAST]


def test_two_films_at_once_are_one():
    assert judge(piece((0, 15), 0), piece((0, 15), 2), piece((15, 30), 16)) == ["counts", "twice", "counts"]


def test_a_whole_film_claimed_within_a_moment_is_one_piece_of_it():
    claimed = [piece((n * 15, n * 15 + 15), 0) for n in range(40)]
    assert judge(*claimed).count("counts") == 1


def test_nothing_was_watched_before_the_lesson_could_be_open():
    assert judge(piece((0, 15), -30), piece((0, 15), -5), piece((0, 15), 15)) == ["before", "counts", "counts"]


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(1, 30)), max_size=25))
def test_what_counts_takes_no_more_than_twice_the_time_there_was(claims):
    """Half of each piece at least is time of its own."""
    times, counted, spans = OneAtATime(), 0, []
    for at, length in claims:
        one = piece((0, length), at)
        if times.judge(one, heard=START) is Verdict.COUNTS:
            counted += length
            spans.append((at, at + length))
    covered = len({second for begin, end in spans for second in range(begin, end)})
    assert counted <= 2 * covered


def test_the_time_a_film_needs_is_that_of_double_speed():
    assert least_to_watch([Watched(100), Watched(20)]) == timedelta(seconds=54)
    assert least_to_watch([]) == timedelta(0)
