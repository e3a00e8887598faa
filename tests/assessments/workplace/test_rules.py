"""The arithmetic of a year, of the trend, of sameness, and of what an assessor sends."""

import json
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from assessments.stations.rules import Checklist, WrongSheet
from assessments.workplace.rules.sameness import Given, Same, sameness
from assessments.workplace.rules.written import Fault, WrongField, as_evidence, read_seen
from assessments.workplace.rules.year import (
    Breadth,
    Deed,
    Requirement,
    Wanted,
    behind,
    course,
    tally,
)
from tests.factories.workplace import body, filled

KINDS, CODES = st.sampled_from(["dops", "mini_cex", "cbd"]), st.sampled_from(["ecg", "cpr", "bp"])
DAYS = st.dates(date(2026, 1, 1), date(2026, 12, 31))
DEEDS = st.lists(st.builds(Deed, KINDS, CODES, st.integers(1, 5), DAYS, st.integers(1, 5)), max_size=30)
WANTS = st.lists(
    st.builds(Wanted, KINDS, st.none() | CODES, st.integers(1, 4)),
    max_size=6,
    unique_by=lambda w: (w.kind, w.technique),
)


@st.composite
def requirements(draw: st.DrawFn) -> Requirement:
    wanted = tuple(draw(WANTS))
    least = sum(one.times for one in wanted)
    return Requirement(draw(st.integers(max(least, 1), 40)), draw(st.integers(1, 5)), wanted)


@given(requirements(), DEEDS, st.randoms())
def test_every_assessment_is_counted_once_whatever_the_order(
    asked: Requirement, deeds: list[Deed], chance: Any
) -> None:
    found = tally(asked, deeds)
    assert sum(line.done for line in found.lines) + found.beyond == len(deeds) == found.done
    assert all(0 <= line.done <= line.wanted.times for line in found.lines)
    assert [line.wanted for line in found.lines] == list(asked.wanted)
    shuffled = list(deeds)
    chance.shuffle(shuffled)
    assert tally(asked, shuffled) == found


@given(requirements(), DEEDS, st.builds(Deed, KINDS, CODES, st.integers(1, 5), DAYS, st.integers(1, 5)))
def test_one_more_never_owes_more(asked: Requirement, deeds: list[Deed], one: Deed) -> None:
    before, after = tally(asked, deeds), tally(asked, [*deeds, one])
    assert after.owed <= before.owed
    assert after.assessors_owed <= before.assessors_owed
    assert after.met or not before.met


def _by(*assessors: int) -> list[Deed]:
    return [Deed("dops", "ecg", who, date(2026, 3, 1), 3) for who in assessors]


def test_twelve_of_one_assessor_are_not_enough() -> None:
    asked = Requirement(12, 3, (Wanted("dops", "ecg", 2),))
    assert tally(asked, []).breadth is Breadth.NOBODY
    one = tally(asked, _by(*[7] * 12))
    assert (one.breadth, one.owed, one.assessors_owed, one.met) == (Breadth.ONE, 0, 2, False)
    assert tally(asked, _by(*[7] * 6, *[8] * 6)).breadth is Breadth.FEW
    enough = tally(asked, _by(*[7] * 4, *[8] * 4, *[9] * 4))
    assert (enough.breadth, enough.met) == (Breadth.ENOUGH, True)


def test_an_own_technique_goes_before_any_technique() -> None:
    asked = Requirement(3, 1, (Wanted("dops", None, 1), Wanted("dops", "ecg", 1)))
    found = tally(asked, _by(1))
    assert [line.done for line in found.lines] == [0, 1]
    assert [line.done for line in tally(asked, _by(1, 1)).lines] == [1, 1]
    assert tally(asked, _by(1, 1, 1)).beyond == 1


def test_behind_is_measured_against_an_even_pace() -> None:
    asked = Requirement(12, 3, ())
    nothing = tally(asked, [])
    assert behind(nothing, date(2026, 12, 31), 2026) == 12
    assert behind(nothing, date(2026, 1, 1), 2026) == Fraction(12, 365)
    assert behind(nothing, date(2025, 6, 1), 2026) == 0, "a year that has not begun asks for nothing yet"
    assert behind(tally(asked, _by(*[1] * 12)), date(2026, 7, 2), 2026) < 0


@given(st.lists(st.tuples(DAYS, st.integers(1, 5)), max_size=20))
def test_the_trend_lies_between_the_lowest_and_the_highest_of_three(levels: list[tuple[date, int]]) -> None:
    found = course(levels)
    assert len(found) == len(levels)
    assert [one.on_day for one in found] == sorted(day for day, _level in levels)
    assert all(one.low <= one.mean <= one.high for one in found)


def test_the_trend_forgets_what_is_older_than_three() -> None:
    first = date(2026, 1, 1)
    found = course([(first + timedelta(days=n), level) for n, level in enumerate([1, 2, 4, 4, 4])])
    assert [(one.mean, one.low, one.high) for one in found][-1] == (Decimal(4), 4, 4)
    assert found[2].mean == Decimal("2.3")


