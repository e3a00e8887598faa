"""XML from outside, alone or many in a zip, read in a child process that can open nothing, handed over as plain nodes.

The file must have come through `intake.take`. A file that brings definitions of its own (a DTD) is refused: entities
in them have been used to read other files and to grow without end, and no format read here needs one.
"""

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lms.errors import Invalid, Refused
from lms.i18n import _
from lms.web import readers
from lms.web.intake import Kind

_CHILD = Path(__file__).with_name("markup_child.py")


@dataclass(frozen=True)
class Node:
    """One element: `text` stands before its first child, `tail` behind its end."""

    name: str
    attributes: Mapping[str, str]
    text: str
    tail: str
    line: int
    children: tuple["Node", ...]

    def all(self, *names: str) -> list["Node"]:
        """The children with one of these names."""
        return [child for child in self.children if child.name in names]

    def first(self, *names: str) -> "Node | None":
        """The first child with one of these names."""
        return next(iter(self.all(*names)), None)

    def get(self, name: str, otherwise: str = "") -> str:
        """An attribute."""
        return self.attributes.get(name, otherwise)

    def walk(self) -> Iterator["Node"]:
        """This element and all in it, in order."""
        yield self
        for child in self.children:
            yield from child.walk()

    @property
    def words(self) -> str:
        """All text in it."""
        return self.text + "".join(child.words + child.tail for child in self.children)


@dataclass(frozen=True)
class Files:
    """What a file holds: trees and pictures by their path in the zip ("" for a file that stands alone)."""

    trees: Mapping[str, Node]
    pictures: Mapping[str, bytes]
    others: tuple[str, ...]


def read(data: bytes, kind: Kind) -> Files:
    """Every XML file in it; raises Invalid with the line where one is broken."""
    told = readers.ask(_CHILD, "zip" if kind is Kind.ZIP else "xml", data=data)
    if "refused" in told:
        raise _refusal(told)
    trees = {name: _node(tree) for name, tree in told["trees"].items()}
    pictures = {name: base64.b64decode(data) for name, data in told["pictures"].items()}
    return Files(trees, pictures, tuple(told["others"]))


def _node(raw: list[Any]) -> Node:
    name, attributes, text, tail, line, children = raw
    return Node(name, attributes, text, tail, line, tuple(_node(child) for child in children))


def _refusal(told: Mapping[str, Any]) -> Refused:
    if told["refused"] in ("too large", "too much text", "too deep"):
        return readers.too_strange()
    where = {name: told[name] for name in ("file", "line") if told.get(name)}
    if told["refused"] == "definitions":
        words = _("The file brings definitions of its own (DTD). They are never read; save it without them.")
        return Invalid(words, **where, field="file")
    if told["refused"] == "broken" and told.get("line"):
        words = _("The XML is broken in line %(line)s: %(why)s", line=told["line"], why=told.get("why", ""))
        return Invalid(words, **where, field="file")
    return Invalid(_("The file is damaged and cannot be read."), **where, field="file")
