"""A roster as clerks keep it: found in a workbook's sheets, its head recognised in any order, row by row."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

from lms.errors import Invalid, TooLarge
from lms.i18n import _
from lms.people.rules.roster import COLUMNS, DATES, REQUIRED, Problem, Row, Typed, head
from lms.web.intake import Kind, Taken
from lms.web.workbooks import Day, SheetRead, Value, read
from lms.web.written import read_day

#: The rows one file may have: the doctors of a large city.
MOST_ROWS = 20_000
#: Sheets of our own template that hold no people.
GUIDE = "填写说明"
_HEAD_WITHIN = 10


@dataclass(frozen=True)
class Roster:
    """What a file holds: rows of people, and what was left aside."""

    rows: tuple[Row, ...]
    ignored: tuple[str, ...]


def read_roster(taken: Taken) -> Roster:
    """Every row of every sheet with people; raises Invalid that names sheet and row when a sheet cannot be used."""
    sheets = read(taken.data, taken.kind, most_rows=MOST_ROWS + _HEAD_WITHIN)
    ignored = [_("Sheet “%(sheet)s” is hidden.", sheet=one.name) for one in sheets if not one.visible and one.height]
    used = [one for one in sheets if one.visible and one.name != GUIDE]
    filled = [one for one in used if one.height]
    if not filled:
        raise Invalid(_("Sheet “%(sheet)s” is empty.", sheet=used[0].name if used else "?"), field="file")
    rows: list[Row] = []
    for sheet in filled:
        found, unknown = _rows(sheet)
        rows += found
        ignored += unknown
    if len(rows) > MOST_ROWS:
        raise _too_many(len(rows))
    if not rows:
        raise Invalid(_("Sheet “%(sheet)s” has a head but nobody below it.", sheet=filled[0].name), field="file")
    return Roster(tuple(rows), tuple(str(one) for one in ignored if taken.kind is Kind.XLSX or "CSV" not in one))


def _too_many(rows: int) -> TooLarge:
    words = _("There are %(rows)s rows; at most %(most)s are taken in one file. Split it.", rows=rows, most=MOST_ROWS)
    return TooLarge(words)


def _rows(sheet: SheetRead) -> tuple[list[Row], list[str]]:
    if sheet.too_long:
        raise _too_many(sheet.height)
    at, columns = _head(sheet)
    made = [_row(sheet, number, columns) for number in range(at + 1, len(sheet.rows))]
    labels = [str(label) for place, label in enumerate(sheet.rows[at]) if label is not None and place not in columns]
    unknown = [
        _("Column “%(column)s” of sheet “%(sheet)s” is not read.", column=label[:40], sheet=sheet.name)
        for label in labels
    ]
    return [row for row in made if row is not None], unknown


def _head(sheet: SheetRead) -> tuple[int, dict[int, str]]:
    """The row with the heads (a title may stand above it), and which column means what."""
    candidates = []
    for at, row in enumerate(sheet.rows[:_HEAD_WITHIN]):
        found = {place: name for place, cell in enumerate(row) if isinstance(cell, str) and (name := head(cell))}
        candidates.append((len(set(found.values())), -at, at, found))
    best = max(candidates, key=lambda one: one[:2], default=(0, 0, 0, {}))
    _count, _rank, at, columns = best
    if len(columns) < 2:
        words = _(
            "Sheet “%(sheet)s” has no head: its first rows should hold %(columns)s.",
            sheet=sheet.name,
            columns="、".join(COLUMNS[name][0] for name in REQUIRED),
        )
        raise Invalid(words, sheet=sheet.name, field="file")
    _check_head(sheet, at, columns)
    return at, columns


def _check_head(sheet: SheetRead, at: int, columns: Mapping[int, str]) -> None:
    where = {"sheet": sheet.name, "row": at + 1}
    for top, left, bottom, right in sheet.merged:
        if top <= at <= bottom:
            cells = f"{letters(left)}{top + 1}:{letters(right)}{bottom + 1}"
            words = _("Sheet “%(sheet)s”, row %(row)s: the head has merged cells (%(cells)s). Split them.")
            raise Invalid(words % (where | {"cells": cells}), **where, field="file")
    names = list(columns.values())
    double = next((name for name in names if names.count(name) > 1), None)
    if double:
        words = _("Sheet “%(sheet)s”, row %(row)s: the column %(column)s stands there twice.")
        raise Invalid(words % (where | {"column": COLUMNS[double][0]}), **where, field="file")
    missing = [COLUMNS[name][0] for name in REQUIRED if name not in names]
    if missing:
        words = _("Sheet “%(sheet)s”, row %(row)s: these columns are missing: %(columns)s.")
        raise Invalid(words % (where | {"columns": "、".join(missing)}), **where, field="file")


def _row(sheet: SheetRead, number: int, columns: Mapping[int, str]) -> Row | None:
    cells = sheet.rows[number]
    typed = {name: _typed(cells[place], name) for place, name in columns.items() if place < len(cells)}
    problems = tuple(_about_cells(sheet, number, columns))
    if not problems and all(
        value is None or (isinstance(value, str) and not value.strip()) for value in typed.values()
    ):
        return None
    return Row(sheet.name, number + 1, typed, problems, {name: letters(place) for place, name in columns.items()})


def _about_cells(sheet: SheetRead, number: int, columns: Mapping[int, str]) -> list[Problem]:
    found = [
        Problem("formula", name) for place, name in columns.items() if f"{letters(place)}{number + 1}" in sheet.formulas
    ]
    if "?" in sheet.formulas:
        found.append(Problem("formula"))
    for top, left, bottom, right in sheet.merged:
        if top <= number <= bottom:
            found += [Problem("merged", name) for place, name in columns.items() if left <= place <= right]
    return found


def _typed(cell: Value, column: str) -> Typed:
    """A cell for the rules; days as people write them become days."""
    if isinstance(cell, Day):
        return cell.day
    if column not in DATES or cell is None or isinstance(cell, bool):
        return cell
    text = str(int(cell)) if isinstance(cell, float) and cell == int(cell) else str(cell)
    day: date | None = read_day(text)
    return day if day is not None else text


@cache
def letters(at: int) -> str:
    """The letters of a spreadsheet's column: 0 is A, 26 is AA."""
    name, at = "", at + 1
    while at:
        at, rest = divmod(at - 1, 26)
        name = chr(65 + rest) + name
    return name


KINDS = frozenset({Kind.XLSX, Kind.TEXT})


def where(row: Row, column: str) -> str:
    """The cell of a problem as Excel names it."""
    return f"{row.letters.get(column, '')}{row.number}"
