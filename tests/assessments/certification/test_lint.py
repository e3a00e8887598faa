"""Policies that can be read and are wrong all the same, and the command that says so."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

import config
from assessments.certification.rules.lint import lint
from assessments.certification.rules.policy import parse
from tests.assessments.certification.test_decision import RAW, TITLE


def linted(requires: dict[str, Any], star: int = 1, **more: Any) -> list[tuple[str, int | None]]:
    stars = [{"star": star, "title": TITLE, "requires": requires}]
    found = lint(parse(RAW["stars"] | {"stars": stars}), **more)
    return [(one.rule, one.star) for one in found]


def leaf(kind: str, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "title": TITLE, "min": 60, **more}


@pytest.mark.parametrize("name", sorted(RAW))
def test_what_is_shipped_is_sound(name: str) -> None:
    assert lint(parse(RAW[name])) == []


@pytest.mark.parametrize(
    ("requires", "star", "rule"),
    [
        (leaf("theory_exam"), 2, "unreachable-star"),
        ({"star": 1}, 1, "unreachable-star"),
        ({"at_least": 3, "of": [leaf("theory_exam")]}, 1, "unreachable-star"),
        (leaf("theory_exam", min=101), 1, "nothing-can-produce"),
        (leaf("entrustment", level=6, technique="cpr-adult"), 1, "nothing-can-produce"),
        (leaf("simulation_hours", distinct_assessors=2), 1, "nothing-can-produce"),
        (leaf("rotation_days", min=90, within_days=60), 1, "nothing-can-produce"),
        (leaf("entrustment", technique="cpr-adult"), 1, "contradiction"),
        (leaf("entrustment", level=4), 1, "contradiction"),
        (leaf("skill_currency", technique="cpr-adult"), 1, "contradiction"),
        (leaf("theory_exam", level=4), 1, "contradiction"),
        (leaf("simulation_hours", count=2), 1, "contradiction"),
    ],
)
def test_what_cannot_be_is_named(requires: dict[str, Any], star: int, rule: str) -> None:
    assert (rule, star) in linted(requires, star)


def test_a_technique_that_does_not_exist_can_be_proved_by_nobody() -> None:
    wanted = leaf("entrustment", level=4, technique="cpr-adult")
    assert linted(wanted, techniques={"cpr-adult"}) == []
    assert linted(wanted, techniques={"bp-measurement"}) == [("nothing-can-produce", 1)]


def run(path: Path) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-m",
        "flask",
        "--app",
        str(config.CHECKOUT / "lms"),
        "stars",
        "lint",
        str(path),
        "--json",
    ]
    bare = {"PATH": os.environ["PATH"]}  # no setting, no database
    return subprocess.run(command, cwd=path.parent, env=bare, capture_output=True, text=True, timeout=60, check=False)


def test_the_command_needs_no_database(tmp_path: Path) -> None:
    good = run(config.CHECKOUT / "content" / "policies" / "stars.yaml")
    assert (good.returncode, json.loads(good.stdout)) == (0, {"ok": True, "findings": []})
    wrong = RAW["stars-first-way"] | {"stars": RAW["stars-first-way"]["stars"][1:]}
    path = tmp_path / "wrong.yaml"
    YAML(typ="safe").dump(wrong, path)
    bad = run(path)
    assert bad.returncode == 1
    assert json.loads(bad.stdout)["findings"][0]["rule"] == "unreachable-star"
    path.write_text("stars: [")
    assert run(path).returncode == 1
