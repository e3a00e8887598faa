"""Cumulative sums: published weights and lines, what they say in the end, and every file and option that is none."""

import json
import math

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from assessments.psychometrics.cli import psychometrics
from assessments.psychometrics.rules import curves
from lms.errors import Invalid
from tests.processes import bare_flask

RESULTS = st.lists(st.booleans(), max_size=60)


def ask(folder, content, *arguments):
    file = folder / "file.csv"
    file.write_text(content)
    command, *options = arguments
    return CliRunner().invoke(psychometrics, [command, str(file), *options, "--json"])


def told(folder, content, *arguments):
    ran = ask(folder, content, *arguments)
    assert (ran.exit_code, ran.stderr) == (0, "")
    return json.loads(ran.stdout)


def written(results):
    return "success\n" + "".join(f"{one:d}\n" for one in results)


# ---- CUSUM ----

BOUNDS = ("--p0", ".1", "--p1", ".2", "--alpha", ".1", "--beta", ".1")


def test_the_published_lines(tmp_path):
    found = told(tmp_path, written([True]), "cusum", *BOUNDS)
    assert [found[name] for name in ("s", "h0", "h1")] == pytest.approx([0.1452, -2.7095, 2.7095], abs=5e-5)


def test_three_failures_stay_between_the_lines_and_the_fourth_reaches_the_upper_one(tmp_path):
    found = told(tmp_path, written([False] * 4), "cusum", *BOUNDS)
    assert found["path"] == pytest.approx([0.8548, 1.7095, 2.5643, 3.4190], abs=5e-5)
    assert found["signals"] == [{"at": 4, "line": "h1"}]


def test_nineteen_successes_in_a_row_reach_the_lower_line_and_stay_there_as_one_signal(tmp_path):
    found = told(tmp_path, written([True] * 25), "cusum", *BOUNDS)
    assert found["signals"] == [{"at": 19, "line": "h0"}]


def test_a_line_counts_again_after_the_path_has_been_back(tmp_path):
    found = told(tmp_path, written([False] * 4 + [True] * 6 + [False]), "cusum", *BOUNDS)
    assert [one["at"] for one in found["signals"]] == [4, 11]


@given(RESULTS)
def test_the_path_is_failures_less_what_is_expected(results):
    found = curves.cusum(results, p0=0.1, p1=0.2, alpha=0.1, beta=0.1)
    failures = [results[: n + 1].count(False) for n in range(len(results))]
    assert found.path == pytest.approx([f - (n + 1) * found.s for n, f in enumerate(failures)])
    assert all((found.path[one.at - 1] >= found.h1) == (one.line == "h1") for one in found.signals)


# ---- LC-CUSUM ----


def test_the_published_weights(tmp_path):
    found = told(tmp_path, written([True]), "lc-cusum", "--p0", ".1", "--delta", ".1")
    assert [found["w_success"], found["w_failure"]] == pytest.approx([0.1178, -0.6931], abs=5e-5)
    assert (found["competent_at"], found["reason"]) == (None, "these results do not prove it")


@pytest.mark.parametrize(("limit", "in_a_row"), [("1", 9), ("1.25", 11), ("2", 17)])
def test_so_many_successes_in_a_row_prove_competence(tmp_path, limit, in_a_row):
    found = told(tmp_path, written([True] * 20), "lc-cusum", "--p0", ".1", "--delta", ".1", "--h", limit)
    assert found["competent_at"] == in_a_row
    assert "reason" not in found


@given(RESULTS)
def test_a_beginner_s_failures_are_not_held_against_them_for_ever(results):
    """The sum never falls below 0, so that eleven right in a row prove it whatever came before."""
    found = curves.learning_curve([*results, *[True] * 11], p0=0.1, delta=0.1, h=1.25)
    assert min(found.path) >= 0
    assert found.competent_at is not None
    assert found.path[found.competent_at - 1] >= 1.25
    assert all(value < 1.25 for value in found.path[: found.competent_at - 1])


# ---- risk-adjusted CUSUM ----


def p_of(parsonnet):
    """Steiner's model of thirty-day mortality."""
    return 1 / (1 + math.exp(3.68 - 0.077 * parsonnet))


@pytest.mark.parametrize(
    ("parsonnet", "odds_ratio", "alive", "dead"),
    [(0, 2, -0.024, 0.669), (50, 2, -0.433, 0.260), (0, 0.5, 0.012, -0.681), (50, 0.5, 0.316, -0.377)],
)
def test_the_weights_of_steiner(tmp_path, parsonnet, odds_ratio, alive, dead):
    p = f"{p_of(parsonnet):.12f}"
    found = told(tmp_path, f"p,outcome\n{p},0\n{p},1\n", "ra-cusum", "--odds-ratio", str(odds_ratio))
    assert found["weights"] == pytest.approx([alive, dead], abs=5e-4)


