"""A table of figures as clerks keep it: its head found in any order, row by row; and the empty one to fill in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import IO

from assessments.practice.rules.importing import COLUMNS, DATES, REQUIRED, Problem, Row, Typed, head
from lms.errors import Invalid, TooLarge
from lms.i18n import _
from lms.people.formats.roster import letters
from lms.web.exports import Column, Sheet, workbook
from lms.web.intake import Kind, Taken
from lms.web.workbooks import Day, SheetRead, Value, read
from lms.web.written import read_day

#: Rows one file may have.
MOST_ROWS = 5_000
KINDS = frozenset({Kind.XLSX, Kind.TEXT})
GUIDE, FIGURES, PEOPLE = "填写说明", "指标数据", "医师名单"
_HEAD_WITHIN = 10
#: The file is for clerks and is Chinese in every language of the pages, as its heads are.
_EXPLAINED = {
    "account": ("必填", "医师的登录账号，须在您的管辖范围内。", "wangxiaoming"),
    "name": ("必填", "医师姓名，用于核对账号没有填错。", "王小明"),
    "indicator": ("必填", "指标名称或编码，从下拉列表选择。", "高血压控制率"),
    "period_from": ("必填", "统计期间的第一天。", "2026-01-01"),
    "period_until": ("必填", "统计期间的最后一天；同一指标的期间不能重叠。", "2026-06-30"),
    "numerator": ("分子、数值填一项", "达标例数；平均数类指标填合计。", "83"),
    "denominator": ("必填", "总例数或问卷份数，整数。", "120"),
    "value": ("分子、数值填一项", "比率填百分数（如 69.2），平均数填平均值。", ""),
    "source": ("可空", "数据来源，如：公卫系统、满意度问卷。", "公卫系统"),
}
_NOTES = (
    "1. 不要填写病人姓名、身份证号、电话。",
    "2. 先核对、后导入：上传后先看到每一行会新增、变更还是被退回及原因，确认后一次性导入，有一行被退回则全部不导入。",
    "3. 同一份表重复导入不会改变任何内容；同一期间的新数值会保留旧值并成为新版本。",
)


@dataclass(frozen=True)
class Table:
    """What a file holds: rows of figures, and what was left aside."""

    rows: tuple[Row, ...]
    ignored: tuple[str, ...]


def read_table(taken: Taken) -> Table:
    """Every row of every sheet with figures; raises Invalid that names the sheet where one cannot be used."""
    sheets = read(taken.data, taken.kind, most_rows=MOST_ROWS + _HEAD_WITHIN)
    used = [one for one in sheets if one.visible and one.name not in (GUIDE, PEOPLE) and one.height]
    if not used:
        raise Invalid(_("The file is empty."), field="file")
    rows: list[Row] = []
    ignored: list[str] = []
    for sheet in used:
        if sheet.too_long:
            raise _too_many(sheet.height)
        at, columns = _head(sheet)
        rows += [row for number in range(at + 1, len(sheet.rows)) if (row := _row(sheet, number, columns)) is not None]
        ignored += _left_aside(sheet, at, columns)
    if len(rows) > MOST_ROWS:
        raise _too_many(len(rows))
    if not rows:
        raise Invalid(_("Sheet “%(sheet)s” has a head but nothing below it.", sheet=used[0].name), field="file")
    return Table(tuple(rows), tuple(ignored))


def _too_many(rows: int) -> TooLarge:
    return TooLarge(
        _("There are %(rows)s rows; at most %(most)s are taken in one file. Split it.", rows=rows, most=MOST_ROWS)
    )


def _head(sheet: SheetRead) -> tuple[int, dict[int, str]]:
    """The row with the heads (a title may stand above it), and which column means what."""
    best: tuple[int, dict[int, str]] = (0, {})
    for at, row in enumerate(sheet.rows[:_HEAD_WITHIN]):
        found = {place: name for place, cell in enumerate(row) if isinstance(cell, str) and (name := head(cell))}
        if len(set(found.values())) > len(set(best[1].values())):
            best = (at, found)
    names = [*best[1].values()]
    missing = [COLUMNS[name][0] for name in REQUIRED if name not in names]
    if missing:
        words = _("Sheet “%(sheet)s”: these columns are missing: %(columns)s. Use the template.")
        raise Invalid(words % {"sheet": sheet.name, "columns": "、".join(missing)}, field="file")
    double = next((name for name in names if names.count(name) > 1), None)
    if double:
        words = _("Sheet “%(sheet)s”, row %(row)s: the column %(column)s stands there twice.")
        said = {"sheet": sheet.name, "row": best[0] + 1, "column": COLUMNS[double][0]}
        raise Invalid(words % said, field="file")
    return best


def _left_aside(sheet: SheetRead, at: int, columns: Mapping[int, str]) -> list[str]:
    labels = [
        str(label)[:40] for place, label in enumerate(sheet.rows[at]) if label is not None and place not in columns
    ]
    return [_("Column “%(column)s” of sheet “%(sheet)s” is not read.", column=one, sheet=sheet.name) for one in labels]


def _row(sheet: SheetRead, number: int, columns: Mapping[int, str]) -> Row | None:
    cells = sheet.rows[number]
    typed = {name: _typed(cells[place], name) for place, name in columns.items() if place < len(cells)}
    problems = [
        Problem("formula", name) for place, name in columns.items() if f"{letters(place)}{number + 1}" in sheet.formulas
    ]
    if "?" in sheet.formulas:
        problems.append(Problem("formula"))
    for top, left, bottom, right in sheet.merged:
        if top <= number <= bottom:
            problems += [Problem("merged", name) for place, name in columns.items() if left <= place <= right]
    if not problems and all(value is None or not str(value).strip() for value in typed.values()):
        return None
    return Row(sheet.name, number + 1, typed, tuple(problems))


def _typed(cell: Value, column: str) -> Typed:
    """A cell for the rules; days as people write them become days."""
    if isinstance(cell, Day):
        return cell.day
    if column not in DATES or cell is None or isinstance(cell, bool):
        return cell
    text = str(int(cell)) if isinstance(cell, float) and cell == int(cell) else str(cell)
    return read_day(text) or text


def template(people: Sequence[tuple[str, str]], indicators: Sequence[str]) -> IO[bytes]:
    """The empty table as .xlsx: every doctor and indicator of the reader's area to choose from."""
    choices = {"account": [account for account, _name in people][:200], "indicator": list(indicators)}
    columns = [
        Column(heads[0], width=20 if name in ("account", "indicator", "source") else 12, choices=choices.get(name, ()),
               text=name in ("account", *DATES))
        for name, heads in COLUMNS.items()
    ]  # fmt: skip
    guide = [Column("列名", 14), Column("是否必填", 18), Column("说明", 52), Column("示例", 18)]
    rows = [(COLUMNS[name][0], *explained) for name, explained in _EXPLAINED.items()]
    known = Sheet(PEOPLE, [Column("账号", 20), Column("姓名", 14)], people)
    return workbook([Sheet(FIGURES, columns, to_fill=1000), Sheet(GUIDE, guide, rows, notes=_NOTES), known])
