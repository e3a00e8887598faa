"""Who sits an exam, and what extra time they have: one by one, the ticked ones, or a whole room."""

from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from assessments.exams.models import Attempt, Candidate, Exam, ExamDecision, ExtraTime, State
from assessments.exams.policy import Exams, keep_candidates_out
from assessments.exams.queries import candidates as queries
from assessments.exams.queries import rooms
from assessments.exams.services import placing, preparing
from lms.authz import Actor
from lms.db import Everything, db
from lms.errors import Conflict, Invalid
from lms.i18n import _
from lms.people.models import Person
from lms.service import service, tell

_MOST_EXTRA = 600
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
    if added and (rooms.windows(exam) or rooms.rooms(exam)):
        _place_added(actor, exam)
    if added and exam.prepared_at is not None:
        preparing.prepare_added(actor, exam)
    tell(exam=exam.id, added=added)
    return added


def _place_added(actor: Actor, exam: Exam) -> None:
    """Give those who were added a seat; where there are too few, they wait, unless the exam is prepared already."""
    try:
        with db.session.begin_nested():
            placing.seat_added(actor, exam)
    except Conflict:
        if exam.prepared_at is not None:
            raise


@service(needs=Exams.MANAGE)
def remove_candidate(actor: Actor, candidate: Candidate) -> None:
    """Take somebody off the list, as long as nothing is prepared or written down for them."""
    keep_candidates_out(actor, candidate.exam)
    begun = sa.select(Attempt.id).where(Attempt.candidate_id == candidate.id, Attempt.started_at.is_not(None))
    if db.session.scalar(begun) is not None:
        raise Conflict(_("This candidate has begun and stays on the list."))
    if candidate.exam.prepared_at is not None:
        raise Conflict(_("The exam is prepared; the list stands. Whoever does not come simply does not begin."))
    if queries.has_incidents(candidate):
        raise Conflict(_("An incident is written down for this candidate, who stays on the list."))
    if queries.extra_times(candidate):
        raise Conflict(_("Extra time is written down for this candidate, who stays on the list."))
    tell(exam=candidate.exam_id, person=candidate.person_id)
    db.session.delete(candidate)


@service(needs=Exams.MANAGE, tells=("minutes", "reason"))
def give_time(actor: Actor, candidate: Candidate, *, minutes: int, reason: str) -> None:
    """Set a candidate's extra time, before or during the exam; it is added to the deadline at once."""
    keep_candidates_out(actor, candidate.exam)
    if not reason.strip():
        raise Invalid(_("Say why."), field="reason")
    if not 0 <= minutes <= _MOST_EXTRA:
        raise Invalid(_("Extra time is from 0 to 600 minutes."), field="minutes")
    # the candidate first and then the attempt, as whoever begins does
    db.session.refresh(candidate, with_for_update=True)
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


@service(needs=Exams.MANAGE, tells=("candidates", "minutes", "reason"))
def add_time(actor: Actor, exam: Exam, *, minutes: int, reason: str, candidates: Sequence[int] | None = None) -> int:
    """Give these candidates of an exam (without a list: all) so many minutes more; how many got them.

    Whoever has ended gets none. All get them, or nobody does.
    """
    keep_candidates_out(actor, exam)
    if not reason.strip():
        raise Invalid(_("Say why."), field="reason")
    if not 1 <= minutes <= _MOST_EXTRA:
        raise Invalid(_("Give from 1 to 600 minutes."), field="minutes")
    if exam.state not in _SEATED_UNTIL:
        raise Conflict(_("The exam is over; extra time would come too late."))
    waiting = _still_open(exam, candidates)
    if any(extra + minutes > _MOST_EXTRA for extra in waiting.values()):
        raise Invalid(_("Nobody can have more than 600 extra minutes in all."), field="minutes")
    _lengthen(list(waiting), minutes)
    told = {"institution_id": exam.institution_id, "reason": reason.strip(), "given_by_id": actor.person_id}
    rows = [told | {"candidate_id": one, "minutes": extra + minutes} for one, extra in waiting.items()]
    if rows:
        db.session.execute(sa.insert(ExtraTime), rows, execution_options=Everything)
    db.session.expire_all()
    tell(exam=exam.id, given=len(rows))
    return len(rows)


def _still_open(exam: Exam, candidates: Sequence[int] | None) -> dict[int, int]:
    """The extra minutes of those chosen whose attempt has not ended, held until this transaction ends."""
    chosen = sa.select(Candidate.id, Candidate.extra_minutes).where(Candidate.exam_id == exam.id)
    if candidates is not None:
        chosen = chosen.where(Candidate.id.in_(candidates))
    held = chosen.order_by(Candidate.id).with_for_update()
    extra: dict[int, int] = dict(db.session.execute(held, execution_options=Everything).all())
    attempts = sa.select(Attempt.candidate_id, Attempt.closed_at).where(Attempt.candidate_id.in_(list(extra)))
    attempts = attempts.order_by(Attempt.id).with_for_update()
    ended = {one for one, closed in db.session.execute(attempts, execution_options=Everything) if closed is not None}
    return {one: minutes for one, minutes in extra.items() if one not in ended}


def _lengthen(candidates: Sequence[int], minutes: int) -> None:
    more = {"synchronize_session": False, **Everything}
    given = sa.update(Candidate).where(Candidate.id.in_(candidates))
    db.session.execute(given.values(extra_minutes=Candidate.extra_minutes + minutes), execution_options=more)
    running = sa.update(Attempt).where(Attempt.candidate_id.in_(candidates), Attempt.started_at.is_not(None))
    later = running.values(deadline=Attempt.deadline + timedelta(minutes=minutes))
    db.session.execute(later, execution_options=more)
