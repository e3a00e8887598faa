"""Hours that were confirmed, as evidence: one mark for each entry, withdrawn when the entry was taken back."""

from collections.abc import Iterable, Sequence
from typing import Final

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.results.models import Result, ResultKind
from courses.hours.models import HoursEntry
from courses.hours.rules import HoursKind
from lms.db import Everything
from lms.institutions.models import Institution

#: What marks from hours are called by their source.
SOURCE: Final = "hours_entry"
KINDS: Final = {
    HoursKind.THEORY: ResultKind.THEORY_HOURS,
    HoursKind.SIMULATION: ResultKind.SIMULATION_HOURS,
    HoursKind.PRACTICE: ResultKind.PRACTICE_HOURS,
}


def reversals(session: orm.Session, entries: Iterable[HoursEntry]) -> dict[int, HoursEntry]:
    """The entries that take some of these back, by what they take back."""
    query = sa.select(HoursEntry).where(HoursEntry.reverses_id.in_([entry.id for entry in entries]))
    rows = session.scalars(query, execution_options=Everything)
    return {row.reverses_id: row for row in rows if row.reverses_id is not None}


def unrecorded(session: orm.Session, place: Institution | None, most: int) -> Sequence[HoursEntry]:
    """Entries that are not evidence yet, of everybody or of people at or below a place; some at a time."""
    recorded = sa.exists().where(Result.source_kind == SOURCE, Result.source_id == sa.cast(HoursEntry.id, sa.String))
    query = sa.select(HoursEntry).where(HoursEntry.reverses_id.is_(None), ~recorded).order_by(HoursEntry.id)
    if place is not None:
        query = query.join(Institution, Institution.id == HoursEntry.institution_id)
        query = query.where(Institution.path.within([place.path]))
    return session.scalars(query.limit(most), execution_options=Everything).all()
