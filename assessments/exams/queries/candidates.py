"""Who sits an exam, who could, and how they are getting on just now."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from assessments.exams.models import (
    AnswerEvent,
    Attempt,
    AttemptBeat,
    AttemptClose,
    Candidate,
    Exam,
    ExtraTime,
    IncidentCandidate,
    LateEvent,
)
from lms.db import Everything, db
from lms.institutions.models import Institution
from lms.institutions.queries.tree import shown_name
from lms.people.models import Category, Person


@dataclass(frozen=True)
class Sought:
    """Whom to look for; empty words do not narrow."""

    words: str = ""
    institution: int | None = None
    category: str = ""


def addable(exam: Exam, sought: Sought) -> sa.Select[Any, Any]:
    """Persons within reach who do not sit this exam yet, with the name of their institution."""
    taken = Candidate.__table__
    query = (
        sa.select(Person, shown_name())
        .join(Institution, Institution.id == Person.institution_id)
        .where(Person.active, Person.id.not_in(sa.select(taken.c.person_id).where(taken.c.exam_id == exam.id)))
        .order_by(Institution.path, Person.sort_key, Person.name)
    )
    if sought.words:
        query = query.where(Person.name.icontains(sought.words, autoescape=True))
    if sought.category:
        query = query.where(Person.category == sought.category)
    else:  # whoever only administrates is seated by asking for just them
        query = query.where(Person.category != Category.ADMINISTRATOR)
    if sought.institution is not None:
        root = sa.select(Institution.path).where(Institution.id == sought.institution).scalar_subquery()
        query = query.where(Institution.path.op("<@")(root))
    return query


def sitting(exam: Exam) -> sa.Select[*tuple[Any, ...]]:
    """The candidates of an exam with everything the live board shows; run it over the fence."""
    answered, late = _answered(exam), _late(exam)
    heard = sa.func.greatest(Attempt.started_at, AttemptBeat.heard_at, answered.c.last)
    return (
        sa.select(
            Candidate,
            Person.name,
            shown_name().label("institution"),
            Attempt,
            AttemptClose.ending,
            sa.func.coalesce(answered.c.number, 0).label("answered"),
            heard.label("heard_at"),
            sa.func.extract("epoch", sa.func.clock_timestamp() - heard).label("silent"),
            AttemptBeat.unsaved,
            sa.func.coalesce(late.c.number, 0).label("late"),
            sa.func.extract(
                "epoch", Attempt.deadline - sa.func.coalesce(Attempt.paused_at, sa.func.clock_timestamp())
            ).label("left"),
        )
        .join(Person, Person.id == Candidate.person_id)
        .join(Institution, Institution.id == Person.institution_id)
        .outerjoin(Attempt, sa.and_(Attempt.candidate_id == Candidate.id, Attempt.started_at.is_not(None)))
        .outerjoin(AttemptBeat, AttemptBeat.id == Attempt.id)
        .outerjoin(AttemptClose, AttemptClose.id == Attempt.id)
        .outerjoin(answered, answered.c.attempt_id == Attempt.id)
        .outerjoin(late, late.c.attempt_id == Attempt.id)
        .where(Candidate.exam_id == exam.id)
        .order_by(Institution.path, Person.sort_key, Person.name, Candidate.id)
        .execution_options(**Everything)
    )


def _attempts(exam: Exam) -> sa.Select[Any]:
    return sa.select(Attempt.id).where(Attempt.exam_id == exam.id)


def _answered(exam: Exam) -> Any:
    event = AnswerEvent
    newest = (
        sa.select(event.attempt_id, event.answer, event.received_at)
        .ext(pg.distinct_on(event.attempt_id, event.item_id))
        .where(event.attempt_id.in_(_attempts(exam)))
        .order_by(event.attempt_id, event.item_id, event.epoch.desc(), event.seq.desc(), event.id.desc())
        .subquery()
    )
    filled = sa.func.count().filter(sa.func.jsonb_array_length(newest.c.answer) > 0)
    return (
        sa.select(newest.c.attempt_id, filled.label("number"), sa.func.max(newest.c.received_at).label("last"))
        .group_by(newest.c.attempt_id)
        .subquery()
    )


def _late(exam: Exam) -> Any:
    query = sa.select(LateEvent.attempt_id, sa.func.count().label("number"))
    return query.where(LateEvent.attempt_id.in_(_attempts(exam))).group_by(LateEvent.attempt_id).subquery()


def candidate_by(exam: int, number: int) -> Candidate | None:
    """One candidate of one exam, by the address of the page."""
    return db.session.scalar(sa.select(Candidate).where(Candidate.id == number, Candidate.exam_id == exam))


def extra_times(one: Candidate) -> list[tuple[ExtraTime, str]]:
    """Every change of a candidate's extra time, newest first, and by whom."""
    query = (
        sa.select(ExtraTime, Person.name)
        .join(Person, Person.id == ExtraTime.given_by_id)
        .where(ExtraTime.candidate_id == one.id)
        .order_by(ExtraTime.id.desc())
    )
    return [(row, name) for row, name in db.session.execute(query, execution_options=Everything)]


def has_incidents(one: Candidate) -> bool:
    """Whether an incident concerns this candidate."""
    query = sa.select(IncidentCandidate.id).where(IncidentCandidate.candidate_id == one.id).limit(1)
    return db.session.scalar(query) is not None


def name_of(person_id: int) -> str:
    """What a person who stands in this exam is called."""
    query = sa.select(Person.name).where(Person.id == person_id)
    return db.session.scalars(query, execution_options=Everything).one()
