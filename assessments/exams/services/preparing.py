"""Preparing an exam: every candidate's attempt is made beforehand, so that beginning is one small change."""

import secrets
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from assessments.exams.models import Attempt, Candidate, Exam, State
from assessments.exams.policy import Exams, keep_candidates_out
from assessments.exams.queries import preparing as queries
from assessments.exams.queries import rooms
from assessments.exams.queries.drawing import Dealer
from assessments.exams.queries.exams import count, now
from lms import ids, jobs
from lms.authz import Actor
from lms.db import Everything, db
from lms.errors import Conflict
from lms.i18n import _
from lms.service import service, tell

#: The name of the work that prepares exams of many.
PREPARE = "exams.prepare"
#: As many are prepared while one waits; more are work that can be left.
AT_ONCE = 200

_draw = secrets.SystemRandom()


@service(needs=Exams.MANAGE)
def prepare(actor: Actor, exam: Exam, *, most: int = AT_ONCE) -> int:
    """Make the attempts of up to so many candidates who have none; how many are left. Again makes none twice.

    When nobody is left the exam is prepared: seats, paper, time and cut stand from then on.
    """
    keep_candidates_out(actor, exam)
    db.session.refresh(exam, with_for_update=True)
    _check(exam)
    made = _make(exam, queries.unprepared(exam, most))
    left = queries.left(exam)
    if not left and exam.prepared_at is None:
        exam.prepared_at = now()
    db.session.flush()
    tell(exam=exam.id, attempts=made, left=left)
    return left


@service(needs=Exams.MANAGE)
def ask_to_prepare(actor: Actor, exam: Exam) -> UUID:
    """Have an exam of many prepared in the background; the work that is under way already is not asked for twice."""
    keep_candidates_out(actor, exam)
    db.session.refresh(exam, with_for_update=True)
    _check(exam)
    under_way = queries.work(exam)
    if under_way is not None and under_way.state in ("queued", "running"):
        return under_way.id
    tell(exam=exam.id)
    return jobs.request(PREPARE, by=actor.person_id, exam_id=exam.id, person_id=actor.person_id)


@service(needs=Exams.MANAGE)
def undo_preparing(actor: Actor, exam: Exam) -> int:
    """Throw away what was prepared, as long as nobody has begun; how many attempts those were."""
    keep_candidates_out(actor, exam)
    db.session.refresh(exam, with_for_update=True)
    if exam.state not in (State.APPROVED, State.OPEN) or count(exam).begun:
        raise Conflict(_("Somebody has begun; what is prepared stands."))
    gone = sa.delete(Attempt).where(Attempt.exam_id == exam.id, Attempt.started_at.is_(None)).returning(Attempt.id)
    number = len(db.session.scalars(gone, execution_options=Everything).all())
    exam.prepared_at = None
    db.session.flush()
    tell(exam=exam.id, attempts=number)
    return number


@service(needs=Exams.MANAGE)
def prepare_added(actor: Actor, exam: Exam) -> int:
    """Prepare those who were added to an exam that is prepared already; how many."""
    made = _make(exam, queries.unprepared(exam, None))
    tell(exam=exam.id, attempts=made)
    return made


def _check(exam: Exam) -> None:
    if exam.state not in (State.APPROVED, State.OPEN):
        raise Conflict(_("An exam is prepared after two officers have approved it and before it closes."))
    if not count(exam).candidates:
        raise Conflict(_("Nobody is on the list of candidates yet."))
    lacking = rooms.without_place(exam)
    if lacking:
        raise Conflict(_("%(number)s candidates have no window or no seat yet. Seat them first.", number=lacking))


def _make(exam: Exam, candidates: Sequence[tuple[Candidate, int]]) -> int:
    """Attempts that have not begun, for these candidates (each with their place in the seating)."""
    if not candidates:
        return 0
    dealer = Dealer(exam, _draw.randrange)
    rows = [_row(exam, dealer, candidate, place) for candidate, place in candidates]
    insert = pg.insert(Attempt).on_conflict_do_nothing(index_elements=["candidate_id"]).returning(Attempt.id)
    return len(db.session.scalars(insert, rows, execution_options=Everything).all())


def _row(exam: Exam, dealer: Dealer, candidate: Candidate, place: int) -> dict[str, Any]:
    # neighbours get different forms, and every form goes to as many as any other
    form = place % dealer.forms if dealer.forms else None
    items, options = dealer.deal(form)
    return {
        "id": ids.uuid7(),
        "candidate_id": candidate.id,
        "exam_id": exam.id,
        "person_id": candidate.person_id,
        "institution_id": candidate.institution_id,
        "items": items,
        "options": options,
    }
