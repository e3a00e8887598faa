"""The command measures the same way as the page, and needs nothing but the file."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from assessments.traces.cli import traces
from assessments.traces.rules.synthetic import Person, csv_of, trace_of
from config import CHECKOUT
from lms.cli import offline_app
from tests.factories.traces import GOOD, WEAK


@pytest.fixture(autouse=True)
def _in_words(app: Flask) -> object:
    with app.app_context():
        yield


def ran(folder: Path, text: str, *more: str) -> Result:
    file = folder / "run.csv"
    file.write_text(text, encoding="utf-8")
    return CliRunner().invoke(traces, ["cpr", str(file), *more])


def test_a_good_run_meets_the_guideline(tmp_path: Path) -> None:
    outcome = ran(tmp_path, csv_of(trace_of(GOOD)), "--json")
    assert outcome.exit_code == 0, outcome.output
    told = json.loads(outcome.stdout)
    assert told["compressions"] == 190
    assert all(one["met"] for one in told["findings"])
    assert told["long_enough"]
    assert any(one["title"].startswith("美国心脏协会") for one in told["sources"])


def test_a_weak_run_says_what_was_wrong(tmp_path: Path) -> None:
    told = json.loads(ran(tmp_path, csv_of(trace_of(WEAK)), "--json").stdout)
    assert {one["aspect"]: one["how"] for one in told["findings"] if not one["met"]} == {
        "depth": "shallow", "rate": "fast", "recoil": "leaning", "pauses": "long_pause",
    }  # fmt: skip
    words = ran(tmp_path, csv_of(trace_of(WEAK))).stdout
    assert "✗" in words


def test_other_targets_judge_otherwise(tmp_path: Path) -> None:
    text = csv_of(trace_of(Person(depth=41, compressions=60)))
    assert json.loads(ran(tmp_path, text, "--json").stdout)["findings"][0]["met"] is False
    infant = json.loads(ran(tmp_path, text, "--json", "--targets", "cpr-infant").stdout)
    assert infant["findings"][0]["met"] is True


def test_what_is_no_trace_ends_with_1_and_one_line(tmp_path: Path) -> None:
    for text, said in (("time_s,depth_mm\n0,0\n0.1,NaN\n", "第 3 行“depth_mm”列"), ("time,depth\n", "")):
        outcome = ran(tmp_path, text)
        assert outcome.exit_code == 1
        assert outcome.stderr.startswith(said)
        assert outcome.stderr.count("\n") == 1
    assert ran(tmp_path, csv_of(trace_of(GOOD)), "--targets", "nothing").exit_code == 1


def test_it_needs_neither_settings_nor_database(tmp_path: Path) -> None:
    (tmp_path / "run.csv").write_text(csv_of(trace_of(GOOD)), encoding="utf-8")
    offline = offline_app(["assessments.traces"], "no settings")
    outcome = offline.test_cli_runner().invoke(args=["traces", "cpr", str(tmp_path / "run.csv"), "--json"])
    assert json.loads(outcome.stdout)["percent"] == "100.00"


def test_every_set_of_targets_of_our_pack_loads(tmp_path: Path) -> None:
    codes = [path.stem for path in (CHECKOUT / "content" / "traces").glob("*.yaml")]
    assert len(codes) >= 3
    for code in codes:
        assert ran(tmp_path, csv_of(trace_of(GOOD)), "--targets", code).exit_code == 0
