"""Item and paper figures of an exam against numbers worked out by hand, whole papers and papers from a pool."""

import math
import random
from decimal import Decimal
from fractions import Fraction

import pytest

from assessments.exams.rules.scoring import Marked
from assessments.exams.rules.statistics import ENOUGH, figures, item_figures, paper_figures, sheet, suspects, whole


def rows(*shares: list[float | None], of: int = 1) -> list[list[Marked]]:
    """Marked answers: `A` for what earned something, nothing for what did not, left out where it was not sat."""
    return [
        [
            Marked(number, ("A",) if share else (), Fraction(share).limit_denominator(9) * of, of)
            for number, share in enumerate(row)
            if share is not None
        ]
        for row in shares
    ]


def paper(shares, points=(1, 1, 1)):
    laid = sheet(dict(enumerate(points)), rows(*shares))
    return paper_figures(laid, whole(laid))


def test_kr20_by_hand():
    # ten times the same four rows: p = .75, .5, .25; sum of pq = .625; variance of totals 0..3 is 1.25 (n), 50/39 (n-1)
    found = paper([[1, 1, 1], [1, 1, 0], [1, 0, 0], [0, 0, 0]] * 10)
    assert found.reliability == Decimal("0.750")  # 3/2 · (1 − .625/1.25); n or n−1 in both cancels
    assert found.mean == Decimal("50.000")
    deviation = 100 / 3 * math.sqrt(1.25 * 40 / 39)
    assert float(found.deviation) == pytest.approx(deviation, abs=0.001)
    assert float(found.error) == pytest.approx(deviation / 2, abs=0.001)


def test_too_few_say_nothing():
    found = paper([[1, 0, 1]] * (ENOUGH - 1))
    assert (found.reliability, found.error) == (None, None)
    few = sheet({0: 1, 1: 1}, rows(*[[0, 1]] * (ENOUGH - 1)))
    assert [one.flags for one in item_figures(few, whole(few), suspects(few))] == [(), ()]
    assert paper([], [1]).candidates == 0
    assert paper([[1]], [1]).mean == Decimal("100.000")
    assert paper([[1, 1]] * ENOUGH, (1, 1)).reliability is None, "nobody differs from anybody"
    kept, error = figures(sheet({0: 1}, []))
    assert (kept["candidates"], kept["items"], error) == (0, [], None)


def simulated(candidates: int, items: int) -> list[list[float]]:
    chance = random.Random(7)
    abilities = [chance.gauss(0, 1) for _ in range(candidates)]
    return [[float(chance.random() < 1 / (1 + math.exp(-1.5 * a))) for _ in range(items)] for a in abilities]


def test_a_wrong_key_stands_out_and_is_named_in_what_is_kept():
    shares = simulated(100, 20)
    sound = sheet(dict.fromkeys(range(20), 1), rows(*shares))
    assert "backwards" not in item_figures(sound, whole(sound), suspects(sound))[0].flags
    scores = rows(*shares)
    for row in scores:  # the others chose B, and the key says B
        was = row[0]
        row[0] = Marked(0, was.answer or ("B",), Fraction(0) if was.answer else Fraction(1), 1)
    kept, _error = figures(sheet(dict.fromkeys(range(20), 1), scores))
    assert kept["items"][0]["flags"][:2] == ["key", "backwards"]
    assert kept["keys"]["suspects"][0]["item"] == 0
    assert kept["keys"]["suspects"][0]["rival"] == ["A"]
    assert kept["items"][0]["chosen"] == {
        "A": sum(row[0] == 1 for row in shares),
        "B": sum(row[0] == 0 for row in shares),
    }


def test_under_sixty_candidates_nothing_is_said_about_keys():
    kept, _error = figures(sheet(dict.fromkeys(range(20), 1), rows(*simulated(59, 20))))
    assert kept["keys"] == {"can_tell": False, "untold": list(range(20)), "suspects": []}


def test_items_of_a_pool_are_judged_by_who_had_them():
    shares: list[list[float | None]] = [list(row) for row in simulated(120, 12)]
    for number, row in enumerate(shares):
        row[number % 3] = None  # everybody had eleven of twelve
        row[11] = 1.0 if number % 40 == 0 else None  # three had the last one
    laid = sheet(dict.fromkeys(range(12), 1), rows(*shares))
    found = whole(laid)
    assert [one.n for one in found.items] == [80, 80, 80, *[120] * 8, 3]
    shown = item_figures(laid, found, suspects(laid))
    assert sum(shown[0].chosen.values()) == 80
    assert shown[11].flags == (), "three are too few to call it easy"
    assert suspects(laid).untold == (11,)
    assert 0 < paper_figures(laid, found).reliability < 1


def test_easy_and_hard_ones_are_named():
    easy = [[1.0, n / 40, 0.5] for n in range(40)]
    easy[0][0] = 0.0
    hard = [[1 - row[0], row[1], 0.5] for row in easy]
    for shares, name in ((easy, "easy"), (hard, "hard")):
        laid = sheet(dict.fromkeys(range(3), 1), rows(*shares))
        assert name in item_figures(laid, whole(laid), suspects(laid))[0].flags


def test_part_marks_and_weights_count():
    found = paper([[1, 0.5], [0.5, 0], [0, 0]], (2, 1))
    assert found.mean == Decimal("38.889")  # 2½, 1 and 0 of 3
