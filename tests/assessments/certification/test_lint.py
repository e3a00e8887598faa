"""Policies that can be read and are wrong all the same, and the command that says so."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

import config
from assessments.certification import cli
from assessments.certification.rules.lint import errors, lint
from assessments.certification.rules.policy import PolicyWrong, parse
from tests.assessments.certification.test_decision import RAW, TITLE


def linted(requires: dict[str, Any], star: int = 1, **more: Any) -> list[tuple[str, int | None]]:
    stars = [{"star": star, "title": TITLE, "requires": requires}]
    found = lint(parse(RAW["stars"] | {"stars": stars}), **more)
    return [(one.rule, one.star) for one in found]


def leaf(kind: str, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "title": TITLE, "min": 60, **more}


def points(weight: int, **more: Any) -> dict[str, Any]:
    return {"weight": weight, "requires": leaf("theory_exam", **more)}


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
        (leaf("theory_exam"), 2, "missing-ladder"),
        ({"any": [{"star": 1}, leaf("theory_exam")]}, 2, "missing-ladder"),
        ({"weighted": 10, "of": [{"weight": 5, "requires": {"star": 1}}, points(10)]}, 2, "missing-ladder"),
        ({"weighted": 21, "of": [points(10), points(10)]}, 1, "unreachable-star"),
        (leaf("theory_exam", distinct_assessors=2), 1, "nothing-can-produce"),
        (leaf("education_hours", technique="cpr-adult"), 1, "nothing-can-produce"),
        (leaf("education_hours", min=49, within_days=1), 1, "nothing-can-produce"),
        (leaf("practical_exam", count=2, distinct_assessors=3), 1, "contradiction"),
        (leaf("workplace_encounters", min=1.5), 1, "contradiction"),
        (leaf("practical_exam", min=101), 1, "unreachable-star"),
        ({"at_least": 2, "of": [leaf("theory_exam"), leaf("practical_exam", min=101)]}, 1, "unreachable-star"),
        ({"weighted": 15, "of": [points(10), points(10, min=101)]}, 1, "unreachable-star"),
    ],
)
def test_what_cannot_be_is_named(requires: dict[str, Any], star: int, rule: str) -> None:
    assert (rule, star) in linted(requires, star)


def test_a_technique_that_does_not_exist_can_be_proved_by_nobody() -> None:
    wanted = leaf("entrustment", level=4, technique="cpr-adult")
    assert linted(wanted, techniques={"cpr-adult"}) == []
    assert linted(wanted, techniques={"bp-measurement"}) == [("nothing-can-produce", 1), ("unreachable-star", 1)]


@pytest.mark.parametrize(
    "requires",
    [
        {"all": [{"star": 1}, leaf("practical_exam")]},
        {"at_least": 2, "of": [{"star": 1}, {"star": 1}, leaf("practical_exam")]},
        {"weighted": 11, "of": [{"weight": 5, "requires": {"star": 1}}, points(10)]},
    ],
)
def test_the_star_below_may_be_asked_for_in_any_shape(requires: dict[str, Any]) -> None:
    stars = [
        {"star": 1, "title": TITLE, "requires": leaf("theory_exam")},
        {"star": 2, "title": TITLE, "requires": requires},
    ]
    assert lint(parse(RAW["stars"] | {"stars": stars})) == []


def test_a_part_that_cannot_be_leaves_the_star_reachable_where_another_can() -> None:
    assert linted({"any": [leaf("practical_exam"), leaf("theory_exam", min=101)]}) == [("nothing-can-produce", 1)]


def test_a_star_above_an_unreachable_one_is_unreachable() -> None:
    stars = [
        {"star": 1, "title": TITLE, "requires": leaf("theory_exam", min=101)},
        {"star": 2, "title": TITLE, "requires": {"all": [{"star": 1}, leaf("practical_exam")]}},
    ]
    found = [(one.rule, one.star) for one in lint(parse(RAW["stars"] | {"stars": stars}))]
    assert ("unreachable-star", 2) in found


@pytest.mark.parametrize(
    ("lower", "upper", "said"),
    [
        (leaf("theory_exam", min=70), leaf("theory_exam", min=60), True),
        (leaf("theory_exam", min=60), leaf("theory_exam", min=70), False),
        (leaf("theory_exam", min=70), leaf("theory_exam", min=60, within_days=365), False),
        (leaf("theory_exam", min=70, within_days=90), leaf("theory_exam", min=60, within_days=365), True),
        (leaf("practical_exam", count=8), leaf("practical_exam", count=2, technique="cpr-adult"), False),
        (leaf("practical_exam", technique="cpr-adult"), leaf("practical_exam"), True),
        (leaf("practical_exam"), leaf("practical_exam", no_critical_failure=True), False),
        ({"any": [leaf("theory_exam", min=70), leaf("practical_exam")]}, leaf("theory_exam"), False),
    ],
)
def test_a_requirement_that_asks_for_nothing_is_pointed_out(lower: Any, upper: Any, said: bool) -> None:
    stars = [
        {"star": 1, "title": TITLE, "requires": lower},
        {"star": 2, "title": TITLE, "requires": {"all": [{"star": 1}, upper]}},
    ]
    found = lint(parse(RAW["stars"] | {"stars": stars}))
    assert [one.rule for one in found] == ["asked-already"] * said
    assert errors(found) == []


def test_a_title_that_says_another_number_is_pointed_out() -> None:
    requires = leaf("theory_exam", min=70, title={"zh": "理论考试 60% 以上", "en": "Theory exam"})
    assert linted(requires) == [("title-disagrees", 1)]


def run(path: Path) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-m",
        "flask",
        "--app",
        str(config.CHECKOUT / "lms"),
        "stars",
        "policy",
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


def test_with_a_pack_the_techniques_are_known(tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    YAML(typ="safe").dump(json.loads(json.dumps(RAW["stars"], default=str)), file)

    def lint_it(*more: str) -> tuple[int, dict[str, Any]]:
        ran = CliRunner().invoke(cli.stars, ["policy", "lint", str(file), "--json", *more])
        return ran.exit_code, json.loads(ran.stdout)

    assert lint_it("--pack", str(config.CHECKOUT / "content")) == (0, {"ok": True, "findings": []})
    (tmp_path / "techniques").mkdir()
    (tmp_path / "techniques" / "one.yaml").write_text("techniques: [{code: cpr-adult}]", "utf-8")
    code, said = lint_it("--pack", str(tmp_path))
    assert code == 1
    assert {"nothing-can-produce", "unreachable-star"} == {one["rule"] for one in said["findings"]}
    assert not any("cpr-adult" in one["message"] for one in said["findings"])


@pytest.mark.parametrize("text", ["", "[]", "5", "stars: NaN", "\x07", "code: [\n"])
def test_what_is_no_policy_at_all_is_said_in_one_line(text: str, tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text(text, "utf-8")
    ran = CliRunner().invoke(cli.stars, ["policy", "lint", str(file)])
    assert (ran.exit_code, ran.output.count("\n")) == (1, 1), ran.output
    assert ran.output.startswith("error: unreadable: star -: ")


def test_a_pack_that_cannot_be_read_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "techniques").mkdir()
    (tmp_path / "techniques" / "one.yaml").write_text("- nothing", "utf-8")
    policy = config.CHECKOUT / "content" / "policies" / "stars.yaml"
    ran = CliRunner().invoke(cli.stars, ["policy", "lint", str(policy), "--pack", str(tmp_path)])
    assert (ran.exit_code, ran.output.count("\n")) == (1, 1), ran.output


WRONG: list[Any] = [None, [], float("nan"), 10**400, "1e309"]


def places(raw: Any, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield at
    for key, inner in raw.items() if isinstance(raw, dict) else enumerate(raw) if isinstance(raw, list) else ():
        yield from places(inner, (*at, key))


def test_whatever_stands_in_whatever_place_is_read_or_refused() -> None:
    for at in places(RAW["stars"]):
        for wrong in WRONG:
            policy: Any = {"whole": json.loads(json.dumps(RAW["stars"], default=str))}
            within, key = policy, "whole"
            for step in at:
                within, key = within[key], step  # type: ignore[assignment]
            within[key] = wrong
            with suppress(PolicyWrong):
                lint(parse(policy["whole"]), frozenset({"cpr-adult"}))
