"""Three evaluators that share no line must say the same: set-based, plain and slow (`make campaigns` asks 100,000)."""

import random
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.certification.rules.decision import Evidence, decide
from assessments.certification.rules.policy import parse
from tests.assessments.certification import cases
from tests.assessments.certification.cases import TODAY
from tests.assessments.certification.test_decision import RAW


def test_three_evaluators_agree_on_thousands_of_cases() -> None:
    rng = random.Random(20261122)
    found = [difference for _ in range(300) for difference in cases.differences(rng, 10)]
    assert found == []


@pytest.mark.parametrize("name", sorted(RAW))
def test_they_agree_on_the_policies_that_are_shipped(name: str) -> None:
    rng, parsed = random.Random(name), parse(RAW[name])
    bodies = [cases.evidence(rng, 120, 1000 * n + 1) for n in range(60)]
    techniques = sorted({leaf.technique for leaf in parsed.leaves() if leaf.technique})
    numbers = {code: n for n, code in enumerate(techniques, 10)}
    for row in (row for body in bodies for row in body):
        row["technique"] = rng.choice([None, *techniques])
        row["value"] = rng.choice([4, 5, 60, 90]) + row["value"] * 0
    cases.NUMBERS.update(numbers)
    fast = cases.set_based(parsed, bodies)
    plain = [decide(parsed, [Evidence(**row) for row in body], TODAY).star for body in bodies]
    assert fast.star.tolist() == plain


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9))
def test_whoever_else_is_in_the_cohort_changes_nothing(seed: int) -> None:
    rng = random.Random(seed)
    parsed = parse(cases.policy(rng))
    bodies = [cases.evidence(rng, 12, 1000 * n + 1) for n in range(6)]
    together = cases.set_based(parsed, bodies)
    alone = [cases.set_based(parsed, [body]) for body in bodies]
    assert together.star.tolist() == [int(one.star[0]) for one in alone]
    assert together.changes_on.tolist() == [int(one.changes_on[0]) for one in alone]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9), st.integers(1, 900))
def test_nothing_changes_before_the_day_the_set_based_one_names(seed: int, days: int) -> None:
    rng = random.Random(seed)
    parsed = parse(cases.policy(rng))
    body = [cases.evidence(rng, 12)]
    made, later = cases.set_based(parsed, body), TODAY + timedelta(days=days)
    if later.toordinal() < int(made.changes_on[0]):
        assert cases.set_based(parsed, body, later).star.tolist() == made.star.tolist()


def test_who_has_nothing_is_decided_about_too() -> None:
    clear = {"kind": "no_open_critical_failure", "title": cases.TITLE}
    raw = cases.policy(random.Random(1)) | {"stars": [{"star": 1, "title": cases.TITLE, "requires": clear}]}
    assert cases.set_based(parse(raw), [[], []]).stars() == {1: 1, 2: 1}