PERCENT = st.decimals(0, 100, places=2)


@given(PERCENT, PERCENT, st.decimals("0.01", 100, places=2))
def test_evidence_keeps_order_bounds_and_the_pass_mark(one: Decimal, other: Decimal, cut: Decimal) -> None:
    assume(one <= other)
    assert 0 <= as_evidence(one, cut) <= as_evidence(other, cut) <= 100
    assert as_evidence(cut, cut) == 60
    assert (as_evidence(one, cut) >= 60) >= (one >= cut)
    assert as_evidence(Decimal(100), cut) == (60 if cut == 100 else 100)


def test_half_of_the_points_passes_where_half_is_what_is_asked() -> None:
    assert as_evidence(Decimal(50), Decimal(50)) == 60
    assert as_evidence(Decimal(75), Decimal(50)) == 80
    assert as_evidence(Decimal(60), Decimal(60)) == 60


def _given(doctor: int, *shares: int, level: int = 3) -> Given:
    return Given(doctor, frozenset(Fraction(one, 2) for one in shares), 4, level)


def test_sameness_needs_enough_sheets_of_more_than_one_doctor() -> None:
    same = [_given(doctor, 2) for doctor in (1, 2, 1, 2, 1)]
    assert sameness(same) is Same.EVERY_MARK
    assert sameness(same[:4]) is None
    assert sameness([_given(1, 2)] * 8) is None
    halo = [_given(doctor, share) for doctor, share in ((1, 2), (2, 1), (1, 2), (2, 0), (1, 1))]
    assert sameness(halo) is Same.WITHIN_SHEETS
    assert sameness([_given(doctor, 0, 2) for doctor in (1, 2, 1, 2, 1)]) is Same.EVERY_LEVEL
    told_apart = [_given(doctor, 0, 2, level=level) for doctor, level in ((1, 3), (2, 4), (1, 3), (2, 2), (1, 5))]
    assert sameness(told_apart) is None


CHECKLIST = Checklist.of(body())


def test_a_sheet_as_it_should_be() -> None:
    seen = read_seen(CHECKLIST, filled(1))
    assert (seen.level, seen.written.marks) == (3, {"ask": 1, "examine": 2, "safe": 2})


NAN = json.loads("NaN")


@pytest.mark.parametrize(
    "changed",
    [
        {"marks": {"ask": 3, "examine": 2, "judge": None, "safe": 2}},
        {"marks": {"ask": NAN, "examine": 2, "judge": None, "safe": 2}},
        {"marks": {"ask": True, "examine": 2, "judge": None, "safe": 2}},
        {"marks": {"ask": "1", "examine": 2, "judge": None, "safe": 2}},
        {"marks": {"ask": 1, "examine": 2, "judge": None}},
        {"marks": {"ask": 1, "examine": 2, "judge": None, "safe": None}},
        {"marks": {"other": 1, "safe": 2}},
        {"marks": []},
        {"rating": "level-6"},
        {"rating": ""},
        {"marks": {"safe": 0}, "comment": ""},
        {"begun_at": "yesterday"},
        {"own_clock": "no"},
        {"comment": "x" * 2001},
        {"comment": "\ud800"},
    ],
)
def test_a_wrong_sheet_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(WrongSheet):
        read_seen(CHECKLIST, filled(1, **changed))


@pytest.mark.parametrize(
    ("field", "value", "fault"),
    [
        ("good", " ", Fault.MISSING),
        ("improve", None, Fault.MISSING),
        ("action", "x" * 1_000_000, Fault.TOO_LONG),
        ("about", "x" * 201, Fault.TOO_LONG),
        ("good", "a\x00", Fault.MISSING),
        ("setting", "moon", Fault.NOT_A_CHOICE),
        ("difficulty", ["low"], Fault.NOT_A_CHOICE),
        ("observe_minutes", 0, Fault.NOT_MINUTES),
        ("observe_minutes", 15.5, Fault.NOT_MINUTES),
        ("feedback_minutes", NAN, Fault.NOT_MINUTES),
        ("feedback_minutes", True, Fault.NOT_MINUTES),
        ("observed_on", "2026-02-30", Fault.NOT_A_DAY),
        ("observed_on", 20261122, Fault.NOT_A_DAY),
        ("reason", "x" * 401, Fault.TOO_LONG),
    ],
)
def test_a_wrong_field_is_named(field: str, value: Any, fault: Fault) -> None:
    with pytest.raises(WrongField) as refused:
        read_seen(CHECKLIST, filled(1, **{field: value}))
    assert (refused.value.field, refused.value.fault) == (field, fault)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), st.lists, max_leaves=4))
def test_anything_else_is_no_sheet(sent: Any) -> None:
    with pytest.raises((WrongSheet, WrongField)):
        read_seen(CHECKLIST, sent)
