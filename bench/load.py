"""A thousand candidates: all begin within ten seconds, then save for ten minutes; the load is a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import sqlalchemy as sa

import config
from bench import arena, hall
from bench.report import Row
from lms.db import grants
from tests import databases

TITLE = "A thousand candidates"
WORDS = (
    "A thousand people, whose attempts were prepared beforehand, press “Begin now” within ten seconds, evenly: each "
    "time is from the button to the taken pen, three requests (`POST …/start`, the page, the pen). Then "
    "100 answers a second for ten minutes, at fixed moments whether or not earlier ones were answered, each time "
    "counted from the moment it was due; every page also beats every 15 s. The crowd is one process on the same two "
    "cores, and takes its part of them. In the end every acknowledged answer is looked for in the table."
)
PEOPLE, WINDOW, RATE = 1000, 10.0, 100.0
SECONDS = float(os.environ.get("BENCH_LOAD_SECONDS", "600"))
MOST_TO_BEGIN, MOST_TO_SAVE = 3000.0, 250.0


def measure(field: arena.Arena, _runs: int) -> list[Row]:
    """One run, as long as it says: a crowd is not repeated five times."""
    with field.copy() as copy:
        seated = hall.seat(copy, PEOPLE, begun=False)
        port = databases.free_port()
        with arena.serving("lms:create_app()", copy.environment(port), port, copy.files / "ours.log"):
            told = {"port": port, "exam": seated.exam_id, "tokens": seated.tokens, "window": WINDOW}
            found = _crowd(copy.files, told | {"rate": RATE, "seconds": SECONDS})
        lost = _lost(copy, copy.files / "acknowledged")
    whole = SECONDS >= 600
    began = Row("begin within 10 s: one waits, 95 of 100", [found["begin_p95"]], "ms", target="≤ 3,000 ms")
    saved = Row(
        f"100 answers/s for {SECONDS:.0f} s: one waits, 95 of 100", [found["save_p95"]], "ms", target="≤ 250 ms"
    )
    kept = Row(f"acknowledged and lost, of {found['acknowledged']:,}", [float(lost)], "answers", target="0")
    return [
        Row("begin within 10 s: one waits, median", [found["begin_p50"]], "ms"),
        Row(**(vars(began) | {"met": found["begin_p95"] <= MOST_TO_BEGIN and found["begun"] == PEOPLE})),
        Row("answers acknowledged a second", [found["acknowledged"] / SECONDS], "/s"),
        Row("100 answers/s: one waits, median", [found["save_p50"]], "ms"),
        Row(**(vars(saved) | {"met": found["save_p95"] <= MOST_TO_SAVE if whole else None})),
        Row("sent again because nothing came back", [float(found["retries"])], "times"),
        Row(**(vars(kept) | {"met": lost == 0 and found["unacknowledged"] == 0})),
    ]


def _crowd(files: Path, told: dict[str, Any]) -> dict[str, Any]:
    """Run the crowd to its end; it stops by itself."""
    (files / "crowd.json").write_text(json.dumps(told | {"acknowledged": str(files / "acknowledged")}))
    command = [sys.executable, "-m", "bench.crowd", str(files / "crowd.json")]
    most = told["window"] + told["seconds"] + 300
    done = subprocess.run(command, cwd=config.CHECKOUT, capture_output=True, text=True, timeout=most, check=False)
    if done.returncode:
        raise RuntimeError(f"the crowd failed: {done.stderr[-1200:]}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _lost(copy: arena.Copy, acknowledged: Path) -> int:
    """How many acknowledged answers are not in the table."""
    engine = sa.create_engine(copy.server.url(copy.name, grants.OWNER), poolclass=sa.NullPool)
    with engine.connect() as connection:
        there = set(connection.scalars(sa.text("SELECT id::text FROM answer_event")))
    return len(set(acknowledged.read_text().split()) - there)
