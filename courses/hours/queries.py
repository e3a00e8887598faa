"""Selects over hours."""

from datetime import date

import sqlalchemy as sa
from sqlalchemy import orm

from courses.hours.models import HoursEntry, HoursTarget
from courses.hours.rules import DEFAULT_TARGET, HoursKind, Statement
from lms.db import db
from lms.people.models import Person


def statement(person_id: int, year: int) -> Statement:
    """What a person has of a year, and what is asked for it."""
    query = (
        sa.select(HoursEntry.kind, sa.func.sum(HoursEntry.minutes))
        .where(HoursEntry.person_id == person_id, HoursEntry.on_day.between(date(year, 1, 1), date(year, 12, 31)))
        .group_by(HoursEntry.kind)
    )
    found = dict(db.session.execute(query).all())
    return Statement({kind.value: int(found.get(kind, 0)) for kind in HoursKind}, target(date(year, 12, 31)))


def totals(until: date | None = None) -> sa.Select[int, str, int]:
    """Minutes of every person within reach, by kind, over all years up to a day: what stars are decided on."""
    query = sa.select(HoursEntry.person_id, HoursEntry.kind, sa.func.sum(HoursEntry.minutes)).group_by(
        HoursEntry.person_id, HoursEntry.kind
    )
    return query.where(HoursEntry.on_day <= until) if until else query


def target(on: date) -> int:
    """Minutes a year that were asked on a day."""
    query = (
        sa.select(HoursTarget.minutes)
        .where(HoursTarget.valid_from <= on)
        .order_by(HoursTarget.valid_from.desc(), HoursTarget.id.desc())
    )
    return db.session.scalar(query.limit(1)) or DEFAULT_TARGET


def entries(person_id: int, year: int) -> sa.Select[HoursEntry, int, str]:
    """A year's entries, newest first; beside each the entry that took it back, and the name of who confirmed."""
    reversal = orm.aliased(HoursEntry)
    confirmer = orm.aliased(Person)
    return (
        sa.select(HoursEntry, reversal.id, confirmer.name)
        .outerjoin(reversal, reversal.reverses_id == HoursEntry.id)
        .outerjoin(confirmer, confirmer.id == HoursEntry.confirmed_by_id)
        .where(HoursEntry.person_id == person_id, HoursEntry.on_day.between(date(year, 1, 1), date(year, 12, 31)))
        .order_by(HoursEntry.on_day.desc(), HoursEntry.id.desc())
    )


def years(person_id: int) -> list[int]:
    """Years in which a person has entries, newest first."""
    year = sa.cast(sa.extract("year", HoursEntry.on_day), sa.Integer)
    query = sa.select(year).where(HoursEntry.person_id == person_id).distinct().order_by(year.desc())
    return list(db.session.scalars(query))
