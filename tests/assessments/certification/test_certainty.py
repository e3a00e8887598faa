"""How sure a decision is: the table against scipy, and what must hold whatever the marks."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from assessments.certification.rules import certainty
from assessments.certification.rules.decision import Evidence, decide, expanded, says_the_same
from assessments.certification.rules.policy import Policy, parse
from tests.assessments.certification.test_decision import RAW, TITLE, TODAY, bodies

chances = st.lists(st.decimals(0, 1, places=4), max_size=8)


@pytest.mark.parametrize("hundredths", [*range(-399, 400, 7), -400, -399, 0, 399, 400, 1000, -1000])
def test_the_table_is_the_normal_distribution(hundredths: int) -> None:
    found = certainty.above(Decimal(hundredths) / 100, Decimal(1), Decimal(0))
    assert float(found) == pytest.approx(stats.norm.cdf(hundredths / 100), abs=6e-5)


@given(st.decimals(0, 100, places=3), st.decimals("0.1", 20, places=3), st.decimals(0, 100, places=1))
def test_a_better_mark_is_never_less_sure(value: Decimal, error: Decimal, cut: Decimal) -> None:
    here = certainty.above(value, error, cut)
    assert here <= certainty.above(value + Decimal("0.5"), error, cut)
    assert here == certainty.above(value * 2, error * 2, cut * 2)


def test_without_an_error_a_mark_is_what_it_is() -> None:
    assert certainty.above(Decimal(60), None, Decimal(60)) == 1
    assert certainty.above(Decimal("59.999"), Decimal(0), Decimal(60)) == 0


@given(chances, st.integers(0, 9))
def test_at_least_so_many_is_the_poisson_binomial(given_: list[Decimal], needed: int) -> None:
    whole = {0: 1.0}
    for chance in map(float, given_):
        whole = {n: whole.get(n, 0) * (1 - chance) + whole.get(n - 1, 0) * chance for n in range(len(given_) + 1)}
    wanted = sum(share for n, share in whole.items() if n >= needed)
    assert float(certainty.at_least(needed, given_)) == pytest.approx(wanted, abs=1e-4)


@given(chances)
def test_the_same_star_twice_is_at_least_as_likely_as_by_lot(given_: list[Decimal]) -> None:
    reached = sorted(given_, reverse=True)
    assert Decimal(1) / (len(reached) + 1) - Decimal("0.0001") <= certainty.consistency(reached) <= 1


def exam(value: Any, error: Any = 4, number: int = 1) -> Evidence:
    return Evidence(number, "theory_exam", Decimal(value), TODAY, standard_error=error and Decimal(error))


def policy(**more: Any) -> Policy:
    leaf = {"kind": "theory_exam", "title": TITLE, "min": 60}
    stars = [{"star": 1, "title": TITLE, "requires": leaf}]
    raw = RAW["stars-first-way"] | {"stars": stars, "decision": {"certainty": 95, "second_look": True}}
    return parse(raw | more)


@pytest.mark.parametrize(
    ("value", "star", "sure", "borderline", "narrow"),
    [
        (62, 1, "0.6915", True, False),
        (67, 1, "0.9599", False, False),
        (80, 1, "1", False, False),
        (58, 0, "1", False, True),
        (40, 0, "1", False, False),
    ],
)
def test_a_close_mark_makes_a_close_decision(
    value: int, star: int, sure: str, *, borderline: bool, narrow: bool
) -> None:
    made = decide(policy(), [exam(value)], TODAY)
    assert (made.star, made.certainty, made.borderline, made.narrow) == (star, Decimal(sure), borderline, narrow)


def test_where_the_policy_does_not_ask_nothing_is_marked() -> None:
    made = decide(policy(decision=None), [exam(60)], TODAY)
    assert (made.certainty, made.borderline, made.narrow) == (Decimal("0.5"), False, False)


def test_a_second_good_mark_makes_it_surer() -> None:
    once = decide(policy(), [exam(62)], TODAY)
    twice = decide(policy(), [exam(62), exam(62, number=2)], TODAY)
    assert twice.certainty > once.certainty
    assert twice.consistency > once.consistency


def test_it_says_by_how_much() -> None:
    marks = [decide(policy(), [exam(value)], TODAY).stars[0].requires for value in (72, 55)]
    assert [(one.met, one.margin) for one in marks] == [(True, 12), (False, -5)]


def test_a_star_is_no_surer_than_the_stars_below() -> None:
    made = decide(parse(RAW["stars-first-way"]), [exam(61)], TODAY)
    assert made.stars[1].chance <= made.stars[0].chance < 1


@given(bodies, st.dates(date(2024, 1, 1), date(2028, 1, 1)))
def test_what_is_kept_says_the_same_with_all_its_words(some: list[Evidence], on: date) -> None:
    for name in RAW:
        parsed = parse(RAW[name])
        unsure = [replace(one, standard_error=Decimal(4)) if one.id % 3 == 0 else one for one in some]
        made = decide(parsed, unsure, on)
        assert expanded(parsed, made.kept()) == made.as_json()
        assert says_the_same(made.kept(), made)
        other = decide(parsed, [exam(61, number=99), *unsure], on)
        assert says_the_same(made.kept(), other) == (made.kept()["leaves"] == other.kept()["leaves"])


def test_a_decision_kept_before_it_said_how_sure_is_still_the_same() -> None:
    """What shape 1 kept, word for word: nobody's case is closed because we say more now."""
    made = decide(policy(), [exam(72)], TODAY)
    leaf = {"word": "leaf", "met": True, "needed": 1, "have": 1, "owed": 0, "title": TITLE, "kind": "theory_exam"}
    leaf |= {"measure": "marks", "counted": [1], "expired": []}
    title = {"zh": TITLE["zh"], "en": TITLE["en"]}
    before = {"star": 1, "on": "2026-11-01", "stars": [{"star": 1, "title": title, "reached": True, "requires": leaf}]}
    assert says_the_same(before, made)
    assert not says_the_same(before, decide(policy(), [exam(55)], TODAY))
    assert expanded(policy(), before) == before
