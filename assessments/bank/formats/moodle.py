"""Moodle XML: written with the types that Moodle itself has for every kind of ours, the rest in one element beside.

Moodle reads past elements it does not know, so `<clinicalskills>` in a question holds the extension. Numbers, tags and
categories are Moodle's own: `idnumber` is the code, a category the bank, a tag the topic and the level.
"""

import base64
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from assessments.bank.formats import extension
from assessments.bank.formats.document import Done, Entry, Report, Written, plain
from assessments.bank.formats.gift_reading import is_truth
from assessments.bank.formats.markup import document, node
from assessments.bank.formats.moodle_reading import EXTENSION, seen_in
from assessments.bank.formats.pictures import in_pixels, picture_of, size_of
from assessments.bank.formats.plaintext import to_html
from assessments.bank.formats.shares import percent
from assessments.bank.rules.content import fraction, number
from assessments.bank.rules.kinds import Kind
from lms.web.markup_files import Node

NAME, SUFFIX, MEDIA_TYPE = "moodle", "xml", "application/xml"


def write(entries: Sequence[Entry]) -> Written:
    """A file of these questions, each bank a category."""
    items: list[Node] = []
    reports: list[Report] = []
    bank = None
    for entry in entries:
        if entry.bank != bank:
            bank = entry.bank
            items.append(node("question", node("category", _text(f"$course$/top/{bank}")), type="category"))
        made, said = _item(entry)
        items.append(made)
        reports += said
    parts = [part for item in items for part in ("\n", item)]
    return Written(document(node("quiz", *parts, "\n")), tuple(reports))


def _item(entry: Entry) -> tuple[Node, list[Report]]:
    told, shown = plain(entry), _native(entry)
    seen, _pictures = seen_in(shown, entry.bank)
    carried = node(EXTENSION, extension.line(told, seen))
    made = node("question", *shown.children, carried, **shown.attributes)
    reports = extension.unseen(told, seen, entry.code)
    if len(_key(entry).get("areas", ())) > 1:
        reports.append(Report(entry.code, entry.code, "areas", Done.CHANGED, "every_area"))
    return made, reports


def _native(entry: Entry) -> Node:
    content = entry.content
    kind, parts = _KINDS[Kind(content.kind)](entry)
    tags = [node("tag", _text(tag)) for tag in (content.topic, content.level) if tag]
    return node(
        "question",
        node("name", _text(entry.code)),
        _words("questiontext", _stem(entry), _image(entry) if kind != "ddmarker" else None),
        _words("generalfeedback", content.explanation),
        node("defaultgrade", "1"),
        node("penalty", "0"),
        node("hidden", "0"),
        node("idnumber", entry.code),
        *parts,
        node("tags", *tags),
        type=kind,
    )


def _stem(entry: Entry) -> str:
    return (f"{entry.series.text}{extension.BETWEEN}" if entry.series else "") + entry.content.stem


def _text(words: str) -> Node:
    return node("text", words)


def _words(name: str, words: str, image: tuple[str, str, bytes] | None = None) -> Node:
    """Words of a question as the HTML that shows them as they are; with a picture, the picture after them."""
    if image is None:
        return node(name, _text(to_html(words)), format="html")
    file, alt, data = image
    shown = f'{to_html(words)}<br><img src="@@PLUGINFILE@@/{file}" alt="{to_html(alt)}">'
    return node(name, _text(shown), _file(file, data), format="html")


def _file(name: str, data: bytes) -> Node:
    return node("file", base64.b64encode(data).decode("ascii"), name=name, path="/", encoding="base64")


def _image(entry: Entry) -> tuple[str, str, bytes] | None:
    """The picture of a question: its name as a file, its words, its bytes."""
    found = picture_of(entry)
    alt = str(entry.content.body.get("alt", "")).replace('"', "”")
    return (found[0], alt, found[1]) if found else None


def _answer(words: str, worth: str, *more: Node) -> Node:
    feedback = node("feedback", _text(""), format="html")
    return node("answer", _text(words), feedback, *more, fraction=worth, format="plain_text")


Made = tuple[str, list[Node]]


