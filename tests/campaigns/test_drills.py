"""The short drill: a small installation is backed up, destroyed and brought back, by the commands that people use."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from lms.db import grants
from lms.postgres import EmbeddedServer
from tests import databases
from tests.campaigns import drills
from tests.campaigns import ground as grounds
from tests.campaigns.drills import Practice
from tests.campaigns.ground import Ground

DECISIONS = 30


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    """A database server of this module's own."""
    with grounds.ground() as made:
        yield made


@pytest.fixture(scope="module")
def practice(ground: Ground, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Practice]:
    """Decisions about thirty doctors, archived, with a base backup from before half of them."""
    files = tmp_path_factory.mktemp("drill")
    with ground.live(files) as live, drills.practice(ground, live) as made:
        made.archive()
        code, told = made.flask("database", "backup")
        assert code == 0, told
        drills.decide(live, files, DECISIONS)
        made.archived()
        yield made


def test_a_drill_destroys_a_copy_and_brings_back_everything_that_was_decided(practice: Practice) -> None:
    code, told = practice.patiently("database", "drill", "--ground", str(practice.ground / "drill"))
    assert code == 0, told
    assert told["faults"] == []
    assert (told["lost"], told["rpo_seconds"]) == (0, 0.0)
    assert told["acknowledged"] == 80
    for part in ("backups", "to_a_time"):
        checks = told["checks"][part]["checks"]
        assert checks["decisions"] == {"ok": True, "looked_at": DECISIONS, "differing": 0}
        assert checks["ledger"]["ok"]
        assert checks["ledger"]["witnessed"] >= 1
    roots = [told["checks"][part]["checks"]["ledger"]["root"] for part in ("backups", "to_a_time")]
    assert roots[0] == roots[1]
    assert not (practice.ground / "drill").exists()


def test_backups_that_would_do_are_said_to_do_and_others_are_not(practice: Practice, tmp_path: Path) -> None:
    code, told = practice.flask("database", "backups")
    assert (code, told["wrong"]) == (0, [])
    code, told = practice.flask("database", "backups", "--max-lag", "0")
    assert code == 1
    assert "see that 'database archive' runs" in told["wrong"][0]
    code, told = practice.flask("database", "backups", "--folder", str(tmp_path))
    assert code == 1
    assert told["wrong"] == [f"there is no base backup in {tmp_path}: take one with 'database backup'"]


def test_a_moment_without_its_zone_is_refused(practice: Practice) -> None:
    code, told = practice.flask("database", "restore", str(practice.ground / "x"), "--to", "2026-11-22T10:00:00")
    assert code == 2
    assert "does not match the formats" in told


def test_a_restore_leaves_a_server_that_runs_and_says_where_it_is(practice: Practice) -> None:
    restored = EmbeddedServer(practice.ground / "restored")
    code, told = practice.patiently("database", "restore", str(restored.home))
    assert code == 0, told
    assert told["address"] == restored.url("lms", grants.APP)
    here = sa.create_engine(restored.superuser_url(practice.live.database.name), poolclass=sa.NullPool)
    with here.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM star_decision").scalar() == DECISIONS
    restored.stop()


@pytest.fixture
def altered(ground: Ground, practice: Practice) -> Iterator[databases.Live]:
    """A decision that says one star more than its evidence, made by the database's superuser."""
    which = "WHERE id = (SELECT max(id) FROM star_decision)"
    run, name = ground.origin.server.run, practice.live.database.name
    run(f"UPDATE star_decision SET star = star + 1 {which}", database=name)
    yield practice.live
    run(f"UPDATE star_decision SET star = star - 1 {which}", database=name)


def test_a_decision_that_does_not_follow_is_named(altered: databases.Live, practice: Practice) -> None:
    """The check that the drill leans on, seen to fail."""
    code, told = practice.flask("database", "verify")
    assert code == 1
    assert told["checks"]["decisions"]["differing"] == 1
    assert "no longer follow from their evidence" in told["checks"]["decisions"]["why"]
    assert not told["checks"]["ledger"]["ok"]
    assert told["checks"]["safety"]["ok"]
