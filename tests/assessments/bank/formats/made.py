"""Questions of every kind with every sign in their words, for round trips."""

import hashlib
import io
import json
import runpy
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from PIL import Image

from assessments.bank.formats.document import Entry, Series
from assessments.bank.rules.content import Content, normal
from assessments.bank.rules.kinds import Kind, Level, Use
from lms.web import readers


def _drawn() -> bytes:
    """A picture as the bank keeps it, so that drawing it anew gives the same bytes."""
    held = io.BytesIO()
    drawn = Image.new("RGB", (60, 40), "white")
    drawn.putpixel((30, 20), (0, 0, 0))
    drawn.save(held, "PNG", optimize=True)
    return held.getvalue()


PNG = _drawn()
NAME = hashlib.sha256(PNG).hexdigest()
NASTY = [
    "=1+1",
    "+86",
    "-5",
    "@here",
    "'=1",
    "::T:: {=a ~b#c}",
    "\\n \\\\ \\:",
    "a -> b",
    "%50%",
    "[html]<b>x</b>",
    "<script>alert(1)</script>",
    "a &amp; b &lt; c",
    "]]>",
    "“收缩压”≥140 mmHg；",
    "😀🫀",
    "第一行\n第二行\n\n第四行",
    "two  spaces",
    "\ttab",
    " around ",
    "_x0041_",
    "1,2;3|4",
    '"quoted"',
    "// lms {}",
    "// comment",
    "$CATEGORY: x",
    "a#1/2",
    "*",
    "T",
    "TRUE",
    "http://x.cn/?a=b&c=d",
    "1e5",
    "H₂O m²",
    "\u200b零宽",
    "a\u00a0b",
]
signs = st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n\t=~#{}:\\<>&\"'%[]@+-")
texts = st.one_of(st.sampled_from(NASTY), st.text(signs, min_size=1, max_size=30)).filter(lambda text: text.strip())
plain = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=20)
numbers = st.sampled_from(["135", "12.50", "-0.5", "0", "1e3", "+7", ".5", "１２", "3.14159265358979323846"])
shares = st.sampled_from(["1/2", "1/3", "2/3", "0.5", "3/4", "1/7", "1"])


def _distinct(least: int, most: int) -> st.SearchStrategy[list[str]]:
    return st.lists(texts, min_size=least, max_size=most, unique_by=lambda text: text.strip())


@st.composite
def contents(draw: st.DrawFn, kind: Kind) -> Content:
    """One question of this kind."""
    options: list[tuple[str, str]] = []
    body: dict[str, Any] = {}
    if kind in (Kind.SINGLE, Kind.MULTIPLE, Kind.TRUE_FALSE, Kind.MATCHING, Kind.ORDERING):
        least, most = (2, 2) if kind is Kind.TRUE_FALSE else (3, 6)
        words = draw(_distinct(least, most))
        keys = draw(st.sampled_from(["ABCDEF", "BADCFE", "FGHIJK", "ACEGIK"]))
        options = list(zip(keys, words, strict=False))
    keys = [key for key, _ in options]
    key: Any
    if kind in (Kind.SINGLE, Kind.TRUE_FALSE):
        key = (draw(st.sampled_from(keys)),)
    elif kind is Kind.MULTIPLE:
        key = tuple(draw(st.lists(st.sampled_from(keys), min_size=1, max_size=len(keys) - 1, unique=True)))
    elif kind is Kind.MATCHING:
        prompts = draw(st.lists(texts, min_size=1, max_size=4))
        named = draw(st.sampled_from([list("1234"), list("abcd")]))
        body["prompts"] = [{"key": name, "text": text} for name, text in zip(named, prompts, strict=False)]
        key = {"pairs": {one["key"]: draw(st.sampled_from(keys)) for one in body["prompts"]}}
    elif kind is Kind.ORDERING:
        key = {"order": draw(st.permutations(keys))}
    elif kind is Kind.SHORT:
        words = draw(st.lists(texts.filter(normal), min_size=1, max_size=3, unique_by=normal))
        key = {"accepted": {word: "1" if not at else draw(shares) for at, word in enumerate(words)}}
    elif kind is Kind.NUMERIC:
        key = {"value": draw(numbers), "tolerance": draw(st.sampled_from(["0", "0.5", "1", "0.050"]))}
        key["units"] = draw(st.sampled_from([[], ["mmHg", "毫米汞柱"], ["μg/kg·min"]]))
        if key["units"]:
            body["units"] = draw(st.sampled_from([key["units"], [*key["units"], "kPa"]]))
    else:
        shapes = [{"circle": [500, 400, 90]}, {"rect": [0, 10, 300, 333]}, {"polygon": [[0, 0], [999, 1], [5, 1000]]}]
        key = {"areas": draw(st.lists(st.sampled_from(shapes), min_size=1, max_size=3))}
    if kind is Kind.HOTSPOT or draw(st.booleans()):
        body |= {"picture": NAME, "alt": draw(texts)}
    return Content(
        kind=kind.value,
        level=draw(st.sampled_from(list(Level))).value,
        topic=draw(st.sampled_from(["血压测量", "a: b", "[x]"])),
        technique="bp-measurement",
        stem=draw(texts),
        options=tuple(options),
        key=key,
        explanation=draw(st.one_of(st.just(""), texts)),
        source="guide-2025",
        passage=draw(st.sampled_from(["第三章", "p. 3 <x>"])),
        body=body,
    )


