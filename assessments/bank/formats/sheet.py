"""Questions as a table, .xlsx or .csv: one row for each, and the empty template with its explanations."""

from collections.abc import Mapping, Sequence
from typing import IO, Any

from assessments.bank.formats import extension
from assessments.bank.formats.columns import HEADS, KINDS, LEVELS, OPTION, USES, answer, cell
from assessments.bank.formats.document import Done, Entry, Report, Written, plain
from assessments.bank.formats.plaintext import valid
from assessments.bank.formats.sheet_reading import GUIDE, seen_in
from lms.web.exports import Column, Sheet, csv_lines, shown, workbook

NAME, SUFFIX = "sheet", "xlsx"
QUESTIONS = "试题"
#: The options of the template; a table with more has more columns.
OFFERED = "ABCDEFGH"
_LONGEST_CELL = 32_000
_ROWS = 2_000
_WIDE = {"stem": 48, "case": 36, "explanation": 36, "prompts": 28, "code": 20, "passage": 24}
_EXPLAINED = {
    "code": ("可空", "每题唯一，长期不变；再次导入同一编号即为修订。留空时按内容自动生成。", "htn-q01"),
    "bank": ("可空", "题库编码；留空时用导入页面所选。", "hypertension"),
    "use": ("可空", "考试或练习；练习题不进入考试。留空为考试。", "考试"),
    "kind": ("必填", "从下拉列表选择。", "单选题"),
    "level": ("可空", "记忆、应用或分析；留空时用导入页面所选。", "应用"),
    "topic": ("可空", "知识点；留空时用导入页面所选。", "血压测量"),
    "technique": ("可空", "操作技术目录中的编码；留空时用导入页面所选。", "bp-measurement"),
    "series": ("可空", "A3/A4 型题：同一病例的各题填同一编号。", "htn-case-1"),
    "place": ("可空", "在题组中的顺序：1、2、3……", "1"),
    "case": ("可空", "共用的病例，同组各题一字不差。", "男，58 岁……"),
    "stem": ("必填", "题干，纯文本。", "家庭自测血压的诊断界值是？"),
    "prompts": ("配伍题", "每行一个小题，依次为 1、2、3……", "首选药\n禁忌药"),
    "answer": ("必填", "见下方各题型说明。", "A"),
    "tolerance": ("数值题", "允许的误差，绝对值。", "0.5"),
    "units": ("数值题", "可接受的单位，每行一个；留空则不要求单位。", "mmHg\n毫米汞柱"),
    "picture": ("可空", "题库中图片的 SHA-256；新图片请用 Moodle XML 或 QTI 导入，或在题目页面上传。", ""),
    "alt": ("可空", "图片内容的文字说明。", "胸部正位片"),
    "explanation": ("可空", "解析，答题公布后可见。", "指南要求……"),
    "source": ("可空", "依据的编码；留空时用导入页面所选。", "htn-2025"),
    "passage": ("可空", "依据中的章节或页码；留空时用导入页面所选。", "第三章"),
}
_NOTES = (
    "1. 表头名称和顺序可以不同，只要能认出来；不要合并单元格，不要使用公式。选项列可以增加到 Z。",
    "2. 先核对、后导入：上传后先看到每一题会新增、修订、不变还是被退回及原因；有一题被退回则全部不导入。",
    "3. 同一份文件重复导入不会改变任何内容；导入的新版本都是草稿，须经审核才能用于考试。",
    "4. 答案：单选、判断填 A；多选填 A,C；配伍题每行一个 1=C；排序题填 C,A,B,D；数值题填数字。",
    "5. 简答题每行一个可接受的答案，给部分分时在后面写 #1/2；答案里的 # 写作 \\#，换行写作 \\n，反斜线写作 \\\\。",
    "6. 图上定位题每行一个区域，按图片宽高的千分比：circle x y r、rect x0 y0 x1 y1、polygon x,y x,y x,y。",
)


