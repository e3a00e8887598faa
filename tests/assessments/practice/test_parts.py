"""Indicators against targets, the whole out of its parts, and what an import would do with each row."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.practice.rules import words
from assessments.practice.rules.importing import COLUMNS, Doctor, Known, Line, Outcome, Row, Standing, head, make
from assessments.practice.rules.parts import (
    Better,
    Counted,
    Definition,
    Missing,
    Unit,
    Whole,
    reached,
    together,
    whole,
)
from assessments.practice.rules.records import Criterion, Form, Weights

HIGH = Definition(Unit.PERCENT, Better.HIGH, Decimal(60), 20)
LOW = replace(HIGH, better=Better.LOW, target=Decimal(20))
FORM = Form(
    (Criterion("a", "a", 10),), 10, Decimal(60), Weights(60, 20, 20), satisfaction="happy", indicators=("high", "low")
)
DEFINITIONS = {"happy": replace(HIGH, target=Decimal(90)), "high": HIGH, "low": LOW}
COUNTED = {"happy": Counted(Decimal(45), 50), "high": Counted(Decimal(30), 100), "low": Counted(Decimal(40), 100)}
RECORDS = [{"a": 8}] * 10


def test_the_whole_by_hand() -> None:
    """60 · 80 % + 20 · 100 % + 20 · (50 % + 50 %) / 2 = 78 %."""
    found = whole(FORM, RECORDS, COUNTED, DEFINITIONS)
    assert isinstance(found, Whole)
    assert found.percent == Decimal("78.00")
    assert [(one.name, one.weight, one.percent) for one in found.parts] == [
        ("records", 60, Decimal(80)),
        ("satisfaction", 20, Decimal(100)),
        ("indicators", 20, Decimal(50)),
    ]
    assert [(one.name, one.value, one.count) for one in found.indicators] == [
        ("happy", Decimal("90.00"), 50),
        ("high", Decimal("30.00"), 100),
        ("low", Decimal("40.00"), 100),
    ]


@pytest.mark.parametrize("gone", ["happy", "high", "low"])
def test_what_was_not_counted_or_too_seldom_is_missing(gone: str) -> None:
    assert whole(FORM, RECORDS, {k: v for k, v in COUNTED.items() if k != gone}, DEFINITIONS) == Missing((gone,))
    few = COUNTED | {gone: Counted(Decimal(1), 19)}
    assert whole(FORM, RECORDS, few, DEFINITIONS) == Missing((gone,))


def test_a_form_of_records_only_counts_them_only() -> None:
    found = whole(Form((Criterion("a", "a", 10),), 10, Decimal(60)), RECORDS, {}, {})
    assert isinstance(found, Whole)
    assert found.percent == 80
    assert not found.indicators


COUNTS = st.integers(1, 5000).flatmap(lambda n: st.builds(Counted, st.integers(0, n).map(Decimal), st.just(n)))


@settings(deadline=None)
@given(COUNTS, st.sampled_from([HIGH, LOW]))
def test_a_target_is_reached_between_nothing_and_everything(counted: Counted, definition: Definition) -> None:
    share = reached(counted.value(Unit.PERCENT), definition)
    assert 0 <= share <= 100
    better = Fraction(1) if definition.better is Better.HIGH else Fraction(-1)
    more = max(Fraction(0), counted.value(Unit.PERCENT) + better)
    assert reached(more, definition) >= share, "a better figure never counts less"


@settings(deadline=None)
@given(st.lists(COUNTS, min_size=1, max_size=6))
def test_several_periods_are_sums_over_sums(counted: list[Counted]) -> None:
    found = together(counted)
    assert found is not None
    values = [one.value(Unit.PERCENT) for one in counted]
    assert min(values) <= found.value(Unit.PERCENT) <= max(values)
    assert together([]) is None


@settings(deadline=None)
@given(st.lists(st.integers(0, 10), min_size=10, max_size=10), COUNTS, COUNTS, COUNTS)
def test_the_whole_stays_in_bounds_and_between_its_parts(points: list[int], a: Counted, b: Counted, c: Counted) -> None:
    counted = {"happy": a, "high": b, "low": c}
    found = whole(FORM, [{"a": one} for one in points], counted, DEFINITIONS)
    if isinstance(found, Missing):
        assert any(one.count < 20 for one in counted.values())
        return
    shares = [one.percent for one in found.parts]
    assert min(shares) - 1 <= found.percent <= max(shares) + 1


TODAY = date(2026, 11, 22)
KNOWN = Known(
    doctors={"wang": Doctor(7, 3, "王小明")},
    indicators={"高血压控制率": (1, "control", HIGH), "等候时间": (2, "waiting", replace(HIGH, unit=Unit.MEAN))},
    values={(7, 1): [Standing(11, 2, date(2025, 1, 1), date(2025, 12, 31), Decimal("30"), 50, "公卫系统")]},
    today=TODAY,
)
GOOD: dict[str, Any] = {
    "account": "WANG", "name": "王小明", "indicator": "高血压控制率", "period_from": date(2026, 1, 1),
    "period_until": date(2026, 6, 30), "numerator": 83, "denominator": 120.0, "source": "公卫系统",
}  # fmt: skip


def judged(*rows: dict[str, Any]) -> tuple[Line, ...]:
    return make([Row("指标数据", number, typed) for number, typed in enumerate(rows, 2)], KNOWN).lines


def test_a_row_is_entered_changed_or_there_already() -> None:
    last_year = GOOD | {"period_from": date(2025, 1, 1), "period_until": date(2025, 12, 31), "denominator": "50"}
    new, same, changed = (
        judged(row)[0] for row in (GOOD, last_year | {"numerator": 30}, last_year | {"numerator": "31"})
    )
    assert (new.outcome, new.person_id, new.institution_id, new.indicator_id) == (Outcome.CREATED, 7, 3, 1)
    assert same.outcome == Outcome.UNCHANGED
    assert (changed.outcome, changed.supersedes, changed.version, changed.before) == (Outcome.CHANGED, 11, 3, "30 / 50")


def test_a_value_is_multiplied_out() -> None:
    assert Decimal(judged(GOOD | {"numerator": None, "value": "69.2%"})[0].numerator) == Decimal("83.04")
    assert Decimal(judged(GOOD | {"indicator": "等候时间", "numerator": "", "value": 12.5})[0].numerator) == 1500


@pytest.mark.parametrize(
    ("changed", "code", "column"),
    [
        ({"account": ""}, "missing", "account"),
        ({"account": "nobody"}, "unknown_doctor", "account"),
        ({"name": "王大明"}, "other_name", "name"),
        ({"indicator": "高血压"}, "unknown_indicator", "indicator"),
        ({"period_from": "今年"}, "wrong_date", "period_from"),
        ({"period_from": None}, "missing", "period_from"),
        ({"period_until": date(2026, 11, 23)}, "impossible_date", "period_until"),
        ({"period_until": date(1999, 1, 1)}, "impossible_date", "period_until"),
        ({"period_until": date(2025, 12, 31)}, "ends_before", "period_until"),
        ({"numerator": 121}, "above_whole", "numerator"),
        ({"numerator": -1}, "no_number", "numerator"),
        ({"numerator": "=A1"}, "no_number", "numerator"),
        ({"numerator": "NaN"}, "no_number", "numerator"),
        ({"numerator": "1e309"}, "no_number", "numerator"),
        ({"numerator": True}, "no_number", "numerator"),
        ({"numerator": None}, "missing", "numerator"),
        ({"denominator": 0}, "no_count", "denominator"),
        ({"denominator": 12.5}, "no_count", "denominator"),
        ({"denominator": None}, "missing", "denominator"),
        ({"value": 50}, "contradict", "value"),
        ({"source": "长" * 121}, "too_long", "source"),
        ({"period_from": date(2025, 7, 1)}, "overlaps", "period_from"),
    ],
)
def test_a_row_that_cannot_be_is_refused_with_its_reason(changed: dict[str, Any], code: str, column: str) -> None:
    (line,) = judged(GOOD | changed)
    assert line.outcome == Outcome.REFUSED
    assert (code, column) in [(one, where) for one, where, _said in line.problems]
    assert all(words.is_said(one) for one, _where, _said in line.problems)


def test_two_rows_about_the_same_days_are_both_refused() -> None:
    quarter = GOOD | {"period_from": date(2026, 4, 1)}
    both = judged(GOOD, quarter)
    assert [line.problems[0][0] for line in both] == ["double", "double"]
    apart = judged(GOOD | {"period_until": date(2026, 3, 31)}, quarter)
    assert [line.outcome for line in apart] == [Outcome.CREATED] * 2


CELLS = st.one_of(
    st.none(),
    st.text(max_size=30),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    st.dates(),
)


@settings(deadline=None, max_examples=150)
@given(st.lists(st.fixed_dictionaries(dict.fromkeys(COLUMNS, CELLS)), max_size=4))
def test_whatever_is_typed_is_judged(rows: list[dict[str, Any]]) -> None:
    for line in judged(*rows):
        assert line.outcome in [*Outcome]
        assert all(words.problem(*one[:2], dict(one[2])) for one in line.problems) or not line.problems


def test_heads_are_known_in_any_dress() -> None:
    assert [head(text) for text in ("姓名*", " 分母（例数） ", "Numerator", "结果：", "备注")] == [
        "name", "denominator", "numerator", "value", None,
    ]  # fmt: skip
