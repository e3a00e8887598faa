"""One page: ask, narrow by kind, turn pages."""

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from lms.db import db
from lms.search import queries, rules
from lms.search.models import SearchDocument
from lms.search.policy import Search
from lms.search.services import SOURCES
from lms.web.pages import Pages, actor

pages = Pages("search", __name__)


@pages.page("/search", needs=Search.ASK)
def ask() -> ResponseReturnValue:
    """What was found for a question, best first."""
    question = request.args.get("q", "")[:100]
    kind = request.args.get("kind", "")
    words = rules.sought(question)
    if not words:
        return render_template("search/ask.html", question=question, words=words, hits=[], kinds=[], total=0)
    query = queries.found(words, queries.audiences(actor()))
    numbers = dict(db.session.execute(queries.counts(query)).all())
    total = numbers.get(kind, 0) if kind else sum(numbers.values())
    number, count = _page(total)
    narrowed = query.where(SearchDocument.kind == kind) if kind else query
    shown = queries.ranked(narrowed, words).limit(queries.PER_PAGE).offset((number - 1) * queries.PER_PAGE)
    return render_template(
        "search/ask.html",
        question=question,
        words=words,
        hits=[_hit(document, words) for document in db.session.scalars(shown)],
        kinds=[(name, SOURCES[name].label, numbers[name]) for name in SOURCES if name in numbers],
        kind=kind,
        total=total,
        everything=sum(numbers.values()),
        number=number,
        pages=count,
    )


def _page(total: int) -> tuple[int, int]:
    count = max(1, -(-total // queries.PER_PAGE))
    return min(max(1, request.args.get("page", 1, type=int)), count), count


def _hit(document: SearchDocument, words: list[str]) -> dict[str, object]:
    in_body = any(word in document.folded_body for word in words)
    return {
        "document": document,
        "label": SOURCES[document.kind].label,
        "address": url_for(document.endpoint, **document.arguments),
        "snippet": rules.snippet(document.body if in_body or not document.heading else document.heading, words),
    }
