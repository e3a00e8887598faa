"""What a measurement comes to: medians, ratios, targets, and the page they are written on."""

import os
import platform
import re
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import config

PAGE = config.CHECKOUT / "docs" / "bench.md"
HEAD = """# Measured speed

Written by `make bench`, section by section (`python -m bench NAME …` measures some of them anew). Every line is the
median of alternated runs (ours, floor, ours, floor …), so that whatever else the machine did meets both alike; the
range is beside it. What counts is the ratio: the seconds are this machine's.

The floor ([bench/floor.py](../bench/floor.py)) is the least a durable save can cost here: Flask, a psycopg pool, one
INSERT, commit, JSON, under the same gunicorn settings (`{gunicorn}`) on the
same embedded PostgreSQL with `fsync` on. Clients are threads over loopback on the same machine, and take their part of
its cores.

"""


@dataclass(frozen=True)
class Row:
    """One measured thing, with what it is held against."""

    what: str
    ours: Sequence[float]
    unit: str
    against: Sequence[float] = ()
    against_what: str = ""
    target: str = ""
    met: bool | None = None

    @property
    def median(self) -> float:
        """The middle of our runs."""
        return statistics.median(self.ours)

    @property
    def ratio(self) -> float | None:
        """The median of ours through the floor's, pair by pair, as they were run side by side."""
        if not self.against:
            return None
        return statistics.median(a / b for a, b in zip(self.ours, self.against, strict=True))

    def cells(self) -> list[str]:
        """The line of the table."""
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}"
        met = {None: "", True: "met", False: "**missed**"}[self.met]
        against = f"{_runs(self.against, self.unit)} ({self.against_what})" if self.against else ""
        return [self.what, _runs(self.ours, self.unit), against, ratio, self.target, met]


def _runs(values: Sequence[float], unit: str) -> str:
    middle = statistics.median(values)
    if len(values) == 1 or min(values) == max(values):
        return f"{_number(middle)} {unit}"
    return f"{_number(middle)} {unit} ({_number(min(values))}–{_number(max(values))})"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def table(rows: Sequence[Row]) -> str:
    """A Markdown table."""
    heads = ["measured", "median (range)", "held against", "ratio", "target", ""]
    lines = [heads, ["---"] * len(heads), *(row.cells() for row in rows)]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def machine() -> str:
    """The machine in general words."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    load = os.getloadavg()[1]
    return (
        f"{os.cpu_count()} cores ({platform.machine()}), {memory:.0f} GiB of memory, {platform.system()}, "
        f"Python {platform.python_version()}; load average over the last five minutes when it ended {load:.1f}."
    )


def section(title: str, words: str, rows: Sequence[Row]) -> str:
    """One measurement: what it is, on which day and machine, its table, and what missed its target."""
    missed = [row.what for row in rows if row.met is False]
    end = f"\nMissed: {'; '.join(missed)}.\n" if missed else ""
    return f"## {title}\n\n{words}\n\n{datetime.now(UTC):%Y-%m-%d}. {machine()}\n\n{table(rows)}{end}"


def merged(page: str, fresh: Mapping[str, str], order: Sequence[str], gunicorn: str) -> str:
    """The whole document: fresh sections by title, the others as they stood; what is not measured any more goes."""
    parts = re.split(r"(?m)^(?=## )", page)[1:]
    stood = {part.partition("\n")[0].removeprefix("## "): part for part in parts}
    kept = [fresh.get(title) or stood.get(title) for title in order]
    return "\n".join([HEAD.format(gunicorn=gunicorn).rstrip() + "\n", *(part.rstrip() + "\n" for part in kept if part)])


def write(fresh: Mapping[str, str], order: Sequence[str], gunicorn: str, path: Path = PAGE) -> None:
    """Put what was measured where the documents are."""
    path.write_text(merged(path.read_text() if path.exists() else "", fresh, order, gunicorn))
