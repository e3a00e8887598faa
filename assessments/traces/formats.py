"""A manikin's file: depth against time as CSV. What is no trace is refused with row and column; nothing is guessed."""

import csv
import hashlib
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import IO, NoReturn

import numpy as np

from assessments.traces.rules.signal import Numbers, Trace
from lms.errors import Invalid, TooLarge
from lms.i18n import _
from lms.web.intake import Kind, Taken, decoded, take

MOST_BYTES = 10 << 20
#: Half an hour at a hundred readings a second.
MOST_ROWS = 200_000
MOST_SECONDS = 3600
#: No chest moves further; what looks like it is another unit.
DEEPEST, HIGHEST = 200, -20
_HEAD_WITHIN = 30
_LONGEST_LINE = 2_000
#: Fewer rows do not show which column is which.
_ENOUGH = 10
_SEPARATORS = ("\t", ";", ",")
_NUMBER = re.compile(r"[+-]?(\d{1,9}(\.\d{0,12})?|\.\d{1,12})([eE][+-]?\d{1,3})?", re.ASCII)
_UNIT = re.compile(r"[(\[（【]\s*([^)\]）】]*)\s*[)\]）】]$|[_/\s]([a-z毫秒厘米分]+)$")


class Column(StrEnum):
    """What a column holds."""

    TIME = "time"
    DEPTH = "depth"


_NAMES = {
    Column.TIME: {"time", "t", "elapsed", "elapsed time", "timestamp", "seconds", "sec", "ms",
        "时间", "时刻", "用时", "秒", "毫秒"},
    Column.DEPTH: {
        "depth", "compression depth", "displacement", "compression", "深度", "按压深度", "胸外按压深度",
        "位移", "按压位移",
    },
}  # fmt: skip
#: What one of a unit is in seconds or millimetres.
_UNITS = {
    Column.TIME: {"s": 1.0, "sec": 1.0, "second": 1.0, "seconds": 1.0, "秒": 1.0}
    | {"ms": 0.001, "msec": 0.001, "millisecond": 0.001, "milliseconds": 0.001, "毫秒": 0.001},
    Column.DEPTH: {"mm": 1.0, "毫米": 1.0, "cm": 10.0, "厘米": 10.0},
}


@dataclass(frozen=True)
class Head:
    """The line that names the columns: its number, what separates cells, and where time and depth stand."""

    line: int
    separator: str
    width: int
    place: dict[Column, int]
    label: dict[Column, str]
    unit: dict[Column, float]


@dataclass(frozen=True, eq=False)
class Read:
    """A file that holds a trace; `digest` names the numbers, however the file writes them."""

    trace: Trace
    readings: int
    digest: str


def let_in(file: IO[bytes], name: str) -> Taken:
    """A file that somebody sends, if it is text; a workbook is refused with what to do instead."""
    taken = take(file, name, kinds=frozenset({Kind.TEXT, Kind.XLSX}), most=MOST_BYTES)
    if taken.kind is Kind.XLSX:
        raise Invalid(_("This is an Excel workbook. Save the sheet with the trace as CSV and send that."), field="file")
    return taken


def read(data: bytes) -> Read:
    """The trace of a file; raises Invalid with row and column of the first thing that is wrong."""
    text = decoded(data)
    if text is None:
        raise Invalid(_("This is no text. Export the trace from the manikin's program as CSV."), field="file")
    lines = text.splitlines()
    head = _head(lines)
    if len(lines) - head.line > MOST_ROWS:
        raise TooLarge(
            _("There are %(rows)s rows; at most %(most)s are taken. Export fewer readings a second, or a part.",
              rows=len(lines) - head.line, most=MOST_ROWS)
        )  # fmt: skip
    cells = _cells(lines, head)
    if not cells.lines:
        raise Invalid(_("There is a head, but no reading below it."), field="file")
    time, depth = (_numbers(cells, head, column) for column in Column)
    _check(cells, head, time, depth)
    return Read(Trace(time, depth), len(cells.lines), _digest(time, depth))


