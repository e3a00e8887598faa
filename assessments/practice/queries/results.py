"""Selects over versions of results and appeals."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.practice.models import (
    Evaluation,
    EvaluationAppeal,
    EvaluationAppealAnswer,
    EvaluationFormVersion,
    EvaluationResult,
    Outcome,
)
from assessments.practice.queries.evaluations import form_of
from lms import clock
from lms.db import Everything, db
from lms.institutions.models import Institution
from lms.institutions.queries.tree import shown_name
from lms.people.models import Person


@dataclass(frozen=True)
class Sought:
    """What somebody looks for among appeals; empty words do not narrow."""

    words: str = ""
    state: str = "open"


def versions(evaluation: Evaluation) -> list[EvaluationResult]:
    """Every version of a result, the newest first."""
    query = sa.select(EvaluationResult).where(EvaluationResult.evaluation_id == evaluation.id)
    return list(db.session.scalars(query.order_by(EvaluationResult.version.desc())))


def newest(evaluation: Evaluation) -> EvaluationResult | None:
    """The version that stands."""
    query = sa.select(EvaluationResult).where(EvaluationResult.evaluation_id == evaluation.id)
    return db.session.scalar(query.order_by(EvaluationResult.version.desc()).limit(1))


def appeals(evaluation: Evaluation) -> list[EvaluationAppeal]:
    """The appeals against an evaluation with their answers, the newest first."""
    query = sa.select(EvaluationAppeal).where(EvaluationAppeal.evaluation_id == evaluation.id)
    loaded = query.options(orm.joinedload(EvaluationAppeal.answer))
    return list(db.session.scalars(loaded.order_by(EvaluationAppeal.id.desc())))


def until(result: EvaluationResult) -> datetime | None:
    """Until when a version of a result can be appealed against; None where it never can."""
    days = form_of(result.evaluation).appeal_days
    return result.at + timedelta(days=days) if days else None


def may_still(result: EvaluationResult) -> bool:
    """Whether the time to appeal is not over."""
    end = until(result)
    return end is not None and clock.now() <= end


def _unanswered() -> sa.ColumnElement[bool]:
    answer = EvaluationAppealAnswer.__table__.c
    return ~sa.exists().where(answer.appeal_id == EvaluationAppeal.id)


def listing(sought: Sought) -> sa.Select[*tuple[Any, ...]]:
    """Appeals within reach with evaluation and institution; those that wait longest first."""
    answer = EvaluationAppealAnswer.__table__.c
    query = (
        sa.select(EvaluationAppeal, shown_name().label("institution"))
        .join(Evaluation, Evaluation.id == EvaluationAppeal.evaluation_id)
        .join(Institution, Institution.id == EvaluationAppeal.institution_id)
        .options(
            orm.contains_eager(EvaluationAppeal.evaluation)
            .joinedload(Evaluation.version)
            .joinedload(EvaluationFormVersion.form),
            orm.joinedload(EvaluationAppeal.answer),
        )
    )
    if sought.words:
        query = query.where(Evaluation.doctor_name.icontains(sought.words, autoescape=True))
    if sought.state == "open":
        query = query.where(_unanswered())
    elif sought.state in [*Outcome]:
        outcome = answer.outcome == sought.state
        query = query.where(sa.exists().where(answer.appeal_id == EvaluationAppeal.id, outcome))
    return query.order_by(EvaluationAppeal.made_at, EvaluationAppeal.id)


def waiting() -> int:
    """How many appeals within reach nobody has answered."""
    query = sa.select(sa.func.count()).select_from(EvaluationAppeal).where(_unanswered())
    return db.session.scalars(query).one()


def appealing(persons: Collection[int]) -> set[int]:
    """Those of these persons whose appeal nobody has answered; for those who decide about certificates."""
    table, answer = EvaluationAppeal.__table__.c, EvaluationAppealAnswer.__table__.c
    query = sa.select(table.person_id).where(
        table.person_id.in_(persons), ~sa.exists().where(answer.appeal_id == table.id)
    )
    return set(db.session.scalars(query, execution_options=Everything))


def names_of(ids: list[int]) -> dict[int, str]:
    """Names of these persons, over the fence: a doctor sees who answered."""
    query = sa.select(Person.id, Person.name).where(Person.id.in_(ids))
    return dict(db.session.execute(query, execution_options=Everything).all())
