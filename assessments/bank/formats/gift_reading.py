"""Reading GIFT, ours and other people's: blocks between blank lines, comments apart, then the words of a question."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assessments.bank.formats import extension
from assessments.bank.formats.document import MOST_ITEMS, Item, Notes, Read
from assessments.bank.formats.plaintext import from_html, valid
from assessments.bank.formats.shares import letters, right_of, share
from assessments.bank.rules.content import Content, number
from assessments.bank.rules.kinds import Kind
from lms.errors import Invalid, TooLarge
from lms.i18n import _
from lms.web.intake import Taken, decoded

MARK = "// lms "
_TITLE = re.compile(r"\s*::((?:\\.|[^\\])*?)::", re.S)
_FORMAT = re.compile(r"\s*\[(html|markdown|moodle|plain)\]")
_WEIGHT = re.compile(r"\s*%\s*([^%\s]{1,20})\s*%")
_TRUTH = re.compile(r"(TRUE|FALSE|T|F)\s*(#.*)?", re.S)
_GAP = "_____"
#: What a true-or-false question offers that brings no options of its own.
TRUTHS = ("正确", "错误")
_TRUTHS = frozenset({TRUTHS, ("对", "错"), ("是", "否"), ("True", "False")})


def is_truth(content: Content) -> bool | None:
    """Whether a true-or-false question in the usual words is true; None where its words are others."""
    if content.kind != Kind.TRUE_FALSE or tuple(text for _key, text in content.options) not in _TRUTHS:
        return None
    return content.keys[0] in content.key


@dataclass(frozen=True)
class Block:
    """One item of a file: its comments' marks and its words, still with their escapes."""

    line: int
    category: str
    code: str
    tags: tuple[str, ...]
    extension: str
    text: str


def read(taken: Taken) -> Read:
    """Every item of a file; raises Invalid where it is no text."""
    text = decoded(taken.data)
    if text is None:
        raise Invalid(_("This is not a text file."), field="file")
    blocks = _blocks(text)
    if len(blocks) > MOST_ITEMS:
        raise TooLarge(_("There are more than %(most)s questions in the file. Split it.", most=MOST_ITEMS))
    return Read(tuple(_item(block) for block in blocks))


def _blocks(text: str) -> list[Block]:
    found: list[Block] = []
    lines: list[str] = []
    category, begun = "", 1
    for at, line in enumerate([*valid(text).split("\n"), ""], 1):
        if line.strip():
            begun = begun if lines else at
            lines.append(line)
        elif lines:
            block = block_of("\n".join(lines), begun, category)
            category = block.category
            if block.text:
                found.append(block)
                lines = []
            elif any(not one.lstrip().startswith("//") for one in lines):
                lines = []
            # comments that a blank line parts from their question still belong to it
    return found


def block_of(text: str, line: int, category: str) -> Block:
    """One block of lines; a block that only names a category has no words."""
    comments = [one.strip() for one in text.split("\n") if one.lstrip().startswith("//")]
    words = [one for one in text.split("\n") if not one.lstrip().startswith("//")]
    if words and words[0].strip().startswith("$CATEGORY:"):
        category = words.pop(0).strip().removeprefix("$CATEGORY:").strip()
    told = next((one.removeprefix(MARK) for one in comments if one.startswith(MARK)), "")
    marks = " ".join(one for one in comments if not one.startswith(MARK))
    code = re.search(r"\[id:([^\x00-\x1f\x7f]+?)]", marks)
    tags = re.findall(r"\[tag:([^\x00-\x1f\x7f]+?)]", marks)
    text = "\n".join(words).strip()
    return Block(line, category, code[1].strip() if code else "", tuple(tags), told, text)


def _item(block: Block) -> Item:
    title = _TITLE.match(block.text)
    name = unescaped(title[1]) if title else block.code
    notes = Notes(_("line %(line)s", line=block.line), name[:80])
    return extension.item(seen_in(block, notes), block.extension, notes, {})


