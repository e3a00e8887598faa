"""What must hold of the statistics whatever the numbers are, and published fits."""

import csv
import math
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.psychometrics.rules import distractors, generalisability, information, items, standards
from assessments.psychometrics.rules.responses import correlation, part_of_extremes, responses
from assessments.psychometrics.rules.standards import EbelCell

EXAMPLES = Path(__file__).parent / "examples"

binary = st.integers(2, 12).flatmap(
    lambda k: st.lists(st.lists(st.sampled_from([0.0, 1.0]), min_size=k, max_size=k), min_size=2, max_size=25)
)
parts = st.fractions(0, 1, max_denominator=20)


def same(left, right):
    return (left is None) == (right is None) and (left is None or left == pytest.approx(right, abs=1e-9))


@given(binary, st.randoms(use_true_random=False))
def test_neither_the_order_of_candidates_nor_of_items_matters(points, chance):
    names = [f"i{n}" for n in range(len(points[0]))]
    before = items.analyse(points, names=names)
    order = list(range(len(names)))
    chance.shuffle(order)
    mixed = [[row[at] for at in order] for row in points]
    chance.shuffle(mixed)
    after = items.analyse(mixed, names=[names[at] for at in order])
    for name in ("n", "k", "mean", "sd", "alpha", "alpha_low", "sem"):
        assert same(getattr(before, name), getattr(after, name)), name
    by_name = {one.item: one for one in after.items}
    for one in before.items:
        for name in ("p", "r_it", "r_ir", "alpha_if_deleted", "d27"):
            assert same(getattr(one, name), getattr(by_name[one.item], name)), (one.item, name)


@given(binary)
def test_figures_keep_their_bounds(points):
    found = items.analyse(points)
    assert found.mean == pytest.approx(sum(one.p for one in found.items)), "facilities add up to the mean"
    for one in found.items:
        assert 0 <= one.p <= 1
        assert -1 <= one.d27 <= 1
        for r in (one.r_it, one.r_ir):
            assert r is None or -1 <= r <= 1
    if found.alpha is not None:
        assert found.alpha <= 1
        assert found.alpha_low <= found.alpha_high <= 1
        assert found.sem <= found.sd + 1e-12


@given(binary, st.lists(st.integers(0, 3), min_size=25, max_size=25).filter(lambda times: sum(times[:2]) > 1))
def test_a_weight_is_the_row_so_often(points, times):
    kept = [(row, count) for row, count in zip(points, times, strict=False) if count]
    weighted = items.analyse([row for row, _ in kept], freq=[count for _, count in kept])
    written = items.analyse([row for row, count in kept for _ in range(count)])
    for name in ("n", "mean", "sd", "alpha", "sem"):
        assert same(getattr(weighted, name), getattr(written, name)), name
    for one, other in zip(weighted.items, written.items, strict=True):
        for name in ("p", "r_it", "r_ir", "alpha_if_deleted", "d27"):
            assert same(getattr(one, name), getattr(other, name)), name


def test_the_point_biserial_is_pearsons():
    # (1,1,0,0) with (4,3,2,1): covariance 2, sums of squares 1 and 5
    one = np.ones(4)
    assert correlation(np.array([1.0, 1, 0, 0]), np.array([4.0, 3, 2, 1]), one) == pytest.approx(2 / math.sqrt(5))
    assert correlation(np.ones(4), np.array([1.0, 2, 3, 4]), one) is None
    assert correlation(np.array([0.0, 1]), np.array([1.0, 2]), np.ones(2)) is None


def test_the_extreme_groups_by_hand():
    # ten candidates: 2.7 is three; the totals 1 to 10 have the best at 10, 9, 8; ties share what is left
    totals, one = np.arange(1.0, 11), np.ones(10)
    assert part_of_extremes(totals, one, 0.27, upper=True).tolist() == [0.0] * 7 + [1.0] * 3
    tied = np.array([1.0, 1, 1, 1, 5, 5, 5, 5, 5, 9])
    assert part_of_extremes(tied, one, 0.27, upper=True).tolist() == [0.0] * 4 + [0.4] * 5 + [1.0]
    assert part_of_extremes(tied, one, 0.27, upper=False).tolist() == [0.75] * 4 + [0.0] * 6


def test_alphas_interval_against_feldt():
    # Feldt, Woodruff & Salih 1987: 41 examinees, 26 items, alpha .79; F(40, 1000) is 1.506 at .975 and .6035 at .025
    low, high = items.interval(0.79, 41, 26)
    assert (low, high) == (pytest.approx(0.684, abs=2e-3), pytest.approx(0.873, abs=2e-3))


