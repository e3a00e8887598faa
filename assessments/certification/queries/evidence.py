"""The evidence of persons, as the decision sees it.

These look over the fence: evidence follows a person who has moved, and whoever asks has the right over the person.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.certification.rules.decision import Evidence
from assessments.results.models import Result
from assessments.results.queries import STANDS, SUPERSEDED
from lms.db import Everything
from lms.techniques.models import Technique

_COLUMNS = (
    Result.id,
    Result.kind,
    Result.value,
    Result.on_day,
    Result.valid_until,
    Technique.code,
    Result.assessor_id,
    Result.critical_failure,
    Result.standard_error,
)


def of_persons(session: orm.Session, person_ids: Sequence[int]) -> dict[int, list[Evidence]]:
    """What stands for each of these persons now; one statement for all of them."""
    query = (
        sa.select(Result.person_id, *_COLUMNS)
        .outerjoin(Technique, Technique.id == Result.technique_id)
        .where(
            Result.person_id.in_(person_ids),
            STANDS,
        )
    )
    found: dict[int, list[Evidence]] = defaultdict(list)
    rows: Iterable[Any] = session.execute(query, execution_options=Everything)
    for person_id, *row in rows:
        found[person_id].append(Evidence(*row))
    return found


def of_person(session: orm.Session, person_id: int) -> list[Evidence]:
    """What stands for one person now."""
    return of_persons(session, [person_id]).get(person_id, [])


def named(session: orm.Session, ids: Sequence[int], person_id: int) -> tuple[list[Evidence], bool]:
    """These results of one person, and whether every one of them stands still."""
    query = (
        sa.select(SUPERSEDED, *_COLUMNS)
        .outerjoin(Technique, Technique.id == Result.technique_id)
        .where(Result.id.in_(ids), Result.person_id == person_id, Result.value.is_not(None))
    )
    rows: Sequence[Any] = session.execute(query, execution_options=Everything).all()
    stands = len(rows) == len(set(ids)) and not any(superseded for superseded, *_ in rows)
    return [Evidence(*row) for _, *row in rows], stands


def by_ids(session: orm.Session, ids: Iterable[int]) -> dict[int, Evidence]:
    """These results of any persons as the decision saw them, whether or not they stand still."""
    query = (
        sa.select(*_COLUMNS)
        .outerjoin(Technique, Technique.id == Result.technique_id)
        .where(Result.id.in_(set(ids)), Result.value.is_not(None))
    )
    rows: Iterable[Any] = session.execute(query, execution_options=Everything)
    return {number: Evidence(number, *row) for number, *row in rows}


def results(session: orm.Session, ids: Iterable[int]) -> dict[int, Any]:
    """The results behind a decision, for the page that shows what counted."""
    query = sa.select(Result).where(Result.id.in_(set(ids))).options(orm.joinedload(Result.technique))
    return {result.id: result for result in session.scalars(query, execution_options=Everything)}
