"""Tablets under faults: fifty schedules; and what is broken on purpose is found. A thousand: `make campaigns`."""

from collections.abc import Iterator

import pytest

from tests import databases
from tests.campaigns import tablets
from tests.campaigns.circuits import Grounds

pytestmark = pytest.mark.slow
SCHEDULES = 50


@pytest.fixture(scope="module")
def live(
    template: databases.Database, server: databases.Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[databases.Live]:
    """A database for this module."""
    with databases.live(server, template, tmp_path_factory.mktemp("tablets")) as running:
        yield running


@pytest.fixture(scope="module")
def ground(live: databases.Live) -> Iterator[Grounds]:
    """One server: the product, which breaks a promise only where a request asks for it."""
    with tablets.served(live, "tests.campaigns.broken:create_app()") as made:
        yield made


def test_nothing_is_lost_or_counted_twice_and_every_conflict_is_shown(ground: Grounds) -> None:
    found = tablets.run(ground, range(1, SCHEDULES + 1))

    assert found.faults == ""
    assert found.schedules == SCHEDULES
    happened = {name for name, number in found.counts.items() if number}
    assert set(tablets.WORDS) | {"corrections", "sheets taken back", "conflicts in the end"} <= happened


def test_one_seed_is_one_schedule(ground: Grounds) -> None:
    first, second = (tablets.run(ground, [4, 5]) for _ in range(2))

    assert first.steps == second.steps
    assert first.steps[4] != first.steps[5]


@pytest.mark.parametrize("name", tablets.PLANTED)
def test_the_simulator_finds_the_planted_fault(ground: Grounds, name: str) -> None:
    planted = tablets.PLANTED[name]
    found = tablets.find(ground, planted)

    assert any(planted.found_as in line for line in found.faults.splitlines()), found.faults


def test_a_fault_that_cannot_be_planted_is_said(ground: Grounds) -> None:
    planted = tablets.Planted("", scripts={"/static/osce/outbox.js": [("no such line", "")]})

    with pytest.raises(RuntimeError, match="cannot be planted"):
        tablets.run(ground, [1], planted)
