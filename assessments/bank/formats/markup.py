"""Writing XML out of the same plain nodes that reading gives, so that what is written can be read back at once."""

import re
from dataclasses import replace

from assessments.bank.formats.plaintext import valid
from lms.web.markup_files import Node

_TEXT = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_ATTRIBUTE = _TEXT | {'"': "&quot;", "\n": "&#10;", "\t": "&#9;"}


def node(name: str, /, *parts: "str | Node", **attributes: str) -> Node:
    """An element with words and elements in it, in this order; `class_` is the attribute `class`."""
    text, children = "", list[Node]()
    for part in parts:
        if isinstance(part, Node):
            children.append(part)
        elif children:
            children[-1] = replace(children[-1], tail=children[-1].tail + valid(part))
        else:
            text += valid(part)
    said = {key.rstrip("_"): valid(value) for key, value in attributes.items()}
    return Node(name, said, text, "", 0, tuple(children))


def document(root: Node) -> bytes:
    """A whole XML file."""
    return ('<?xml version="1.0" encoding="UTF-8"?>\n' + element(root) + "\n").encode()


def element(one: Node) -> str:
    """One element as XML."""
    said = "".join(f' {name}="{_escaped(value, _ATTRIBUTE)}"' for name, value in one.attributes.items())
    inner = _escaped(one.text, _TEXT) + "".join(element(child) for child in one.children)
    made = f"<{one.name}{said}>{inner}</{one.name}>" if inner else f"<{one.name}{said}/>"
    return made + _escaped(one.tail, _TEXT)


def _escaped(text: str, signs: dict[str, str]) -> str:
    return re.sub('[&<>"\n\t]', lambda found: signs.get(found[0], found[0]), text)
