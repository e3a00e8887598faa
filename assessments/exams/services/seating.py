"""Who sits an exam, and what extra time they have."""

from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from assessments.exams.models import Attempt, Candidate, Exam, ExamDecision, ExtraTime, State
from assessments.exams.policy import Exams
from assessments.exams.queries import candidates as queries
from lms.authz import Actor
from lms.db import db
from lms.errors import Conflict, Invalid
from lms.i18n import _
from lms.people.models import Person
from lms.service import service, tell

_SEATED_UNTIL = (State.DRAFTED, State.APPROVED, State.OPEN)


@service(needs=Exams.MANAGE)
def add_candidates(actor: Actor, exam: Exam, *, persons: Sequence[int]) -> int:
    """Seat these persons, those within reach; who sits already stays as they are. How many were added."""
    chosen = list(db.session.scalars(sa.select(Person.id).where(Person.id.in_(persons), Person.active)))
    return _seat(actor, exam, chosen)


@service(needs=Exams.MANAGE)
def add_found(actor: Actor, exam: Exam, *, sought: queries.Sought) -> int:
    """Seat everybody who is found this way."""
    return _seat(actor, exam, [person.id for person, _name in db.session.execute(queries.addable(exam, sought))])


def _seat(actor: Actor, exam: Exam, persons: list[int]) -> int:
    if exam.state not in _SEATED_UNTIL:
        raise Conflict(_("The exam is over; nobody can be added."))
    deciders = sa.select(ExamDecision.person_id).where(ExamDecision.exam_id == exam.id)
    barred = {exam.made_by_id, *db.session.scalars(deciders)}
    seats = [
        {
            "exam_id": exam.id,
            "institution_id": exam.institution_id,
            "person_id": person,
            "added_by_id": actor.person_id,
        }
        for person in persons
        if person not in barred
    ]
    if not seats:
        raise Invalid(_("Nobody was found who could be added."))
    insert = pg.insert(Candidate).on_conflict_do_nothing().returning(Candidate.id)
    added = len(db.session.scalars(insert, seats).all())
    tell(exam=exam.id, added=added)
    return added


@service(needs=Exams.MANAGE)
def remove_candidate(actor: Actor, candidate: Candidate) -> None:
    """Take somebody off the list, as long as they have not begun."""
    begun = sa.select(Attempt.id).where(Attempt.candidate_id == candidate.id, Attempt.started_at.is_not(None))
    if db.session.scalar(begun) is not None:
        raise Conflict(_("This candidate has begun and stays on the list."))
    if queries.extra_times(candidate):
        raise Conflict(_("Extra time is written down for this candidate, who stays on the list."))
    tell(exam=candidate.exam_id, person=candidate.person_id)
    db.session.delete(candidate)


@service(needs=Exams.MANAGE, tells=("minutes", "reason"))
def give_time(actor: Actor, candidate: Candidate, *, minutes: int, reason: str) -> None:
    """Set a candidate's extra time, before or during the exam; it is added to the deadline at once."""
    if not reason.strip():
        raise Invalid(_("Say why."), field="reason")
    if not 0 <= minutes <= 600:
        raise Invalid(_("Extra time is from 0 to 600 minutes."), field="minutes")
    query = sa.select(Attempt).where(Attempt.candidate_id == candidate.id).with_for_update()
    attempt = db.session.scalar(query)
    if attempt is not None and attempt.closed_at is not None:
        raise Conflict(_("This attempt has ended; extra time would come too late."))
    if attempt is not None and attempt.started_at is not None:
        deadline = attempt.ends + timedelta(minutes=minutes - candidate.extra_minutes)
        if deadline <= attempt.started_at:
            raise Conflict(_("That would end the attempt before it began."))
        attempt.deadline = deadline
    candidate.extra_minutes = minutes
    db.session.add(
        ExtraTime(
            institution_id=candidate.institution_id,
            candidate_id=candidate.id,
            minutes=minutes,
            reason=reason.strip(),
            given_by_id=actor.person_id,
        )
    )
    tell(exam=candidate.exam_id, person=candidate.person_id)
