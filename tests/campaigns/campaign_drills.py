"""The long drill: `make campaigns ARGS=tests/campaigns/campaign_drills.py`. Five gigabytes, a thousand decisions.

`LMS_CAMPAIGN_MEGABYTES` and `LMS_CAMPAIGN_DECISIONS` set its size; five times the megabytes must be free on the disk.
It writes what it came to into docs/backup.md, between its marks.
"""

import os
import time
from pathlib import Path
from typing import Any

import config
from tests.campaigns import drills, figures
from tests.campaigns import ground as grounds

MEGABYTES = int(os.environ.get("LMS_CAMPAIGN_MEGABYTES", "5120"))
DECISIONS = int(os.environ.get("LMS_CAMPAIGN_DECISIONS", "1000"))
PAGE = config.CHECKOUT / "docs" / "backup.md"


def test_a_large_installation_comes_back_in_time(tmp_path: Path) -> None:
    with grounds.ground() as ground, ground.live(tmp_path) as live, drills.practice(ground, live) as made:
        drills.ballast(live, MEGABYTES)
        made.archive()
        began = time.monotonic()
        code, backup = made.patiently("database", "backup")
        assert code == 0, backup
        took = time.monotonic() - began
        drills.decide(live, tmp_path, DECISIONS)
        assert drills.decisions(live) >= DECISIONS
        made.archived()
        code, told = made.patiently(
            "database", "drill", "--sample", str(DECISIONS), "--ground", str(made.ground / "drill")
        )
        figures.write("drill", _table(backup, took, told), PAGE)

    assert (code, told["faults"]) == (0, [])


def _table(backup: Any, took: float, told: Any) -> str:
    """Every figure of the drill, with the machine it ran on."""
    checks = told["checks"]["to_a_time"]["checks"]
    rows = {
        "files of the server": f"{backup['bytes'] / 2**30:.2f} GB",
        "base backup, checked": f"{took:.0f} s",
        "acknowledged marks, twenty a second until `kill -9`": f"{told['acknowledged']}",
        "**lost of these**": f"**{told['lost']}** (RPO {told['rpo_seconds']} s)",
        "restore of the backups": _parts(told["backups"]),
        "restore to the last moment": _parts(told["to_the_end"]),
        "restore to the moment before the accident": _parts(told["to_a_time"]),
        "**slowest (RTO)**": f"**{told['rto_seconds']:.0f} s**",
        "ledger recomputed": f"{checks['ledger']['looked_at']:,} entries: {_holds(checks['ledger'])}",
        "decisions made again": f"{checks['decisions']['looked_at']:,}: {_holds(checks['decisions'])}",
    }
    lines = "".join(f"| {what} | {came_to} |\n" for what, came_to in rows.items())
    return f"{figures.machine()}\n\n| measured | came to |\n| --- | --- |\n{lines}"


def _parts(restored: Any) -> str:
    words = "{seconds:.0f} s: copied in {copied_in:.1f}, checked in {verified_in:.1f}, "
    return (words + "on the disk and replayed in {replayed_in:.1f}").format(**restored)


def _holds(check: Any) -> str:
    return "hold" if check["ok"] else "DO NOT HOLD"
