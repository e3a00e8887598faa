"""What a measurement comes to: medians, ratios, targets, and the page they are written on."""

import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import config

PAGE = config.CHECKOUT / "docs" / "bench.md"
HEAD = """# Measured speed

Written by `make bench`. Every line is the median of alternated runs (ours, floor, ours, floor …), so that whatever
else the machine did meets both alike; the range is beside it. What counts is the ratio: the seconds are this machine's.

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


def page(sections: Sequence[tuple[str, str, Sequence[Row]]], gunicorn: str) -> str:
    """The whole document: title, words and rows of each section."""
    parts = [HEAD.format(gunicorn=gunicorn), f"{datetime.now(UTC):%Y-%m-%d}. {machine()}\n"]
    parts += [f"\n## {title}\n\n{words}\n\n{table(rows)}" for title, words, rows in sections]
    missed = [row.what for _title, _words, rows in sections for row in rows if row.met is False]
    parts.append("\nMissed: " + ("; ".join(missed) + ".\n" if missed else "nothing.\n"))
    return "".join(parts)


def write(text: str, path: Path = PAGE) -> None:
    """Put the page where the documents are."""
    path.write_text(text)
