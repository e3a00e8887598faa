"""The one way from text that people wrote to HTML: Markdown without raw HTML, then a list of what may stand."""

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from html import unescape
from itertools import pairwise
from typing import Any

import nh3
from flask import Flask
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markupsafe import Markup

_BLOCKS = {
    "p",
    "h2",
    "h3",
    "h4",
    "ul",
    "ol",
    "li",
    "blockquote",
    "pre",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "hr",
}
_INLINE = {"a", "strong", "em", "code", "s", "br", "sub", "sup"}
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}, "*": {"id"}, "div": {"class", "tabindex", "role"}}
_SCHEMES = {"http", "https", "mailto"}
_ANCHOR = re.compile(r"b[1-9]\d{0,3}")
_TAG = re.compile(r"<[^>]+>")


#: What is written once is read a thousand times: so many texts are kept as they were made.
@lru_cache(maxsize=1024)
def render(text: str, anchored: bool = False) -> Markup:
    """A whole text: paragraphs, lists, tables.

    Anchored (once on a page), every top block has an id `b1`, `b2`, … by which a reader's place is kept.
    """
    return Markup(_clean(_parser(anchored).render(text), _BLOCKS | _INLINE | {"div"}))  # noqa: S704 - cleaned


@lru_cache(maxsize=4096)
def inline(text: str) -> Markup:
    """One line: emphasis, code, links, and nothing that breaks the line."""
    return Markup(_clean(_parser(False).renderInline(text), _INLINE))  # noqa: S704 - cleaned


def plain(text: str) -> str:
    """The words alone, a block to a line: for search and for short descriptions."""
    spaced = re.sub(r"</(p|h\d|li|t[dhr]|blockquote|pre)>|<br>|<hr>", "\n", _parser(False).render(text))
    lines = (line.strip() for line in unescape(_TAG.sub("", spaced)).split("\n"))
    return "\n".join(line for line in lines if line)


def headings(text: str) -> list[str]:
    """The headings of a text, in order."""
    tokens = _parser(False).parse(text)
    return [following.content for token, following in pairwise(tokens) if token.type == "heading_open"]


def install(app: Flask) -> None:
    """Give templates `|markdown` and `|markdown_line`."""
    app.jinja_env.filters.update(markdown=render, markdown_line=inline)


def _clean(html: str, tags: set[str]) -> str:
    return nh3.clean(
        html,
        tags=tags,
        attributes={tag: names for tag, names in _ATTRIBUTES.items() if tag == "*" or tag in tags},
        attribute_filter=_keep,
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer",
    )


def _keep(tag: str, name: str, value: str) -> str | None:
    """Only our own anchors and frames: no id or class by which a text could pose as a part of the page."""
    if name == "id":
        return value if _ANCHOR.fullmatch(value) else None
    if tag == "div":
        return value if (name, value) in {("class", "table-scroll"), ("tabindex", "0"), ("role", "group")} else None
    return value


@cache
def _parser(anchored: bool) -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": False, "linkify": False, "breaks": False}).enable("table")
    made.disable("image")
    made.core.ruler.push("lower_headings", _lower_headings)
    if anchored:
        made.core.ruler.push("anchors", _anchors)
    made.add_render_rule("table_open", _table_open)
    made.add_render_rule("table_close", _table_close)
    return made


def _lower_headings(state: Any) -> None:
    """The page has its h1; the text's own headings stand below it."""
    for token in state.tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(max(int(token.tag[1]), 2), 4)}"


def _anchors(state: Any) -> None:
    tops = [token for token in state.tokens if token.level == 0 and token.nesting >= 0 and token.type != "inline"]
    for number, token in enumerate(tops, 1):
        token.attrSet("id", f"b{number}")


def _table_open(_self: RendererHTML, tokens: Sequence[Token], at: int, _options: Any, _env: Any) -> str:
    """A wide table scrolls in a frame of its own, which the keyboard can reach."""
    anchor = tokens[at].attrGet("id")
    ident = f' id="{anchor}"' if anchor else ""
    return f'<div class="table-scroll" tabindex="0" role="group"{ident}><table>'


def _table_close(_self: RendererHTML, _tokens: Sequence[Token], _at: int, _options: Any, _env: Any) -> str:
    return "</table></div>"
