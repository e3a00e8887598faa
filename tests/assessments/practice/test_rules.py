"""The arithmetic of ten records."""

import random
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.practice.rules.records import (
    Criterion,
    Form,
    Wrong,
    WrongScores,
    means,
    percent,
    read,
)

FORM = Form((Criterion("a", "写明读数", 12), Criterion("b", "有依据", 8)), 10, Decimal(60))
RECORD = st.fixed_dictionaries({"a": st.integers(0, 12), "b": st.integers(0, 8)})


@settings(deadline=None)
@given(st.lists(RECORD, min_size=1, max_size=12), st.randoms())
def test_the_mean_is_bounded_and_deaf_to_order(records: list[dict[str, int]], chance: random.Random) -> None:
    found = percent(FORM, records)
    assert 0 <= found <= 100
    shuffled = records[:]
    chance.shuffle(shuffled)
    assert percent(FORM, shuffled) == found


@settings(deadline=None)
@given(st.lists(RECORD, min_size=1, max_size=12), st.integers(0, 11))
def test_one_more_point_never_harms(records: list[dict[str, int]], at: int) -> None:
    better = [dict(record) for record in records]
    chosen = better[at % len(better)]
    chosen["a"] = min(12, chosen["a"] + 1)
    assert percent(FORM, better) >= percent(FORM, records)


def test_rounded_once_half_up() -> None:
    small = Form((Criterion("a", "a", 16),), 2, Decimal(60))
    assert percent(small, [{"a": 1}, {"a": 0}]) == Decimal("3.13")
    assert means(small, [{"a": 1}, {"a": 0}]) == {"a": Decimal("0.5")}


@pytest.mark.parametrize(
    ("sent", "wrong", "where"),
    [
        ({"a": 13, "b": 0}, Wrong.ABOVE_MAXIMUM, "a"),
        ({"a": -1, "b": 0}, Wrong.NOT_WHOLE, "a"),
        ({"a": float("nan"), "b": 0}, Wrong.NOT_WHOLE, "a"),
        ({"a": True, "b": 0}, Wrong.NOT_WHOLE, "a"),
        ({"a": 1}, Wrong.MISSING_CRITERION, "b"),
        ({"a": 1, "b": 1, "c": 1}, Wrong.UNKNOWN_CRITERION, "c"),
        ([1], Wrong.NOT_SCORES, ""),
    ],
)
def test_scores_that_break_a_rule_are_refused(sent: Any, wrong: Wrong, where: str) -> None:
    with pytest.raises(WrongScores) as refused:
        read(FORM, sent)
    assert (refused.value.wrong, refused.value.criterion) == (wrong, where)
