"""`python -m bench [NAME …] [--runs N]`: measure, print, and write docs/bench.md when everything was run."""

import argparse
import signal
import sys
from types import ModuleType

from bench import arena, home, insight, load, page, report, roster, saving, starting

ALL: dict[str, ModuleType] = {
    "saving": saving,
    "page": page,
    "load": load,
    "home": home,
    "insight": insight,
    "roster": roster,
    "starting": starting,
}


def main() -> None:
    """Run what was asked for, one after the other; they would disturb each other side by side."""
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"any of: {', '.join(ALL)}; all without")
    parser.add_argument("--runs", type=int, default=5, help="alternated runs of each, five at least to be written down")
    asked = parser.parse_args()
    unknown = sorted(set(asked.names) - set(ALL))
    if unknown or asked.runs < 1:
        parser.error(f"no such measurement: {', '.join(unknown)}" if unknown else "--runs: at least 1")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started here is ended, however one leaves
    chosen = {name: module for name, module in ALL.items() if not asked.names or name in asked.names}
    sections = []
    with arena.opened() as field:
        for module in chosen.values():
            print(f"\n## {module.TITLE}\n", flush=True)
            rows = module.measure(field, asked.runs)
            print(report.table(rows), flush=True)
            sections.append((module.TITLE, module.WORDS, rows))
    if set(chosen) == set(ALL) and asked.runs >= 5:
        report.write(report.page(sections, " ".join(arena.GUNICORN)))
        print(f"written: {report.PAGE.name}")


if __name__ == "__main__":
    main()