def seen_in(block: Block, notes: Notes | None = None) -> dict[str, Any]:
    """What the words of the format say of a question; what they say and this bank has not is noted."""
    notes = notes or Notes("", "")
    text = block.text
    title = _TITLE.match(text)
    text = text[title.end() :] if title else text
    seen: dict[str, Any] = {"bank": block.category.rpartition("/")[2].strip()[:80], "code": block.code}
    if not block.code and title:
        seen["code"] = ""
    for tag in block.tags if not block.extension else ():
        notes.left_out(f"[tag:{tag}]", "tags")
    opened = _find(text, "{")
    closed = _find(text, "}", opened + 1) if opened >= 0 else -1
    if opened < 0:
        notes.refuse("description", "no_question")
        return seen
    if closed < 0:
        notes.refuse("{", "not_closed")
        return seen
    after = text[closed + 1 :].strip()
    if after:
        notes.changed(_GAP, "missing_word")
    way = _FORMAT.match(text)
    stem = words(text[:opened], notes) if not after else f"{words(text[:opened], notes)} {_GAP} ".lstrip(" ")
    stem += words(after, notes, way[1] if way else "") if after else ""
    seen["stem"] = stem
    _answers(text[opened + 1 : closed], seen, notes, way[1] if way else "")
    return {name: value for name, value in seen.items() if value != ""}


def _answers(text: str, seen: dict[str, Any], notes: Notes, way: str) -> None:
    general = _find(text, "####")
    if general >= 0:
        seen["explanation"] = words(text[general + 4 :], notes, way)
        text = text[:general]
    text = text.strip()
    truth = _TRUTH.fullmatch(text)
    if not text:
        notes.refuse("essay", "no_such_kind")
    elif text.startswith("#"):
        _numeric(text[1:], seen, notes)
    elif truth:
        if truth[2]:
            notes.left_out("#", "feedback")
        seen |= {"kind": Kind.TRUE_FALSE.value, "options": [["A", TRUTHS[0]], ["B", TRUTHS[1]]]}
        seen["key"] = ["A" if truth[1].startswith("T") else "B"]
    else:
        _listed(_split(text), seen, notes, way)


def _listed(answers: list[tuple[str, str]], seen: dict[str, Any], notes: Notes, way: str) -> None:
    signs = {sign for sign, _answer in answers}
    if signs == {"="} and all(_find(answer, "->") >= 0 for _sign, answer in answers):
        _matching([answer for _sign, answer in answers], seen, notes, way)
    elif "~" in signs:
        _choice(answers, seen, notes, way)
    else:
        _short([answer for _sign, answer in answers], seen, notes, way)


def _choice(answers: list[tuple[str, str]], seen: dict[str, Any], notes: Notes, way: str) -> None:
    parts = [_answer(answer, notes, way, 1 if sign == "=" else 0) for sign, answer in answers]
    if any(worth is None for worth, _text in parts):
        notes.refuse("%", "not_a_share")
        return
    shares = [worth for worth, _text in parts if worth is not None]
    found = right_of(shares, one="=" in {sign for sign, _answer in answers}, notes=notes)
    keys = letters(len(parts))
    if len(parts) > len(keys):
        notes.refuse("options", "too_many_options")
    elif found:
        seen["kind"] = found[0]
        seen["options"] = [[key, text] for key, (_worth, text) in zip(keys, parts, strict=True)]
        seen["key"] = [keys[at] for at in found[1]]


def _short(answers: list[str], seen: dict[str, Any], notes: Notes, way: str) -> None:
    accepted: dict[str, str] = {}
    for answer in answers:
        worth, text = _answer(answer, notes, way, 1)
        if worth is None:
            notes.refuse("%", "not_a_share")
        elif "*" in text:
            notes.left_out(text, "wildcard")
        elif worth > 0 and text:
            accepted[text] = str(worth)
    if accepted:
        seen |= {"kind": Kind.SHORT.value, "options": [], "key": {"accepted": accepted}}
    else:
        notes.refuse("=", "nothing_accepted")