@st.composite
def entries(draw: st.DrawFn, kinds: st.SearchStrategy[Kind] = st.sampled_from(list(Kind))) -> list[Entry]:
    """A few questions, some of them in a series."""
    case = draw(st.one_of(st.none(), texts))
    made = []
    for at in range(draw(st.integers(1, 4))):
        content = draw(contents(draw(kinds)))
        series = Series("case-1", case, at + 1) if case is not None and draw(st.booleans()) else None
        pictures = {NAME: PNG} if "picture" in content.body else {}
        use = draw(st.sampled_from(list(Use))).value
        made.append(Entry(f"q-{at}", content, draw(st.sampled_from(["bank-a", "bank-b"])), use, series, pictures))
    return made


@cache
def _child(path: Path) -> dict[str, Any]:
    return runpy.run_path(str(path))


def _ask_here(child: Path, *arguments: str, data: bytes) -> dict[str, Any]:
    loaded = _child(child)
    if child.name == "markup_child.py":
        answer = loaded["package"](data) if arguments == ("zip",) else None
        answer = answer or {"trees": {"": loaded["tree"](data)}, "pictures": {}, "others": []}
    else:
        read = loaded["workbook" if arguments[0] == "xlsx" else "table"]
        answer = read(data, loaded["Limits"](*arguments[1:]))
    told: dict[str, Any] = json.loads(json.dumps(answer))
    return told


@contextmanager
def no_child() -> Iterator[None]:
    """The same readers in this process: hundreds of files in the time of ten."""
    asked, readers.ask = readers.ask, _ask_here
    try:
        yield
    finally:
        readers.ask = asked


def one_of_each() -> list[Entry]:
    """A small bank with one question of every kind, as people would write them."""
    options = (("A", "氨氯地平"), ("B", "氢氯噻嗪"), ("C", "缬沙坦"), ("D", "美托洛尔"))
    prompts = [{"key": "1", "text": "痛风患者不宜选用"}, {"key": "2", "text": "双侧肾动脉狭窄禁用"}]
    units = ["mmHg", "毫米汞柱"]
    shown = {"picture": NAME, "alt": "胸部正位片"}
    parts: dict[Kind, tuple[str, tuple[tuple[str, str], ...], Any, dict[str, Any]]] = {
        Kind.SINGLE: ("哪种药属于钙通道阻滞剂？", options, ("A",), {}),
        Kind.MULTIPLE: ("可用于高血压合并糖尿病的有？", options, ("A", "C"), {}),
        Kind.TRUE_FALSE: ("家庭自测血压 ≥135/85 mmHg 可诊断高血压。", (("A", "正确"), ("B", "错误")), ("A",), {}),
        Kind.MATCHING: ("为每种情况选一种药。", options, {"pairs": {"1": "B", "2": "C"}}, {"prompts": prompts}),
        Kind.SHORT: ("首选药物的类别是？", (), {"accepted": {"钙通道阻滞剂": "1", "CCB": "1/2"}}, {}),
        Kind.NUMERIC: (
            "收缩压目标是多少？",
            (),
            {"value": "130", "tolerance": "0.5", "units": units},
            {"units": units},
        ),
        Kind.ORDERING: ("按测量步骤排序。", options, {"order": ["C", "A", "D", "B"]}, {}),
        Kind.HOTSPOT: ("指出心尖。", (), {"areas": [{"circle": [620, 610, 80]}]}, shown),
    }
    made = []
    for at, (kind, (stem, choices, key, body)) in enumerate(parts.items(), 1):
        about = (kind.value, "apply", "用药", "bp-measurement")
        content = Content(*about, stem, choices, key, "指南如此要求。", "guide", "第三章", body)
        series = Series("htn-case-1", "男，58 岁，高血压 5 年。", at) if at < 3 else None
        code = f"htn-{kind.value.replace('_', '-')}"
        made.append(Entry(code, content, "htn", "exam", series, {NAME: PNG} if body == shown else {}))
    return made