def test_after_a_signal_it_begins_at_nought_again(tmp_path):
    rows = "p,outcome\n" + "0.02,1\n" * 15
    found = told(tmp_path, rows, "ra-cusum", "--odds-ratio", "2", "--h", "4.5")
    weight = math.log(2 / 1.02)
    assert found["signals"] == [{"at": 7, "line": "h"}, {"at": 14, "line": "h"}]
    assert found["path"][6:8] == pytest.approx([7 * weight, weight])


@given(st.lists(st.tuples(st.floats(0.001, 0.999), st.booleans()), max_size=60))
def test_what_came_as_foretold_says_little_either_way(patients):
    """The weight of an outcome is positive exactly where it is likelier under the odds that are looked for."""
    p, came = [one for one, _ in patients], [one for _, one in patients]
    worse = curves.risk_adjusted(p, came, odds_ratio=2, h=4.5)
    better = curves.risk_adjusted(p, came, odds_ratio=0.5, h=4.5)
    assert all((weight > 0) == one for weight, one in zip(worse.weights, came, strict=True))
    assert all((weight < 0) == one for weight, one in zip(better.weights, came, strict=True))
    assert min([*worse.path, *better.path, 0.0]) >= 0


# ---- what is refused ----

FILES = [
    (("cusum", *BOUNDS), "success\n1\n2\n", "row 3: column success: '2' is neither 0 nor 1"),
    (("cusum", *BOUNDS), "success\nyes\n", "row 2: column success: 'yes' is no number"),
    (("lc-cusum", "--p0", ".1", "--delta", ".1"), "result\n1\n", "row 1: column success: the column is missing"),
    (("lc-cusum", "--p0", ".1", "--delta", ".1"), "success\n1\n\n1\n", "row 3: column success: the cell is empty"),
    (("ra-cusum", "--odds-ratio", "2"), "p,outcome\n1,0\n", "row 2: column p: '1' is certain, no probability"),
    (("ra-cusum", "--odds-ratio", "2"), "p,outcome\n0,0\n", "row 2: column p: '0' is certain, no probability"),
    (("ra-cusum", "--odds-ratio", "2"), "p,outcome\n1.5,0\n", "row 2: column p: '1.5' is not from 0 to 1"),
    (("ra-cusum", "--odds-ratio", "2"), "p,outcome\nNaN,0\n", "row 2: column p: 'NaN' is no number"),
    (("ra-cusum", "--odds-ratio", "2"), "p,outcome\n.1,.5\n", "row 2: column outcome: '.5' is neither 0 nor 1"),
]


@pytest.mark.parametrize(("arguments", "content", "words"), FILES)
def test_a_file_that_is_none(tmp_path, arguments, content, words):
    ran = ask(tmp_path, content, *arguments)
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert ran.stderr.startswith(words)
    assert ran.stderr.count("\n") == 1


OPTIONS = [
    (("cusum", "--p0", ".2", "--p1", ".2"), "must be below p1"),
    (("cusum", "--p0", "0", "--p1", ".2"), "p0 must lie between 0 and 1"),
    (("cusum", "--p0", ".1", "--p1", ".2", "--alpha", ".5", "--beta", ".5"), "below 1 together"),
    (("cusum", "--p0", "nan", "--p1", ".2"), "'nan' is no number"),
    (("lc-cusum", "--p0", ".1", "--delta", "0"), "delta and h must be above 0"),
    (("lc-cusum", "--p0", ".1", "--delta", ".9"), "p0 + delta must lie between 0 and 1"),
    (("lc-cusum", "--p0", ".1", "--delta", ".1", "--h", "0"), "delta and h must be above 0"),
    (("ra-cusum", "--odds-ratio", "1"), "the odds ratio must be above 0 and not 1"),
    (("ra-cusum", "--odds-ratio", "0"), "the odds ratio must be above 0 and not 1"),
    (("cusum", "--p1", ".2"), "Missing option '--p0'"),
]


@pytest.mark.parametrize(("arguments", "words"), OPTIONS)
def test_options_that_say_nothing_are_wrong_usage(tmp_path, arguments, words):
    content = "p,outcome\n.1,0\n" if arguments[0] == "ra-cusum" else written([True])
    ran = ask(tmp_path, content, *arguments)
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert words in ran.stderr


def test_infinities_are_refused_by_the_rules_too():
    with pytest.raises(Invalid):
        curves.learning_curve([True], p0=0.1, delta=0.1, h=math.inf)
    with pytest.raises(Invalid):
        curves.risk_adjusted([0.1], [True], odds_ratio=math.nan, h=4.5)


def test_on_a_bare_machine(tmp_path):
    file = tmp_path / "file.csv"
    file.write_text(written([True] * 12))
    ran = bare_flask("psychometrics", "lc-cusum", str(file), "--p0", ".1", "--delta", ".1", "--json")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert json.loads(ran.stdout)["competent_at"] == 11
