"""`flask --app lms psychometrics …` on published and constructed files: every number, on a bare machine."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from assessments.psychometrics.cli import psychometrics
from tests.processes import bare_flask

EXAMPLES = Path(__file__).parent / "examples"


def told(*arguments: str):
    """What a command prints, which is one JSON object and nothing else."""
    ran = CliRunner().invoke(psychometrics, [*arguments, "--json"])
    assert (ran.exit_code, ran.stderr) == (0, "")
    return json.loads(ran.stdout)


def example(name: str) -> str:
    return str(EXAMPLES / f"{name}.csv")


def column(found, name: str):
    return [item[name] for item in found["items"]]


def near(values, tolerance=5e-5):
    return pytest.approx(values, abs=tolerance)


def test_lsat7():
    found = told("items", example("lsat7"))
    assert (found["n"], found["k"]) == (1000, 5)
    assert [found[name] for name in ("mean", "sd", "alpha", "sem")] == near([3.707, 1.1986, 0.4534, 0.8861])
    assert column(found, "p") == near([0.828, 0.658, 0.772, 0.606, 0.843])
    assert column(found, "r_it") == near([0.5300, 0.5997, 0.6112, 0.5920, 0.4612])
    assert column(found, "r_ir") == near([0.2457, 0.2467, 0.3132, 0.2228, 0.1748])
    assert column(found, "alpha_if_deleted") == near([0.3960, 0.3938, 0.3454, 0.4146, 0.4385], 6e-5)
    assert found["warnings"] == [], "five sound items"


def test_ten_by_five():
    found = told("items", example("ten_by_five"))
    assert [found[name] for name in ("mean", "sd", "alpha", "sem")] == near([2.5, 1.7795, 0.8158, 0.7638])
    assert column(found, "r_ir") == near([0.4036, 0.5300, 0.7906, 0.7237, 0.5995])
    assert column(found, "alpha_if_deleted") == near([0.8326, 0.8027, 0.7167, 0.7424, 0.7828])


def test_brennan_items():
    found = told("items", example("brennan_p_by_i"))
    assert [found[name] for name in ("mean", "sd", "alpha")] == near([6.7, 3.1287, 0.8445])
    first = found["items"][0]
    assert (first["r_it"], first["r_ir"], first["reason"]) == (None, None, "everybody earned the same")
    assert all("reason" not in item for item in found["items"][1:])


def test_brennan_g_study():
    found = told("gstudy", example("brennan_p_by_i"), "--levels", "5,10,15,20")
    assert found["variance"] == near({"p": 0.0574, "i": 0.0754, "pi": 0.1269})
    assert (found["g"], found["phi"]) == near((0.844, 0.773), 5e-4)
    assert [level["n"] for level in found["d_study"]] == [5, 10, 15, 20]
    # published from components rounded to four places
    assert [level["g"] for level in found["d_study"]] == near([0.693, 0.819, 0.871, 0.901], 1e-3)
    assert [level["phi"] for level in found["d_study"]] == near([0.586, 0.740, 0.810, 0.850], 1e-3)


def test_angoff():
    found = told("angoff", example("angoff"))
    assert (found["cut"], found["cut_percent"]) == (3.4625, 69.25)
    assert found["judge_se"] == near(0.05543, 5e-6)
    assert found["judges"] == [
        {"judge": name, "total": total}
        for name, total in zip(("j1", "j2", "j3", "j4"), (3.5, 3.4, 3.6, 3.35), strict=True)
    ]


def test_the_last_angoff_round_counts():
    # round 1: 1.3, 1.3; round 2: 1.35, 1.35
    found = told("angoff", example("angoff_rounds"))
    assert (found["cut"], found["cut_percent"], found["judge_se"]) == (1.35, 67.5, 0.0)
    assert [(one["round"], one["cut"]) for one in found["rounds"]] == [(1, 1.3), (2, 1.35)]


def test_ebel():
    # j1: 9 + 4.2 + 6.4 + 3 = 22.6; j2: 11.4 + 2.4 + 6 + 2.4 = 22.2; j3: 8.5 + 5.2 + 4.2 + 3 = 20.9; of 30 items
    found = told("ebel", example("ebel"))
    assert found["judges"] == [{"judge": f"j{n}", "total": total} for n, total in ((1, 22.6), (2, 22.2), (3, 20.9))]
    assert found["cut"] == near(21.9, 1e-12)
    assert found["cut_percent"] == near(73.0, 1e-12)
    assert found["judge_se"] == near(0.51316, 5e-6)  # sd .88882 / √3


def test_hofstee():
    bounds = ["--cut-min", "50", "--cut-max", "60", "--fail-min", "5", "--fail-max", "25"]
    assert told("hofstee", example("hofstee"), *bounds) == {"cut": 51.5625, "fail_percent": 21.875, "reason": None}


@pytest.mark.parametrize(
    ("bounds", "words"), [(("60", "70", "5", "25"), "even the least"), (("30", "40", "25", "50"), "even the greatest")]
)
def test_hofstee_without_a_meeting_says_why(bounds, words):
    names = ("--cut-min", "--cut-max", "--fail-min", "--fail-max")
    found = told("hofstee", example("hofstee"), *[word for pair in zip(names, bounds, strict=True) for word in pair])
    assert (found["cut"], found["fail_percent"]) == (None, None)
    assert words in found["reason"]


def test_cohen():
    # 30 scores: the 95th percentile lies at place 0.95 · 29 = 27.55, between 74 and 77: 75.65; 20 + .6 · 55.65
    assert told("cohen", example("hofstee"), "--guess", "20") == {"cut": 53.39, "top_score": 75.65, "warnings": []}
    found = told("cohen", example("hofstee"), "--guess", "20", "--top-percent", "90", "--multiplier", "0.65")
    assert (found["top_score"], found["cut"]) == near((72.2, 53.93), 1e-12)


def test_on_a_bare_machine():
    ran = bare_flask("psychometrics", "items", example("lsat7"), "--json")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert json.loads(ran.stdout)["k"] == 5


def test_refusals_on_a_bare_machine(tmp_path):
    bad = tmp_path / "bad.csv"
    bad.write_text("i1,i2\n1,0\n1,NaN\n")
    ran = bare_flask("psychometrics", "items", str(bad), "--json")
    assert (ran.returncode, ran.stdout, ran.stderr) == (1, "", "row 3: column i2: 'NaN' is no number\n")


def test_words_for_people():
    ran = CliRunner().invoke(psychometrics, ["angoff", example("angoff")])
    assert "cut: 3.4625" in ran.stdout
    assert "'judge': 'j4'" in ran.stdout


def test_commands_are_there_with_a_database_too(built):
    ran = built.test_cli_runner().invoke(args=["psychometrics", "gstudy", example("brennan_p_by_i"), "--json"])
    assert ran.exit_code == 0
    assert json.loads(ran.stdout)["items"] == 12
