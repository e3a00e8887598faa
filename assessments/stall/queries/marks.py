"""Marks as attempts, and the newest model."""

from datetime import date

import sqlalchemy as sa

from assessments.results.models import Result, ResultKind
from assessments.results.queries import standing
from assessments.stall.models import StallModel
from assessments.stall.rules import Attempt
from lms.db import db
from lms.people.models import Person
from lms.techniques.models import Technique

#: Results that are marks in percent of how well somebody did a technique; hours, days and levels are not.
KINDS = (
    ResultKind.THEORY_EXAM,
    ResultKind.PRACTICAL_EXAM,
    ResultKind.PRACTICE_EVALUATION,
    ResultKind.WORKPLACE_ENCOUNTER,
    ResultKind.SIMULATED_CASE,
)
_EPOCH = date(1970, 1, 1)


def attempts(until: date) -> list[Attempt]:
    """Every standing mark about a technique up to a day, of everybody in reach: one statement."""
    days = Result.on_day - sa.literal(_EPOCH, sa.Date)
    query = (
        standing(until)
        .where(Result.technique_id.is_not(None), Result.kind.in_([kind.value for kind in KINDS]))
        .where(Result.value.between(0, 100))
        .with_only_columns(Result.person_id, Result.technique_id, days, sa.cast(Result.value, sa.Float))
    )
    rows = db.session.execute(query).all()
    return [Attempt(str(person), str(technique), float(day), mark) for person, technique, day, mark in rows]


def day_number(day: date) -> float:
    """A day as attempts count it."""
    return float((day - _EPOCH).days)


def at_work() -> dict[int, int]:
    """Everybody at work, with their institution."""
    query = sa.select(Person.id, Person.institution_id).where(Person.active)
    return {person: institution for person, institution in db.session.execute(query)}  # noqa: C416 - rows, not pairs


def in_use() -> set[int]:
    """Techniques that are still taught."""
    return set(db.session.scalars(sa.select(Technique.id).where(~Technique.retired)))


def newest_model() -> StallModel | None:
    """The model that scores now."""
    return db.session.scalar(sa.select(StallModel).order_by(StallModel.id.desc()).limit(1))
