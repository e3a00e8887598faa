"""Selects over evidence."""

from datetime import date

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.results.models import Result


def standing(until: date | None = None) -> sa.Select[Result]:
    """The results that stand (not superseded, not withdrawn), up to a day if given."""
    later = orm.aliased(Result)
    query = sa.select(Result).where(~sa.exists().where(later.supersedes_id == Result.id), Result.value.is_not(None))
    return query.where(Result.on_day <= until) if until else query


def standing_of(person_id: int, until: date | None = None) -> sa.Select[Result]:
    """One person's standing results, newest first."""
    return standing(until).where(Result.person_id == person_id).order_by(Result.on_day.desc(), Result.id.desc())