def write(entries: Sequence[Entry], kind: str = "xlsx") -> Written:
    """A table of these questions; one whose text does not fit into a cell is left out, and said."""
    letters = sorted({*OFFERED, *(key for one in entries for key in one.content.keys if _is_letter(key))})
    names = _columns(letters)
    rows: list[list[str]] = []
    reports: list[Report] = []
    for entry in entries:
        cells, said = _row(entry)
        reports += said
        if any(len(text) > _LONGEST_CELL for text in cells.values()):
            reports.append(Report(entry.code, entry.code, "cell", Done.LEFT_OUT, "too_long"))
        else:
            rows.append([cells.get(name, "") for name in names])
    heads = [_head(name) for name in names]
    if kind == "csv":
        return Written("".join(csv_lines(heads, rows)).encode(), tuple(reports))
    columns = [Column(words, _WIDE.get(name, 14), text=True) for name, words in zip(names, heads, strict=True)]
    with workbook([Sheet(QUESTIONS, columns, rows)]) as file:
        return Written(file.read(), tuple(reports))


def write_csv(entries: Sequence[Entry]) -> Written:
    """The same as plain text."""
    return write(entries, "csv")


def _row(entry: Entry) -> tuple[dict[str, str], list[Report]]:
    told = plain(entry)
    cells = {name: shown(valid(text)) if len(text) <= _LONGEST_CELL else text for name, text in _cells(told).items()}
    seen = seen_in(cells)
    reports = []
    if extension.rest(told, seen):
        cells["extension"] = extension.line(told, seen)
        reports = [one for one in extension.unseen(told, seen, entry.code) if one.element not in ("body", "key")]
    if told.get("body", {}).get("picture"):
        reports.append(Report(entry.code, entry.code, "picture", Done.LEFT_OUT, "picture_by_name"))
    return cells, reports


def _cells(told: Mapping[str, Any]) -> dict[str, str]:
    """The cells of a question, by the name of their column."""
    key, body, series = told["key"], told.get("body", {}), told.get("series") or {}
    names = ("code", "bank", "topic", "technique", "stem", "explanation", "source", "passage")
    cells = {name: str(told[name]) for name in names}
    cells |= {"kind": KINDS[told["kind"]], "level": LEVELS.get(told["level"], ""), "use": USES[told["use"]]}
    cells |= {letter: text for letter, text in told["options"] if _is_letter(letter)}
    cells |= {"answer": answer(told["kind"], key)}
    if isinstance(key, Mapping):
        cells |= {"tolerance": str(key.get("tolerance", "")), "units": cell(key.get("units", []))}
    cells["prompts"] = cell([one["text"] for one in body.get("prompts", ())])
    cells |= {"picture": body.get("picture", ""), "alt": body.get("alt", "")}
    if series:
        cells |= {"series": series["code"], "place": str(series["place"]), "case": series["text"]}
    return cells


def _is_letter(key: str) -> bool:
    return len(key) == 1 and "A" <= key <= "Z"


def _columns(letters: Sequence[str]) -> list[str]:
    names = list(HEADS)
    at = names.index("stem") + 1
    return names[:at] + list(letters) + names[at:]


def _head(name: str) -> str:
    return HEADS[name][0] if name in HEADS else f"{OPTION}{name}"


def template(techniques: Sequence[str] = (), sources: Sequence[str] = ()) -> IO[bytes]:
    """The empty table as .xlsx, with lists to choose from, and a sheet that explains every column."""
    choices: dict[str, Sequence[str]] = {
        "kind": list(KINDS.values()),
        "level": list(LEVELS.values()),
        "use": list(USES.values()),
        "technique": techniques,
        "source": sources,
    }
    columns = [
        Column(_head(name), _WIDE.get(name, 14), choices.get(name, ()), text=True)
        for name in _columns(OFFERED)
        if name != "extension"
    ]
    explained = [(HEADS[name][0], *words) for name, words in _EXPLAINED.items()]
    guide = [Column("列名", 18), Column("是否必填", 10), Column("说明", 60), Column("示例", 30)]
    return workbook([Sheet(QUESTIONS, columns, to_fill=_ROWS), Sheet(GUIDE, guide, explained, notes=_NOTES)])
