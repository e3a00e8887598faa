"""The marks of one person as a list to look through, and one mark with everything that tells how it came to be.

These look over the fence: evidence follows a person who has moved, and whoever asks has the right over the person.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.results.models import Result, ResultBatch
from assessments.results.queries import SUPERSEDED, sealed
from lms.db import Everything, db
from lms.db.paging import PAGE, Slice
from lms.people.models import Person
from lms.techniques.models import Technique


class Standing(StrEnum):
    """What a mark is worth on a day."""

    COUNTS = "counts"
    EXPIRED = "expired"
    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Sought:
    """What somebody looks for among the marks of one person; empty words do not narrow."""

    kind: str = ""
    standing: str = ""
    words: str = ""
    since: date | None = None
    until: date | None = None


_ASSESSOR = orm.aliased(Person)


def standing_on(today: date) -> sa.ColumnElement[str]:
    """What a mark is worth on a day: corrected by a later version, withdrawn, run out, or it counts."""
    return sa.case(
        (SUPERSEDED, Standing.CORRECTED.value),
        (Result.value.is_(None), Standing.WITHDRAWN.value),
        (Result.valid_until < today, Standing.EXPIRED.value),
        else_=Standing.COUNTS.value,
    )


def listing(person_id: int, sought: Sought, today: date) -> sa.Select[*tuple[Any, ...]]:
    """A person's marks, newest first: rows of (mark, what it is worth, technique, its English, the assessor's name)."""
    worth = standing_on(today)
    query = (
        sa.select(Result, worth.label("standing"), Technique.title, Technique.title_en, _ASSESSOR.name)
        .outerjoin(Technique, Technique.id == Result.technique_id)
        .outerjoin(_ASSESSOR, _ASSESSOR.id == Result.assessor_id)
        .where(Result.person_id == person_id)
        .order_by(Result.on_day.desc(), Result.id.desc())
    )
    if sought.kind:
        query = query.where(Result.kind == sought.kind)
    if sought.standing:
        query = query.where(worth == sought.standing)
    if sought.since:
        query = query.where(Result.on_day >= sought.since)
    if sought.until:
        query = query.where(Result.on_day <= sought.until)
    return query.where(_says(sought.words)) if sought.words else query


def _says(words: str) -> sa.ColumnElement[bool]:
    ways = [Technique.title, Technique.title_en, Technique.code, _ASSESSOR.name, Result.source_id]
    return sa.or_(*(column.icontains(words, autoescape=True) for column in ways))


def page(query: sa.Select[*tuple[Any, ...]], number: int) -> Slice:
    """One page of them; two statements however many there are."""
    counted = sa.select(sa.func.count()).select_from(query.order_by(None).subquery())
    total = db.session.scalar(counted, execution_options=Everything) or 0
    pages = max(1, -(-total // PAGE))
    number = min(max(1, number), pages)
    rows = db.session.execute(query.limit(PAGE).offset((number - 1) * PAGE), execution_options=Everything).all()
    return Slice(rows, number, pages, total)


def every(query: sa.Select[*tuple[Any, ...]]) -> sa.Result[*tuple[Any, ...]]:
    """All of them, for a file."""
    return db.session.execute(query, execution_options=Everything)


@dataclass(frozen=True)
class Kinds:
    """How many marks of one kind somebody has that count, and the newest."""

    kind: str
    counts: int
    newest: date


def kinds_of(person_id: int, today: date) -> list[Kinds]:
    """What a person has, kind by kind."""
    query = (
        sa.select(Result.kind, sa.func.count(), sa.func.max(Result.on_day))
        .where(Result.person_id == person_id, standing_on(today) == Standing.COUNTS.value)
        .group_by(Result.kind)
    )
    return [Kinds(*row) for row in db.session.execute(query, execution_options=Everything)]


@dataclass(frozen=True)
class Shown:
    """One mark, its versions from the first on, the entry of the ledger, and whether its row is what was recorded."""

    mark: Result
    versions: Sequence[Result]
    assessor: str | None
    entry: int | None
    unchanged: bool | None


def one_of(person_id: int, number: int) -> Shown | None:
    """One mark of this person, with everything that tells how it came to be."""
    query = sa.select(Result).where(Result.id == number, Result.person_id == person_id)
    mark = db.session.scalars(query.options(orm.joinedload(Result.technique)), execution_options=Everything).first()
    if mark is None:
        return None
    same = sa.and_(Result.source_kind == mark.source_kind, Result.source_id == mark.source_id)
    versions = db.session.scalars(sa.select(Result).where(same).order_by(Result.version), execution_options=Everything)
    name = sa.select(Person.name).where(Person.id == mark.assessor_id)
    batch = db.session.get(ResultBatch, mark.batch_id) if mark.batch_id else None
    return Shown(
        mark,
        versions.all(),
        db.session.scalar(name, execution_options=Everything),
        batch.ledger_index if batch else None,
        sealed.is_unchanged(batch.leaves, mark) if batch else None,
    )
