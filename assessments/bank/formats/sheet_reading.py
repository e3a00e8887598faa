"""Reading questions out of a table: the head recognised in any order, then row by row."""

from collections.abc import Mapping
from typing import Any

from assessments.bank.formats import extension
from assessments.bank.formats.columns import HEADS, head, key, lines, value
from assessments.bank.formats.document import MOST_ITEMS, Done, Item, Notes, Read, Report
from assessments.bank.formats.gift_reading import TRUTHS
from assessments.bank.rules.kinds import Kind
from lms.errors import Invalid, TooLarge
from lms.i18n import _
from lms.people.formats.roster import letters
from lms.web.exports import unharmed
from lms.web.intake import Kind as FileKind
from lms.web.intake import Taken
from lms.web.workbooks import Day, SheetRead, Value
from lms.web.workbooks import read as read_tables

#: The sheet of our own template that holds no questions.
GUIDE = "填写说明"
_HEAD_WITHIN, _WIDEST, _LONGEST_CELL = 10, 80, 32_768
_TRUE = {"对", "正确", "是", "√", "T", "TRUE", "Y"}
_FALSE = {"错", "错误", "否", "×", "F", "FALSE", "N"}


def read(taken: Taken) -> Read:
    """Every row of every sheet with questions; raises Invalid that names the sheet where it has no head."""
    limits = {"most_rows": MOST_ITEMS + _HEAD_WITHIN, "columns": _WIDEST, "characters": _LONGEST_CELL}
    sheets = read_tables(taken.data, taken.kind, **limits)
    hidden = [one for one in sheets if not one.visible and one.height and not one.name.startswith("list")]
    said = [Report("", one.name, one.name, Done.LEFT_OUT, "hidden_sheet") for one in hidden]
    used = [one for one in sheets if one.visible and one.name != GUIDE and one.height]
    if not used:
        raise Invalid(_("There is nothing in this table."), field="file")
    items: list[Item] = []
    for sheet in used:
        if sheet.too_long:
            raise TooLarge(_("There are more than %(most)s questions in the file. Split it.", most=MOST_ITEMS))
        at, columns = _head(sheet)
        labels = [str(label) for place, label in enumerate(sheet.rows[at]) if label and place not in columns]
        said += [Report("", sheet.name, label, Done.LEFT_OUT, "column_not_read") for label in labels]
        for number in range(at + 1, len(sheet.rows)):
            item = _item(sheet, number, columns, taken.kind)
            items += [item] if item else []
    return Read(tuple(items), tuple(said))


def _head(sheet: SheetRead) -> tuple[int, dict[int, str]]:
    """The row with the heads (a title may stand above it), and which column means what."""
    best: tuple[int, dict[int, str]] = (0, {})
    for at, row in enumerate(sheet.rows[:_HEAD_WITHIN]):
        found = {place: name for place, cell in enumerate(row) if isinstance(cell, str) and (name := head(cell))}
        if len(set(found.values())) > len(set(best[1].values())):
            best = (at, found)
    names = list(best[1].values())
    double = next((name for name in names if names.count(name) > 1), None)
    missing = [words for name, (words, must) in HEADS.items() if must and name not in names]
    if missing:
        words = _("Sheet “%(sheet)s” lacks these columns: %(columns)s.", sheet=sheet.name, columns="、".join(missing))
        raise Invalid(words, sheet=sheet.name, field="file")
    if double:
        words = _("Sheet “%(sheet)s” has the column %(column)s twice.", sheet=sheet.name, column=_words(double))
        raise Invalid(words, sheet=sheet.name, field="file")
    return best


def _words(name: str) -> str:
    return HEADS[name][0] if name in HEADS else name


def _item(sheet: SheetRead, number: int, columns: Mapping[int, str], kind: FileKind) -> Item | None:
    row = sheet.rows[number]
    notes = Notes(f"{sheet.name}!{number + 1}" if kind is FileKind.XLSX else _("line %(line)s", line=number + 1), "")
    cells = {}
    for place, name in columns.items():
        cell = row[place] if place < len(row) else None
        text = _text(cell)
        cells[name] = unharmed(text) if kind is FileKind.TEXT else text
        _mind(sheet, number, place, cell, notes)
    if not notes.refused and not any(text.strip() for text in cells.values()):
        return None
    notes.name = (cells.get("code", "").strip() or cells.get("stem", "").strip())[:80]
    carried = cells.pop("extension", "").strip()
    said = Notes(notes.place, notes.name)
    for report in notes.reports:
        said.say(report.element, report.done, report.why)
    made = extension.item(seen_in(cells), carried, Notes(notes.place, notes.name), {})
    return Item(made.place, made.name, None if said.refused else made.entry, (*said.reports, *made.reports))


def _mind(sheet: SheetRead, number: int, place: int, cell: Value, notes: Notes) -> None:
    """Say what is wrong with a cell itself."""
    where = f"{letters(place)}{number + 1}"
    if where in sheet.formulas or "?" in sheet.formulas:
        notes.refuse(where, "formula")
    if isinstance(cell, Day):
        notes.refuse(where, "a_day")
    if isinstance(cell, str) and len(cell) >= _LONGEST_CELL:
        notes.refuse(where, "too_long")
    if any(top <= number <= bottom and left <= place <= right for top, left, bottom, right in sheet.merged):
        notes.refuse(where, "merged")


def _text(cell: Value) -> str:
    """A cell as text; a number as people typed it."""
    if cell is None or isinstance(cell, Day):
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 10**15 else repr(cell)
    return str(cell)


def seen_in(cells: Mapping[str, str]) -> dict[str, Any]:
    """What the cells of a row say of a question."""
    said = {name: text.strip() for name, text in cells.items()}
    kind = value("kind", said.get("kind", ""))
    names = ("code", "bank", "topic", "technique", "stem", "explanation", "source", "passage")
    seen: dict[str, Any] = {name: said.get(name, "") for name in names}
    seen |= {"kind": kind, "level": value("level", said.get("level", ""))}
    seen["use"] = value("use", said["use"]) if said.get("use") else ""
    seen["options"] = [[name, text] for name, text in sorted(said.items()) if len(name) == 1 and text]
    seen["key"] = key(kind, said.get("answer", ""))
    if kind == Kind.TRUE_FALSE and not seen["options"]:
        seen["options"] = [["A", TRUTHS[0]], ["B", TRUTHS[1]]]
        seen["key"] = _truth(said.get("answer", ""), seen["key"])
    if kind == Kind.NUMERIC:
        seen["key"] |= {"tolerance": said.get("tolerance") or "0", "units": lines(said.get("units", ""))}
    units = {"units": seen["key"]["units"]} if kind == Kind.NUMERIC and seen["key"]["units"] else {}
    if body := _body(said) | units:
        seen["body"] = body
    if said.get("series"):
        place = said.get("place", "")
        seen["series"] = {"code": said["series"], "text": said.get("case", "")}
        seen["series"]["place"] = int(place) if place.isascii() and place.isdigit() and len(place) < 5 else 0
    return {name: what for name, what in seen.items() if what != ""}


def _truth(text: str, otherwise: Any) -> Any:
    if text.upper() in _TRUE:
        return ["A"]
    return ["B"] if text.upper() in _FALSE else otherwise


def _body(said: Mapping[str, str]) -> dict[str, Any]:
    prompts = [{"key": str(at), "text": text} for at, text in enumerate(lines(said.get("prompts", "")), 1)]
    body: dict[str, Any] = {"prompts": prompts} if prompts else {}
    return body | {name: said[name] for name in ("picture", "alt") if said.get(name)}
