"""The page of an exam under way, put together from parts that are the same for many candidates and made once.

A question of an approved paper never changes, and neither does the frame around the questions: both are rendered once
for each language, with marks where the place on this candidate's sheet, the options in their order, the attempt and
its state go. What is one candidate's own is put in as text, not through a template.
"""

import re
import secrets
import string
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import current_app, render_template, session
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import escape

from assessments.exams.models import PaperItem
from assessments.exams.queries.attempts import Pen, Stand, items_by_id
from lms import ids
from lms.i18n import locale

Kept = TypeVar("Kept")
_MOST = 20_000
# Marks that no question can contain: nobody knows them outside this process.
_NUMBER, _TOTAL, _HIDDEN, _STATE, _SECTIONS, _KEY, _TEXT = (f"mark{secrets.token_hex(12)}" for _ in range(7))
_ATTEMPT = ids.uuid7()
_IN_QUESTION = re.compile(f"({_NUMBER}|{_TOTAL}|{_HIDDEN}|(?:{_KEY}|{_TEXT})[A-Z])")
_PLACES = string.ascii_uppercase  # a question has 26 options at most
_IN_FRAME = re.compile(f"({_ATTEMPT}|{_STATE}|{_SECTIONS})")


@dataclass(frozen=True)
class Rendered:
    """A question in pieces, and its options as they stand in a page: key and text by key."""

    pieces: list[str]
    options: dict[str, tuple[str, str]]


class Made:
    """What was rendered before; the application's own, for another one may have another database."""

    def __init__(self) -> None:
        self.frames: OrderedDict[Any, list[str]] = OrderedDict()
        self.questions: OrderedDict[Any, Rendered] = OrderedDict()


def _made() -> Made:
    made: Made = current_app.extensions.setdefault("exam_sheets", Made())
    return made


def page(pen: Pen, stand: Stand, state: dict[str, Any]) -> str:
    """The whole page of one candidate."""
    own = {
        str(_ATTEMPT): str(pen.attempt_id),
        _STATE: str(htmlsafe_json_dumps(state, dumps=current_app.json.dumps)),
        _SECTIONS: _sections(stand),
    }
    return "".join([own.get(piece, piece) for piece in _frame(stand)])


def _frame(stand: Stand) -> list[str]:
    """Everything around the questions, in pieces; one with a message to show once is not kept."""

    def render() -> list[str]:
        html = render_template(
            "exams/attempt.html",
            exam=stand,
            attempt_id=_ATTEMPT,
            number=len(stand.items),
            state=_STATE,
            sections=_SECTIONS,
        )
        return _IN_FRAME.split(html)

    if session.get("_flashes"):
        return render()
    return _kept(_made().frames, (stand.exam_id, stand.title, stand.title_en, len(stand.items), locale()), render)


def _sections(stand: Stand) -> str:
    """The questions in this candidate's order, each with its options in theirs."""
    paper: dict[int, PaperItem] = {}  # read only where something is not there yet
    language, total, parts = locale(), str(len(stand.items)), list[str]()
    known = _made().questions
    for number, item in enumerate(stand.items, 1):
        question = known.get((item, language))
        if question is None:
            paper = paper or items_by_id(stand.paper_version_id)
            question = _question(paper[item], language)
        own = {_NUMBER: str(number), _TOTAL: total, _HIDDEN: "" if number == 1 else " hidden"}
        for place, key in zip(_PLACES, stand.options.get(str(item), ()), strict=False):
            own[_KEY + place], own[_TEXT + place] = question.options[key]
        parts += [own.get(piece, piece) for piece in question.pieces]
    return "".join(parts)


def _question(item: PaperItem, language: str) -> Rendered:
    def render() -> Rendered:
        options = item.question.options or ()
        places = [{"key": _KEY + place, "text": _TEXT + place} for place, _ in zip(_PLACES, options, strict=False)]
        html = render_template(
            "exams/question.html", item=item, options=places, number=_NUMBER, total=_TOTAL, hidden=_HIDDEN
        )
        texts = {one["key"]: (str(escape(one["key"])), str(escape(one["text"]))) for one in options}
        return Rendered(_IN_QUESTION.split(html), texts)

    return _kept(_made().questions, (item.id, language), render)


def _kept(memory: OrderedDict[Any, Kept], key: Any, make: Callable[[], Kept]) -> Kept:
    """What was made before, or is made now; the oldest goes when there are too many."""
    found = memory.get(key)
    if found is None:
        found = memory[key] = make()
        while len(memory) > _MOST:
            memory.popitem(last=False)
    return found
