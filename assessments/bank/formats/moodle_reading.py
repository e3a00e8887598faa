"""Reading Moodle XML, ours and Moodle's own: every element is taken, is known to say nothing here, or is named."""

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from assessments.bank.formats import extension
from assessments.bank.formats.document import MOST_ITEMS, Item, Notes, Read
from assessments.bank.formats.gift_reading import TRUTHS
from assessments.bank.formats.pictures import per_mille, size_of, taken
from assessments.bank.formats.plaintext import Plain, from_html, valid
from assessments.bank.formats.shares import letters, right_of, share
from assessments.bank.rules.content import number
from assessments.bank.rules.kinds import Kind
from lms.errors import Invalid, TooLarge
from lms.i18n import _
from lms.web import markup_files
from lms.web.intake import Taken
from lms.web.markup_files import Node

EXTENSION = "clinicalskills"
#: What every question has and says nothing that is kept here while it says only this.
_USUAL = {
    "name": None,
    "questiontext": None,
    "generalfeedback": None,
    "idnumber": None,
    "category": None,
    EXTENSION: None,
    "defaultgrade": {"1", "1.0", "1.0000000"},
    "penalty": None,
    "hidden": {"0"},
    "shuffleanswers": None,
    "answernumbering": None,
    "showstandardinstruction": None,
    "correctfeedback": {""},
    "partiallycorrectfeedback": {""},
    "incorrectfeedback": {""},
    "shownumcorrect": None,
    "image": {""},
    "image_base64": {""},
    "editoruniqueid": None,
}
#: What each type has besides.
_OWN = {
    "multichoice": {"answer", "single"},
    "truefalse": {"answer"},
    "matching": {"subquestion"},
    "shortanswer": {"answer", "usecase"},
    "numerical": {"answer", "units", "unitgradingtype", "unitpenalty", "showunits", "unitsleft"},
    "ordering": {
        "answer",
        "layouttype",
        "selecttype",
        "selectcount",
        "gradingtype",
        "showgrading",
        "numberingstyle",
    },
    "ddmarker": {"file", "drag", "drop", "showmisplaced"},
}


def read(file: Taken) -> Read:
    """Every question of a file; raises Invalid where it is no Moodle XML."""
    root = markup_files.read(file.data, file.kind).trees[""]
    if root.name != "quiz":
        raise Invalid(_("This is not a Moodle XML file: it begins with <%(name)s>.", name=root.name[:40]), field="file")
    if len(root.children) > 2 * MOST_ITEMS:
        raise TooLarge(_("There are more than %(most)s questions in the file. Split it.", most=MOST_ITEMS))
    items, category = [], ""
    for child in root.children:
        if child.name == "question" and child.get("type") == "category":
            category = _bank(_plain_text(child.first("category")))
        else:
            items.append(_item(child, category))
    return Read(tuple(items))


def _bank(path: str) -> str:
    """The last name of a category's path."""
    return valid(path).replace("//", "\0").rpartition("/")[2].replace("\0", "/").strip()[:80]


def _item(question: Node, category: str) -> Item:
    name = _plain_text(question.first("name")).strip()
    notes = Notes(_("line %(line)s", line=question.line), name[:80])
    if question.name != "question":
        notes.refuse(f"<{question.name}>", "no_question")
        return Item(notes.place, notes.name, None, notes.reports)
    seen, pictures = seen_in(question, category, notes)
    own = question.first(EXTENSION)
    return extension.item(seen, own.words.strip() if own else "", notes, pictures)


def seen_in(question: Node, category: str, notes: Notes | None = None) -> tuple[dict[str, Any], dict[str, bytes]]:
    """What Moodle's own words say of a question, and its picture; what else they say is noted."""
    notes = notes or Notes("", "")
    kind = question.get("type")
    code = question.first("idnumber")
    seen: dict[str, Any] = {"bank": category, "code": code.words.strip()[:80] if code else ""}
    pictures: dict[str, bytes] = {}
    seen["stem"], body = _stem(question, pictures, notes)
    explained = question.first("generalfeedback")
    seen["explanation"] = _words(explained, notes).text if explained else ""
    if body:
        seen["body"] = body
    if kind not in _READERS:
        notes.refuse(kind or "type", "no_such_kind")
    else:
        _READERS[kind](question, seen, notes, pictures)
    _name_the_rest(question, kind, notes)
    return {key: value for key, value in seen.items() if value not in ("", {})}, pictures


def _stem(question: Node, pictures: dict[str, bytes], notes: Notes) -> tuple[str, dict[str, str]]:
    """The question's words, and the one picture in them."""
    text = question.first("questiontext")
    if text is None:
        return "", {}
    made = _words(text, notes)
    files = {file.get("name"): file for file in text.all("file")}
    body: dict[str, str] = {}
    for address, alt in made.pictures:
        file = files.pop(address.removeprefix("@@PLUGINFILE@@/"), None)
        if file is None or body:
            notes.left_out(f"<img {address[:40]}>", "picture_elsewhere" if file is None else "one_picture")
            continue
        body, data = taken(_bytes(file), alt, address, notes)
        pictures |= data
    for name in files:
        notes.left_out(f"<file {name[:40]}>", "file_unused")
    return made.text, body


