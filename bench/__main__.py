"""`python -m bench [NAME …] [--runs N]`: measure, print, and write what was measured into docs/bench.md."""

import argparse
import signal
import sys
from types import ModuleType

from bench import (
    arena,
    certificates,
    home,
    insight,
    lessons,
    load,
    page,
    path,
    report,
    results,
    roster,
    saving,
    search,
    stars,
    starting,
    tablets,
    timetable,
)

ALL: dict[str, ModuleType] = {
    "saving": saving,
    "page": page,
    "load": load,
    "home": home,
    "insight": insight,
    "results": results,
    "certificates": certificates,
    "roster": roster,
    "tablets": tablets,
    "timetable": timetable,
    "stars": stars,
    "lessons": lessons,
    "path": path,
    "starting": starting,
    "search": search,
}


#: So many alternated runs are written down.
LEAST = 5


def main() -> None:
    """Run what was asked for, one after the other; they would disturb each other side by side."""
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"any of: {', '.join(ALL)}; all without")
    parser.add_argument("--runs", type=int, default=5, help="alternated runs of each, five at least are written down")
    asked = parser.parse_args()
    unknown = sorted(set(asked.names) - set(ALL))
    if unknown or asked.runs < 1:
        parser.error(f"no such measurement: {', '.join(unknown)}" if unknown else "--runs: at least 1")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started here is ended, however one leaves
    chosen = {name: module for name, module in ALL.items() if not asked.names or name in asked.names}
    fresh = {}
    with arena.opened() as field:
        for module in chosen.values():
            print(f"\n## {module.TITLE}\n", flush=True)
            rows = module.measure(field, asked.runs)
            print(report.table(rows), flush=True)
            fresh[module.TITLE] = report.section(module.TITLE, module.WORDS, rows)
            if asked.runs >= LEAST:  # at once: what was measured is not lost with what comes after it
                report.write(fresh, [one.TITLE for one in ALL.values()], " ".join(arena.GUNICORN))


if __name__ == "__main__":
    main()
