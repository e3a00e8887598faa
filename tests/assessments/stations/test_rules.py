"""The arithmetic of a station: exact, bounded, monotone, and deaf to order."""

import json
import random
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.osce.rules.judging import Cell, Handed, judge, whole_hash
from assessments.osce.rules.receipts import receipt, receipt_key
from assessments.stations.rules import (
    Checklist,
    Item,
    KeyRule,
    Level,
    Wrong,
    WrongSheet,
    percentage,
    read,
    score,
    steps_for,
)

LEVELS = (Level("fail", "不合格", "Fail", False), Level("borderline", "边缘", "Borderline", True))


def item(code: str, points: int = 2, critical: bool = False, key: bool = False) -> Item:
    return Item(code, code, points, critical, key, steps_for(points, critical))


def checklist(*items: Item, rule: KeyRule | None = None, cut: str = "60") -> Checklist:
    return Checklist(items, rule, Decimal(cut), LEVELS)


@st.composite
def marked(draw: st.DrawFn) -> tuple[Checklist, dict[str, int]]:
    """Any checklist with any marks that can be given on it."""
    count = draw(st.integers(1, 12))
    items = [item(f"i{n}", draw(st.integers(1, 7)), draw(st.booleans()), draw(st.booleans())) for n in range(count)]
    rule = draw(st.none() | st.builds(KeyRule, st.integers(1, count), st.integers(0, sum(one.key for one in items))))
    marks = {one.code: draw(st.sampled_from(one.steps)) for one in items}
    cut = str(draw(st.integers(1, 100)))
    return checklist(*items, rule=rule, cut=cut), marks


@settings(deadline=None)
@given(marked())
def test_a_mark_stays_between_nothing_and_everything(case: tuple[Checklist, dict[str, int]]) -> None:
    found = score(*case)
    assert 0 <= found.points <= found.maximum
    assert 0 <= found.percent <= 100
    assert (found.percent == 100) == (found.points == found.maximum)


@settings(deadline=None)
@given(marked(), st.data())
def test_one_more_step_never_harms(case: tuple[Checklist, dict[str, int]], data: st.DataObject) -> None:
    form, marks = case
    chosen = data.draw(st.sampled_from(form.items))
    more = [step for step in chosen.steps if step > marks[chosen.code]]
    if more:
        before, after = score(form, marks), score(form, marks | {chosen.code: more[0]})
        assert after.percent >= before.percent
        assert after.passed >= before.passed
        assert after.done >= before.done


@settings(deadline=None)
@given(marked(), st.randoms())
def test_the_order_of_items_and_marks_changes_nothing(
    case: tuple[Checklist, dict[str, int]], chance: random.Random
) -> None:
    form, marks = case
    items, given_marks = list(form.items), list(marks.items())
    chance.shuffle(items)
    chance.shuffle(given_marks)
    shuffled = Checklist(tuple(items), form.key_rule, form.pass_percent, form.levels)
    assert score(shuffled, dict(given_marks)) == score(form, marks)


@settings(deadline=None)
@given(marked())
def test_a_failed_critical_item_never_passes(case: tuple[Checklist, dict[str, int]]) -> None:
    form, _marks = case
    for one in form.items:
        if one.critical:
            found = score(form, {other.code: other.points for other in form.items} | {one.code: 0})
            assert not found.passed
            assert found.critical
            assert one.code in found.critical_failed


@settings(deadline=None)
@given(marked(), marked())
def test_two_examiners_swapped_give_the_same_mark(
    one: tuple[Checklist, dict[str, int]], other: tuple[Checklist, dict[str, int]]
) -> None:
    def sheets(first: int, second: int) -> list[Handed]:
        return [
            Handed("a", first, one[1], "fail", b"a" * 32),
            Handed("b", second, other[1], "fail", b"b" * 32),
        ]

    assert judge(sheets(1, 2), {}) == judge(sheets(2, 1)[::-1], {})