def test_drawn_items_are_judged_as_items_within_persons():
    # KR-21 with everybody on 10 right-or-wrong items: k/(k−1) · (1 − M(k−M)/(k s²)), here through NaN in an 11th column
    points = np.array([[1.0] * right + [0.0] * (10 - right) + [np.nan] for right in (2, 4, 5, 7, 9)])
    found = items.analyse(points)
    mean, spread = 5.4, np.var([2, 4, 5, 7, 9], ddof=1)
    # Σ x(k−x)/n instead of M(k−M): each candidate's own error variance
    error = np.mean([x * (10 - x) / 9 for x in (2, 4, 5, 7, 9)])
    assert found.percent
    assert found.mean == pytest.approx(10 * mean)
    assert found.alpha == pytest.approx(1 - error / spread)
    assert found.items[10].reason == "nobody sat this item"


# ---- judges


estimates = st.integers(1, 6).flatmap(
    lambda k: st.dictionaries(
        st.text("abc", min_size=1, max_size=3), st.lists(parts, min_size=k, max_size=k), min_size=1, max_size=5
    )
)


@given(estimates)
def test_angoff_keeps_bounds_and_is_exact(given_):
    found = standards.angoff(given_)
    count = len(next(iter(given_.values())))
    assert 0 <= found.cut <= count
    assert found.cut * len(given_) == sum(sum(row) for row in given_.values()), "no rounding at all"
    assert found.cut_percent == 100 * found.cut / count
    assert (found.judge_se is None) == (len(given_) == 1)
    backwards = standards.angoff(dict(reversed(given_.items())))
    assert (backwards.cut, backwards.judge_se) == (found.cut, pytest.approx(found.judge_se))


@given(estimates, st.data())
def test_angoff_adds_up_over_parts_of_a_paper(given_, data):
    count = len(next(iter(given_.values())))
    if count < 2:
        return
    at = data.draw(st.integers(1, count - 1))
    left = standards.angoff({judge: row[:at] for judge, row in given_.items()})
    right = standards.angoff({judge: row[at:] for judge, row in given_.items()})
    assert left.cut + right.cut == standards.angoff(given_).cut


@given(st.lists(st.tuples(st.integers(1, 9), parts), min_size=1, max_size=5), st.integers(1, 4))
def test_ebel_of_judges_who_agree_is_each_ones_cut(cells, judges):
    row = [EbelCell("r", str(at), count, share) for at, (count, share) in enumerate(cells)]
    found = standards.ebel({f"j{n}": row for n in range(judges)})
    assert found.cut == sum(count * share for count, share in cells)
    assert found.judge_se in (None, 0.0)
    assert 0 <= found.cut_percent <= 100


scores = st.lists(st.fractions(0, 100, max_denominator=10), min_size=1, max_size=40)


@given(scores, st.integers(0, 60), st.integers(1, 40), st.integers(0, 50), st.integers(1, 50))
def test_hofstees_cut_lies_on_the_line_and_on_the_curve(given_, cut_min, wide, fail_min, high):
    bounds = {
        "cut_min": Fraction(cut_min),
        "cut_max": Fraction(cut_min + wide),
        "fail_min": Fraction(fail_min),
        "fail_max": Fraction(fail_min + high),
    }
    found = standards.hofstee(given_, **bounds)
    if found.cut is None:
        least, most = (standards.share_below(given_, bounds[name]) for name in ("cut_min", "cut_max"))
        assert least > bounds["fail_max"] or most < bounds["fail_min"]
        assert found.reason
        return
    line = bounds["fail_max"] - (found.cut - bounds["cut_min"]) * high / wide
    assert found.fail_percent == standards.share_below(given_, found.cut) == line
    assert bounds["cut_min"] <= found.cut <= bounds["cut_max"]
    assert standards.hofstee(sorted(given_, reverse=True), **bounds) == found


def test_hofstee_meets_in_a_huge_range_at_once():
    found = standards.hofstee(
        [Fraction(5 * 10**8)],
        cut_min=Fraction(0),
        cut_max=Fraction(10**9),
        fail_min=Fraction(0),
        fail_max=Fraction(100),
    )
    assert 5 * 10**8 <= found.cut <= 5 * 10**8 + 1


@given(scores, st.fractions(0, 50, max_denominator=4))
def test_cohen_lies_between_guessing_and_the_top(given_, guess):
    found = standards.cohen(given_, guess=guess)
    assert min(given_) <= found.top_score <= max(given_)
    assert min(guess, found.top_score) <= found.cut <= max(guess, found.top_score)
    assert standards.cohen(sorted(given_), guess=guess) == found
    assert float(found.top_score) == pytest.approx(np.percentile([float(one) for one in given_], 95))


def test_a_cut_moves_by_its_error_and_stays_within_bounds():
    moved = standards.with_error(Fraction(60), Fraction("3.5"), Fraction(1))
    assert (moved, standards.with_error(Fraction(60), Fraction("3.5"), Fraction(-2))) == (Fraction("63.5"), 53)
    assert standards.with_error(Fraction(99), Fraction(3), Fraction(1)) == 100
    assert standards.with_error(Fraction(1), Fraction(3), Fraction(-1)) == 0


# ---- g-study


