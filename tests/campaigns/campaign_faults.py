"""The long campaign: `make campaigns`. A hundred kills, two hundred thousand acknowledged answers; stops by itself.

It writes what it came to into docs/campaigns.md, between its marks.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import databases
from tests.campaigns import faults, figures
from tests.campaigns import ground as grounds
from tests.campaigns.ground import Ground

KILLS = int(os.environ.get("LMS_CAMPAIGN_KILLS", "100"))
ACKNOWLEDGED = int(os.environ.get("LMS_CAMPAIGN_ACKNOWLEDGED", "200000"))
#: Seconds after which it ends with what there is, and says that it fell short.
WITHIN = float(os.environ.get("LMS_CAMPAIGN_SECONDS", "2400"))


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    """A database server of this module's own."""
    with grounds.ground() as made:
        yield made


@pytest.fixture
def live(ground: Ground, tmp_path: Path) -> Iterator[databases.Live]:
    """A database on it, and the processes that are started."""
    with ground.live(tmp_path) as running:
        yield running


def test_nothing_acknowledged_is_lost_or_doubled(ground: Ground, live: databases.Live) -> None:
    kills = faults.schedule(KILLS)
    found = faults.run(ground, live, kills=kills, acknowledged=ACKNOWLEDGED, within=WITHIN)
    figures.write("faults", figures.table(found))

    assert found.faults == faults.SOUND
    assert sum(found.kills.values()) == KILLS
    assert found.acknowledged >= ACKNOWLEDGED


def test_what_breaks_the_promise_is_noticed(ground: Ground, live: databases.Live, tmp_path: Path) -> None:
    hasty = "tests.campaigns.hasty:create_app()"
    early = faults.run(ground, live, kills=["web server"] * 5, acknowledged=3000, app=hasty, proxied=False)

    def weaken() -> None:
        second.database.server.run(f"ALTER DATABASE {second.database.name} SET synchronous_commit = off")

    careless = "tests.campaigns.hasty:create_careless_app()"
    (tmp_path / "second").mkdir()
    with ground.live(tmp_path / "second") as second:
        kills = ["database"] * 5
        memory = faults.run(ground, second, kills=kills, acknowledged=3000, app=careless, proxied=False, weaken=weaken)
    figures.write("broken", figures.broken(early, memory))

    assert early.lost > 0
    assert memory.lost > 0