def test_half_up_and_once() -> None:
    assert percentage(1, 3) == Decimal("33.33")
    assert percentage(2, 3) == Decimal("66.67")
    assert percentage(1, 16) == Decimal("6.25")
    assert percentage(1, 32) == Decimal("3.13")  # 3.125: half goes up
    assert percentage(599_949, 1_000_000) == Decimal("59.99")


def test_exactly_the_cut_is_enough() -> None:
    form = checklist(item("a", 3), item("b", 2), cut="60")
    assert score(form, {"a": 3, "b": 0}).passed
    assert not score(form, {"a": 0, "b": 2}).passed


def test_too_few_key_items_fail_whatever_the_percent() -> None:
    form = checklist(item("a", key=True), item("b", key=True), item("c", 90), rule=KeyRule(2, 2))
    found = score(form, {"a": 2, "b": 1, "c": 90})
    assert found.percent > 90
    assert not found.key_rule_met
    assert not found.passed
    assert found.critical


def test_half_is_offered_where_half_is_a_whole_number_and_never_on_a_critical_item() -> None:
    assert steps_for(1, False) == (0, 1)
    assert steps_for(2, False) == (0, 1, 2)
    assert steps_for(3, False) == (0, 3)
    assert steps_for(2, True) == (0, 2)


GOOD: dict[str, Any] = {
    "marks": {"a": 1, "b": 2},
    "rating": "fail",
    "comment": " 手法稳 ",
    "begun_at": "2026-11-22T08:00:00Z",
    "own_clock": False,
}
FORM = checklist(item("a"), item("b", critical=True))


def test_a_critical_item_that_was_not_done_fails_the_whole_and_needs_a_word() -> None:
    missed = GOOD | {"marks": {"a": 2, "b": 0}}
    assert not score(FORM, missed["marks"]).passed
    assert score(FORM, missed["marks"]).critical_failed == ("b",)
    assert read(FORM, missed).comment == "手法稳"
    with pytest.raises(WrongSheet) as refused:
        read(FORM, missed | {"comment": "  "})
    assert (refused.value.wrong, refused.value.item) == (Wrong.NO_COMMENT, "b")


def test_what_was_not_seen_counts_neither_way() -> None:
    form = checklist(item("a", 4), Item("b", "b", 4, False, False, (0, 4), optional=True))
    seen = score(form, read(form, GOOD | {"marks": {"a": 2}}).marks)
    assert (seen.points, seen.maximum, seen.percent) == (2, 4, Decimal(50))
    assert read(form, GOOD | {"marks": {"a": 2, "b": None}}).marks == {"a": 2}
    assert score(form, read(form, GOOD | {"marks": {"a": 2, "b": 4}}).marks).percent == 75
    with pytest.raises(WrongSheet):
        read(checklist(Item("b", "b", 4, False, False, (0, 4), optional=True)), GOOD | {"marks": {}})