@given(binary)
def test_g_is_alpha(points):
    found, alpha = generalisability.study(points), items.analyse(points).alpha
    if alpha is None or found.g is None or alpha < 0:
        return
    assert found.g == pytest.approx(alpha, abs=1e-9), "with all items crossed, G is alpha (Brennan 2001)"
    assert 0 <= found.phi <= found.g + 1e-12


@given(binary)
def test_longer_tests_are_never_less_dependable(points):
    gs = [level.g for level in generalisability.study(points, levels=range(1, 30)).d_study]
    assert all(one is None for one in gs) or gs == sorted(gs)


# ---- information and options


def lsat7():
    rows = list(csv.reader((EXAMPLES / "lsat7.csv").read_text().splitlines()))[1:]
    return [[float(cell) for cell in row[:-1]] for row in rows], [float(row[-1]) for row in rows]


def test_the_fit_of_lsat7_is_the_published_one():
    # Bock & Aitkin 1981 as slopes and intercepts of the logistic, the way programs for item response models print them
    points, freq = lsat7()
    found = information.fit(points, freq=freq, prior=None)
    assert found.converged
    assert found.likelihood == pytest.approx(-2658.805, abs=0.01)
    assert found.slopes == pytest.approx([0.988, 1.081, 1.706, 0.765, 0.736], abs=0.01)
    assert found.intercepts == pytest.approx([1.856, 0.808, 1.804, 0.486, 1.855], abs=0.01)


def test_a_fit_finds_what_made_the_answers():
    chance = np.random.default_rng(1)
    slopes, intercepts = np.linspace(0.6, 1.8, 20), np.linspace(-1.5, 1.5, 20)
    ability = chance.normal(size=2000)
    points = (chance.random((2000, 20)) < 1 / (1 + np.exp(-(np.outer(ability, slopes) + intercepts)))).astype(float)
    found = information.fit(points)
    assert np.abs(np.array(found.slopes) - slopes).max() < 0.25
    assert np.abs(np.array(found.intercepts) - intercepts).max() < 0.2
    points[:, 3][chance.random(2000) < 0.5] = np.nan
    assert information.fit(points).slopes[3] == pytest.approx(slopes[3], abs=0.3), "from half of the candidates"


def test_what_nobody_or_everybody_gets_stays_finite():
    points = np.zeros((80, 4))
    points[:, 1] = 1
    points[::2, 2] = 1
    points[::3, 3] = 1
    found = information.fit(points)
    assert all(math.isfinite(value) for value in (*found.slopes, *found.intercepts))
    places = information.curve(found, np.ones(4), [-3.0, 0.0, 3.0])
    assert [one.percent for one in places] == sorted(one.percent for one in places)
    assert all(one.information > 0 and math.isfinite(one.error) for one in places)


def test_information_by_hand():
    # one item with slope 1 at its own difficulty: P = ½, information ¼; four alike: 1, error of ability 1
    fit = information.Fit((1.0,) * 4, (0.0,) * 4, 0.0, 1, True)
    (place,) = information.curve(fit, np.ones(4), [0.0])
    assert (place.percent, place.information) == (pytest.approx(50), pytest.approx(1))
    assert place.error == pytest.approx(25), "ability ± 1 is percent ± 100 · ¼"


@given(st.lists(st.tuples(st.sampled_from(["", "A", "B", "AB"]), st.integers(0, 20)), min_size=1, max_size=40))
def test_options_are_counted_once_each(answered):
    answers = [tuple(answer) for answer, _rest in answered]
    found = {one.key: one for one in distractors.options("ABC", "A", answers, [rest for _answer, rest in answered])}
    assert found["A"].chosen == sum("A" in answer for answer in answers)
    assert ("" in found) == any(not answer for answer in answers)
    for one in found.values():
        assert 0 <= one.lower <= 1
        assert 0 <= one.upper <= 1
        assert np.mean(one.by_group) == pytest.approx(one.share), "the fifths together are everybody"
    assert not found["A"].idle
    assert found["C"].idle


def test_an_option_that_draws_the_strong_is_named():
    rests = list(range(20))
    answers = [("B",) if rest >= 10 else ("A",) for rest in rests]
    right, wrong = distractors.options("AB", "A", answers, rests)
    assert (right.misleads, wrong.misleads) == (False, True)
    assert (wrong.upper, wrong.lower) == (1.0, 0.0)
    assert wrong.by_group == pytest.approx((0, 0, 0.5, 1, 1))


def test_nothing_comes_of_nothing():
    with pytest.raises(ValueError, match="no points"):
        responses([])
    with pytest.raises(ValueError, match="every judge"):
        standards.angoff({"j": [Fraction(1)], "k": []})
    with pytest.raises(ValueError, match="every judge"):
        standards.ebel({})
    bounds = dict.fromkeys(("cut_min", "cut_max", "fail_min", "fail_max"), Fraction(1))
    for empty, options in ((standards.cohen, {"guess": Fraction(0)}), (standards.hofstee, bounds)):
        with pytest.raises(ValueError, match="no scores"):
            empty([], **options)
    assert distractors.options("AB", "A", [], []) == ()
