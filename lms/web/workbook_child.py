"""Reads one untrusted table in a process of its own; run by lms.web.workbooks, knows nothing of the product.

It gets the file on standard input and answers JSON on standard output. Before it looks at a single byte it gives
up memory, time, and the right to open anything: no file, no network, no database (`confinement.py`).
"""

import csv
import io
import re
import runpy
import sys
import zipfile
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import python_calamine as calamine

_confinement = runpy.run_path(str(Path(__file__).with_name("confinement.py")))
Refused: Any = _confinement["Refused"]
give_up_rights = _confinement["give_up_rights"]
MOST_TEXT = 64 << 20
_FORMULA = re.compile(rb"<(?:[\w.-]+:)?f[\s>/]")
_PLACED = re.compile(rb'<(?:[\w.-]+:)?c\b[^>]*?\br="([A-Z]{1,3}[0-9]{1,7})"[^>]*>\s*<(?:[\w.-]+:)?f[\s>/]')
_DOCTYPE = re.compile(rb"<!(DOCTYPE|ENTITY)", re.I)
_ATTRIBUTE = re.compile(r'([\w:.-]+)\s*=\s*"([^"]*)"')


class Limits:
    """How much of a table is read: rows of a sheet, columns of a row, characters of a cell."""

    def __init__(self, rows: str, columns: str, characters: str) -> None:
        self.rows, self.columns, self.characters = int(rows), int(columns), int(characters)


def cell(value: Any, limits: Limits) -> Any:
    """A cell as JSON: text, number, truth, or a tagged day."""
    if isinstance(value, datetime):
        return {"day": value.date().isoformat(), "time": value.time() != time()}
    if isinstance(value, date):
        return {"day": value.isoformat(), "time": False}
    if isinstance(value, time | timedelta):
        return str(value)
    if isinstance(value, str):
        return value[: limits.characters]
    return value


def workbook(data: bytes, limits: Limits) -> dict[str, Any]:
    """Every sheet of an .xlsx: its cells, what is merged, where formulas stand."""
    formulas = formulas_by_sheet(data)
    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        return {"sheets": [sheet(book, meta, formulas, limits) for meta in book.sheets_metadata]}
    except calamine.PasswordError:
        raise Refused("locked") from None
    except (calamine.CalamineError, OSError, ValueError):
        raise Refused("damaged") from None


def sheet(book: Any, meta: Any, formulas: dict[str, list[str]], limits: Limits) -> dict[str, Any]:
    """One sheet; rows begin at row 1, empty ones included."""
    made: dict[str, Any] = {
        "name": meta.name[:100],
        "visible": meta.visible == calamine.SheetVisibleEnum.Visible,
        "rows": [],
        "merged": [],
        "formulas": formulas.get(meta.name, []),
        "height": 0,
    }
    if meta.typ != calamine.SheetTypeEnum.WorkSheet:
        return made
    page = book.get_sheet_by_name(meta.name)
    made["height"] = page.end[0] + 1 if page.end else 0
    made["merged"] = [[*a, *b] for a, b in (page.merged_cell_ranges or [])[:500]]
    if made["height"] <= limits.rows:
        rows = page.to_python(skip_empty_area=False)
        made["rows"] = [[cell(value, limits) for value in row[: limits.columns]] for row in rows]
    return made


