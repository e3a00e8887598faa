"""The one writer of CSV and Excel files: what people typed stays text and never becomes a formula."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import chain
from tempfile import TemporaryFile
from typing import IO, Any
from urllib.parse import quote

import xlsxwriter
from flask import Response, request, stream_with_context

from lms import clock
from lms.errors import Invalid
from lms.i18n import _

Cell = str | int | float | Decimal | bool | date | datetime | None

KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
#: With these a spreadsheet begins a formula; the wide ones too, which input methods make.
_DANGEROUS = re.compile(r"^[\s\x00-\x1f]*[=+\-@＝＋－＠]")
_NUMBER = re.compile(r"[+-]?\d{1,15}([.]\d+)?")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f￾￿]")
_LONGEST = 32_000
#: Excel keeps fifteen digits of a number; longer ones are written as text.
_EXACT = 10**15


@dataclass(frozen=True)
class Column:
    """One column of a sheet; `choices` become a list to choose from, `note` a comment on its head."""

    label: str
    width: int = 14
    choices: Sequence[str] = ()
    note: str = ""
    #: Kept as text whatever is typed into it, so that long numbers keep all their digits.
    text: bool = False


@dataclass(frozen=True)
class Sheet:
    """One sheet of a workbook."""

    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Cell]] = ()
    #: Rows below the head into which people will type (they get lists to choose from, and text cells).
    to_fill: int = 0
    hidden: bool = False
    notes: Sequence[str] = field(default_factory=tuple)


def wanted() -> str | None:
    """The kind of file this page was asked for (`?export=xlsx`), or None for the page itself."""
    kind = request.args.get("export")
    if kind is not None and kind not in KINDS:
        raise Invalid(_("Files are made as csv or xlsx."))
    return kind


def answer(kind: str, name: str, columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Response:
    """One table as a file to download; CSV is sent as it is read."""
    if kind == "csv":
        made = Response(stream_with_context(csv_lines(columns, rows)), content_type=KINDS[kind])
    else:
        file = workbook([Sheet(name, [Column(str(label)) for label in columns], rows)])
        made = Response(_pieces(file), content_type=KINDS[kind])
        made.call_on_close(file.close)
    return attached(made, f"{name}-{clock.today():%Y%m%d}.{kind}")


def attached(response: Response, filename: str) -> Response:
    """Say under which name the browser keeps it, Chinese included."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "_", filename).strip("_") or "export"
    response.headers["Content-Disposition"] = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename)}"
    return response


def csv_lines(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """CSV with the mark by which Excel knows UTF-8, line by line."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    yield "\ufeff"
    for row in chain((columns,), rows):
        writer.writerow([harmless(cell) for cell in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def harmless(cell: Cell) -> str:
    """A cell as text; what a spreadsheet could take for a formula gets an apostrophe in front."""
    text = shown(cell)
    return f"'{text}" if isinstance(cell, str) and _formula_like(text) else text


def unharmed(text: str) -> str:
    """What a cell of our own CSV said before it was made harmless."""
    return text[1:] if text.startswith("'") and _formula_like(text) else text


def _formula_like(text: str) -> bool:
    """Whether a spreadsheet could begin a formula here, behind any apostrophes that keep it from doing so."""
    bare = text.lstrip("'")
    return bool(_DANGEROUS.match(bare)) and not _NUMBER.fullmatch(bare)


def shown(cell: Cell) -> str:
    """A cell as people read it."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(_("yes") if cell else _("no"))
    if isinstance(cell, datetime):
        return f"{clock.local(cell):%Y-%m-%d %H:%M}"
    return _CONTROL.sub("", str(cell))[:_LONGEST]


def workbook(sheets: Sequence[Sheet]) -> IO[bytes]:
    """An Excel file in a temporary file, at its beginning."""
    file = TemporaryFile()  # noqa: SIM115 - handed to the caller
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(file, options)
    styles = {
        "head": book.add_format({"bold": True, "bg_color": "#E3EFEE", "bottom": 1, "text_wrap": True}),
        "text": book.add_format({"num_format": "@"}),
        "day": book.add_format({"num_format": "yyyy-mm-dd"}),
        "moment": book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
        # Excel keeps such a cell as text even when somebody edits it.
        "quoted": book.add_format({"quote_prefix": True, "num_format": "@"}),
    }
    for sheet in sheets:
        _Writer(book, sheet, styles).write()
    book.close()
    file.seek(0)
    return file


class _Writer:
    """One sheet on its way into a workbook."""

    def __init__(self, book: Any, sheet: Sheet, styles: dict[str, Any]) -> None:
        self._sheet, self._styles = sheet, styles
        self._page = book.add_worksheet(re.sub(r"[\[\]:*?/\\']", " ", sheet.title)[:31])
        self._book = book

    def write(self) -> None:
        """Head, rows, what is to be filled in."""
        page, sheet = self._page, self._sheet
        for at, column in enumerate(sheet.columns):
            page.set_column(at, at, column.width, self._styles["text"] if column.text else None)
            page.write_string(0, at, column.label, self._styles["head"])
            if column.note:
                page.write_comment(0, at, column.note, {"x_scale": 2, "y_scale": 1.5})
            if sheet.to_fill and column.choices:
                self._offer(at, column)
        page.freeze_panes(1, 0)
        last = 0
        for last, row in enumerate(sheet.rows, 1):
            for at, cell in enumerate(row):
                self._cell(last, at, cell)
        for number, note in enumerate(sheet.notes, last + 2):
            page.write_string(number, 0, note)
        if sheet.hidden:
            page.hide()

    def _offer(self, at: int, column: Column) -> None:
        """A list to choose from: short ones in the cell, long ones from a sheet of their own."""
        source: Any = list(column.choices)
        if len(",".join(column.choices)) > 250:
            name = f"list{at}"
            lists = self._book.add_worksheet(name)
            for number, choice in enumerate(column.choices):
                lists.write_string(number, 0, choice)
            lists.hide()
            source = f"={name}!$A$1:$A${len(column.choices)}"
        rule = {"validate": "list", "source": source, "error_type": "warning"}
        self._page.data_validation(1, at, self._sheet.to_fill, at, rule)

    def _cell(self, row: int, at: int, cell: Cell) -> None:
        page, styles = self._page, self._styles
        if isinstance(cell, datetime):
            page.write_datetime(row, at, clock.local(cell).replace(tzinfo=None), styles["moment"])
        elif isinstance(cell, date):
            page.write_datetime(row, at, datetime(cell.year, cell.month, cell.day), styles["day"])
        elif isinstance(cell, int | float | Decimal) and not isinstance(cell, bool) and -_EXACT < cell < _EXACT:
            page.write_number(row, at, cell)
        else:
            text = shown(cell)
            page.write_string(row, at, text, styles["quoted" if _DANGEROUS.match(text) else "text"])


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(1 << 16):
            yield piece
