"""Selects over the catalogue."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from lms.db import db
from lms.search.services import Document
from lms.techniques.models import Standing, Technique

SORTS: dict[str, sa.ColumnElement[Any]] = {
    "title": Technique.title.collate("C"),
    "kind": Technique.kind.collate("C"),
    "core": sa.case((Technique.core, 0), else_=1),
}


@dataclass(frozen=True)
class Related:
    """Something elsewhere that has to do with a technique: a course that teaches it, a station that tests it."""

    title: str
    title_en: str
    endpoint: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class Relation:
    """What to show beside a technique: a heading, and what there is for a technique's id."""

    label: object
    find: Callable[[int], Sequence[Related]]


#: What other features know of a technique, by name; filled in their wiring.py.
RELATED: dict[str, Relation] = {}


def catalogue(
    *, words: str = "", category: str = "", kind: str = "", core: bool | None = None, sort: str = ""
) -> sa.Select[Technique]:
    """Techniques in use, narrowed and sorted; core ones first where nothing else is said."""
    query = sa.select(Technique).where(~Technique.retired)
    if words:
        near = [
            column.icontains(words, autoescape=True)
            for column in (Technique.title, Technique.title_en, Technique.summary)
        ]
        query = query.where(sa.or_(*near))
    if category:
        query = query.where(Technique.categories.contains([category]))
    if kind:
        query = query.where(Technique.kind == kind)
    if core is not None:
        query = query.where(Technique.core == core)
    return query.order_by(*_order(sort), Technique.id)


def _order(sort: str) -> list[sa.ColumnElement[Any]]:
    column = SORTS.get(sort.removeprefix("-"))
    if column is None:
        return [SORTS["core"]]
    return [column.desc() if sort.startswith("-") else column]


def standings(person_id: int, technique_ids: Sequence[int]) -> dict[int, Standing]:
    """Where a person stands in these techniques."""
    query = sa.select(Standing).where(Standing.person_id == person_id, Standing.technique_id.in_(technique_ids))
    return {standing.technique_id: standing for standing in db.session.scalars(query)}


def by_code(code: str) -> Technique | None:
    """The technique of this code, retired or not."""
    return db.session.scalar(sa.select(Technique).where(Technique.code == code))


def documents(plain: Callable[[str], str]) -> Iterator[Document]:
    """The catalogue for the index; `plain` takes the words out of a standard."""
    for technique in db.session.scalars(sa.select(Technique).where(~Technique.retired)):
        yield Document(
            key=technique.code,
            title=technique.title,
            title_en=technique.title_en,
            heading=technique.summary,
            body=plain(technique.standard),
            endpoint="techniques.technique",
            arguments={"code": technique.code},
        )
