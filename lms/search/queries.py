"""Selects over the index: narrowed by tokens (GIN), made exact by LIKE, ranked by where and how often."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from lms.authz import POLICY, Actor
from lms.search import rules
from lms.search.models import SearchDocument as Doc

PER_PAGE = 20
_PLACES = ((Doc.folded_title, 100), (Doc.folded_heading, 20), (Doc.folded_body, 4))


def audiences(actor: Actor) -> list[str]:
    """The audiences somebody belongs to."""
    return [str(permission) for permission in POLICY if actor.may(permission)]


def found(words: Sequence[str], audience: Sequence[str]) -> sa.Select[Doc]:
    """Documents that contain every word and may be found by these audiences; not ordered."""
    query = sa.select(Doc).where(
        Doc.tokens.contains(sa.cast(rules.needed(words), pg.ARRAY(sa.Text))), Doc.audience.in_(audience)
    )
    for word in words:
        pattern = rules.like(word)
        query = query.where(sa.or_(*(place.like(pattern, escape="\\") for place, _ in _PLACES)))
    return query


def ranked(query: sa.Select[Doc], words: Sequence[str]) -> sa.Select[Doc]:
    """Title before heading before text; then the denser; then the shorter title."""
    rank: sa.ColumnElement[Any] = sa.literal(0.0)
    for word in words:
        for place, weight in _PLACES:
            rank += sa.case((place.like(rules.like(word), escape="\\"), float(weight)), else_=0.0)
        rank += _density(word)
    return query.order_by(rank.desc(), sa.func.length(Doc.title), Doc.id)


def _density(word: str) -> sa.ColumnElement[Any]:
    """How much of the text is this word: always below 1, so that it only orders what is otherwise equal."""
    length = sa.func.length(Doc.folded_body)
    without = sa.func.length(sa.func.replace(Doc.folded_body, word, ""))
    return (length - without) / (length + 1.0)


def counts(query: sa.Select[Doc]) -> sa.Select[str, int]:
    """How many were found of each kind."""
    kinds = query.with_only_columns(Doc.kind).subquery()
    return sa.select(kinds.c.kind, sa.func.count()).group_by(kinds.c.kind)
