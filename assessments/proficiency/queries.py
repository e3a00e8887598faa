"""Selects over what is proved, and over what fades."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.proficiency.rules import CURRENT_DAYS, MOST_BY_MARKS, Proof, Way
from assessments.results.models import Result, ResultKind
from assessments.results.queries import STANDS
from lms.db import Everything, db
from lms.institutions.models import Institution
from lms.people.models import Person
from lms.techniques.models import Standing, Technique

#: Which kinds of evidence say something about a technique, and in which way.
WAYS: dict[str, Way] = {
    ResultKind.THEORY_EXAM: Way.THEORY,
    ResultKind.SIMULATED_CASE: Way.DEED,
    ResultKind.WORKPLACE_ENCOUNTER: Way.DEED,
    ResultKind.PRACTICE_EVALUATION: Way.DEED,
    ResultKind.PRACTICAL_EXAM: Way.EXAM,
    ResultKind.ENTRUSTMENT: Way.ENTRUSTMENT,
}
#: How many days before its end a proof is called fading.
SOON = 30


@dataclass(frozen=True)
class Proved:
    """All that stands about one person and technique."""

    kind: str
    proofs: list[Proof]


def proved(person_ids: Sequence[int]) -> dict[tuple[int, int], Proved]:
    """What stands for these persons, by person and technique; looks over the fence: evidence follows who moves."""
    query = (
        sa.select(
            *(Result.person_id, Technique.id, Technique.kind, Result.kind, Result.value, Result.on_day),
            *(Result.critical_failure, Result.valid_until),
        )
        .join(Technique, Technique.id == Result.technique_id)
        .where(
            Result.person_id.in_(person_ids),
            Result.kind.in_(list(WAYS)),
            STANDS,
        )
    )
    found: dict[tuple[int, int], Proved] = {}
    rows: Iterable[Any] = db.session.execute(query, execution_options=Everything)
    for person, technique, kind, way, *words in rows:
        found.setdefault((person, technique), Proved(kind, [])).proofs.append(Proof(WAYS[way], *words))
    return found


def with_evidence(path: str | None = None) -> sa.Select[int]:
    """The persons of whom anything is known about a technique, at or below a place if one is given."""
    known = sa.exists().where(Result.person_id == Person.id, Result.technique_id.is_not(None))
    query = sa.select(Person.id).where(known).order_by(Person.id)
    if path is None:
        return query
    return query.join(Institution, Institution.id == Person.institution_id).where(Institution.path.within([path]))


def overtaken(on: date) -> sa.Select[int]:
    """Persons with a proof that has faded while another about the same technique may still be current."""
    newer = sa.exists().where(
        Result.person_id == Standing.person_id,
        Result.technique_id == Standing.technique_id,
        Result.on_day > on - timedelta(days=max(CURRENT_DAYS.values())),
    )
    query = sa.select(Standing.person_id).where(Standing.valid_until < on, newer)
    return query.distinct().order_by(Standing.person_id)


def fading(person_id: int, on: date) -> sa.Select[Standing]:
    """What somebody could do and is about to lose, or has lost: what can still be saved first, then the latest lost.

    Levels below what marks can give are no loss: they said that somebody must stand by.
    """
    return (
        sa.select(Standing)
        .join(Technique, Technique.id == Standing.technique_id)
        .where(
            Standing.person_id == person_id,
            Standing.level >= MOST_BY_MARKS,
            Standing.valid_until <= on + timedelta(days=SOON),
            ~Technique.retired,
        )
        .order_by(Standing.valid_until < on, sa.func.abs(Standing.valid_until - on), Technique.core.desc(), Standing.id)
        .options(orm.contains_eager(Standing.technique))
    )
