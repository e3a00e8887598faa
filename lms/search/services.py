"""Keeping the index: sources say what there is, the index is brought to it."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any

import rfc8785
import sqlalchemy as sa

from lms.authz import Actor, Permission
from lms.db import db
from lms.search import rules
from lms.search.models import SearchDocument
from lms.search.policy import Search
from lms.service import service, tell


@dataclass(frozen=True)
class Document:
    """One thing to be found: what it is called, its headings, its words, the page it leads to, of what it is a part."""

    key: str
    title: str
    title_en: str
    heading: str
    body: str
    endpoint: str
    arguments: dict[str, Any]
    context: str = ""


@dataclass(frozen=True)
class Source:
    """Where documents of one kind come from; `audience` is the permission that
    lets somebody find them, `label` what the kind is called (a lazy text)."""

    kind: str
    label: object
    audience: Permission
    documents: Callable[[], Iterable[Document]]


#: Sources by kind, filled in wiring.py.
SOURCES: dict[str, Source] = {}


def add_source(source: Source) -> None:
    """Have documents of this kind searched (called in wiring.py)."""
    SOURCES[source.kind] = source


@service(needs=Search.INDEX)
def reindex(actor: Actor, kind: str | None) -> dict[str, int]:
    """Bring the index to what the sources say, of one kind or of all; how many documents were written or taken out."""
    sources = [source for source in SOURCES.values() if kind in (None, source.kind)]
    written = {source.kind: _bring(source) for source in sources}
    tell(written=written)
    return written


def _bring(source: Source) -> int:
    known = dict(
        db.session.execute(
            sa.select(SearchDocument.key, SearchDocument.digest).where(SearchDocument.kind == source.kind)
        ).all()
    )
    documents = {document.key: document for document in source.documents()}
    rows = [
        row for document in documents.values() if (row := _row(source, document))["digest"] != known.get(row["key"])
    ]
    gone = [*(known.keys() - documents.keys()), *(row["key"] for row in rows if row["key"] in known)]
    if gone:
        here = sa.and_(SearchDocument.kind == source.kind, SearchDocument.key.in_(gone))
        db.session.execute(sa.delete(SearchDocument).where(here))
    if rows:
        db.session.execute(sa.insert(SearchDocument), rows)
    return len(rows) + len(known.keys() - documents.keys())


def _row(source: Source, document: Document) -> dict[str, Any]:
    folded = [
        rules.fold(text).text for text in (f"{document.title}\n{document.title_en}", document.heading, document.body)
    ]
    values = {"kind": source.kind, "audience": str(source.audience), **asdict(document)}
    return values | {
        "folded_title": folded[0],
        "folded_heading": folded[1],
        "folded_body": folded[2],
        "tokens": rules.tokens(*folded),
        "digest": hashlib.sha256(rfc8785.dumps(values)).digest(),
    }
