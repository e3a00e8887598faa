"""Tablets under faults: seeded schedules drive the product's own browser code against the real server.

`python -m tests.campaigns.tablets --seed 7 --steps` runs one schedule and says step by step what happened; `--count 50`
runs as many from there. The other half is tests/campaigns/simulator/ (Node).
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import config
from assessments.osce.models import Sheet
from tests import browser, databases
from tests.campaigns import broken
from tests.campaigns import ground as grounds
from tests.campaigns.circuits import Grounds
from tests.campaigns.ground import Web
from tests.campaigns.reconciled import Report, differing, judge

SCRIPT = Path(__file__).with_name("simulator") / "run.mjs"
#: So many schedules are given to one process of Node at once.
BATCH = 50


@dataclass(frozen=True)
class Planted:
    """A fault put in on purpose, and the words by which it is found within so many schedules."""

    found_as: str
    within: int = 30
    #: address of a script → what is replaced by what
    scripts: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    #: what the server breaks (tests/campaigns/broken.py)
    server: str = ""


NONE = Planted("")
_HANDS_IN = "  handIn(sheet) {\n"
_ASKS = '      answer = await this.ask("sheets", sheet.body);'
PLANTED = {
    "the tablet deletes a sheet before the centre has named it": Planted(
        "never came to rest",
        scripts={"/static/osce/outbox.js": [(_ASKS, f"      await this.store.dropSheet(sheet.id);\n{_ASKS}")]},
    ),
    "the tablet drops the draft before the sheet is written": Planted(
        ", not one of ",
        scripts={
            "/static/osce/store.js": [
                (_HANDS_IN, f"  async {_HANDS_IN.strip()}\n    await this.dropDraft(sheet.station, sheet.candidate);\n")
            ]
        },
    ),
    "the tablet takes whatever answers for the centre": Planted(
        "which never named it",
        scripts={"/static/osce/outbox.js": [(" || !(await this.#proven(sheet.id, body.proof))", "")]},
    ),
    "the centre acknowledges and does not commit": Planted("which does not have it", server="forgets"),
    "the centre takes a repeated sheet for another": Planted("nobody handed it in", server="repeats"),
    "the centre lets the last of two examiners win": Planted("the board shows conflicts", server="hides"),
}


@dataclass
class Outcome:
    """What some schedules came to."""

    schedules: int = 0
    seconds: float = 0
    #: what happened how often
    counts: Counter[str] = field(default_factory=Counter)
    #: seed → what happened, step by step
    steps: dict[int, list[str]] = field(default_factory=dict)
    #: seed → what was wrong, with its steps
    failed: dict[int, list[str]] = field(default_factory=dict)

    @property
    def faults(self) -> str:
        """Every fault in words; nothing where there is none."""
        return "\n".join(line for seed in sorted(self.failed) for line in self.failed[seed])


@contextmanager
def served(live: databases.Live, app: str = grounds.SERVER, workers: int = 1) -> Iterator[Grounds]:
    """A web server on this database, and somewhere to examine."""
    made, web = Grounds(live), Web(live, app, workers)
    web.start()
    try:
        yield made
    finally:
        web.kill()
        made.close()


def run(
    ground: Grounds,
    seeds: Sequence[int],
    planted: Planted = NONE,
    processes: int = 1,
    within: float = float("inf"),
) -> Outcome:
    """Run these schedules; each is held against the database when all of its batch are through.

    After `within` seconds it comes to an end with those that it has.
    """
    began, outcome = time.monotonic(), Outcome()
    for first in range(0, len(seeds), BATCH):
        if time.monotonic() - began > within:
            break
        batch = seeds[first : first + BATCH]
        told = [{"seed": seed} | made for seed, made in zip(batch, ground.make(len(batch)), strict=True)]
        with ThreadPoolExecutor(processes) as pool:
            shares = [told[n::processes] for n in range(processes)]
            reports = [one for part in pool.map(lambda share: _node(ground, share, planted), shares) for one in part]
        _judge_all(ground, reports, outcome)
    outcome.seconds = time.monotonic() - began
    return outcome


def find(ground: Grounds, planted: Planted, at_once: int = 3) -> Outcome:
    """Run schedules, a few at a time, until one of them finds the planted fault or there were enough."""
    found = Outcome()
    for first in range(1, planted.within + 1, at_once):
        found = run(ground, range(first, first + at_once), planted)
        if found.failed:
            break
    return found


def _node(ground: Grounds, schedules: list[dict[str, Any]], planted: Planted) -> list[Report]:
    common = ground.common() | {"headers": {broken.HEADER: planted.server} if planted.server else {}}
    told = {"common": common, "schedules": schedules, "planted": planted.scripts}
    browser._modules()
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(told, file)
        file.flush()
        flags = ("--experimental-vm-modules", "--no-warnings")
        command: list[str | Path] = [browser._node(), *flags, SCRIPT, config.CHECKOUT, file.name]
        done = subprocess.run(command, capture_output=True, text=True, timeout=1200, check=False)
    if done.returncode:
        raise RuntimeError(f"{SCRIPT.name}: {done.stderr.strip()[-3000:]}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def _judge_all(ground: Grounds, reports: list[Report], outcome: Outcome) -> None:
    rows: dict[int, list[Any]] = {report["station"]: [] for report in reports}
    for row in grounds.rows(ground.live, Sheet.__table__):
        if row.circuit_station_id in rows:
            rows[row.circuit_station_id].append(row)
    for report in reports:
        outcome.schedules += 1
        outcome.counts.update(_counted(report, rows[report["station"]]))
        seed, wrong = report["seed"], judge(report, rows[report["station"]])
        steps = [f"  {number:3} {step}" for number, step in enumerate(report["steps"], 1)]
        outcome.steps[seed] = [f"seed {seed}:", *steps]
        if wrong:
            outcome.failed[seed] = [*outcome.steps[seed], *wrong]


WORDS = {
    "crashes": "crashes",
    "crashes in the middle of a write": "will crash",
    "answers lost after the centre had them": "lose POST",
    "sheets sent twice at once": "double POST",
    "late copies that arrived": "a stray arrives: POST",
    "answers by something in between": "pretend",
    "times offline": "offline",
    "clocks set wrong": "clock jumps",
    "sign-ins that ended": ("is signed out", "somebody else"),
    "circuits closed and opened again": "opens again",
    "conflicts settled": "officer settles about",
}


def _counted(report: Report, rows: list[Any]) -> Counter[str]:
    """What happened in a schedule, for the figures."""
    steps = report["steps"]
    counts = Counter({"steps": len(steps), "requests": report["requests"], "sheets handed in": len(report["handed"])})
    counts["corrections"] = sum(row.version > 1 for row in rows)
    counts["sheets taken back"] = len(report["takenBack"])
    counts["conflicts in the end"] = len(differing(report, rows))
    for name, words in WORDS.items():
        wanted = (words,) if isinstance(words, str) else words
        counts[name] = sum(any(word in step for word in wanted) for step in steps)
    return counts


# ---- by hand ----


@contextmanager
def _alone(app: str) -> Iterator[Grounds]:
    with tempfile.TemporaryDirectory() as folder, databases.server(config.CHECKOUT) as server:
        template = databases.template(server)
        with databases.live(server, template, Path(folder)) as live, served(live, app) as ground:
            yield ground


def main() -> None:
    """Run schedules by their seeds; ends with 1 where one failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.campaigns.tablets")
    parser.add_argument("--seed", type=int, default=1, help="the first schedule")
    parser.add_argument("--count", type=int, default=1, help="so many from there")
    parser.add_argument("--steps", action="store_true", help="say what happened also where all is well")
    parser.add_argument("--app", default=grounds.SERVER, help="another application than the product")
    asked = parser.parse_args()
    with _alone(asked.app) as ground:
        found = run(ground, range(asked.seed, asked.seed + asked.count))
    if asked.steps:
        sys.stdout.write("\n".join(line for steps in found.steps.values() for line in steps) + "\n")
    sys.stdout.write(
        f"{found.faults}\n{found.schedules} schedules, {len(found.failed)} failed, {found.seconds:.1f} s\n"
    )
    sys.exit(1 if found.failed else 0)


if __name__ == "__main__":
    main()
