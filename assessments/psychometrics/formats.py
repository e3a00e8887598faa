"""Tables out of CSV files; what cannot be a number is refused with its row and column, and nothing is guessed."""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from assessments.psychometrics.rules.standards import EbelCell
from lms.errors import Invalid

#: A file larger than this is no exam; and no value of an exam is larger than that.
LARGEST, HIGHEST = 50 << 20, 10**9
_NUMBER = re.compile(r"[+-]?(\d{1,12}(\.\d{0,15})?|\.\d{1,15})([eE][+-]?\d{1,3})?")


@dataclass(frozen=True)
class Sheet:
    """A header and its rows, with the line of the file each row began on."""

    columns: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]

    def number(self, row: int, column: int, *, least: int = 0, most: int = HIGHEST) -> Fraction:
        """One cell as an exact number within bounds."""
        line, cells = self.rows[row]
        return number(cells[column], self.columns[column], line, least=least, most=most)

    def whole(self, row: int, column: int, *, least: int = 0) -> int:
        """One cell as a whole number."""
        found = self.number(row, column, least=least)
        if found.denominator != 1:
            line, cells = self.rows[row]
            raise Invalid(f"{cells[column]!r} is no whole number", row=line, column=self.columns[column])
        return int(found)


def number(text: str, column: str, line: int, *, least: int = 0, most: int = HIGHEST) -> Fraction:
    """A decimal number as it stands; NaN, infinities, text and what lies out of bounds are refused."""
    if not text:
        raise Invalid("the cell is empty", row=line, column=column)
    if not _NUMBER.fullmatch(text):
        raise Invalid(f"{text[:40]!r} is no number", row=line, column=column)
    found = Fraction(text)
    if not least <= found <= most:
        raise Invalid(f"{text[:40]!r} is not from {least} to {most}", row=line, column=column)
    return found


def read(path: Path) -> Sheet:
    """A CSV file with a header; every row as long as the header, no column twice, at least one row."""
    return parse(_text(path))


def parse(text: str, *, delimiter: str = ",") -> Sheet:
    """The same from text; what is copied out of a spreadsheet has tabs between its cells."""
    lines = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=delimiter)
    try:
        header = tuple(name.strip() for name in next(lines, []))
        if not any(header):
            raise Invalid("the file is empty; its first line names the columns")
        _check_header(header)
        rows = list(_rows(lines, header))
    except csv.Error as wrong:
        raise Invalid(f"not CSV: {wrong}", row=lines.line_num) from None
    if not rows:
        raise Invalid("there is no row under the header")
    return Sheet(header, tuple(rows))


