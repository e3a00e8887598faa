"""Tables from outside, read in a child process that can open nothing, and handed over as plain cells."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from lms.errors import Invalid, TooLarge
from lms.i18n import _
from lms.web import readers
from lms.web.intake import Kind

_CHILD = Path(__file__).with_name("workbook_child.py")


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


def read(data: bytes, kind: Kind, *, most_rows: int, columns: int = 60, characters: int = 500) -> list[SheetRead]:
    """All sheets of an .xlsx or .csv; of a sheet with more than `most_rows` rows only its height.

    The file must have come through `intake.take`. Longer rows and cells are cut: whoever minds gives room for one more.
    """
    limits = (str(most_rows), str(columns), str(characters))
    outcome = readers.ask(_CHILD, "xlsx" if kind is Kind.XLSX else "text", *limits, data=data)
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
        return readers.too_strange()
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