def _choice(entry: Entry) -> Made:
    content, truth = entry.content, is_truth(entry.content)
    if truth is not None:
        return "truefalse", [_answer(word, "100" if (word == "true") is truth else "0") for word in ("true", "false")]
    several = content.kind == Kind.MULTIPLE
    good, bad = percent(Fraction(1, len(content.key))), "-100" if several else "0"
    answers = [_answer(text, good if key in content.key else bad) for key, text in content.options]
    shape = [node("single", "false" if several else "true"), node("shuffleanswers", "true")]
    return "multichoice", [*shape, node("answernumbering", "ABCD"), *answers]


def _key(entry: Entry) -> Mapping[str, Any]:
    return entry.content.key if isinstance(entry.content.key, Mapping) else {}


def _matching(entry: Entry) -> Made:
    content, texts, pairs = entry.content, dict(entry.content.options), _key(entry)["pairs"]
    told = [(one["text"], texts[pairs[one["key"]]]) for one in content.body["prompts"]]
    used = set(pairs.values())
    # an answer without a question is one more to choose from
    told += [("", text) for key, text in content.options if key not in used]
    parts = [
        node("subquestion", _text(to_html(left)), node("answer", _text(right)), format="html") for left, right in told
    ]
    return "matching", [node("shuffleanswers", "true"), *parts]


def _short(entry: Entry) -> Made:
    accepted = _key(entry)["accepted"]
    # an asterisk of ours is an asterisk, of Moodle's it is any word
    answers = [
        _answer(words.replace("*", r"\*"), percent(fraction(worth) or Fraction(0))) for words, worth in accepted.items()
    ]
    return "shortanswer", [node("usecase", "0"), *answers]


def _numeric(entry: Entry) -> Made:
    key = _key(entry)
    value, tolerance = number(key["value"]), number(key.get("tolerance", "0"))
    units = [
        node("unit", node("multiplier", "1"), node("unit_name", unit)) for unit in dict.fromkeys(key.get("units", []))
    ]
    shape = [node("units", *units)] if units else []
    # 0: a unit is asked for and counts; 3: none is
    graded = [node("unitgradingtype", "1" if units else "0"), node("unitpenalty", "1"), node("showunits", "0")]
    return "numerical", [_answer(f"{value:f}", "100", node("tolerance", f"{tolerance:f}")), *shape, *graded]


def _ordering(entry: Entry) -> Made:
    texts = dict(entry.content.options)
    answers = [_answer(texts[key], str(place)) for place, key in enumerate(_key(entry)["order"], 1)]
    shape = {"layouttype": "VERTICAL", "selecttype": "ALL", "selectcount": "0", "gradingtype": "ABSOLUTE_POSITION"}
    return "ordering", [*(node(name, value) for name, value in shape.items()), *answers]


def _hotspot(entry: Entry) -> Made:
    image = _image(entry)
    size = size_of(image[2]) if image else None
    file = [_file(image[0], image[2])] if image else []
    drag = node("drag", node("no", "1"), _text("✚"), node("noofdrags", "1"))
    drops = [
        node("drop", node("no", str(at)), node("shape", shape), node("coords", coords), node("choice", "1"))
        for at, (shape, coords) in enumerate(_drops(_key(entry)["areas"], size or (1000, 1000)), 1)
    ]
    return "ddmarker", [*file, node("shuffleanswers"), drag, *drops]


def _drops(areas: Iterable[Mapping[str, Any]], size: tuple[int, int]) -> Iterable[tuple[str, str]]:
    """Areas as Moodle writes them, in pixels: `x,y;r`, `x,y;w,h`, `x,y;x,y;x,y`."""
    for area in areas:
        shape, points = in_pixels(area, size)
        if shape == "circle":
            yield "circle", f"{points[0]},{points[1]};{points[2]}"
        elif shape == "rect":
            yield "rectangle", f"{points[0]},{points[1]};{points[2] - points[0]},{points[3] - points[1]}"
        else:
            yield "polygon", ";".join(f"{x},{y}" for x, y in zip(points[::2], points[1::2], strict=True))


_KINDS: Mapping[Kind, Callable[[Entry], Made]] = {
    Kind.SINGLE: _choice,
    Kind.MULTIPLE: _choice,
    Kind.TRUE_FALSE: _choice,
    Kind.MATCHING: _matching,
    Kind.SHORT: _short,
    Kind.NUMERIC: _numeric,
    Kind.ORDERING: _ordering,
    Kind.HOTSPOT: _hotspot,
}