def test_a_good_sheet_is_read() -> None:
    found = read(FORM, GOOD)
    assert found.marks == {"a": 1, "b": 2}
    assert found.comment == "手法稳"
    assert found.begun_at == datetime(2026, 11, 22, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("change", "wrong", "where"),
    [
        ({"marks": {"a": 3, "b": 2}}, Wrong.ABOVE_MAXIMUM, "a"),
        ({"marks": {"a": float("nan"), "b": 2}}, Wrong.NOT_WHOLE, "a"),
        ({"marks": {"a": float("inf"), "b": 2}}, Wrong.NOT_WHOLE, "a"),
        ({"marks": {"a": 1.0, "b": 2}}, Wrong.NOT_WHOLE, "a"),
        ({"marks": {"a": True, "b": 2}}, Wrong.NOT_WHOLE, "a"),
        ({"marks": {"a": "2", "b": 2}}, Wrong.NOT_WHOLE, "a"),
        ({"marks": {"a": -1, "b": 2}}, Wrong.NOT_WHOLE, "a"),
        ({"marks": {"a": 1, "b": 1}}, Wrong.NOT_A_STEP, "b"),
        ({"marks": {"a": 1, "b": 2, "c": 1}}, Wrong.UNKNOWN_ITEM, "c"),
        ({"marks": {"a": 1}}, Wrong.MISSING_ITEM, "b"),
        ({"marks": {"a": 1, "b": None}}, Wrong.NOT_WHOLE, "b"),
        ({"marks": [1, 2]}, Wrong.NOT_A_SHEET, ""),
        ({"rating": None}, Wrong.NO_RATING, ""),
        ({"rating": "superb"}, Wrong.UNKNOWN_RATING, ""),
        ({"comment": "长" * 2001}, Wrong.TOO_LONG, ""),
        ({"comment": "a\x00b"}, Wrong.NOT_A_SHEET, ""),
        ({"begun_at": "2026-11-22T08:00:00"}, Wrong.NO_TIME, ""),
        ({"begun_at": "yesterday"}, Wrong.NO_TIME, ""),
        ({"begun_at": None}, Wrong.NO_TIME, ""),
        ({"own_clock": "no"}, Wrong.NO_TIME, ""),
    ],
)
def test_what_breaks_a_rule_is_refused_with_its_reason(change: dict[str, Any], wrong: Wrong, where: str) -> None:
    with pytest.raises(WrongSheet) as refused:
        read(FORM, GOOD | change)
    assert (refused.value.wrong, refused.value.item) == (wrong, where)


def test_nan_as_a_browser_might_send_it_is_refused() -> None:
    sent = json.loads(json.dumps(GOOD).replace('"a": 1', '"a": NaN'))
    with pytest.raises(WrongSheet, match="not_whole"):
        read(FORM, sent)


@settings(deadline=None)
@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.integers(), st.lists))
def test_nothing_that_can_be_sent_brings_it_down(sent: Any) -> None:
    with pytest.raises(WrongSheet):
        read(FORM, sent)


def handed(number: str, *, marks: dict[str, int] | None = None, rating: str = "fail") -> Handed:
    return Handed(number, ord(number), marks or {"a": 1, "b": 2}, rating, number.encode() * 32)


def test_equal_sheets_agree_and_different_ones_conflict_until_settled() -> None:
    assert judge([], {}).cell is Cell.MISSING
    assert judge([handed("a")], {}).cell is Cell.MARKED
    agreed = judge([handed("b"), handed("a")], {})
    assert (agreed.cell, agreed.counts) == (Cell.AGREED, "a")
    differing = [handed("a"), handed("b", marks={"a": 2, "b": 2})]
    open_conflict = judge(differing, {})
    assert (open_conflict.cell, open_conflict.counts) == (Cell.DIFFERENT, None)
    assert judge([handed("a"), handed("b", rating="borderline")], {}).cell is Cell.DIFFERENT
    settled = {open_conflict.over: "b"}
    assert judge(differing[::-1], settled).counts == "b"
    # another sheet later, and the word about the first two says nothing any more
    assert judge([*differing, handed("c", marks={"a": 0, "b": 0})], settled).cell is Cell.DIFFERENT


def test_the_hash_over_a_circuit_knows_every_sheet_and_no_order() -> None:
    cells = [(1, 1, judge([handed("a")], {})), (1, 2, judge([], {})), (2, 1, judge([handed("b")], {}))]
    assert whole_hash(cells) == whole_hash(cells[::-1])
    assert whole_hash(cells) != whole_hash([*cells[:2], (2, 1, judge([handed("c")], {}))])


def test_a_receipt_is_for_one_page_and_one_sheet() -> None:
    key = receipt_key("secret", 1, 2)
    assert receipt(key, "x") == receipt(receipt_key("secret", 1, 2), "x")
    assert len({receipt(key, "x"), receipt(key, "y"), receipt(receipt_key("secret", 1, 3), "x")}) == 3
