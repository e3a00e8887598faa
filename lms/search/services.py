"""Keeping the index: sources say what there is, the index is brought to it."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa

from lms.authz import Actor, Permission
from lms.db import db
from lms.digests import digest
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
    lets somebody find them, `label` what the kind is called (a lazy text).

    `some` gives those of a few keys, for what changes one by one (see `renew`).
    """

    kind: str
    label: object
    audience: Permission
    documents: Callable[[], Iterable[Document]]
    some: Callable[[Collection[str]], Iterable[Document]] | None = None


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


@service(needs=Search.INDEX)
def renew(actor: Actor, kind: str, *, keys: Sequence[str]) -> int:
    """Bring a few documents of a kind to what their source says; how many were written or taken out."""
    source = SOURCES[kind]
    if source.some is None:
        raise LookupError(f"the source of {kind} does not give single documents")
    written = _write(source, source.some(keys), SearchDocument.key.in_(keys))
    tell(written={kind: written})
    return written


def _bring(source: Source) -> int:
    return _write(source, source.documents(), sa.true())


def _write(source: Source, documents: Iterable[Document], part: sa.ColumnElement[bool]) -> int:
    """Make a part of the index these documents and no others; what is as it was is not written."""
    here = sa.and_(SearchDocument.kind == source.kind, part)
    known = dict(db.session.execute(sa.select(SearchDocument.key, SearchDocument.digest).where(here)).all())
    wanted = {document.key: _said(source, document) for document in documents}
    rows = [_row(said) for key, said in wanted.items() if said["digest"] != known.get(key)]
    gone = [*(known.keys() - wanted.keys()), *(row["key"] for row in rows if row["key"] in known)]
    if gone:
        outdated = sa.and_(SearchDocument.kind == source.kind, SearchDocument.key.in_(gone))
        db.session.execute(sa.delete(SearchDocument).where(outdated))
    if rows:
        db.session.execute(sa.insert(SearchDocument), rows)
    return len(rows) + len(known.keys() - wanted.keys())


def _said(source: Source, document: Document) -> dict[str, Any]:
    """What a source says of a document, and the hash by which a change is seen."""
    values = {"kind": source.kind, "audience": str(source.audience), **asdict(document)}
    return values | {"digest": digest(values)}


def _row(said: dict[str, Any]) -> dict[str, Any]:
    """The same with all that it can be found by, which is work: only for what changed."""
    texts = f"{said['title']}\n{said['title_en']}", said["heading"], said["body"]
    folded = [rules.fold(text).text for text in texts]
    return said | {
        "folded_title": folded[0],
        "folded_heading": folded[1],
        "folded_body": folded[2],
        "tokens": rules.tokens(*folded),
    }
