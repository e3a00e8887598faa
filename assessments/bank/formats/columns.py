"""The columns of questions in a table, and the words in their cells: Chinese, and English codes are read too.

A cell that holds several things has one on each line. Where a thing itself has lines, they are written `\\n`, and a
backslash is written twice.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from assessments.bank.rules.kinds import Kind, Level, Use

#: Column by column: its head in the template, and whether it must be filled.
HEADS: Mapping[str, tuple[str, bool]] = {
    "code": ("编号", False),
    "bank": ("题库", False),
    "use": ("用途", False),
    "kind": ("题型", True),
    "level": ("认知层次", False),
    "topic": ("知识点", False),
    "technique": ("技术编码", False),
    "series": ("共用题干编号", False),
    "place": ("题组内序号", False),
    "case": ("共用题干", False),
    "stem": ("题干", True),
    "prompts": ("小题", False),
    "answer": ("答案", True),
    "tolerance": ("允许误差", False),
    "units": ("单位", False),
    "picture": ("图片", False),
    "alt": ("图片说明", False),
    "explanation": ("解析", False),
    "source": ("依据编码", False),
    "passage": ("出处", False),
    "extension": ("系统附记（勿改）", False),
}
OPTION = "选项"
KINDS = {
    Kind.SINGLE: "单选题",
    Kind.MULTIPLE: "多选题",
    Kind.TRUE_FALSE: "判断题",
    Kind.MATCHING: "配伍题",
    Kind.SHORT: "简答题",
    Kind.NUMERIC: "数值题",
    Kind.ORDERING: "排序题",
    Kind.HOTSPOT: "图上定位题",
}
LEVELS = {Level.RECALL: "记忆", Level.APPLY: "应用", Level.ANALYSE: "分析"}
USES = {Use.EXAM: "考试", Use.PRACTICE: "练习"}
_READ = {
    "kind": {words: kind.value for kind, words in KINDS.items()},
    "level": {words: level.value for level, words in LEVELS.items()},
    "use": {words: use.value for use, words in USES.items()},
}
_OTHER_HEADS = {
    "编码": "code",
    "题号": "code",
    "正确答案": "answer",
    "参考答案": "answer",
    "试题解析": "explanation",
    "答案解析": "explanation",
    "难度层次": "level",
    "技能编码": "technique",
    "操作技术": "technique",
    "系统附记": "extension",
    "type": "kind",
    "question": "stem",
    "where": "passage",
}


def head(cell: str) -> str | None:
    """The column that a head means, `A` … `Z` for an option; None where it means none."""
    plain = re.sub(r"[（(].*?[）)]|[\s*：:]", "", unicodedata.normalize("NFKC", cell)).strip()
    option = re.fullmatch(rf"(?:{OPTION}|option_?)?([A-Za-z])", plain, re.I)
    if option:
        return option[1].upper()
    for name, (words, _must) in HEADS.items():
        if plain in (words, name, re.sub(r"（.*?）", "", words)):
            return name
    return _OTHER_HEADS.get(plain) or _OTHER_HEADS.get(plain.lower())


def value(column: str, text: str) -> str:
    """A word out of a list as the bank calls it; whatever else stands there stays."""
    return _READ[column].get(text.strip(), text.strip())


def lines(text: str) -> list[str]:
    """The things in a cell, one on each line."""
    return [unescaped(line) for line in text.split("\n") if line.strip()]


def cell(things: Sequence[str]) -> str:
    """Several things as one cell."""
    return "\n".join(escaped(thing) for thing in things)


def escaped(text: str) -> str:
    """One thing on one line."""
    return text.replace("\\", "\\\\").replace("\n", "\\n")


def unescaped(text: str) -> str:
    """One thing as it was before it was put on one line."""
    return re.sub(r"\\([\\n#])", lambda found: "\n" if found[1] == "n" else found[1], text).strip()


def answer(kind: str, key: Any) -> str:
    """A key as people write it into a cell."""
    if kind in (Kind.SINGLE, Kind.MULTIPLE, Kind.TRUE_FALSE):
        return ",".join(key)
    if kind == Kind.MATCHING:
        return "\n".join(f"{prompt}={option}" for prompt, option in key["pairs"].items())
    if kind == Kind.ORDERING:
        return ",".join(key["order"])
    if kind == Kind.SHORT:
        return "\n".join(
            escaped(words).replace("#", "\\#") + ("" if worth == "1" else f" #{worth}")
            for words, worth in key["accepted"].items()
        )
    if kind == Kind.NUMERIC:
        return str(key["value"])
    return "\n".join(_area(area) for area in key["areas"])


def _area(area: Mapping[str, Any]) -> str:
    ((shape, numbers),) = area.items()
    if shape == "polygon":
        return f"polygon {' '.join(f'{x},{y}' for x, y in numbers)}"
    return f"{shape} {' '.join(map(str, numbers))}"


def key(kind: str, text: str) -> Any:
    """What stands in the answer's cell as a key of this kind; something no rule accepts where it is none."""
    if kind in (Kind.SINGLE, Kind.MULTIPLE, Kind.TRUE_FALSE):
        return sorted(dict.fromkeys(_keys(text)))
    if kind == Kind.MATCHING:
        pairs = (part.partition("=") for part in re.split(r"[\n;；,，、]", text) if part.strip())
        return {"pairs": {prompt.strip(): option.strip().upper() for prompt, _sign, option in pairs}}
    if kind == Kind.ORDERING:
        return {"order": _keys(text)}
    if kind == Kind.SHORT:
        return {"accepted": dict(_accepted(line) for line in text.split("\n") if line.strip())}
    if kind == Kind.HOTSPOT:
        return {"areas": [_numbers(line) for line in re.split(r"[\n;；]", text) if line.strip()]}
    return {"value": text.strip()}


def _keys(text: str) -> list[str]:
    """`A,C`, `AC`, `A、C` and full-width letters."""
    plain = unicodedata.normalize("NFKC", text).upper()
    parts = [part for part in re.split(r"[\s,;、>→-]+", plain) if part]
    return list(parts[0]) if len(parts) == 1 and parts[0].isascii() and parts[0].isalpha() else parts


def _accepted(line: str) -> tuple[str, str]:
    found = re.match(r"((?:\\.|[^\\#])*)(?:#(.*))?$", line, re.S)
    words, worth = (found[1], found[2]) if found else (line, None)
    return unescaped(words), (worth or "1").strip()


def _numbers(line: str) -> dict[str, Any]:
    shape, *parts = line.split()
    found = [int(part) for part in re.findall(r"\d{1,6}", " ".join(parts))]
    if shape.lower() == "polygon":
        return {"polygon": [list(pair) for pair in zip(found[::2], found[1::2], strict=False)]}
    return {shape.lower(): found}
