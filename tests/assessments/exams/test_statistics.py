"""Item and paper figures against numbers worked out by hand."""

import math
import random
from decimal import Decimal

import pytest

from assessments.exams.rules.statistics import ENOUGH, correlation, item_figures, paper_figures


def test_the_point_biserial_is_pearsons():
    # (1,1,0,0) with (4,3,2,1): covariance 2, sums of squares 1 and 5
    assert correlation([1, 1, 0, 0], [4, 3, 2, 1]) == pytest.approx(2 / math.sqrt(5))
    assert correlation([1, 1, 1], [1, 2, 3]) is None
    assert correlation([0, 1], [1, 2]) is None


def test_kr20_by_hand():
    # ten times the same four rows: p = .75, .5, .25; sum of pq = .625; variance of totals 0..3 is 1.25 (n), 50/39 (n-1)
    rows = [[1, 1, 1], [1, 1, 0], [1, 0, 0], [0, 0, 0]] * 10
    found = paper_figures(rows, [1, 1, 1])
    assert found.reliability == Decimal("0.750")  # 3/2 · (1 − .625/1.25); n or n−1 in both cancels
    assert found.mean == Decimal("50.000")
    deviation = 100 / 3 * math.sqrt(1.25 * 40 / 39)
    assert float(found.deviation) == pytest.approx(deviation, abs=0.001)
    assert float(found.error) == pytest.approx(deviation / 2, abs=0.001)


def test_too_few_say_nothing():
    few = [[1, 0, 1]] * (ENOUGH - 1)
    found = paper_figures(few, [1, 1, 1])
    assert (found.reliability, found.error) == (None, None)
    assert item_figures(1, [0.0] * (ENOUGH - 1), [1.0] * (ENOUGH - 1), [()] * (ENOUGH - 1)).flags == ()
    assert paper_figures([], [1]).candidates == 0
    assert paper_figures([[1]], [1]).mean == Decimal("100.000")
    assert paper_figures([[1, 1]] * ENOUGH, [1, 1]).reliability is None, "nobody differs from anybody"


def test_a_wrong_key_stands_out():
    chance = random.Random(7)
    abilities = [chance.gauss(0, 1) for _ in range(100)]
    rows = [[float(chance.random() < 1 / (1 + math.exp(-1.5 * a))) for _ in range(20)] for a in abilities]
    swapped = [1 - row[0] for row in rows]
    rests = [sum(row[1:]) for row in rows]
    answers = [("A",) if row[0] else () for row in rows]
    assert item_figures(0, swapped, rests, answers).flags[:1] == ("backwards",)
    assert "backwards" not in item_figures(0, [row[0] for row in rows], rests, answers).flags
    assert item_figures(0, swapped, rests, answers).chosen == {
        "A": sum(map(len, answers)),
        "": 100 - sum(map(len, answers)),
    }


def test_easy_and_hard_ones_are_named():
    rests = [float(n) for n in range(40)]
    answers = [("A",)] * 40
    assert "easy" in item_figures(1, [0.0] + [1.0] * 39, rests, answers).flags
    assert "hard" in item_figures(1, [0.0] * 39 + [1.0], rests, answers).flags
