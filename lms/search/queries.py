"""Selects over the index: narrowed by tokens (GIN), made exact in the text, ranked by where and how often."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from lms.authz import POLICY, Actor
from lms.db import db
from lms.search import rules
from lms.search.models import SearchDocument as Doc

PER_PAGE = 20
#: So many of what was found are compared by how densely the words stand in the text; the best by title and heading.
COMPARED = 400
_PLACES = (Doc.folded_title, Doc.folded_heading, Doc.folded_body)


def audiences(actor: Actor) -> list[str]:
    """The audiences somebody belongs to."""
    return [str(permission) for permission in POLICY if actor.may(permission)]


def found(words: Sequence[str], audience: Sequence[str]) -> sa.Select[Doc]:
    """Documents that contain every word and may be found by these audiences; not ordered."""
    query = sa.select(Doc).where(
        Doc.tokens.contains(sa.cast(rules.needed(words), pg.ARRAY(sa.Text))), Doc.audience.in_(audience)
    )
    for word in words:
        if not rules.told_by_tokens(word):
            query = query.where(sa.or_(*(_stands(place, word) for place in _PLACES)))
    return query


def _stands(place: Any, word: str) -> sa.ColumnElement[bool]:
    return sa.func.strpos(place, word) > 0


def ranked(
    query: sa.Select[Doc], words: Sequence[str], *, kind: str = "", number: int = 1, size: int = PER_PAGE
) -> sa.Select[Doc, dict[str, int]]:
    """A page of what was found, of one kind or of all, and beside each how many were found of every kind.

    Title before heading before text; then the denser; then the shorter title. A page beyond the last is the last.
    Texts lie apart from their rows and are dear to open: what was found is found once, and only those are compared by
    density that are best by title and heading.
    """
    length = sa.func.length(Doc.title).label("length")
    hits = query.with_only_columns(Doc.id, Doc.kind, _place(words).label("place"), length).cte("hits")
    asked = hits.c.kind == kind if kind else sa.true()
    best = sa.select(hits.c.id).where(asked).order_by(hits.c.place.desc(), hits.c.id).limit(COMPARED).cte("best")
    compared = sa.select(Doc.id, _density(words).label("density")).join(best, best.c.id == Doc.id)
    dense = compared.cte("dense").prefix_with("MATERIALIZED")  # once: the planner thinks there are few
    rows = sa.select(hits.c.id, hits.c.place, hits.c.length, dense.c.density).where(asked)
    last = sa.select((sa.func.count() - 1) / size).select_from(hits).where(asked).scalar_subquery()
    first = size * sa.func.greatest(0, sa.func.least(number - 1, last))
    joined = rows.outerjoin(dense, dense.c.id == hits.c.id)
    page = joined.order_by(*_order(hits.c, dense.c)).limit(size).offset(first).cte("page")
    return sa.select(Doc, _kinds(hits)).join(page, page.c.id == Doc.id).order_by(*_order(page.c, page.c))


def _order(hit: Any, dense: Any) -> tuple[sa.ColumnElement[Any], ...]:
    return hit.place.desc(), dense.density.desc().nulls_last(), hit.length, hit.id


def _kinds(hits: sa.CTE) -> sa.ScalarSelect[dict[str, int]]:
    counted = sa.select(hits.c.kind, sa.func.count().label("n")).group_by(hits.c.kind).subquery()
    return sa.select(sa.func.json_object_agg(counted.c.kind, counted.c.n)).scalar_subquery()


def through_the_index(session: orm.Session) -> None:
    """Until the transaction ends, find documents by the index of tokens.

    The planner takes a row for as cheap as its heap page and would rather open every row's tokens, which lie apart.
    """
    session.execute(sa.select(sa.func.set_config("enable_seqscan", "off", True)))


def _place(words: Sequence[str]) -> sa.ColumnElement[Any]:
    """How many of the words stand in the title and in a heading; a title outweighs all headings."""
    rank: sa.ColumnElement[Any] = sa.literal(0)
    for word in words:
        rank += sa.case((_stands(Doc.folded_title, word), 10), else_=0)
        rank += sa.case((_stands(Doc.folded_heading, word), 1), else_=0)
    return rank


def _density(words: Sequence[str]) -> sa.ColumnElement[Any]:
    """How much of the text is these words."""
    length = sa.func.octet_length(Doc.folded_body)
    without = (sa.func.octet_length(sa.func.replace(Doc.folded_body, word, "")) for word in words)
    said: sa.ColumnElement[Any] = sa.literal(0)
    for rest in without:
        said += length - rest
    return said / (length + 1.0)


def counts(query: sa.Select[Doc]) -> sa.Select[str, int]:
    """How many were found of each kind."""
    kinds = query.with_only_columns(Doc.kind).subquery()
    return sa.select(kinds.c.kind, sa.func.count()).group_by(kinds.c.kind)


def rarity(tokens: Sequence[str], kind: str) -> dict[str, float]:
    """How much a token tells one document of a kind from others: the natural logarithm of all through those with it.

    Inverse document frequency (Spärck Jones 1972), counted with one added; a token that no document has is left out.
    """
    asked = (
        sa.func.unnest(sa.cast(list(tokens), pg.ARRAY(sa.Text))).table_valued("token", name="asked").render_derived()
    )
    here = Doc.kind == kind
    having = sa.select(sa.func.count()).where(here, Doc.tokens.contains(_array(asked.c.token))).correlate(asked)
    every = sa.select(sa.func.count()).where(here).scalar_subquery()
    rows = db.session.execute(sa.select(asked.c.token, having.scalar_subquery(), every))
    return {token: math.log((count + 1) / some) for token, some, count in rows if some}


def _array(token: Any) -> sa.ColumnElement[Any]:
    return sa.cast(pg.array([token]), pg.ARRAY(sa.Text))


def nearest(weights: Mapping[str, float], kind: str, audience: Sequence[str], *, least: int = 1) -> sa.Select[Doc]:
    """Documents of a kind that share the most telling tokens, `least` of them, the most alike first.

    In a title they weigh three times as much as in a text. Only what shares a token is looked at, through the index.
    """
    rank: sa.ColumnElement[Any] = sa.literal(0.0)
    shared: sa.ColumnElement[Any] = sa.literal(0)
    for token, weight in weights.items():
        has = Doc.tokens.contains(_array(token))
        shared += sa.case((has, 1), else_=0)
        rank += sa.case((_stands(Doc.folded_title, token), 3 * weight), (has, weight), else_=0.0)
    shares = Doc.tokens.overlap(sa.cast(list(weights), pg.ARRAY(sa.Text)))
    query = sa.select(Doc).where(shares, Doc.kind == kind, Doc.audience.in_(audience), shared >= least)
    return query.order_by(rank.desc(), Doc.id.desc())