def _digest(time: Numbers, depth: Numbers) -> str:
    """SHA-256 over the numbers, to a tenth of a millisecond and a hundredth of a millimetre."""
    exact = np.concatenate([np.rint((time - time[0]) * 10_000), np.rint(depth * 100)]).astype("<i8")
    return hashlib.sha256(exact.tobytes()).hexdigest()


def _head(lines: Sequence[str]) -> Head:
    """The first line that names both columns; above it a device may say what it likes."""
    if not any(line.strip() for line in lines):
        raise Invalid(_("The file is empty."), field="file")
    for number, line in enumerate(lines[:_HEAD_WITHIN], 1):
        for separator in _SEPARATORS:
            found = _named(number, line, separator)
            if found is not None:
                return found
    raise Invalid(
        _("No line names the columns. Put a first line above the readings, such as: time_s,depth_mm"),
        row=1,
        field="file",
    )


def _named(number: int, line: str, separator: str) -> Head | None:
    labels = [one.strip().strip('"').strip() for one in line[:_LONGEST_LINE].split(separator)]
    place: dict[Column, int] = {}
    units: dict[Column, float] = {}
    for at, label in enumerate(labels):
        column, unit = _meant(label, number)
        if column is None:
            continue
        if column in place:
            raise Invalid(
                _("Row %(row)s: two columns are “%(first)s” and “%(second)s”. Leave one.",
                  row=number, first=labels[place[column]][:40], second=label[:40]),
                row=number, field="file",
            )  # fmt: skip
        place[column], units[column] = at, unit
    if len(place) < len(Column):
        return None
    return Head(number, separator, len(labels), place, {one: labels[at][:40] for one, at in place.items()}, units)


def _meant(label: str, line: int) -> tuple[Column | None, float]:
    """What a label says a column is, and in which unit; raises Invalid for a unit that is not read here."""
    plain = unicodedata.normalize("NFKC", label).strip().lower()
    found = _UNIT.search(plain)
    word = (found[1] or found[2] or "").strip() if found else ""
    name = plain[: found.start()].strip(" _/") if found else plain
    for column, names in _NAMES.items():
        if plain.replace("_", " ") in names:
            return column, _UNITS[column].get(plain, 1.0)
        if name.replace("_", " ") in names:
            if word and word not in _UNITS[column]:
                known = ", ".join(_UNITS[column])
                words = _("Row %(row)s: “%(label)s” has a unit that is not read here. Known are %(known)s.")
                raise Invalid(words % {"row": line, "label": label[:40], "known": known}, row=line, field="file")
            return column, _UNITS[column].get(word, 1.0)
    return None, 1.0


@dataclass(frozen=True, eq=False)
class Cells:
    """The readings as they stand: the line each began on, and each column's cells."""

    lines: list[int]
    texts: dict[Column, list[str]]


def _cells(lines: Sequence[str], head: Head) -> Cells:
    numbers: list[int] = []
    times: list[str] = []
    depths: list[str] = []
    reader = csv.reader(lines[head.line :], delimiter=head.separator, strict=True)
    at_time, at_depth = head.place[Column.TIME], head.place[Column.DEPTH]
    try:
        for row in reader:
            if not any(row):
                continue
            if len(row) != head.width and not _only_trailing(row, head.width):
                _refuse_width(head.line + reader.line_num, len(row), head)
            numbers.append(head.line + reader.line_num)
            times.append(row[at_time].strip())
            depths.append(row[at_depth].strip())
    except csv.Error as wrong:
        words = _("Row %(row)s cannot be read as CSV: %(why)s.", row=head.line + reader.line_num, why=str(wrong))
        raise Invalid(words, row=head.line + reader.line_num, field="file") from None
    return Cells(numbers, {Column.TIME: times, Column.DEPTH: depths})


