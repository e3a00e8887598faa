"""A thousand schedules of tablets under faults (`make campaigns`); writes what they came to into docs/campaigns.md."""

import os
from collections.abc import Iterator

import pytest

from tests import databases
from tests.campaigns import figures, tablets
from tests.campaigns.circuits import Grounds

SCHEDULES = int(os.environ.get("LMS_CAMPAIGN_SCHEDULES", "1000"))
#: Seconds after which it ends with what there is, and says that it fell short.
WITHIN = float(os.environ.get("LMS_CAMPAIGN_SECONDS", "3600"))
#: So many processes of Node, and as many of the web server.
PROCESSES = os.cpu_count() or 2
#: The first seed: the short campaign has those before it.
FIRST = 1001


@pytest.fixture
def ground(
    template: databases.Database, server: databases.Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Grounds]:
    """A database of its own, and its web server."""
    with (
        databases.live(server, template, tmp_path_factory.mktemp("tablets")) as live,
        tablets.served(live, workers=PROCESSES) as made,
    ):
        yield made


def test_a_thousand_schedules(ground: Grounds) -> None:
    found = tablets.run(ground, range(FIRST, FIRST + SCHEDULES), processes=PROCESSES, within=WITHIN)
    figures.write("tablets", _table(found))

    assert found.faults == ""
    assert found.schedules == SCHEDULES


def _table(found: tablets.Outcome) -> str:
    rows = {"schedules": f"{found.schedules:,} (seeds {FIRST} to {FIRST + found.schedules - 1})"}
    rows |= {name: f"{number:,}" for name, number in found.counts.items()}
    rows["**schedules with anything lost, counted twice, not shown or not equal**"] = f"**{len(found.failed)}**"
    rows["took"] = f"{found.seconds:,.0f} s"
    lines = "".join(f"| {what} | {came_to} |\n" for what, came_to in rows.items())
    return f"{figures.machine()}\n\n| measured | came to |\n| --- | --- |\n{lines}"
