"""Selects over evidence."""

from collections.abc import Callable, Mapping
from datetime import date
from fractions import Fraction

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.results.models import Result

#: How a person did by topic in what was released to them (topic → share of the points), by who knows it; filled in
#: wiring.py, so that practice begins where an exam showed a gap.
BY_TOPIC: dict[str, Callable[[int], Mapping[str, Fraction]]] = {}


def standing(until: date | None = None) -> sa.Select[Result]:
    """The results that stand (not superseded, not withdrawn), up to a day if given."""
    later = orm.aliased(Result)
    query = sa.select(Result).where(~sa.exists().where(later.supersedes_id == Result.id), Result.value.is_not(None))
    return query.where(Result.on_day <= until) if until else query


def standing_of(person_id: int, until: date | None = None) -> sa.Select[Result]:
    """One person's standing results, newest first."""
    return standing(until).where(Result.person_id == person_id).order_by(Result.on_day.desc(), Result.id.desc())
