"""The arithmetic of ten records, and what a label may not give away."""

import random
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.practice.rules import (
    Criterion,
    Form,
    Identifying,
    Wrong,
    WrongScores,
    identifying,
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


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("11010519491231002X", Identifying.IDENTITY_NUMBER),
        ("病历 1101 0519 4912 3100 2x 的第二页", Identifying.IDENTITY_NUMBER),
        ("１１０１０５１９４９１２３１００２Ｘ", Identifying.IDENTITY_NUMBER),
        ("13812345678", Identifying.TELEPHONE),
        ("138-1234-5678 复诊", Identifying.TELEPHONE),
        ("+86 138 1234 5678", Identifying.TELEPHONE),
        ("0874-3123456", Identifying.TELEPHONE),
        ("姓名：王小明", Identifying.NAME),
        ("姓名 王小明", Identifying.NAME),
        ("患者：李红", Identifying.NAME),
        ("患者王小明，56 岁", Identifying.NAME),
        ("病人张建国男 60 岁", Identifying.NAME),
        ("name: Wang Xiaoming", Identifying.NAME),
    ],
)
def test_what_tells_who_the_patient_is_is_seen(text: str, found: Identifying) -> None:
    assert identifying(text) is found


@pytest.mark.parametrize(
    "text",
    [
        "病历 07",
        "HT-2026-0031",
        "患者男，56 岁，高血压 2 级",
        "患者高血压，随访 4 次",
        "病人某，65 岁",
        "患者王某，男",
        "姓名：某",
        "110105194912310021",  # eighteen digits, but the check digit is wrong: not an identity number
        "血压 152/94、144/90，2026-03-12 随访",
        "住院号 20260312000012",
    ],
)
def test_an_honest_label_is_left_alone(text: str) -> None:
    assert identifying(text) is None
