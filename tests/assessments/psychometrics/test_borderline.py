"""Borderline regression: the worked example, every guard once, the interval, and what must always hold."""

import json
import math
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import linregress

from assessments.psychometrics.rules.borderline import Guard, bootstrap, exam, group, regress
from tests.assessments.psychometrics.test_examples import example, near, told
from tests.assessments.psychometrics.test_files import ask
from tests.processes import bare_flask

F = Fraction


def test_the_worked_example():
    found = told("borderline", example("borderline"), "--borderline", "1")
    assert found["n"] == 20
    assert [found[name] for name in ("slope", "intercept", "r2", "cut", "se_cut")] == near(
        [2.537653, 9.394046, 0.907692, 11.931699, 0.316310], 5e-7
    )
    assert (found["borderline_group_mean"], found["fails"]) == (12.0, 3)
    assert len(found["warnings"]) == 1
    assert "50" in found["warnings"][0]
    assert "reason" not in found


def test_the_interval_is_the_same_for_the_same_seed():
    asked = ("borderline", example("borderline"), "--borderline", "1", "--bootstrap", "1000")
    one, again, other = told(*asked, "--seed", "7"), told(*asked, "--seed", "7"), told(*asked, "--seed", "8")
    assert (one["cut_low"], one["cut_high"]) == (again["cut_low"], again["cut_high"])
    assert (one["cut_low"], one["cut_high"]) != (other["cut_low"], other["cut_high"])
    assert one["cut_low"] < one["cut"] < one["cut_high"]
    # of the same size as ± 1.96 errors of the line
    assert (one["cut_high"] - one["cut_low"]) / (2 * 1.96 * one["se_cut"]) == pytest.approx(1, abs=0.25)
    assert one["bootstrap"]["used"] == 1000


def test_stations_and_the_exam(tmp_path):
    rows = tmp_path / "two.csv"
    plain = Path(example("borderline")).read_text().split()[1:]
    lines = [f"a,{row}" for row in plain] + [f"b,{row}" for row in plain[:-1]]
    rows.write_text("station,grade,score\n" + "\n".join(lines) + "\n")
    found = told("borderline", str(rows), "--borderline", "1")
    first, second = found["stations"]
    assert (first["station"], second["station"], first["n"], second["n"]) == ("a", "b", 20, 19)
    assert first["cut"] == near(11.931699, 5e-7)
    assert found["exam"]["cut"] == near((first["cut"] + second["cut"]) / 2, 1e-9)
    assert found["exam"]["se_cut"] == near(math.hypot(first["se_cut"], second["se_cut"]) / 2, 1e-9)
    assert len(found["warnings"]) == 2


def grades_of(*pairs):
    return [F(grade) for grade, _ in pairs], [F(score) for _, score in pairs]


def test_each_guard_once():
    steep = [(g, 10 * g + noise) for g in range(4) for noise in (-1, 0, 1, 2) for _ in range(4)]
    fine = regress(*grades_of(*steep), F(1))
    assert (fine.guards, fine.cut is not None) == ((), True)
    falling = regress(*grades_of(*[(3 - g, s) for g, s in steep]), F(1))
    assert (falling.guards, falling.cut, falling.se_cut, falling.fails) == ((Guard.SLOPE,), None, None, None)
    assert falling.slope < 0
    two = regress(*grades_of(*[(min(g, 1), s) for g, s in steep]), F(1))
    assert Guard.FEW_GRADES in two.refused
    assert two.cut is None
    loose = regress(*grades_of(*[(g, (7 * at) % 100 + g) for at, (g, _s) in enumerate(steep)]), F(1))
    assert Guard.LOW_FIT in loose.guards
    few = regress(*grades_of(*steep[::2]), F(1))
    assert few.guards == (Guard.FEW_CANDIDATES,)
    outside = regress(*grades_of(*steep), F(5))
    assert outside.guards == (Guard.OUTSIDE, Guard.NOBODY_BORDERLINE)
    assert outside.group.mean is None
    assert outside.cut is not None


def test_guards_in_the_words_of_the_command(tmp_path):
    falling = json.loads(ask(tmp_path, "grade,score\n0,9\n1,6\n2,3\n", "borderline", "--borderline", "1").stdout)
    assert (falling["cut"], falling["fails"]) == (None, None)
    assert falling["reason"].startswith("refused: the score does not rise")
    one = json.loads(ask(tmp_path, "grade,score\n1,9\n1,6\n", "borderline", "--borderline", "1").stdout)
    assert (one["slope"], one["r2"], one["cut"]) == (None, None, None)
    assert "3 different grades" in one["reason"]
    flat = json.loads(ask(tmp_path, "grade,score\n0,5\n1,5\n2,5\n", "borderline", "--borderline", "1").stdout)
    assert (flat["slope"], flat["r2"], flat["cut"]) == (0, None, None)
    both = ask(tmp_path, "station,grade,score\na,0,1\na,1,2\na,2,3\nb,1,1\n", "borderline", "--borderline", "1")
    told_ = json.loads(both.stdout)
    assert (told_["exam"]["cut"], told_["exam"]["reason"]) == (None, "no cut at b")


