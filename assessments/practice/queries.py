"""Selects over evaluations of clinical practice."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from assessments.practice.models import (
    Evaluation,
    EvaluationDecision,
    EvaluationForm,
    EvaluationFormVersion,
    EvaluationRecord,
    State,
    oldest_period,
)
from assessments.practice.rules import digest
from lms import clock
from lms.authz import Actor, Role
from lms.db import Everything, db
from lms.institutions.models import Institution
from lms.people.models import Person, RoleGrant


@dataclass(frozen=True)
class Sought:
    """What somebody looks for among evaluations; empty words do not narrow."""

    words: str = ""
    state: str = ""
    sort: str = "-period_until"


_SORTS: dict[str, Any] = {
    "doctor": Evaluation.doctor_name,
    "assessor": Evaluation.assessor_name,
    "state": Evaluation.state,
    "period_until": Evaluation.period_until,
    "percent": Evaluation.percent,
}


def listing(actor: Actor, sought: Sought) -> sa.Select[*tuple[Any, ...]]:
    """Evaluations of the subtrees the actor oversees, with institution, form and number of records."""
    query = (
        sa.select(
            Evaluation,
            Institution.name.label("institution"),
            EvaluationForm,
            _records(Evaluation.id).label("records"),
        )
        .join(Institution, Institution.id == Evaluation.institution_id)
        .join(EvaluationFormVersion, EvaluationFormVersion.id == Evaluation.form_version_id)
        .join(EvaluationForm, EvaluationForm.id == EvaluationFormVersion.form_id)
        .where(Institution.path.within(list(actor.overseen)))
        .options(orm.joinedload(Evaluation.version))
    )
    if sought.words:
        like = [column.icontains(sought.words, autoescape=True) for column in _NAMES]
        query = query.where(sa.or_(*like))
    if sought.state:
        query = query.where(Evaluation.state == sought.state)
    column = _SORTS.get(sought.sort.removeprefix("-"), Evaluation.period_until)
    return query.order_by(column.desc() if sought.sort.startswith("-") else column, Evaluation.id.desc())


_NAMES = (Evaluation.doctor_name, Evaluation.assessor_name)


def _records(evaluation_id: Any) -> Any:
    """How many records have been scored, whatever was corrected in them."""
    table = EvaluationRecord.__table__
    query = sa.select(sa.func.count(sa.distinct(table.c.number))).where(table.c.evaluation_id == evaluation_id)
    return query.correlate(Evaluation).scalar_subquery()


def newest_forms() -> list[EvaluationFormVersion]:
    """The newest version of every form in use, with its form, by title."""
    row = EvaluationFormVersion
    newest = sa.select(row.id).ext(pg.distinct_on(row.form_id)).order_by(row.form_id, row.version.desc())
    query = (
        sa.select(row)
        .join(EvaluationForm, EvaluationForm.id == row.form_id)
        .where(row.id.in_(newest), ~EvaluationForm.retired)
        .order_by(EvaluationForm.title, EvaluationForm.id)
        .options(orm.contains_eager(row.form))
    )
    return list(db.session.scalars(query))


def version(number: int) -> EvaluationFormVersion | None:
    """One version of a form."""
    return db.session.get(EvaluationFormVersion, number)


def _people(words: str) -> sa.Select[*tuple[Any, ...]]:
    query = (
        sa.select(Person, Institution.name.label("institution"))
        .join(Institution, Institution.id == Person.institution_id)
        .where(Person.active)
        .order_by(Institution.path, Person.sort_key, Person.name, Person.id)
    )
    return query.where(Person.name.icontains(words, autoescape=True)) if words else query


def _holders(role: Role) -> sa.Select[Any]:
    roles, today = RoleGrant.__table__, clock.today()
    return sa.select(roles.c.person_id).where(
        roles.c.role == role.value,
        roles.c.begins_on <= today,
        sa.or_(roles.c.ends_on.is_(None), roles.c.ends_on > today),
    )


def doctors(words: str) -> sa.Select[*tuple[Any, ...]]:
    """Doctors within reach."""
    return _people(words).where(Person.id.in_(_holders(Role.DOCTOR)))


def possible_assessors(doctor: Person) -> sa.Select[*tuple[Any, ...]]:
    """Mentors and examiners within reach who are not of the doctor's own institution."""
    return _people("").where(
        Person.id.in_(_holders(Role.MENTOR)),
        Person.id != doctor.id,
        Person.institution_id != doctor.institution_id,
    )


def doctor(number: int) -> Person | None:
    """One doctor within reach."""
    row = db.session.execute(doctors("").where(Person.id == number)).one_or_none()
    return row.Person if row is not None else None


def current_records(evaluation: Evaluation) -> list[EvaluationRecord]:
    """The records that no correction has superseded, by number."""
    later = orm.aliased(EvaluationRecord)
    query = sa.select(EvaluationRecord).where(
        EvaluationRecord.evaluation_id == evaluation.id,
        ~sa.exists().where(later.supersedes_id == EvaluationRecord.id),
    )
    return list(db.session.scalars(query.order_by(EvaluationRecord.number)))


def record_at(id: int, number: int) -> EvaluationRecord | None:
    """The record that stands under a number."""
    evaluation = db.session.get(Evaluation, id)
    found = current_records(evaluation) if evaluation is not None else []
    return next((record for record in found if record.number == number), None)


def whole_hash(evaluation: Evaluation, records: list[EvaluationRecord]) -> bytes:
    """Over what is evaluated by which form and every record that stands."""
    return digest(
        {
            "evaluation": evaluation.id,
            "form": evaluation.version.content_hash.hex(),
            "records": [record.content_hash.hex() for record in records],
        }
    )


def decisions(evaluation: Evaluation) -> list[tuple[EvaluationDecision, str]]:
    """What was decided about an evaluation and by whom, newest first; for whoever reached the evaluation."""
    query = (
        sa.select(EvaluationDecision, Person.name)
        .join(Person, Person.id == EvaluationDecision.person_id)
        .where(EvaluationDecision.evaluation_id == evaluation.id)
        .order_by(EvaluationDecision.id.desc())
    )
    return [(decision, name) for decision, name in db.session.execute(query, execution_options=Everything)]


def _with_form(query: sa.Select[Any]) -> sa.Select[Any]:
    return query.options(orm.joinedload(Evaluation.version).joinedload(EvaluationFormVersion.form))


@dataclass(frozen=True)
class Duty:
    """One evaluation somebody has to do, and how many records are scored."""

    evaluation: Evaluation
    records: int

    @property
    def open(self) -> bool:
        """Whether it waits for its assessor."""
        return self.evaluation.state in (State.ASSIGNED, State.RETURNED)


def duties(actor: Actor) -> list[Duty]:
    """The evaluations of one assessor, those that wait first."""
    query = (
        sa.select(Evaluation, _records(Evaluation.id))
        .where(Evaluation.assessor_id == actor.person_id, Evaluation.period_until >= oldest_period())
        .order_by(Evaluation.state.in_([State.SUBMITTED, State.ACCEPTED]), Evaluation.period_until, Evaluation.id)
    )
    return [Duty(*row) for row in db.session.execute(_with_form(query))]


def mine(person_id: int) -> list[Evaluation]:
    """The evaluations of one doctor, newest first."""
    query = sa.select(Evaluation).where(Evaluation.person_id == person_id)
    return list(db.session.scalars(_with_form(query.order_by(Evaluation.period_until.desc(), Evaluation.id.desc()))))


def place_name(number: int) -> str:
    """What an institution is called."""
    return db.session.scalars(sa.select(Institution.name).where(Institution.id == number)).one()
