"""The command line when the settings are there and the database is not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import config
from tests import databases
from tests.processes import bare_flask

AWAY = "postgresql://lms_app:x@127.0.0.1:1/lms"


def flask(*arguments: str) -> subprocess.CompletedProcess[str]:
    """A command of an installation whose database is stopped."""
    given = databases.SECRETS | {"database_url": AWAY, "public_url": "http://127.0.0.1:5000"}
    environment = os.environ | {f"LMS_{name.upper()}": value for name, value in given.items()}
    command = [sys.executable, "-m", "flask", "--app", "lms", *arguments]
    return subprocess.run(command, env=environment, cwd=config.CHECKOUT, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize(
    "arguments",
    [
        ("content", "check", "content"),
        ("stars", "policy", "lint", "content/policies/stars.yaml"),
        ("database", "prepare"),
    ],
)
def test_what_only_reads_files_runs_while_the_database_is_away(arguments: tuple[str, ...]) -> None:
    ran = flask(*arguments)
    assert ran.returncode == 0, ran.stderr


def test_the_settings_of_a_demo_in_this_checkout_reach_no_test(live: databases.Live) -> None:
    where = [sys.executable, "-c", "import config; print(config.ENV_FILE)"]
    for environment in (live.environment, os.environ):
        said = subprocess.run(
            where, env=environment, cwd=config.CHECKOUT, capture_output=True, text=True, check=True
        ).stdout
        assert said.strip() == os.devnull


def test_what_needs_the_database_says_so_in_one_line() -> None:
    ran = flask("ledger", "verify")
    assert ran.returncode == 2
    assert ran.stderr.strip() == "the database does not answer: start it, or correct LMS_DATABASE_URL"


def test_a_file_that_cannot_be_written_is_refused_in_one_line(tmp_path: Path) -> None:
    there = tmp_path / "no folder" / "roster.xlsx"
    ran = flask("roster", "template", str(there))
    assert (ran.returncode, ran.stderr) == (1, f"{there}: No such file or directory\n")


def test_help_is_given_before_anything_is_set_up() -> None:
    group, one = bare_flask("stars", "--help"), bare_flask("stars", "evaluate", "--help")
    assert (group.returncode, one.returncode) == (0, 0)
    assert "What the evidence of one person comes to" in group.stdout
    assert "--everybody" in one.stdout
    acts = bare_flask("stars", "evaluate", "doctor")
    assert (acts.returncode, acts.stderr.splitlines()[0]) == (2, "LMS_DATABASE_URL: Field required")
