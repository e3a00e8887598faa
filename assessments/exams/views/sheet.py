"""The page of an exam under way, put together from parts that are the same for many candidates and made once.

A question of an approved paper never changes, and neither does the frame around the questions: both are rendered once
for each language (a question once for each order of its options), with marks where the place on this candidate's sheet,
the attempt and its state go. What is one candidate's own is put in as text, not through a template.
"""

import re
import secrets
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

from flask import current_app, render_template, session
from jinja2.utils import htmlsafe_json_dumps

from assessments.exams.models import PaperItem
from assessments.exams.queries.attempts import Pen, Stand, items_by_id
from lms import ids
from lms.i18n import locale

_MOST = 20_000
# Marks that no question can contain: nobody knows them outside this process.
_NUMBER, _TOTAL, _HIDDEN, _STATE, _SECTIONS = (f"mark{secrets.token_hex(12)}" for _ in range(5))
_ATTEMPT = ids.uuid7()
_IN_QUESTION = re.compile(f"({_NUMBER}|{_TOTAL}|{_HIDDEN})")
_IN_FRAME = re.compile(f"({_ATTEMPT}|{_STATE}|{_SECTIONS})")


class Made:
    """What was rendered before; the application's own, for another one may have another database."""

    def __init__(self) -> None:
        self.frames: OrderedDict[Any, list[str]] = OrderedDict()
        self.questions: OrderedDict[Any, list[str]] = OrderedDict()


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
    """The questions in this candidate's order."""
    paper: dict[int, PaperItem] = {}  # read only where something is not there yet
    language, total, parts = locale(), str(len(stand.items)), list[str]()
    known = _made().questions
    for number, item in enumerate(stand.items, 1):
        order = tuple(stand.options.get(str(item), ()))
        pieces = known.get((item, language, order))
        if pieces is None:
            paper = paper or items_by_id(stand.paper_version_id)
            pieces = _question(paper[item], language, order)
        own = {_NUMBER: str(number), _TOTAL: total, _HIDDEN: "" if number == 1 else " hidden"}
        parts += [own.get(piece, piece) for piece in pieces]
    return "".join(parts)


def _question(item: PaperItem, language: str, order: Sequence[str]) -> list[str]:
    def render() -> list[str]:
        texts = {option["key"]: option for option in item.question.options or ()}
        options = [texts[key] for key in order]
        html = render_template(
            "exams/question.html", item=item, options=options, number=_NUMBER, total=_TOTAL, hidden=_HIDDEN
        )
        return _IN_QUESTION.split(html)

    return _kept(_made().questions, (item.id, language, tuple(order)), render)


def _kept(memory: OrderedDict[Any, list[str]], key: Any, make: Callable[[], list[str]]) -> list[str]:
    """What was made before, or is made now; the oldest goes when there are too many."""
    found = memory.get(key)
    if found is None:
        found = memory[key] = make()
        while len(memory) > _MOST:
            memory.popitem(last=False)
    return found
