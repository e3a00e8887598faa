"""YAML and Markdown with front matter, read so that every value knows the line it stands in."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.scalarstring import FoldedScalarString

#: A folded line break becomes a blank, which Chinese does not write.
_BETWEEN_CHINESE = re.compile(
    r"(?<=[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]) (?=[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef])"
)


class Unreadable(Exception):
    """The file is not what its ending says."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.message = message


@dataclass(frozen=True)
class Lines:
    """The content of one file as plain values, and the tree that remembers the lines."""

    plain: Any
    tree: Any
    before: int = 0
    body_line: int = 1

    def at(self, loc: Iterable[str | int]) -> int:
        """The line (from 1) where the value at this place stands, or the nearest one around it."""
        node, line = self.tree, 0
        for part in loc:
            if part == "body" and node is self.tree:
                return self.body_line
            here = _place(node, part)
            if here is None:
                continue
            line, node = here, node[part]
        return line + 1 + self.before


def _place(node: Any, part: str | int) -> int | None:
    if isinstance(node, CommentedMap) and part in node:
        return int(node.lc.key(part)[0])
    if isinstance(node, CommentedSeq) and isinstance(part, int) and part < len(node):
        return int(node.lc.item(part)[0])
    return None


def read(path: Path) -> Lines:
    """Read one file; raises Unreadable with the line."""
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError as wrong:
        before = path.read_bytes()[: wrong.start].count(b"\n")
        raise Unreadable(before + 1, "not UTF-8 text") from None
    return parse(text, front_matter=path.suffix == ".md")


def parse(text: str, *, front_matter: bool) -> Lines:
    """The same of a text that lies in no file: Markdown with front matter, or YAML; raises Unreadable with the line."""
    return _markdown(text) if front_matter else _yaml(text)


def _yaml(text: str, before: int = 0) -> Lines:
    try:
        tree = YAML(typ="rt").load(text)
    except MarkedYAMLError as wrong:
        mark = wrong.problem_mark or wrong.context_mark
        raise Unreadable((mark.line if mark else 0) + 1 + before, wrong.problem or "not YAML") from None
    except (YAMLError, ValueError) as wrong:
        raise Unreadable(1 + before, f"not YAML: {wrong}") from None
    return Lines(_plain(tree), tree, before)


def _markdown(text: str) -> Lines:
    lines = text.splitlines(keepends=True)
    if not lines or lines[0].strip() != "---":
        raise Unreadable(1, "the file must begin with --- and its front matter")
    end = next((n for n, line in enumerate(lines[1:], 1) if line.strip() == "---"), None)
    if end is None:
        raise Unreadable(1, "the front matter has no closing ---")
    head = _yaml("".join(lines[1:end]), before=1)
    if not isinstance(head.plain, dict):
        raise Unreadable(2, "the front matter is empty")
    if "body" in head.plain:
        raise Unreadable(head.at(("body",)), "body: this key is not known")
    return Lines(head.plain | {"body": "".join(lines[end + 1 :]).strip()}, head.tree, 1, end + 2)


def _plain(node: Any) -> Any:
    if isinstance(node, dict):
        return {str(key): _plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(value) for value in node]
    if isinstance(node, FoldedScalarString):
        return _BETWEEN_CHINESE.sub("", str(node))
    for kind in (bool, int, float, str):
        if isinstance(node, kind):
            return kind(node)
    return node
