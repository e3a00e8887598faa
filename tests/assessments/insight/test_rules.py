"""Adding, taking away, and keeping small groups together."""

from datetime import date, timedelta
from decimal import Decimal

import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.insight import charts
from assessments.insight.formats.tables import Column, Line, Table
from assessments.insight.rules import (
    LEAST,
    NOTHING,
    Cell,
    Counts,
    Group,
    Measure,
    Period,
    compare,
    keep_small_ones_in,
    window,
)

DAYS = st.dates(date(2001, 1, 1), date(2199, 12, 31))
KEYS = st.tuples(st.sampled_from([one.value for one in Measure]), st.sampled_from(["", "a", "b"]))
CELLS = st.builds(Cell, st.integers(1, 50), st.decimals(-500, 500, places=3))
COUNTS = st.builds(Counts, st.dictionaries(KEYS, CELLS, max_size=8))


def of_people(many: int) -> Counts:
    return Counts({("people", "nurse"): Cell(many)} if many else {})


@given(DAYS)
def test_periods_end_today_or_last_year(today: date) -> None:
    this, last, twelve = (window(period, today) for period in Period)
    assert (this.begins, this.ends) == (date(today.year, 1, 1), today)
    assert last.ends + timedelta(days=1) == this.begins
    assert (last.begins.month, last.begins.day) == (1, 1)
    assert (twelve.ends - twelve.begins).days == 364
    assert twelve.ends == today


@given(COUNTS, COUNTS)
def test_what_is_added_can_be_taken_away(one: Counts, other: Counts) -> None:
    assert (one + other) - other == Counts({k: v for k, v in one.cells.items() if v != Cell()})
    assert one + other == other + one


@given(st.lists(COUNTS, max_size=5), COUNTS)
def test_what_is_below_and_what_is_at_the_institution_itself_come_to_the_whole(
    below: list[Counts], own: Counts
) -> None:
    whole = sum(below, own)
    groups = compare([(0, whole)], list(enumerate(below, 1)))
    people = own.n(Measure.PEOPLE)
    assert len(groups) == len(below) + bool(people)
    assert sum(one.people for one in groups) == whole.n(Measure.PEOPLE)


@given(st.lists(COUNTS, max_size=4), COUNTS, COUNTS)
def test_what_stands_alone_below_is_passed_and_nobody_is_counted_twice(
    below: list[Counts], middle: Counts, top: Counts
) -> None:
    alone = sum(below, middle)
    whole = alone + top
    groups = compare([(0, whole), (9, alone)], list(enumerate(below, 1)))
    itself = {one.institution_ids[0]: one.people for one in groups if one.itself}
    assert itself == {at: own.n(Measure.PEOPLE) for at, own in ((0, top), (9, middle)) if own.n(Measure.PEOPLE)}
    assert sum(one.people for one in groups) == whole.n(Measure.PEOPLE)


@given(st.lists(st.integers(0, 30), max_size=8))
def test_no_row_is_about_a_handful_unless_all_is(sizes: list[int]) -> None:
    groups = [Group((number,), of_people(size)) for number, size in enumerate(sizes)]
    kept = keep_small_ones_in(groups)
    assert sum(one.people for one in kept) == sum(sizes)
    assert sorted(id for one in kept for id in one.institution_ids) == list(range(len(sizes)))
    if sum(sizes) >= LEAST:
        assert all(one.people == 0 or one.people >= LEAST for one in kept)
    if all(size == 0 or size >= LEAST for size in sizes):
        assert kept == groups


def test_the_smallest_of_the_others_joins_what_is_too_little() -> None:
    groups = [Group((number,), of_people(size)) for number, size in enumerate([20, 3, 7, 40])]
    kept = keep_small_ones_in(groups)
    assert [(one.institution_ids, one.people) for one in kept] == [((0,), 20), ((3,), 40), ((1, 2), 10)]


def test_a_mean_of_nothing_is_not_nought() -> None:
    assert NOTHING.mean(Measure.THEORY) is None
    marks = Counts({("theory", "6"): Cell(2, Decimal(130)), ("theory", "9"): Cell(1, Decimal(95))})
    assert marks.mean(Measure.THEORY) == 75


def table(*values: int | Decimal | None) -> Table:
    lines = tuple(Line(f"n{number}", (value,)) for number, value in enumerate(values))
    return Table("t", "T", "about", (Column("a", "A", "%"),), lines)


@given(st.lists(st.none() | st.integers(0, 9), max_size=8))
def test_what_is_not_known_comes_last_either_way(values: list[int | None]) -> None:
    for sort, reverse in (("t.a", False), ("-t.a", True)):
        found = table(*values).sorted(sort).column("a")
        known = sorted((v for v in values if v is not None), reverse=reverse)
        assert found == [*known, *[None] * values.count(None)]


@pytest.mark.parametrize("sort", ["", "a", "other.a", "t.b", "-", "t.", "--t.a"])
def test_an_order_nobody_has_heard_of_changes_nothing(sort: str) -> None:
    assert table(3, 1, 2).sorted(sort).column("a") == [3, 1, 2]


@given(st.text(alphabet="县人民医院<b>&\"' Health Bureau", max_size=80))
def test_names_beside_bars_are_at_most_two_lines_and_never_markup(name: str) -> None:
    shown = charts._wrapped(name)
    assert shown.count("<br>") <= 1
    assert "<b>" not in shown
    assert '"' not in shown


def test_a_chart_of_nothing_is_not_drawn() -> None:
    empty = Table("stars", "S", "I", tuple(Column(c, c) for c in ("people", *(f"n{s}" for s in range(6)))), ())
    figure = charts.stacked(empty, charts.STARS, of="people")
    go.Figure(figure)
    assert not charts._has_anything(figure)
