"""Agreement of raters against published tables, another implementation, and what must always hold."""

import json
import math

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from assessments.psychometrics.cli import psychometrics
from assessments.psychometrics.rules.agreement import Weights, fleiss, icc, kappa
from tests.assessments.psychometrics.test_examples import example, near, told
from tests.assessments.psychometrics.test_files import ask

FORMS = ("icc1", "icc2", "icc3", "icc1k", "icc2k", "icc3k")


def test_shrout_and_fleiss_1979():
    found = told("icc", example("shrout_fleiss"))
    assert [found[name] for name in FORMS] == near([0.17, 0.29, 0.71, 0.44, 0.62, 0.91], 5e-3)
    assert (found["n"], found["k"]) == (6, 4)
    assert "reason" not in found


def test_intervals_of_the_same_table():
    # as the psych package for R prints them (Revelle, ICC(sf)): -0.133–0.72, 0.019–0.76, 0.342–0.95
    found = told("icc", example("shrout_fleiss"))["intervals"]
    assert found["icc1"] == near([-0.133, 0.72], 5e-3)
    assert found["icc2"] == near([0.019, 0.76], 2e-3)
    assert found["icc3"] == near([0.342, 0.95], 5e-3)


def test_two_alike_agree_wholly_and_constant_ones_not_at_all():
    alike = icc([[1, 1], [4, 4], [2, 2]])
    assert [getattr(alike, name) for name in FORMS] == [1, 1, 1, 1, 1, 1]
    flat = icc([[3, 3], [3, 3]])
    assert [getattr(flat, name) for name in FORMS] == [None] * 6
    assert flat.reason == "nothing varies"
    crossed = icc([[1, 2], [2, 1]])
    assert (crossed.icc1, crossed.icc1k) == (-1, None)
    assert crossed.reason == "subjects differ no more than raters do"


TABLES = st.integers(2, 12).flatmap(
    lambda n: st.integers(2, 6).flatmap(
        lambda k: st.lists(st.lists(st.integers(0, 100), min_size=k, max_size=k), min_size=n, max_size=n)
    )
)


@given(TABLES, st.integers(-50, 50), st.integers(1, 9))
def test_icc_does_not_mind_units_or_the_order_of_people(table, shift, scale):
    before = icc(table)
    after = icc([[scale * value + shift for value in reversed(row)] for row in reversed(table)])
    for name in FORMS:
        one, other = getattr(before, name), getattr(after, name)
        assert (one is None) == (other is None)
        assert one is None or math.isclose(one, other, rel_tol=1e-6, abs_tol=1e-6)


@given(TABLES)
def test_icc_is_bounded_and_the_mean_follows_spearman_and_brown(table):
    found = icc(table)
    for name in ("icc1", "icc3"):
        value = getattr(found, name)
        assert value is None or -1 / (found.k - 1) - 1e-9 <= value <= 1 + 1e-9
    assert found.icc2 is None or found.icc2 <= 1 + 1e-9
    for one, mean in (("icc1", "icc1k"), ("icc3", "icc3k")):
        single, many = getattr(found, one), getattr(found, mean)
        if single is not None and many is not None:
            stepped = found.k * single / (1 + (found.k - 1) * single)
            assert math.isclose(stepped, many, rel_tol=1e-6, abs_tol=1e-6)


@given(TABLES, st.integers(1, 40))
def test_a_severe_rater_hurts_absolute_agreement_only(table, severity):
    moved = [[row[0] + severity, *row[1:]] for row in table]
    before, after = icc(table), icc(moved)
    assume(before.icc3 is not None and after.icc3 is not None)
    assert math.isclose(before.icc3, after.icc3, rel_tol=1e-6, abs_tol=1e-6)


@given(TABLES)
def test_intervals_hold_their_estimate(table):
    found = icc(table)
    for name, interval in found.intervals.items():
        value = getattr(found, name)
        if interval is not None and (name != "icc2" or value > 0):  # that one is an approximation, made for agreement
            assert interval[0] - 1e-9 <= value <= interval[1] + 1e-9


def test_cohen_1960():
    found = told("kappa", example("cohen_1960"))
    assert (found["n"], found["raters"], found["agreement"], found["expected"]) == near((200, 2, 0.70, 0.41), 1e-9)
    assert found["kappa"] == near(0.492, 5e-4)


def test_fleiss_levin_paik_2003_with_its_error():
    # Statistical methods for rates and proportions, table 18.1: kappa .676, standard error .087 to .088
    found = told("kappa", example("fleiss_levin_paik"))
    assert found["kappa"] == near(0.676, 5e-4)
    assert found["se"] == near(0.0877, 5e-5)
    assert (found["low"], found["high"]) == near((0.505, 0.848), 5e-4)


def test_fleiss_of_fourteen_raters():
    found = told("kappa", example("fleiss_ten"))
    assert (found["n"], found["raters"], found["categories"]) == (10, 14, 5)
    assert (found["agreement"], found["expected"], found["kappa"]) == near((0.378, 0.213, 0.210), 5e-4)


GRADES = st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), min_size=2, max_size=40)


