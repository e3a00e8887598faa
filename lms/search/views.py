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
#: No page is further away than this, whatever the address asks for.
_LAST = 1_000_000


@pages.page("/search", needs=Search.ASK)
def ask() -> ResponseReturnValue:
    """What was found for a question, best first."""
    question = request.args.get("q", "")[:100]
    kind = request.args.get("kind", "")
    words = rules.sought(question)
    if not words:
        return render_template("search/ask.html", question=question, words=words, hits=[], kinds=[], total=0)
    found, numbers = _found(words, kind)
    total = numbers.get(kind, 0) if kind else sum(numbers.values())
    number, count = _page(total)
    return render_template(
        "search/ask.html",
        question=question,
        words=words,
        hits=[_hit(document, words) for document in found],
        kinds=[(name, SOURCES[name].label, numbers[name]) for name in SOURCES if name in numbers],
        kind=kind,
        total=total,
        everything=sum(numbers.values()),
        number=number,
        pages=count,
    )


def _found(words: list[str], kind: str) -> tuple[list[SearchDocument], dict[str, int]]:
    """One page of what was found, and how many of every kind."""
    queries.through_the_index(db.session)
    query = queries.found(words, queries.audiences(actor()))
    rows = db.session.execute(queries.ranked(query, words, kind=kind, number=_asked_page())).all()
    if not rows and kind:
        return [], dict(db.session.execute(queries.counts(query)).all())
    return [row[0] for row in rows], rows[0][1] if rows else {}


def _asked_page() -> int:
    return min(max(1, request.args.get("page", 1, type=int)), _LAST)


def _page(total: int) -> tuple[int, int]:
    count = max(1, -(-total // queries.PER_PAGE))
    return min(_asked_page(), count), count


def _hit(document: SearchDocument, words: list[str]) -> dict[str, object]:
    in_body = any(word in document.folded_body for word in words)
    return {
        "document": document,
        "label": SOURCES[document.kind].label,
        "address": url_for(document.endpoint, **document.arguments),
        "snippet": rules.snippet(document.body if in_body or not document.heading else document.heading, words),
    }
