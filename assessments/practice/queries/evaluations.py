"""Selects over evaluations of clinical practice."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.practice.models import (
    Evaluation,
    EvaluationDecision,
    EvaluationForm,
    EvaluationFormVersion,
    EvaluationRecord,
    State,
    oldest_period,
)
from assessments.practice.queries.indicators import counted_for, definitions_of
from assessments.practice.rules.parts import Missing, Whole, whole
from assessments.practice.rules.records import Form
from lms import clock
from lms.authz import Role
from lms.db import db
from lms.digests import digest
from lms.institutions.models import Institution
from lms.institutions.queries.tree import shown_name
from lms.people.models import Person, RoleGrant

_SORTS: dict[str, Any] = {
    "doctor": Evaluation.doctor_name,
    "state": Evaluation.state,
    "period": Evaluation.period_until,
}


@dataclass(frozen=True)
class Sought:
    """What a list of evaluations is narrowed to."""

    words: str = ""
    state: str = ""
    sort: str = "-period"


def listing(sought: Sought) -> sa.Select[Evaluation, str]:
    """Evaluations within reach, with the doctor's institution."""
    query = (
        sa.select(Evaluation, shown_name().label("institution"))
        .join(Institution, Institution.id == Evaluation.institution_id)
        .options(orm.joinedload(Evaluation.version).joinedload(EvaluationFormVersion.form))
    )
    if sought.words:
        either = (Evaluation.doctor_name, Evaluation.assessor_name)
        query = query.where(sa.or_(*(name.icontains(sought.words, autoescape=True) for name in either)))
    if sought.state in [*State]:
        query = query.where(Evaluation.state == sought.state)
    column = _SORTS.get(sought.sort.lstrip("-"), Evaluation.period_until)
    return query.order_by(column.desc() if sought.sort.startswith("-") else column, Evaluation.id)


def waiting(assessor_id: int) -> list[Evaluation]:
    """What an assessor may still work on, soonest first."""
    query = sa.select(Evaluation).where(
        Evaluation.assessor_id == assessor_id,
        Evaluation.state.in_([State.ASSIGNED, State.RETURNED]),
        Evaluation.period_until >= oldest_period(),
    )
    return list(db.session.scalars(query.order_by(Evaluation.period_until, Evaluation.id)))


def assessed(assessor_id: int) -> list[Evaluation]:
    """All evaluations an assessor can still see: what waits for the assessor first, then the newest period."""
    query = sa.select(Evaluation).where(Evaluation.assessor_id == assessor_id)
    handed_in = Evaluation.state.in_([State.SUBMITTED, State.ACCEPTED])
    return list(db.session.scalars(query.order_by(handed_in, Evaluation.period_until.desc(), Evaluation.id)))


def accepted(person_id: int) -> list[Evaluation]:
    """A doctor's evaluations that stand, newest first."""
    query = sa.select(Evaluation).where(Evaluation.person_id == person_id, Evaluation.state == State.ACCEPTED)
    return list(db.session.scalars(query.order_by(Evaluation.period_until.desc(), Evaluation.id)))


def records(evaluation: Evaluation) -> list[EvaluationRecord]:
    """The records that count, by number: of each the version that nothing supersedes."""
    later = orm.aliased(EvaluationRecord)
    query = sa.select(EvaluationRecord).where(
        EvaluationRecord.evaluation_id == evaluation.id, ~sa.exists().where(later.supersedes_id == EvaluationRecord.id)
    )
    return list(db.session.scalars(query.order_by(EvaluationRecord.number)))


def counts(evaluations: list[Evaluation]) -> dict[int, int]:
    """How many records each of these has."""
    query = (
        sa.select(EvaluationRecord.evaluation_id, sa.func.count(sa.distinct(EvaluationRecord.number)))
        .where(EvaluationRecord.evaluation_id.in_([one.id for one in evaluations]))
        .group_by(EvaluationRecord.evaluation_id)
    )
    return dict(db.session.execute(query).all())


def form_of(evaluation: Evaluation) -> Form:
    """What is scored."""
    return Form.of(evaluation.version.body)


def whole_hash(evaluation: Evaluation, rows: list[EvaluationRecord]) -> bytes:
    """Over the form, every record that counts and the imported figures: what is submitted and what is accepted."""
    figures = {
        code: [str(one.numerator.normalize()), one.count]
        for code, one in counted_for(evaluation, form_of(evaluation).wanted).items()
    }
    return digest(
        {
            "evaluation": evaluation.id,
            "form": evaluation.version.content_hash.hex(),
            "records": [row.content_hash.hex() for row in rows],
        }
        | ({"figures": figures} if figures else {})
    )


def whole_of(evaluation: Evaluation, rows: list[EvaluationRecord]) -> Whole | Missing:
    """The result as records and figures stand now; Missing names the indicators of which there are too few cases."""
    form = form_of(evaluation)
    scores, counted = [row.scores for row in rows], counted_for(evaluation, form.wanted)
    return whole(form, scores, counted, definitions_of(form.wanted))


def decisions(evaluation: Evaluation) -> list[EvaluationDecision]:
    """What was decided, newest first."""
    query = sa.select(EvaluationDecision).where(EvaluationDecision.evaluation_id == evaluation.id)
    return list(db.session.scalars(query.order_by(EvaluationDecision.id.desc())))


def newest_forms() -> list[EvaluationFormVersion]:
    """The newest version of every form in use."""
    newest = sa.select(sa.func.max(EvaluationFormVersion.id)).group_by(EvaluationFormVersion.form_id)
    query = sa.select(EvaluationFormVersion).join(EvaluationForm).where(~EvaluationForm.retired)
    loaded = query.where(EvaluationFormVersion.id.in_(newest)).options(orm.joinedload(EvaluationFormVersion.form))
    return list(db.session.scalars(loaded.order_by(EvaluationForm.code)))


def doctors() -> sa.Select[Person, str]:
    """Doctors within reach whose practice can be evaluated, with their institution."""
    return _holders(Role.DOCTOR)


def assessors() -> sa.Select[Person, str]:
    """Mentors within reach, with their institution."""
    return _holders(Role.MENTOR)


def _holders(role: Role) -> sa.Select[Person, str]:
    today, roles = clock.today(), RoleGrant.__table__
    holders = sa.select(roles.c.person_id).where(
        roles.c.role == role.value,
        roles.c.begins_on <= today,
        sa.or_(roles.c.ends_on.is_(None), roles.c.ends_on > today),
    )
    return (
        sa.select(Person, shown_name().label("institution"))
        .join(Institution, Institution.id == Person.institution_id)
        .where(Person.active, Person.id.in_(holders))
        .order_by(Person.sort_key, Person.id)
    )
