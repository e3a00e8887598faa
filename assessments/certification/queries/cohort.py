"""The evidence of thousands of persons as columns, for the set-based evaluator; and what it comes to.

These look over the fence: whoever asks is a job, a command, or has the right over everybody they ask about.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from assessments.certification.models import StarDecision
from assessments.certification.rules.cohort import EVER, NOTHING, RESULT_KINDS, Columns, Ints, Verdicts, evaluate
from assessments.certification.rules.policy import Policy
from assessments.results.models import Result
from assessments.results.queries import STANDS
from lms.db import Everything
from lms.db.many import among
from lms.people.models import Person
from lms.techniques.models import Technique

#: Persons whose evidence is held in memory at once.
AT_ONCE = 10_000
_FIRST_DAY = date.min


def verdicts(session: orm.Session, policy: Policy, person_ids: Sequence[int], on: date) -> Iterator[Verdicts]:
    """What the evidence of these persons comes to under any policy on a day, some thousands at a time."""
    numbers = dict(session.execute(sa.select(Technique.code, Technique.id)).all())
    ordered = sorted(set(person_ids))
    for first in range(0, len(ordered), AT_ONCE):
        some = ordered[first : first + AT_ONCE]
        yield evaluate(policy, columns(session, some), np.array(some, np.int64), numbers, on)


def stars(session: orm.Session, policy: Policy, person_ids: Sequence[int], on: date) -> dict[int, int]:
    """How many stars each of these persons would have under any policy on a day."""
    found: dict[int, int] = {}
    for some in verdicts(session, policy, person_ids, on):
        found |= some.stars()
    return found


@dataclass(frozen=True)
class Everybody:
    """What a policy comes to for all who have evidence: how many, how many hold which star, who would move."""

    persons: int
    spread: dict[int, int]
    moves: list[dict[str, Any]]


def everybody(session: orm.Session, policy: Policy, on: date) -> Everybody:
    """Evaluate all who have evidence, and hold it against what was last decided about each."""
    ids = session.scalars(sa.select(Result.person_id).distinct(), execution_options=Everything).all()
    found = stars(session, policy, ids, on)
    query = sa.select(StarDecision.person_id, StarDecision.star).ext(pg.distinct_on(StarDecision.person_id))
    query = query.order_by(StarDecision.person_id, StarDecision.id.desc())
    before: dict[int, int] = dict(session.execute(query, execution_options=Everything).all())
    moved = {one: (before.get(one, 0), star) for one, star in found.items() if before.get(one, 0) != star}
    named = sa.select(Person.id, Person.account).where(Person.id.in_(moved)).order_by(Person.account)
    rows = session.execute(named, execution_options=Everything)
    moves = [{"account": account, "before": moved[one][0], "after": moved[one][1]} for one, account in rows]
    return Everybody(len(found), dict(sorted(Counter(found.values()).items())), moves)


def columns(session: orm.Session, person_ids: Sequence[int]) -> Columns:
    """What stands for these persons now. The database packs each column into one value: no row becomes an object."""
    rows = _rows(person_ids).subquery()
    packed = [sa.func.string_agg(sa.func.int8send(sa.cast(column, sa.BigInteger)), b"") for column in rows.c]
    answer = session.execute(sa.select(*packed), execution_options=Everything).one()
    arrays: dict[str, Any] = {column.name: _unpacked(value) for column, value in zip(rows.c, answer, strict=True)}
    return Columns(**arrays | {"critical": arrays["critical"].astype(np.bool_)})


def _unpacked(value: bytes | None) -> Ints:
    return np.frombuffer(bytes(value or b""), ">i8").astype(np.int64)


def _rows(person_ids: Sequence[int]) -> sa.Select[Any]:
    kinds = sa.literal(list(RESULT_KINDS), pg.ARRAY(sa.Text))
    return sa.select(
        Result.person_id.label("person"),
        Result.id.label("id"),
        (sa.func.array_position(kinds, Result.kind.cast(sa.Text)) - 1).label("kind"),
        sa.func.coalesce(Result.technique_id, NOTHING).label("technique"),
        (Result.value * 1000).label("value"),
        _ordinal(Result.on_day).label("on_day"),
        sa.func.coalesce(_ordinal(Result.valid_until), EVER).label("until"),
        sa.func.coalesce(Result.assessor_id, NOTHING).label("assessor"),
        Result.critical_failure.cast(sa.Integer).label("critical"),
    ).where(
        among(Result.person_id, person_ids),
        Result.kind.in_(RESULT_KINDS),
        STANDS,
    )


def _ordinal(day: Any) -> sa.ColumnElement[int]:
    """The day as Python counts it: 1 January of the year 1 is 1."""
    return sa.type_coerce(day - sa.cast(sa.literal(_FIRST_DAY, sa.Date), sa.Date), sa.Integer) + 1
