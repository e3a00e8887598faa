"""What a campaign came to, written into docs/campaigns.md between marks of its own."""

import os
import platform
from datetime import UTC, datetime
from pathlib import Path

import config
from tests.campaigns.faults import Outcome

PAGE = config.CHECKOUT / "docs" / "campaigns.md"


def table(found: Outcome) -> str:
    """Every count of a campaign, with the machine it ran on."""
    kills = ", ".join(f"{number} × {kind}" for kind, number in sorted(found.kills.items()))
    rows = {
        "kills (`kill -9`)": f"{sum(found.kills.values())} ({kills})",
        "answers acknowledged": f"{found.acknowledged:,}, in {found.requests:,} requests",
        "of these kept aside, because another device held the pen": f"{found.late:,}",
        "tries that got no acknowledgement and were made again": f"{found.retries:,}",
        "acknowledged answers sent once more": f"{found.repeats:,}",
        "take-overs by a second device, reloads, wiped browsers": (
            f"{found.take_overs:,}, {found.reloads:,}, {found.wipes:,}"
        ),
        "**acknowledged and lost**": f"**{found.lost}**",
        "**doubled**": f"**{found.doubled}**",
        "**changed**": f"**{found.changed}**",
        "attempts whose current answers were not the newest": str(found.stale),
        "answers of the server that must never come (500, false proof …)": str(len(found.wrong)),
        "took": f"{found.seconds:,.0f} s",
    }
    lines = "".join(f"| {what} | {came_to} |\n" for what, came_to in rows.items())
    return f"{machine()}\n\n| measured | came to |\n| --- | --- |\n{lines}"


def broken(early: Outcome, memory: Outcome) -> str:
    """What the same campaign finds when the promise is broken on purpose."""
    rows = [("acknowledged before it is committed", early), ("`synchronous_commit = off`", memory)]
    lines = "".join(
        f"| {what} | {sum(one.kills.values())} | {one.acknowledged:,} | {one.lost:,} |\n" for what, one in rows
    )
    return f"| broken on purpose | kills | acknowledged | lost |\n| --- | --- | --- | --- |\n{lines}"


def machine() -> str:
    """The day and the machine in general words."""
    load = os.getloadavg()[2]
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores ({platform.machine()}), {platform.system()}, Python "
        f"{platform.python_version()}; load average over the last fifteen minutes when it ended {load:.1f}."
    )


def write(name: str, text: str, page: Path = PAGE) -> None:
    """Put the text between the marks of this name; the page has them."""
    begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->\n"
    whole = page.read_text()
    head, _, rest = whole.partition(begin)
    _, _, tail = rest.partition(end)
    if not rest or (not tail and not rest.endswith(end)):
        raise ValueError(f"{page.name} has no place for {name}")
    page.write_text(f"{head}{begin}\n{text}\n{end}{tail}")
