"""What a release waits for."""

from decimal import Decimal
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.exams.rules.gate import Word, far_off, holds, unruled

LOW, HIGH = Decimal(30), Decimal(95)


@pytest.mark.parametrize(
    ("passed", "of", "far"),
    [
        (0, 0, False),
        (1, 1, False),
        (0, 3, False),  # 0.7³ = 34 %
        (0, 13, True),  # 0.7¹³ = 0.97 %
        (0, 12, False),  # 0.7¹² = 1.4 %
        (30, 100, False),
        (20, 100, False),  # P(X ≤ 20 | 0.3) = 1.6 %
        (19, 100, True),  # 0.9 %
        (89, 89, False),  # 0.95⁸⁹ = 1.04 %
        (90, 90, True),  # 0.95⁹⁰ = 0.99 %
        (95, 100, False),
    ],
)
def test_how_many_are_too_few_or_too_many(passed, of, far):
    assert far_off(passed, of, LOW, HIGH) is far


def test_the_borders_of_what_can_be_expected():
    assert not far_off(0, 50, Decimal(0), Decimal(100))
    assert not far_off(50, 50, Decimal(0), Decimal(100))
    assert far_off(49, 50, Decimal(99), Decimal(100)) is False  # one failed of fifty at 99 %
    assert far_off(1, 50, Decimal(0), Decimal("0.01")) is True


@given(st.integers(1, 60), st.data())
def test_the_tail_is_the_binomial_one(of, data):
    passed = data.draw(st.integers(0, of))
    tail = sum(comb(of, k) * 3**k * 7 ** (of - k) for k in range(passed + 1))
    expected = 100 * passed < 30 * of and 100 * tail < 10**of
    assert far_off(passed, of, LOW, Decimal(100)) is expected


def word(item, ruling="stands", key=("A",), run=1):
    return Word(item, ruling, None if ruling == "dropped" else list(key), run)


def test_a_ruling_holds_for_the_key_it_speaks_of():
    assert holds(word(1), {1: ["A"]}, ())
    assert not holds(word(1), {1: ["B"]}, ())
    assert not holds(word(1), {1: ["A"]}, {1})
    assert holds(word(1, "corrected", "B"), {1: ["B"]}, ())
    assert holds(word(1, "dropped"), {1: ["A"]}, {1})
    assert not holds(word(1, "dropped"), {1: ["A"]}, ())
    assert not holds(word(None), {1: ["A"]}, ())


def test_the_last_word_counts():
    key = {1: ["B"], 2: ["C"]}
    assert unruled([1, 2], [], key, ()) == [1, 2]
    assert unruled([1, 2], [word(2, key="C")], key, ()) == [1]
    assert unruled([1], [word(1, "corrected", "B"), word(1, key="A")], key, ()) == [1]
    assert unruled([1], [word(1, key="A"), word(1, "corrected", "B")], key, ()) == []