def _bytes(file: Node) -> bytes:
    try:
        return base64.b64decode(re.sub(r"\s+", "", file.text), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _plain_text(holder: Node | None) -> str:
    """The raw words of an element, with or without a `<text>` around them."""
    if holder is None:
        return ""
    inner = holder.first("text")
    return inner.words if inner is not None else holder.text


def _words(holder: Node | None, notes: Notes, otherwise: str = "html") -> Plain:
    """The words of an element as plain text, by the format that it names."""
    raw = valid(_plain_text(holder))
    way = holder.get("format", otherwise) if holder is not None else otherwise
    if way == "plain_text":
        return Plain(raw, {})
    if way == "markdown":
        notes.changed("format=markdown", "markdown")
        return Plain(raw.strip(), {})
    made = from_html(raw if way == "html" else raw.strip().replace("\n", "<br>"))
    notes.lost(made.lost)
    return made


def _line(holder: Node | None, notes: Notes, otherwise: str = "html") -> str:
    """Words where no picture can be kept."""
    made = _words(holder, notes, otherwise)
    for address, _alt in made.pictures:
        notes.left_out(f"<img {address[:40]}>", "one_picture")
    return made.text


def _answers(question: Node, notes: Notes, otherwise: str) -> list[tuple[Fraction | None, str, Node]]:
    """Share, words and element of every answer; feedback to one answer is noted."""
    found = []
    for answer in question.all("answer"):
        feedback = answer.first("feedback")
        if feedback is not None and _words(feedback, Notes("", "")).text:
            notes.left_out("<feedback>", "feedback")
        if answer.first("file"):
            notes.left_out("<file>", "file_unused")
        found.append((share(answer.get("fraction", "0")), _line(answer, notes, otherwise), answer))
    return found


def _choice(question: Node, seen: dict[str, Any], notes: Notes, _pictures: dict[str, bytes]) -> None:
    parts = _answers(question, notes, "html")
    if any(worth is None for worth, _text, _node in parts):
        notes.refuse("fraction", "not_a_share")
        return
    single = question.first("single")
    one = single is None or single.words.strip() in ("true", "1")
    found = right_of([worth for worth, _text, _node in parts if worth is not None], one=one, notes=notes)
    keys = letters(len(parts))
    if len(parts) > len(keys):
        notes.refuse("<answer>", "too_many_options")
    elif found:
        options = [[key, text] for key, (_worth, text, _node) in zip(keys, parts, strict=True)]
        seen |= {"kind": found[0], "options": options, "key": [keys[at] for at in found[1]]}


def _truth(question: Node, seen: dict[str, Any], notes: Notes, _pictures: dict[str, bytes]) -> None:
    right = [text.strip().lower() for worth, text, _node in _answers(question, notes, "plain_text") if worth == 1]
    if right not in (["true"], ["false"]):
        notes.refuse("fraction", "not_one_right")
        return
    options = [["A", TRUTHS[0]], ["B", TRUTHS[1]]]
    seen |= {"kind": Kind.TRUE_FALSE.value, "options": options, "key": ["A" if right == ["true"] else "B"]}


def _matching(question: Node, seen: dict[str, Any], notes: Notes, _pictures: dict[str, bytes]) -> None:
    pairs = [
        (_line(one, notes), _line(one.first("answer"), notes, "plain_text")) for one in question.all("subquestion")
    ]
    texts = list(dict.fromkeys(right for _left, right in pairs))
    keys = dict(zip(texts, letters(len(texts)), strict=False))
    if len(keys) < len(texts):
        notes.refuse("<subquestion>", "too_many_options")
        return
    prompts = [(left, keys[right]) for left, right in pairs if left]
    body = {"prompts": [{"key": str(at), "text": left} for at, (left, _key) in enumerate(prompts, 1)]}
    seen |= {"kind": Kind.MATCHING.value, "options": [[key, text] for text, key in keys.items()]}
    seen["body"] = seen.get("body", {}) | body
    seen["key"] = {"pairs": {str(at): key for at, (_left, key) in enumerate(prompts, 1)}}


def _short(question: Node, seen: dict[str, Any], notes: Notes, _pictures: dict[str, bytes]) -> None:
    usecase = question.first("usecase")
    if usecase is not None and usecase.words.strip() not in ("", "0"):
        notes.left_out("<usecase>", "case_of_letters")
    accepted: dict[str, str] = {}
    for worth, text, _node in _answers(question, notes, "plain_text"):
        if worth is None:
            notes.refuse("fraction", "not_a_share")
        elif "*" in text.replace(r"\*", ""):
            notes.left_out(text, "wildcard")
        elif worth > 0 and text:
            accepted[text.replace(r"\*", "*")] = str(worth)
    if accepted:
        seen |= {"kind": Kind.SHORT.value, "options": [], "key": {"accepted": accepted}}
    else:
        notes.refuse("<answer>", "nothing_accepted")


def _numeric(question: Node, seen: dict[str, Any], notes: Notes, _pictures: dict[str, bytes]) -> None:
    parts = _answers(question, notes, "plain_text")
    full = [(text, node) for worth, text, node in parts if worth == 1]
    for worth, text, _node in parts:
        if worth != 1 and text.strip() != "*":
            notes.left_out(f"<answer> {text}", "partial_credit")
    if len(full) != 1:
        notes.refuse("<answer>", "several_numbers" if full else "nothing_right")
        return
    text, node = full[0]
    tolerance = node.first("tolerance")
    wide = (tolerance.words.strip() if tolerance else "") or "0"
    if number(text) is None or number(wide) is None:
        notes.refuse("<answer>", "not_a_number")
        return
    units = [one.words.strip() for one in (question.first("units") or question).walk() if one.name == "unit_name"]
    factors = [one.words.strip() for one in (question.first("units") or question).walk() if one.name == "multiplier"]
    if any(number(factor) != 1 for factor in factors):
        notes.left_out("<multiplier>", "unit_factor")
        units = [unit for unit, factor in zip(units, factors, strict=False) if number(factor) == 1]
    key = {"value": text.strip(), "tolerance": wide, "units": units}
    seen |= {"kind": Kind.NUMERIC.value, "options": [], "key": key}
    if units:
        seen["body"] = seen.get("body", {}) | {"units": units}


def _ordering(question: Node, seen: dict[str, Any], notes: Notes, _pictures: dict[str, bytes]) -> None:
    selected = question.first("selecttype")
    if selected is not None and selected.words.strip() not in ("", "ALL", "0"):
        notes.changed("<selecttype>", "all_parts")
    texts = [_line(answer, notes) for answer in question.all("answer")]
    keys = letters(len(texts))
    if len(texts) > len(keys):
        notes.refuse("<answer>", "too_many_options")
        return
    options = [list(pair) for pair in zip(keys, texts, strict=True)]
    seen |= {"kind": Kind.ORDERING.value, "options": options, "key": {"order": keys}}


def _marker(question: Node, seen: dict[str, Any], notes: Notes, pictures: dict[str, bytes]) -> None:
    file = question.first("file")
    data = _bytes(file) if file else b""
    size = size_of(data)
    drags, drops = question.all("drag"), question.all("drop")
    if size is None or len({drop.words for drop in drops}) == 0:
        notes.refuse("<file>", "no_picture")
        return
    if len(drags) != 1:
        notes.refuse("<drag>", "several_markers")
        return
    body, found = taken(data, "", "<file>", notes)
    areas = [area for drop in drops if (area := _area(drop, size, notes)) is not None]
    if len(areas) < len(drops):
        notes.left_out("<drop>", "unknown_area")
    pictures |= found
    seen |= {"kind": Kind.HOTSPOT.value, "options": [], "body": body, "key": {"areas": areas}}


def _area(drop: Node, size: tuple[int, int], notes: Notes) -> dict[str, Any] | None:
    shape = drop.first("shape")
    coords = drop.first("coords")
    written = re.split(r"[;,]", coords.words) if coords else []
    numbers = [number(part) for part in written]
    if shape is None or not numbers or any(one is None for one in numbers):
        return None
    points = [float(one) for one in numbers if one is not None]
    name = shape.words.strip()
    if name == "rectangle" and len(points) == 4:
        points = [points[0], points[1], points[0] + points[2], points[1] + points[3]]
    return per_mille(name, points, size, notes)


_Reader = Callable[[Node, dict[str, Any], Notes, dict[str, bytes]], None]
_READERS: Mapping[str, _Reader] = {
    "multichoice": _choice,
    "truefalse": _truth,
    "matching": _matching,
    "shortanswer": _short,
    "numerical": _numeric,
    "ordering": _ordering,
    "ddmarker": _marker,
}


def _name_the_rest(question: Node, kind: str, notes: Notes) -> None:
    """Whatever a question has that was not taken and says something."""
    for child in question.children:
        said = " ".join(child.words.split())
        if child.name == "tags":
            for tag in child.all("tag") if question.first(EXTENSION) is None else ():
                notes.left_out(f"<tag> {_plain_text(tag).strip()}", "tags")
        elif child.name in _OWN.get(kind, ()):
            continue
        elif child.name not in _USUAL:
            if said or child.children:
                notes.left_out(f"<{child.name}>", "not_here")
        elif (usual := _USUAL[child.name]) is not None and said not in usual:
            notes.left_out(f"<{child.name}>", "not_here")