def _matching(answers: list[str], seen: dict[str, Any], notes: Notes, way: str) -> None:
    pairs = []
    for answer in answers:
        at = _find(answer, "->")
        pairs.append((words(answer[:at], notes, way), words(answer[at + 2 :], notes, "plain")))
    texts = list(dict.fromkeys(right for _left, right in pairs))
    keys = dict(zip(texts, letters(len(texts)), strict=False))
    if len(keys) < len(texts):
        notes.refuse("options", "too_many_options")
        return
    prompts = [(left, keys[right]) for left, right in pairs if left]
    seen |= {"kind": Kind.MATCHING.value, "options": [[key, text] for text, key in keys.items()]}
    seen["body"] = {"prompts": [{"key": str(at), "text": left} for at, (left, _key) in enumerate(prompts, 1)]}
    seen["key"] = {"pairs": {str(at): key for at, (_left, key) in enumerate(prompts, 1)}}


def _numeric(text: str, seen: dict[str, Any], notes: Notes) -> None:
    parts = [answer for _sign, answer in _split(text)] if text.lstrip().startswith(("=", "~")) else [text]
    full = []
    for part in parts:
        weight = _WEIGHT.match(part)
        if _find(part, "#") >= 0:
            notes.left_out("#", "feedback")
        body = part[weight.end() if weight else 0 :].split("#")[0].strip()
        if weight and share(weight[1]) != 1:
            notes.left_out(f"%{weight[1]}%", "partial_credit")
        else:
            full.append(body)
    key = _range(full[0]) if len(full) == 1 else None
    if len(full) > 1:
        notes.refuse("#", "several_numbers")
    elif key is None:
        notes.refuse("#", "not_a_number")
    else:
        seen |= {"kind": Kind.NUMERIC.value, "options": [], "key": key}


def _range(text: str) -> Mapping[str, Any] | None:
    """`value`, `value:tolerance` or `low..high` as a key."""
    low, between, high = text.partition("..")
    if between:
        first, last = number(low), number(high)
        if first is None or last is None or first > last:
            return None
        return {"value": f"{(first + last) / 2:f}", "tolerance": f"{(last - first) / 2:f}", "units": []}
    value, _colon, tolerance = text.replace("\\:", ":").partition(":")
    if number(value) is None or number(tolerance or "0") is None:
        return None
    return {"value": value.strip(), "tolerance": (tolerance or "0").strip(), "units": []}


def _answer(text: str, notes: Notes, way: str, worth: int) -> tuple[Any, str]:
    """The share an answer earns and its words; its feedback is noted."""
    weight = _WEIGHT.match(text)
    feedback = _find(text, "#")
    if feedback >= 0:
        if text[feedback + 1 :].strip():
            notes.left_out("#", "feedback")
        text = text[:feedback]
    given = share(weight[1]) if weight else share(str(100 * worth))
    return given, words(text[weight.end() if weight else 0 :], notes, way)


def words(text: str, notes: Notes, way: str = "") -> str:
    """The words of one place as plain text, by the format it names."""
    named = _FORMAT.match(text)
    way = named[1] if named else way
    single = unescaped(text[named.end() if named else 0 :].strip().replace("\n", " "))
    if way == "plain":
        return single
    if way == "markdown":
        notes.changed("[markdown]", "markdown")
        return single
    made = from_html(single.replace("\n", "<br>"))
    notes.lost(made.lost)
    for address, _alt in made.pictures:
        notes.left_out(f"<img {address}>", "picture_elsewhere")
    return made.text


def unescaped(text: str) -> str:
    """Words without the escapes of the format."""
    return re.sub(r"\\([\\~=#{}:n])", lambda found: "\n" if found[1] == "n" else found[1], text)


def _find(text: str, sign: str, start: int = 0) -> int:
    """Where a sign stands that is not escaped, or -1."""
    at = start
    while at < len(text):
        if text[at] == "\\":
            at += 2
        elif text.startswith(sign, at):
            return at
        else:
            at += 1
    return -1


def _split(text: str) -> list[tuple[str, str]]:
    """Answers with the sign before each; words without a sign are one right answer."""
    found: list[tuple[str, str]] = []
    at, begun, sign = 0, 0, ""
    while at < len(text):
        if text[at] == "\\":
            at += 2
            continue
        if text[at] in "=~":
            if sign or text[begun:at].strip():
                found.append((sign or "=", text[begun:at]))
            sign, begun = text[at], at + 1
        at += 1
    found.append((sign or "=", text[begun:]))
    return found
