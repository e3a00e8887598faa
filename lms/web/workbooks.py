"""Tables from outside, read in a child process that can open nothing, and handed over as plain cells."""

import json
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import structlog

from lms.errors import Invalid, TooLarge
from lms.i18n import _
from lms.web.intake import Kind

log = structlog.get_logger("workbooks")
_CHILD = Path(__file__).with_name("workbook_child.py")
_PATIENCE = 90


@dataclass(frozen=True)
class Day:
    """A cell that Excel keeps as a date; `timed` when it has a time of day as well."""

    day: date
    timed: bool


Value = str | int | float | bool | Day | None


@dataclass(frozen=True)
class SheetRead:
    """One sheet: `rows[0]` is row 1; `merged` are (row, column, last row, last column) from 0."""

    name: str
    visible: bool
    rows: list[list[Value]]
    merged: list[tuple[int, int, int, int]]
    formulas: frozenset[str]
    height: int

    @property
    def too_long(self) -> bool:
        """More rows than were to be read."""
        return self.height > len(self.rows) == 0


def read(data: bytes, kind: Kind, *, most_rows: int) -> list[SheetRead]:
    """All sheets of an .xlsx or .csv; of a sheet with more than `most_rows` rows only its height.

    The file must have come through `intake.take`.
    """
    # -I: nothing from the environment or the working directory is imported.
    command = [sys.executable, "-I", str(_CHILD), "xlsx" if kind is Kind.XLSX else "text", str(most_rows)]
    try:
        ended = subprocess.run(command, input=data, capture_output=True, timeout=_PATIENCE, env={}, check=False)
    except subprocess.TimeoutExpired:
        raise TooLarge(_("The file takes too long to read. Split it.")) from None
    if ended.returncode != 0:
        log.warning("reader ended", exit_status=ended.returncode)
        raise TooLarge(_("The file is too large or too strange to be read. Save it again as .xlsx, or split it."))
    outcome = json.loads(ended.stdout)
    if "refused" in outcome:
        raise _refusal(outcome["refused"])
    return [_sheet(one) for one in outcome["sheets"]]


def _refusal(code: str) -> Invalid | TooLarge:
    if code == "locked":
        words = _("The file is protected by a password. Take the password off and save it again.")
        return Invalid(words, field="file")
    if code == "unsafe xml":
        return Invalid(_("The file was not made by a spreadsheet. Open it in Excel and save it again."), field="file")
    if code in ("too large", "too much text"):
        return TooLarge(_("The file is too large or too strange to be read. Save it again as .xlsx, or split it."))
    return Invalid(_("The file is damaged. Open it in Excel and save it again."), field="file")


def _sheet(raw: dict[str, Any]) -> SheetRead:
    return SheetRead(
        name=raw["name"],
        visible=raw["visible"],
        rows=[[_value(cell) for cell in row] for row in raw["rows"]],
        merged=[(a, b, c, d) for a, b, c, d in raw["merged"]],
        formulas=frozenset(raw["formulas"]),
        height=raw["height"],
    )


def _value(cell: Any) -> Value:
    if isinstance(cell, dict):
        return Day(date.fromisoformat(cell["day"]), cell["time"])
    return None if cell == "" else cell