def _rows(lines: Any, header: tuple[str, ...]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Rows with their lines; in a file of one column an empty line between others is an empty cell."""
    before, empty = lines.line_num, 0
    for row in lines:
        line, before = before + 1, lines.line_num
        if row:
            if empty and len(header) == 1:
                raise Invalid("the cell is empty", row=empty, column=header[0])
            yield line, _row(row, header, line)
        else:
            empty = empty or line


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as wrong:
        raise Invalid(f"cannot be read: {wrong.strerror}", file=path) from None
    if len(content) > LARGEST:
        raise Invalid(f"larger than {LARGEST >> 20} MB", file=path)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        raise Invalid("not UTF-8; save it as CSV UTF-8", row=content[: wrong.start].count(b"\n") + 1) from None
    if "\x00" in text:
        raise Invalid("not text; save it as CSV UTF-8", row=text[: text.index("\x00")].count("\n") + 1)
    return text


def _check_header(header: Sequence[str]) -> None:
    for at, name in enumerate(header, 1):
        if not name:
            raise Invalid("the column has no name", row=1, column=at)
        if name in header[: at - 1]:
            raise Invalid("the column is there twice", row=1, column=name)


def _row(row: Sequence[str], header: Sequence[str], line: int) -> tuple[str, ...]:
    if len(row) != len(header):
        raise Invalid(f"{len(row)} values where the header has {len(header)} columns", row=line)
    return tuple(cell.strip() for cell in row)


@dataclass(frozen=True)
class Points:
    """Points of candidates on named items, and how many candidates each row stands for."""

    items: tuple[str, ...]
    points: list[list[float]]
    freq: list[float] | None


def points(sheet: Sheet, *, weighted: bool = True) -> Points:
    """Points from 0 upwards, one column per item; a last column `freq` says how many candidates a row stands for."""
    has_freq = sheet.columns[-1].lower() == "freq"
    if has_freq and not weighted:
        raise Invalid("every row is one person here; write each row as often as it counts", row=1, column="freq")
    items = sheet.columns[:-1] if has_freq else sheet.columns
    if not items:
        raise Invalid("there is no column of an item")
    rows = [[float(sheet.number(row, at)) for at in range(len(items))] for row in range(len(sheet.rows))]
    freq = [float(sheet.whole(row, len(items))) for row in range(len(sheet.rows))] if has_freq else None
    if freq is not None and not sum(freq):
        raise Invalid("all are 0: there is no candidate", column="freq")
    kept = [at for at in range(len(rows)) if freq is None or freq[at]]
    return Points(items, [rows[at] for at in kept], None if freq is None else [freq[at] for at in kept])


def scores(sheet: Sheet) -> list[Fraction]:
    """The column `score`."""
    (at,) = _places(sheet, ("score",))
    return [sheet.number(row, at) for row in range(len(sheet.rows))]


def successes(sheet: Sheet) -> list[bool]:
    """The column `success`, 0 or 1, in its order."""
    (at,) = _places(sheet, ("success",))
    return [_yes(sheet, row, at) for row in range(len(sheet.rows))]


def foretold(sheet: Sheet) -> tuple[list[float], list[bool]]:
    """The columns `p`, a probability that is neither 0 nor 1, and `outcome`, 0 or 1."""
    p, outcome = _places(sheet, ("p", "outcome"))
    rows = range(len(sheet.rows))
    return [_probability(sheet, row, p) for row in rows], [_yes(sheet, row, outcome) for row in rows]


def _yes(sheet: Sheet, row: int, column: int) -> bool:
    found = sheet.number(row, column)
    if found not in (0, 1):
        line, cells = sheet.rows[row]
        raise Invalid(f"{cells[column]!r} is neither 0 nor 1", row=line, column=sheet.columns[column])
    return found == 1


def _probability(sheet: Sheet, row: int, column: int) -> float:
    found = sheet.number(row, column, most=1)
    if found in (0, 1):
        line, cells = sheet.rows[row]
        raise Invalid(f"{cells[column]!r} is certain, no probability", row=line, column=sheet.columns[column])
    return float(found)


def estimates(sheet: Sheet) -> dict[int, dict[str, list[Fraction]]]:
    """Judges' estimates (0–1) by round: a column `judge`, perhaps a column `round`, and one per item."""
    (at,) = _places(sheet, ("judge",))
    turn = sheet.columns.index("round") if "round" in sheet.columns else None
    items = [place for place in range(len(sheet.columns)) if place not in (at, turn)]
    if not items:
        raise Invalid("there is no column of an item")
    found: dict[int, dict[str, list[Fraction]]] = {}
    for row, (line, cells) in enumerate(sheet.rows):
        one = found.setdefault(sheet.whole(row, turn, least=1) if turn is not None else 1, {})
        judge = _named(cells[at], "judge", line)
        if judge in one:
            raise Invalid(f"judge {judge!r} stands there twice", row=line, column="judge")
        one[judge] = [sheet.number(row, place, most=1) for place in items]
    return found


@dataclass(frozen=True)
class Graded:
    """Global grades and scores of the candidates of one station."""

    grades: list[Fraction]
    scores: list[Fraction]


def graded(sheet: Sheet) -> dict[str, Graded]:
    """The columns `grade` and `score`, by `station` where there is such a column, else all under one empty name."""
    grade, score = _places(sheet, ("grade", "score"))
    station = sheet.columns.index("station") if "station" in sheet.columns else None
    found: dict[str, Graded] = {}
    for row, (line, cells) in enumerate(sheet.rows):
        name = "" if station is None else _named(cells[station], "station", line)
        one = found.setdefault(name, Graded([], []))
        one.grades.append(sheet.number(row, grade))
        one.scores.append(sheet.number(row, score))
    return found


def ratings(sheet: Sheet) -> list[list[float]]:
    """Scores by raters, one column each; rows are subjects, two at least of both."""
    _check_raters(sheet)
    if len(sheet.rows) < 2:
        raise Invalid("agreement of scores needs two subjects, one a row")
    every = range(len(sheet.columns))
    return [[float(sheet.number(row, at, least=-HIGHEST)) for at in every] for row in range(len(sheet.rows))]


def _check_raters(sheet: Sheet) -> None:
    if len(sheet.columns) < 2:
        raise Invalid("agreement needs two raters, one a column", row=1)


@dataclass(frozen=True)
class Judgements:
    """Categories by raters; the scale in its order, and whether that order means anything."""

    rows: list[tuple[str, ...]]
    scale: list[str]
    ordered: bool


def judgements(sheet: Sheet, scale: Sequence[str] | None = None) -> Judgements:
    """One category in every cell. The scale is the one given, else numbers by size or words by the alphabet."""
    _check_raters(sheet)
    every = list(zip(sheet.columns, range(len(sheet.columns)), strict=True))
    rows = [tuple(_named(cells[at], column, line) for column, at in every) for line, cells in sheet.rows]
    used = {cell for row in rows for cell in row}
    if scale is not None:
        _check_scale(sheet, scale)
        return Judgements(rows, list(scale), ordered=True)
    if all(_NUMBER.fullmatch(cell) for cell in used):
        plain = {cell: str(Fraction(cell)) for cell in used}
        ranked = sorted(set(plain.values()), key=Fraction)
        return Judgements([tuple(plain[cell] for cell in row) for row in rows], ranked, ordered=True)
    return Judgements(rows, sorted(used), ordered=False)


def _check_scale(sheet: Sheet, scale: Sequence[str]) -> None:
    for line, cells in sheet.rows:
        for column, cell in zip(sheet.columns, cells, strict=True):
            if cell not in scale:
                raise Invalid(f"{cell[:40]!r} is not one of {','.join(scale)}", row=line, column=column)


EBEL = ("judge", "relevance", "difficulty", "items", "proportion")


def ebel(sheet: Sheet) -> dict[str, list[EbelCell]]:
    """What each judge said of each cell; every judge places the same number of items, and names no cell twice."""
    who, relevance, difficulty, items, proportion = _places(sheet, EBEL)
    found: dict[str, list[EbelCell]] = {}
    for row, (line, cells) in enumerate(sheet.rows):
        judge = _named(cells[who], "judge", line)
        cell = EbelCell(
            _named(cells[relevance], "relevance", line),
            _named(cells[difficulty], "difficulty", line),
            sheet.whole(row, items),
            sheet.number(row, proportion, most=1),
        )
        if any((one.relevance, one.difficulty) == (cell.relevance, cell.difficulty) for one in found.get(judge, ())):
            raise Invalid(f"judge {judge!r} names {cell.relevance} × {cell.difficulty} twice", row=line)
        found.setdefault(judge, []).append(cell)
    _check_placed(found)
    return found


def _check_placed(found: Mapping[str, Sequence[EbelCell]]) -> None:
    placed = {judge: sum(cell.items for cell in cells) for judge, cells in found.items()}
    first, count = next(iter(placed.items()))
    for judge, other in placed.items():
        if other != count:
            raise Invalid(f"judge {judge!r} places {other} items, judge {first!r} {count}", column="items")
    if not count:
        raise Invalid("no item is placed", column="items")


def _named(text: str, column: str, line: int) -> str:
    if not text:
        raise Invalid("the cell is empty", row=line, column=column)
    return text


def _places(sheet: Sheet, names: Sequence[str]) -> list[int]:
    for name in names:
        if name not in sheet.columns:
            raise Invalid(f"the column is missing; there must be {','.join(names)}", row=1, column=name)
    return [sheet.columns.index(name) for name in names]