def formulas_by_sheet(data: bytes) -> dict[str, list[str]]:
    """The cells of each sheet that hold a formula (the reader itself only gives their last value)."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            if name.endswith((".xml", ".rels")):
                head = archive.open(name).read(4096)
                if head[:2] in (b"\xff\xfe", b"\xfe\xff") or _DOCTYPE.search(head):
                    raise Refused("unsafe xml")
        targets = sheet_files(archive)
        parts = {name.lower(): name for name in archive.namelist()}
        found = {name: formula_cells(archive, parts.get(file.lower(), "")) for name, file in targets.items()}
        stray = set(parts) - {file.lower() for file in targets.values()}
        if any(formula_cells(archive, parts[name]) for name in stray if name.endswith(".xml")):
            found = {name: cells or ["?"] for name, cells in found.items()}
        return found


def formula_cells(archive: zipfile.ZipFile, name: str) -> list[str]:
    """Where formulas stand in one part, if it is a sheet; `?` where it cannot be said."""
    if not name:
        return ["?"]
    content = archive.read(name)
    if b"sheetData" not in content or not _FORMULA.search(content):
        return []
    return [found.group(1).decode() for found in _PLACED.finditer(content)][:200] or ["?"]


def sheet_files(archive: zipfile.ZipFile) -> dict[str, str]:
    """Which part of the zip holds which sheet."""
    try:
        book = archive.read("xl/workbook.xml").decode("utf-8", "replace")
        links = archive.read("xl/_rels/workbook.xml.rels").decode("utf-8", "replace")
    except KeyError:
        raise Refused("damaged") from None
    targets = {}
    for tag in re.findall(r"<(?:[\w.-]+:)?Relationship\b[^>]*>", links):
        said = dict(_ATTRIBUTE.findall(tag))
        targets[said.get("Id", "")] = said.get("Target", "")
    found = {}
    for tag in re.findall(r"<(?:[\w.-]+:)?sheet\b[^>]*>", book):
        said = dict(_ATTRIBUTE.findall(tag))
        link = next((value for key, value in said.items() if key.endswith(":id")), "")
        target = targets.get(link, "")
        found[unescaped(said.get("name", ""))] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return found


def unescaped(text: str) -> str:
    """The five characters that XML writes in another way."""
    text = re.sub(r"&#(\d{1,7});", lambda m: chr(min(int(m[1]), 0x10FFFF)), text)
    for name, sign in (("lt", "<"), ("gt", ">"), ("quot", '"'), ("apos", "'"), ("amp", "&")):
        text = text.replace(f"&{name};", sign)
    return text


def table(data: bytes, limits: Limits) -> dict[str, Any]:
    """A .csv as one sheet; comma, semicolon or tab, whichever its first lines use."""
    text = text_of(data)
    delimiter = delimiter_of(text.splitlines()[:10])
    rows: list[list[str]] = []
    height = 0
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            height += 1
            if height <= limits.rows:
                rows.append([value[: limits.characters] for value in row[: limits.columns]])
    except csv.Error:
        raise Refused("damaged") from None
    formulas = [
        f"{letters(at)}{number}"
        for number, row in enumerate(rows, 1)
        for at, value in enumerate(row)
        if value.lstrip().startswith(("=", "＝"))
    ][:200]
    one = {"name": "CSV", "visible": True, "rows": rows, "merged": [], "formulas": formulas, "height": height}
    return {"sheets": [one | ({"rows": []} if height > limits.rows else {})]}


def delimiter_of(lines: list[str]) -> str:
    """What cuts the first line that falls into three or more parts; else what stands most often in these lines."""
    for line in lines:
        most = max(",\t;", key=line.count)
        if line.count(most) > 1:
            return most
    return max(",\t;", key="\n".join(lines).count)


def text_of(data: bytes) -> str:
    """UTF-16 with its mark, UTF-8, else GB 18030 (checked before by the parent)."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030")


def letters(at: int) -> str:
    """0 is A, 26 is AA."""
    name = ""
    at += 1
    while at:
        at, rest = divmod(at - 1, 26)
        name = chr(65 + rest) + name
    return name


def main() -> None:
    """`workbook_child.py xlsx|text ROWS COLUMNS CHARACTERS < file > json`."""
    kind, limits = sys.argv[1], Limits(*sys.argv[2:5])
    read = workbook if kind == "xlsx" else table
    _confinement["answer"](lambda data: read(data, limits), MOST_TEXT)


if __name__ == "__main__":
    main()
