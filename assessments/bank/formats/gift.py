"""GIFT, the text format of Moodle: written so that others read it, with one comment line per question for the rest.

`// [id:…] [tag:…]` is what Moodle reads as number and tags; `// lms {…}` is the extension. GIFT has no word for
ordering and for places in a picture: such a question is an open question to others.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from assessments.bank.formats import extension
from assessments.bank.formats.document import Done, Entry, Report, Written, plain
from assessments.bank.formats.gift_reading import MARK, Block, block_of, is_truth, seen_in
from assessments.bank.formats.plaintext import valid
from assessments.bank.formats.shares import percent
from assessments.bank.rules.content import fraction, number
from assessments.bank.rules.kinds import Kind

NAME, SUFFIX, MEDIA_TYPE = "gift", "gift", "text/plain; charset=utf-8"
_ESCAPED = re.compile(r"([\\~=#{}:])")


def write(entries: Sequence[Entry]) -> Written:
    """A file of these questions, each category a bank."""
    parts: list[str] = []
    reports: list[Report] = []
    bank = None
    for entry in entries:
        if entry.bank != bank:
            bank = entry.bank
            parts.append(f"$CATEGORY: {_line(bank) or '-'}\n")
        text, said = _item(entry)
        parts.append(text)
        reports += said
    return Written("\n".join(parts).encode(), tuple(reports))


def _item(entry: Entry) -> tuple[str, list[Report]]:
    told = plain(entry)
    words = f"::{escaped(entry.code)}::{formatted(stem_of(entry), always=True)} {{{_answers(entry)}}}"
    seen = seen_in(_block(entry, words))
    # a comment's own marks must not be found inside the extension
    line = extension.line(told, seen).replace("[id:", "[\\u0069d:").replace("[tag:", "[\\u0074ag:")
    tags = "".join(f" [tag:{_tag(tag)}]" for tag in (entry.content.topic, entry.content.level) if _tag(tag))
    head = f"// [id:{_tag(entry.code)}]{tags}\n{MARK}{line}\n"
    reports = extension.unseen(told, seen, entry.code)
    if entry.content.body.get("picture"):
        reports.append(Report(entry.code, entry.code, "picture", Done.LEFT_OUT, "picture_by_name"))
    return f"{head}{words}\n", reports


def _block(entry: Entry, words: str) -> Block:
    """The same question as it will be found again."""
    return block_of(f"// [id:{_tag(entry.code)}]\n{words}", 1, _line(entry.bank) or "-")


def stem_of(entry: Entry) -> str:
    """The question as it stands alone: after the case of its series, where it has one."""
    case = f"{entry.series.text}{extension.BETWEEN}" if entry.series else ""
    return case + entry.content.stem


def escaped(text: str) -> str:
    """Words with the signs of the format made harmless, on one line."""
    single = valid(text).replace("\t", " ")
    return _ESCAPED.sub(r"\\\1", single).replace("\n", r"\n")


def formatted(text: str, *, always: bool = False) -> str:
    """Words that cannot be taken for a weight or for the name of a text format."""
    wanted = always or text.lstrip().startswith(("[", "%"))
    return ("[plain]" if wanted else "") + escaped(text)


def _answers(entry: Entry) -> str:
    content = entry.content
    written = _ANSWERS.get(Kind(content.kind), _open)(entry)
    told = f"####{formatted(content.explanation, always=True)}" if content.explanation.strip() else ""
    return f"{written}{told}"


def _choice(entry: Entry) -> str:
    content, truth = entry.content, is_truth(entry.content)
    if truth is not None:
        return "TRUE" if truth else "FALSE"
    if content.kind == Kind.MULTIPLE:
        good = percent(Fraction(1, len(content.key)))
        signs = {True: f"~%{good}%", False: "~%-100%"}
    else:
        signs = {True: "=", False: "~"}
    return "".join(f"\n{signs[key in content.key]}{formatted(text)}" for key, text in content.options) + "\n"


def _matching(entry: Entry) -> str:
    content, texts = entry.content, dict(entry.content.options)
    key: Mapping[str, Any] = content.key if isinstance(content.key, Mapping) else {}
    pairs = [(one["text"], key["pairs"][one["key"]]) for one in content.body["prompts"]]
    used = {option for _, option in pairs}
    lines = [(formatted(prompt), texts[option]) for prompt, option in pairs]
    lines += [("", text) for option, text in content.options if option not in used]
    return "".join(f"\n={left.replace('->', '→')} -> {escaped(text).replace('->', '→')}" for left, text in lines) + "\n"


def _short(entry: Entry) -> str:
    key: Mapping[str, Any] = entry.content.key if isinstance(entry.content.key, Mapping) else {}
    lines = []
    for words, share in key["accepted"].items():
        worth = fraction(share) or Fraction(0)
        weight = "" if worth == 1 else f"%{percent(worth)}%"
        lines.append(f"\n={weight}{formatted(words)}")
    return "".join(lines) + "\n"


def _numeric(entry: Entry) -> str:
    key: Mapping[str, Any] = entry.content.key if isinstance(entry.content.key, Mapping) else {}
    value, tolerance = number(key["value"]), number(key.get("tolerance", "0"))
    return f"#{value:f}:{tolerance:f}"


def _open(_entry: Entry) -> str:
    return ""


_ANSWERS: Mapping[Kind, Callable[[Entry], str]] = {
    Kind.SINGLE: _choice,
    Kind.MULTIPLE: _choice,
    Kind.TRUE_FALSE: _choice,
    Kind.MATCHING: _matching,
    Kind.SHORT: _short,
    Kind.NUMERIC: _numeric,
}


def _tag(text: str) -> str:
    return re.sub(r"[\[\]\x00-\x1f\x7f]+", " ", text).strip()


def _line(text: str) -> str:
    return re.sub(r"\s+", " ", valid(text)).strip()
