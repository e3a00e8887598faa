"""The incident log of an exam."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.exams.models import Candidate, Exam, ExamRoom, Incident, IncidentCandidate
from lms.db import Everything, db
from lms.people.models import Person

#: As many names are said beside an incident; of more, how many there are.
NAMED = 3


def of_this_exam(exam: Exam, candidates: Sequence[int]) -> list[int]:
    """Those of these numbers that are candidates of the exam."""
    query = sa.select(Candidate.id).where(Candidate.exam_id == exam.id, Candidate.id.in_(candidates))
    return list(db.session.scalars(query.order_by(Candidate.id), execution_options=Everything))


def listing(exam: Exam) -> sa.Select[*tuple[Any, ...]]:
    """Every incident of an exam, newest first: who wrote it, where, how many it concerned, and some of their names."""
    touched = (
        sa.select(
            IncidentCandidate.incident_id,
            sa.func.count().label("number"),
            sa.func.array_agg(Person.name).label("names"),
        )
        .join(Candidate, Candidate.id == IncidentCandidate.candidate_id)
        .join(Person, Person.id == Candidate.person_id)
        .where(Candidate.exam_id == exam.id)
        .group_by(IncidentCandidate.incident_id)
        .subquery()
    )
    by = orm.aliased(Person)
    return (
        sa.select(
            Incident,
            by.name.label("by"),
            ExamRoom.name.label("room"),
            sa.func.coalesce(touched.c.number, 0).label("number"),
            touched.c.names[1:NAMED].label("names"),
        )
        .join(by, by.id == Incident.by_id)
        .outerjoin(ExamRoom, ExamRoom.id == Incident.room_id)
        .outerjoin(touched, touched.c.incident_id == Incident.id)
        .where(Incident.exam_id == exam.id)
        .order_by(Incident.id.desc())
        .execution_options(**Everything)
    )
