"""Selects over evidence."""

from collections.abc import Callable, Mapping
from datetime import date
from fractions import Fraction

import sqlalchemy as sa

from assessments.results.models import Result

#: How a person did by topic in what was released to them (topic → share of the points), by who knows it; filled in
#: wiring.py, so that practice begins where an exam showed a gap.
BY_TOPIC: dict[str, Callable[[int], Mapping[str, Fraction]]] = {}

_LATER = Result.__table__.alias("later").c
#: Another version has come in a result's place. Made once: an alias of a table with twenty columns is not cheap.
SUPERSEDED = sa.exists().where(_LATER.supersedes_id == Result.id, _LATER.supersedes_id.is_not(None))
#: A result that counts: neither superseded nor withdrawn.
STANDS = sa.and_(~SUPERSEDED, Result.value.is_not(None))


def standing(until: date | None = None) -> sa.Select[Result]:
    """The results that stand, up to a day if given."""
    query = sa.select(Result).where(STANDS)
    return query.where(Result.on_day <= until) if until else query


def standing_of(person_id: int, until: date | None = None) -> sa.Select[Result]:
    """One person's standing results, newest first."""
    return standing(until).where(Result.person_id == person_id).order_by(Result.on_day.desc(), Result.id.desc())