def _only_trailing(row: Sequence[str], width: int) -> bool:
    """Some devices end every reading with a separator, but not the head."""
    return len(row) > width and not any(cell.strip() for cell in row[width:])


def _refuse_width(line: int, cells: int, head: Head) -> NoReturn:
    words = _("Row %(row)s has %(cells)s cells, the head has %(width)s.", row=line, cells=cells, width=head.width)
    if head.separator == "," and cells == 2 * head.width:
        words += " " + _("Where numbers have a decimal comma, separate the cells with a semicolon or a tab.")
    raise Invalid(words, row=line, field="file")


def _numbers(cells: Cells, head: Head, column: Column) -> Numbers:
    """One column as numbers in seconds or millimetres."""
    texts = cells.texts[column]
    if head.separator != "," and any("," in text for text in texts):
        texts = [text.replace(",", ".") if "." not in text else text for text in texts]
    # 400,000 numbers at once; a cell that breaks the rule is looked for only when one does.
    if not all(map(_NUMBER.fullmatch, texts)):
        _refuse_cell(cells, texts, head, column)
    values: Numbers = np.fromiter(map(float, texts), np.float64, len(texts)) * head.unit[column]
    if not np.isfinite(values).all():
        at = int(np.flatnonzero(~np.isfinite(values))[0])
        _refuse(cells.lines[at], head, column, _("“%(cell)s” is too large to be a number.", cell=texts[at][:40]))
    return values


def _refuse_cell(cells: Cells, texts: Sequence[str], head: Head, column: Column) -> NoReturn:
    at = next(number for number, text in enumerate(texts) if not _NUMBER.fullmatch(text))
    text = texts[at]
    if not text:
        said = _("the cell is empty.")
    elif text[0] in "=@":
        said = _("“%(cell)s” is a formula. Export the values themselves.", cell=text[:40])
    else:
        said = _("“%(cell)s” is no number.", cell=text[:40])
    _refuse(cells.lines[at], head, column, said)


def _refuse(line: int, head: Head, column: Column, said: str) -> NoReturn:
    where = _("Row %(row)s, column “%(column)s”: ", row=line, column=head.label[column])
    raise Invalid(where + said, row=line, column=head.label[column], field="file")


def _check(cells: Cells, head: Head, time: Numbers, depth: Numbers) -> None:
    """What no trace can be: time before zero or going back, a chest deeper than any, an hour and more."""
    if time.size >= _ENOUGH and (np.diff(time) <= 0).any() and (np.diff(depth) > 0).all():
        raise Invalid(
            _("The columns look swapped: “%(depth)s” rises all the way, “%(time)s” goes up and down.",
              depth=head.label[Column.DEPTH], time=head.label[Column.TIME]),
            row=head.line, field="file",
        )  # fmt: skip
    for column, at, said in _faults(time, depth):
        _refuse(cells.lines[at], head, column, said)
    if time[-1] - time[0] > MOST_SECONDS:
        words = _("The times span %(hours)s hours; at most one hour is taken. If they are milliseconds, name the column time_ms.")  # fmt: skip # noqa: E501
        raise Invalid(words % {"hours": round(float(time[-1] - time[0]) / 3600, 1)}, row=head.line, field="file")


def _faults(time: Numbers, depth: Numbers) -> Iterator[tuple[Column, int, str]]:
    negative = np.flatnonzero(time < 0)
    if negative.size:
        yield Column.TIME, int(negative[0]), _("the time is before zero.")
    back = np.flatnonzero(np.diff(time) <= 0)
    if back.size:
        yield Column.TIME, int(back[0]) + 1, _("the time does not go on from the row before.")
    outside = np.flatnonzero((depth > DEEPEST) | (depth < HIGHEST))
    if outside.size:
        yield (
            Column.DEPTH,
            int(outside[0]),
            _("a depth from %(least)s to %(most)s mm is expected; is the unit right?", least=HIGHEST, most=DEEPEST),
        )
