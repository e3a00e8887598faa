"""Who sits an exam, who could, and how they are getting on just now."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from assessments.exams.models import (
    Attempt,
    AttemptClose,
    Candidate,
    Exam,
    ExamRoom,
    ExamWindow,
    ExtraTime,
    IncidentCandidate,
)
from assessments.exams.queries.rooms import lacking
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


def listing(exam: Exam, *, words: str = "", unplaced: bool = False) -> sa.Select[*tuple[Any, ...]]:
    """The candidates of an exam, when and where they sit, and how far they are; run it over the fence."""
    query = (
        sa.select(
            Candidate,
            Person.name,
            shown_name().label("institution"),
            ExamWindow,
            ExamRoom.name.label("room"),
            Attempt.started_at,
            Attempt.id.label("attempt_id"),
            AttemptClose.ending,
        )
        .join(Person, Person.id == Candidate.person_id)
        .join(Institution, Institution.id == Person.institution_id)
        .outerjoin(Attempt, Attempt.candidate_id == Candidate.id)
        .outerjoin(AttemptClose, AttemptClose.id == Attempt.id)
        .outerjoin(ExamWindow, ExamWindow.id == Candidate.window_id)
        .outerjoin(ExamRoom, ExamRoom.id == Candidate.room_id)
        .where(Candidate.exam_id == exam.id)
        .order_by(Institution.path, Person.sort_key, Person.name, Candidate.id)
        .execution_options(**Everything)
    )
    if words:
        query = query.where(Person.name.icontains(words, autoescape=True))
    return query.where(lacking(exam)) if unplaced else query


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
