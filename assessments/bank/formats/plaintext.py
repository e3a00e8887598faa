"""Formatted text as plain text by one rule, and plain text as the little HTML that other systems want.

The bank keeps plain text. Lines stay lines: a block begins one, `<br>` ends one; a list item gets a dash, cells of a
table a bar between them; raised and lowered figures become the signs that Unicode has for them. Words stay, their
looks go. Scripts, styles, frames, sound and film go with their words. Whatever goes is named.
"""

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser

from lms.web.markup_files import Node


def _names(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text))


BLOCKS = _names("""address article aside blockquote body center dd details div dl dt fieldset figure figcaption footer
 form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section table tbody tfoot thead tr ul""")
#: Blocks and marks whose going loses nothing that was said.
_SILENT = _names("p div br span body html tbody thead tr")
#: Their words go too.
GONE = _names("script style iframe object video audio canvas svg math template noscript head title")
_UP = str.maketrans("0123456789+-=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ")
_DOWN = str.maketrans("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎")
_INVALID = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Plain:
    """Plain text; elements that went (True: with their words); the pictures that stood in it (address, words)."""

    text: str
    lost: Mapping[str, bool]
    pictures: tuple[tuple[str, str], ...] = ()


class _Builder:
    """Takes elements and words in the order in which they stand."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.lost: dict[str, bool] = {}
        self.pictures: list[tuple[str, str]] = []
        self._gone = 0
        self._raised: list[Mapping[int, int]] = []

    def begin(self, name: str, attributes: Mapping[str, str | None]) -> None:
        if name in GONE or name == "embed":
            self._gone += name != "embed"
            self.lost[name] = True
        if self._gone:
            return
        if name in BLOCKS or name == "br":
            self.parts.append("\0" if name in BLOCKS else "\n")
        if name == "img":
            self.pictures.append((attributes.get("src") or "", attributes.get("alt") or ""))
        elif name in ("sup", "sub"):
            self._raised.append(_UP if name == "sup" else _DOWN)
        elif name == "li":
            self.parts.append("- ")
        elif name in ("td", "th"):
            self.parts.append("| ")
        if name not in _SILENT and name not in ("img", "sup", "sub", "embed"):
            self.lost.setdefault(name, False)

    def finish(self, name: str) -> None:
        if name in GONE:
            self._gone = max(0, self._gone - 1)
        elif self._gone:
            return
        elif name in BLOCKS:
            self.parts.append("\0")
        elif name in ("td", "th"):
            self.parts.append(" ")
        elif name in ("sup", "sub") and self._raised:
            self._raised.pop()

    def words(self, text: str) -> None:
        if self._gone or not text:
            return
        folded = re.sub(r"[ \t\r\n\f]+", " ", text)
        if self._raised and (raised := folded.translate(self._raised[-1])) != folded:
            folded = raised
        elif self._raised and folded.strip():
            self.lost["sup" if self._raised[-1] is _UP else "sub"] = False
        self.parts.append(folded)

    def plain(self) -> Plain:
        text = re.sub(r" *\0[ \0]*", "\0", "".join(self.parts)).strip("\0 ")
        # a block that begins right after a line has ended needs no line of its own
        text = re.sub(r"\0+", "\n", text)
        lines = [re.sub(r" {2,}", " ", line).strip(" ") for line in text.split("\n")]
        return Plain("\n".join(lines).strip("\n"), self.lost, tuple(self.pictures))


class _Html(HTMLParser):
    def __init__(self, builder: _Builder) -> None:
        super().__init__(convert_charrefs=True)
        self._builder = builder

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._builder.begin(tag, dict(attrs))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._builder.begin(tag, dict(attrs))
        self._builder.finish(tag)

    def handle_endtag(self, tag: str) -> None:
        self._builder.finish(tag)

    def handle_data(self, data: str) -> None:
        self._builder.words(data)


def from_html(text: str) -> Plain:
    """HTML as people's editors write it, unclosed and unquoted, as plain text."""
    builder = _Builder()
    reader = _Html(builder)
    reader.feed(text)
    reader.close()
    return builder.plain()


def from_node(node: Node, skip: Callable[[Node], bool] = lambda _one: False) -> Plain:
    """What stands in an element of XHTML; elements to `skip` are read elsewhere."""
    builder = _Builder()
    builder.words(node.text)
    for child in node.children:
        _into(builder, child, skip)
    return builder.plain()


def _into(builder: _Builder, node: Node, skip: Callable[[Node], bool]) -> None:
    if not skip(node):
        builder.begin(node.name, node.attributes)
        builder.words(node.text)
        for child in node.children:
            _into(builder, child, skip)
        builder.finish(node.name)
    builder.words(node.tail)


def to_html(text: str) -> str:
    """Plain text as HTML that shows it as it is: every sign escaped, lines kept."""
    return html.escape(valid(text), quote=False).replace("\n", "<br>")


def valid(text: str) -> str:
    """Text without the characters that XML cannot hold, lines ended in one way."""
    return _INVALID.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