@given(GRADES, st.sampled_from([*Weights]))
def test_kappa_is_that_of_scikit_learn(pairs, weights):
    first, second = [one for one, _ in pairs], [other for _, other in pairs]
    assume(len({*first, *second}) > 1)
    found = kappa(first, second, categories=range(1, 6), weights=weights)
    asked = None if weights is Weights.NONE else weights.value
    theirs = cohen_kappa_score(first, second, labels=[1, 2, 3, 4, 5], weights=asked)
    assert found.kappa is not None
    assert found.kappa == pytest.approx(theirs, abs=1e-9)


@given(GRADES, st.sampled_from([*Weights]))
def test_kappa_does_not_mind_who_is_first(pairs, weights):
    first, second = [one for one, _ in pairs], [other for _, other in pairs]
    one = kappa(first, second, categories=range(1, 6), weights=weights)
    other = kappa(second, first, categories=range(1, 6), weights=weights)
    assert (one.kappa is None) == (other.kappa is None)
    assert one.kappa is None or one.kappa == pytest.approx(other.kappa, abs=1e-9)


@given(st.lists(st.lists(st.integers(1, 4), min_size=3, max_size=3), min_size=1, max_size=20))
def test_fleiss_is_at_most_one_and_one_when_all_agree(rows):
    found = fleiss(rows, categories=range(1, 5))
    if all(len(set(row)) == 1 for row in rows):
        assert found.kappa in (None, pytest.approx(1))
    else:
        assert found.kappa is not None
        assert found.kappa < 1


def test_two_raters_who_said_one_thing_only(tmp_path):
    found = json.loads(ask(tmp_path, "a,b\n2,2\n2,2\n", "kappa").stdout)
    assert (found["kappa"], found["reason"]) == (None, "both raters used one category only")


def test_a_grade_that_nobody_used_keeps_its_place(tmp_path):
    rows = "a,b\n1,1\n2,4\n4,4\n2,1\n1,4\n"
    guessed = json.loads(ask(tmp_path, rows, "kappa", "--weights", "linear").stdout)
    named = json.loads(ask(tmp_path, rows, "kappa", "--weights", "linear", "--categories", "1,2,3,4").stdout)
    assert guessed["warnings"]
    assert not named["warnings"]
    assert guessed["kappa"] != named["kappa"]
    theirs = cohen_kappa_score([1, 2, 4, 2, 1], [1, 4, 4, 1, 4], labels=[1, 2, 3, 4], weights="linear")
    assert named["kappa"] == near(theirs, 1e-9)


REFUSED = [
    (("icc",), "a,b\n1,NaN\n2,3\n", "row 2: column b: 'NaN' is no number"),
    (("icc",), "a,b\n1,\n2,3\n", "row 2: column b: the cell is empty"),
    (("icc",), "a\n1\n2\n", "row 1: agreement needs two raters"),
    (("icc",), "a,b\n1,2\n", "agreement of scores needs two subjects"),
    (("kappa",), "a\n1\n2\n", "row 1: agreement needs two raters"),
    (("kappa",), "a,b\n1,\n", "row 2: column b: the cell is empty"),
    (("kappa", "--weights", "linear"), "a,b,c\n1,2,1\n", "weights are for two raters"),
    (("kappa", "--weights", "linear"), "a,b\nfail,pass\n", "weights need an order"),
    (("kappa", "--categories", "fail,pass"), "a,b\nfail,good\n", "row 2: column b: 'good' is not one of fail,pass"),
]


@pytest.mark.parametrize(("asked", "content", "words"), REFUSED)
def test_what_cannot_be_compared_is_refused(tmp_path, asked, content, words):
    ran = ask(tmp_path, content, *asked)
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert ran.stderr.startswith(words)


@pytest.mark.parametrize("asked", [("kappa", "--weights", "cubic"), ("kappa", "--categories", "a,,b"), ("icc", "--k")])
def test_wrong_use(tmp_path, asked):
    ran = ask(tmp_path, "a,b\n1,2\n2,2\n", *asked)
    assert (ran.exit_code, ran.stdout) == (2, "")


def test_words_in_order_can_be_weighed(tmp_path):
    rows = "a,b\nfail,fail\npass,borderline\nfail,borderline\npass,pass\n"
    found = json.loads(
        ask(tmp_path, rows, "kappa", "--weights", "quadratic", "--categories", "fail,borderline,pass").stdout
    )
    theirs = cohen_kappa_score([0, 2, 0, 2], [0, 1, 1, 2], labels=[0, 1, 2], weights="quadratic")
    assert found["kappa"] == near(theirs, 1e-9)


def test_words_for_people():
    ran = CliRunner().invoke(psychometrics, ["icc", example("shrout_fleiss")])
    assert "icc3: 0.71" in ran.stdout


def test_large_numbers_are_no_noise():
    small = icc([[1, 2], [3, 4], [8, 7]])
    large = icc(np.array([[1, 2], [3, 4], [8, 7]]) + 1_000_000)
    assert small.icc1 == pytest.approx(large.icc1, rel=1e-6)
