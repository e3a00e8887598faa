"""A hundred thousand random cases, three evaluators that share no line: none may differ (`make campaigns`)."""

import random

import pytest

from tests.assessments.certification.cases import differences

POLICIES, PERSONS = 1000, 10


@pytest.mark.parametrize("seed", range(10))
def test_three_evaluators_agree(seed: int) -> None:
    rng = random.Random(seed)
    assert [one for _ in range(POLICIES) for one in differences(rng, PERSONS)] == []
