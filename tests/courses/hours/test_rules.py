"""Arithmetic of hours."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courses.hours.rules import Statement, hours


@pytest.mark.parametrize(
    ("minutes", "words"), [(0, "0.0"), (5, "0.0"), (6, "0.1"), (59, "0.9"), (119, "1.9"), (2400, "40.0"), (-90, "-1.5")]
)
def test_hours_are_cut_and_never_rounded_up(minutes, words):
    assert hours(minutes) == words


@given(st.integers(0, 10**6))
def test_hours_never_say_more_than_there_is(minutes):
    assert Decimal(hours(minutes)) * 60 <= minutes <= Decimal(hours(minutes, up=True)) * 60


@given(st.integers(0, 2400))
def test_what_one_has_and_what_one_owes_make_the_whole(minutes):
    assert Decimal(hours(minutes)) + Decimal(hours(2400 - minutes, up=True)) == 40


@given(
    st.dictionaries(st.sampled_from(["theory", "simulation", "practice"]), st.integers(0, 9000)), st.integers(1, 9000)
)
def test_what_is_owed_and_what_is_there_make_the_target(minutes, target):
    stand = Statement(minutes, target)
    assert stand.owed >= 0
    assert stand.reached == (stand.total >= target)
    assert stand.owed == 0 or stand.owed + stand.total == target