REFUSED = [
    ("score\n1\n", "row 1: column grade: the column is missing"),
    ("grade,score\n1,NaN\n", "row 2: column score: 'NaN' is no number"),
    ("grade,score\n1,-2\n", "row 2: column score: '-2' is not from 0"),
    ("grade,score\n,2\n", "row 2: column grade: the cell is empty"),
    ("station,grade,score\n,1,2\n", "row 2: column station: the cell is empty"),
    ("grade,score\n", "there is no row"),
]


@pytest.mark.parametrize(("content", "words"), REFUSED)
def test_bad_files(tmp_path, content, words):
    ran = ask(tmp_path, content, "borderline", "--borderline", "1")
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert ran.stderr.startswith(words)


@pytest.mark.parametrize(
    "asked",
    [
        ("borderline",),
        ("borderline", "--borderline", "many"),
        ("borderline", "--borderline", "1", "--bootstrap", "-1"),
        ("borderline", "--borderline", "1", "--bootstrap", "200000"),
        ("borderline", "--borderline", "1", "--seed", "x"),
    ],
)
def test_wrong_use(tmp_path, asked):
    ran = ask(tmp_path, "grade,score\n1,2\n", *asked)
    assert (ran.exit_code, ran.stdout) == (2, "")


def test_on_a_bare_machine():
    ran = bare_flask("psychometrics", "borderline", example("borderline"), "--borderline", "1", "--json")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert json.loads(ran.stdout)["fails"] == 3


PAIRS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 40)), min_size=3, max_size=60)


@given(PAIRS)
def test_the_line_is_that_of_scipy(pairs):
    grades, scores = grades_of(*pairs)
    assume(len(set(grades)) > 2 and len(set(scores)) > 1)
    found = regress(grades, scores, F(1))
    theirs = linregress([float(one) for one in grades], [float(one) for one in scores])
    assert float(found.slope) == pytest.approx(theirs.slope, abs=1e-9)
    assert float(found.intercept) == pytest.approx(theirs.intercept, abs=1e-9)
    assert found.r2 == pytest.approx(theirs.rvalue**2, abs=1e-9)
    if found.cut is not None:
        assert float(found.cut) == pytest.approx(theirs.slope + theirs.intercept, abs=1e-9)
        at = regress([grade - 1 for grade in grades], scores, F(0))
        assert at.se_cut == pytest.approx(
            linregress([float(one - 1) for one in grades], [float(one) for one in scores]).intercept_stderr, abs=1e-6
        )


@given(PAIRS, st.integers(1, 30))
def test_more_points_for_all_move_the_cut_by_as_much(pairs, more):
    grades, scores = grades_of(*pairs)
    before, after = regress(grades, scores, F(1)), regress(grades, [score + more for score in scores], F(1))
    assert before.guards == after.guards
    assert before.cut is None or (after.cut == before.cut + more and after.fails == before.fails)


@given(PAIRS)
def test_the_order_of_candidates_changes_nothing(pairs):
    assert regress(*grades_of(*pairs), F(1)) == regress(*grades_of(*reversed(pairs)), F(1))


@given(PAIRS, st.integers(0, 5))
def test_every_draw_lies_within_what_lines_can_say(pairs, seed):
    grades, scores = grades_of(*pairs)
    found = bootstrap(grades, scores, F(1), times=50, seed=seed)
    assert found.drawn == 50
    assert found.used <= 50
    if found.used:
        assert found.low <= found.high
    else:
        assert (found.low, found.high) == (None, None)


def test_a_group_of_none_one_and_several():
    grades, scores = grades_of((1, 10), (2, 20))
    assert group(grades, scores, F(3)).n == 0
    assert (group(grades, scores, F(1)).mean, group(grades, scores, F(1)).se) == (10, None)
    several = group(*grades_of((1, 10), (1, 14), (2, 20)), F(1))
    assert (several.n, several.mean, several.se) == (2, 12, pytest.approx(2))


def test_one_station_without_a_cut_leaves_the_exam_without():
    good = regress(*grades_of((0, 1), (1, 2), (2, 3)), F(1))
    bad = regress(*grades_of((0, 1), (1, 1)), F(1))
    assert exam([good, good]).cut == good.cut
    assert exam([good, bad]).cut is None
