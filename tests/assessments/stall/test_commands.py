"""`flask --app lms stall …`: evaluate with a file and nothing else; train and score on the installation's marks."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask

from tests.assessments.stall.learners import learners
from tests.processes import bare_flask

EPOCH = date(1970, 1, 1)


def as_csv(path: Path, count: int, days: int = 730) -> Path:
    rows = [
        f"{one.learner},{one.skill},{EPOCH + timedelta(days=one.at)},{one.score}" for one in learners(count, days=days)
    ]
    path.write_text("\n".join(["learner,skill,at,score", *rows]), encoding="utf-8")
    return path


def test_evaluate_needs_a_file_and_nothing_else(tmp_path: Path) -> None:
    file = as_csv(tmp_path / "attempts.csv", 80)
    ran = bare_flask("stall", "evaluate", "--attempts", str(file), "--json")
    assert (ran.returncode, ran.stderr) == (0, "")
    told = json.loads(ran.stdout)
    model = told["ways"].pop("model")
    assert model["average_precision"]["value"] > told["ways"]["days_since_last"]["average_precision"]["value"]
    assert model["average_precision"]["value"] > told["ways"]["slope_of_last_three"]["average_precision"]["value"]
    for way in (model, *told["ways"].values()):
        assert 0 <= way["brier"] <= 1
        assert 1 <= len(way["calibration"]) <= 10
    assert told["read"] == {"attempts": len(learners(80)), "out_of_order": 0, "exact_duplicates": 0, "conflicting": 0}


def test_what_was_put_right_is_said(tmp_path: Path, built: Flask) -> None:
    file = as_csv(tmp_path / "attempts.csv", 80)
    lines = file.read_text().splitlines()
    first = lines[1].split(",")
    lines += [lines[1], lines[5], f"{first[0]},{first[1]},{first[2]},{float(first[3]) / 2}"]
    file.write_text("\n".join(lines))
    ran = built.test_cli_runner().invoke(args=["stall", "evaluate", "--attempts", str(file)])
    assert ran.exit_code == 0
    assert "times out of order, sorted: " in ran.output
    assert "lines that stood twice, dropped: 2" in ran.output
    assert "moments with several marks, their mean taken: 1" in ran.output


@pytest.mark.parametrize(
    ("count", "days", "words"), [(12, 730, "learners whose later marks are known"), (60, 300, "the marks span")]
)
def test_too_little_is_one_line_and_exit_code_1(
    tmp_path: Path, built: Flask, count: int, days: int, words: str
) -> None:
    file = as_csv(tmp_path / "attempts.csv", count, days)
    ran = built.test_cli_runner().invoke(args=["stall", "evaluate", "--attempts", str(file)])
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert ran.stderr.startswith(f"file {file}: ")
    assert words in ran.stderr
    assert ran.stderr.count("\n") == 1


def test_one_class_only_is_one_line_and_exit_code_1(tmp_path: Path, built: Flask) -> None:
    rows = [f"L{n:03},x,{date(2024, 1, 1) + timedelta(days=30 * step)},50" for n in range(60) for step in range(24)]
    file = tmp_path / "same.csv"
    file.write_text("\n".join(["learner,skill,at,score", *rows]))
    ran = built.test_cli_runner().invoke(args=["stall", "evaluate", "--attempts", str(file)])
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert "of each kind are needed to learn" in ran.stderr


def test_a_line_that_is_no_attempt_is_named(tmp_path: Path, built: Flask) -> None:
    file = tmp_path / "bad.csv"
    file.write_text("learner,skill,at,score\na,x,2026-01-01,70\na,x,2026-01-02,NaN\n")
    ran = built.test_cli_runner().invoke(args=["stall", "evaluate", "--attempts", str(file)])
    assert ran.exit_code == 1
    assert ran.stderr == f"file {file}: line 3: score 'NaN' is not from 0 to 100\n"


def test_wrong_use_is_exit_code_2(built: Flask) -> None:
    assert built.test_cli_runner().invoke(args=["stall", "evaluate"]).exit_code == 2
    wrong = ["stall", "evaluate", "--attempts", "x.csv", "--mastery", "0"]
    assert built.test_cli_runner().invoke(args=wrong).exit_code == 2
