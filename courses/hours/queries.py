"""Selects over hours."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from courses.hours.models import CreditScheme, HoursEntry, HoursTarget
from courses.hours.rules import (
    DEFAULT_SCHEME,
    DEFAULT_TARGET,
    LATER,
    CreditClass,
    Earning,
    HoursKind,
    Line,
    Scheme,
    Statement,
    credited,
)
from lms.db import db
from lms.institutions.models import Institution
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
    """A year's entries, newest first; beside each the entry that took it back, and the name of who confirmed.

    The name is read over the fence: it stands by the hours, whoever reads them, and the statement's hash is over it.
    """
    reversal = orm.aliased(HoursEntry)
    confirmer = Person.__table__.alias("confirmer")
    name = sa.select(confirmer.c.name).where(confirmer.c.id == HoursEntry.confirmed_by_id).scalar_subquery()
    return (
        sa.select(HoursEntry, reversal.id, name)
        .outerjoin(reversal, reversal.reverses_id == HoursEntry.id)
        .where(HoursEntry.person_id == person_id, HoursEntry.on_day.between(date(year, 1, 1), date(year, 12, 31)))
        .order_by(HoursEntry.on_day.desc(), HoursEntry.id.desc())
    )


def years(person_id: int) -> list[int]:
    """Years in which a person has entries, newest first."""
    year = sa.cast(sa.extract("year", HoursEntry.on_day), sa.Integer)
    query = sa.select(year).where(HoursEntry.person_id == person_id).distinct().order_by(year.desc())
    return list(db.session.scalars(query))


def by_source(person_id: int, year: int) -> dict[tuple[str, str], int]:
    """Minutes of a year by kind and source; what was taken back is taken off the source it came from."""
    undone = orm.aliased(HoursEntry)
    source = sa.func.coalesce(undone.source_kind, HoursEntry.source_kind)
    query = (
        sa.select(HoursEntry.kind, source, sa.func.sum(HoursEntry.minutes))
        .outerjoin(undone, undone.id == HoursEntry.reverses_id)
        .where(HoursEntry.person_id == person_id, HoursEntry.on_day.between(date(year, 1, 1), date(year, 12, 31)))
        .group_by(HoursEntry.kind, source)
    )
    found: dict[tuple[str, str], int] = {}
    for kind, origin, minutes in db.session.execute(query):
        key = (kind, LATER.get(origin, origin))
        found[key] = found.get(key, 0) + int(minutes)
    return found


def schemes() -> Sequence[CreditScheme]:
    """Every arithmetic of credits that was ever set, the newest first."""
    return db.session.scalars(
        sa.select(CreditScheme).order_by(CreditScheme.valid_from.desc(), CreditScheme.id.desc())
    ).all()


def scheme(on: date) -> Scheme:
    """How hours become credits on a day."""
    row = next((one for one in schemes() if one.valid_from <= on), None)
    return DEFAULT_SCHEME if row is None else Scheme(tuple(_line(one) for one in row.lines), row.asked)


def _line(said: dict[str, Any]) -> Line:
    most = said.get("most")
    return Line(
        CreditClass(said["class"]),
        int(said["minutes"]),
        Decimal(said["credits"]),
        tuple(said["kinds"]),
        tuple(said["sources"]),
        None if most is None else Decimal(most),
    )


def credits_of(person_id: int, year: int) -> tuple[list[Earning], Decimal]:
    """The credits of a person's year by line, and how many are asked: by the arithmetic of the year's last day."""
    rules = scheme(date(year, 12, 31))
    return credited(rules, by_source(person_id, year)), rules.asked


def root() -> Institution | None:
    """The top of the tree: what holds for all is decided there."""
    return db.session.scalar(
        sa.select(Institution).where(Institution.parent_id.is_(None)).order_by(Institution.id).limit(1)
    )
