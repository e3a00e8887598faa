"""Sitting an exam: begin, take the pen, hand in; stopping the clock; and closing what is over."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NoReturn
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from assessments.exams.models import Attempt, AttemptClose, AttemptPause, Candidate, Ending, Exam, State
from assessments.exams.policy import Exams, keep_candidates_out
from assessments.exams.queries import attempts as queries
from assessments.exams.queries import rooms
from assessments.exams.queries.drawing import Dealer
from assessments.exams.queries.exams import now
from lms.authz import Actor, only
from lms.db import Everything, db
from lms.errors import Conflict, Invalid
from lms.i18n import _
from lms.service import service, tell

_draw = secrets.SystemRandom()


@service(needs=Exams.SIT, later=True)
def begin(actor: Actor, seat: queries.Seat, *, sign_in: int | None = None) -> UUID | None:
    """Begin, as a thousand do at once: what was prepared in one statement, everything else by `start`.

    `sign_in` is checked again where who asks came from memory; when it has ended nothing is done: None.
    """
    begun = queries.begin(seat, sign_in)
    if begun is None:
        return None if queries.signed_out(sign_in) else start(actor, only(queries.candidacy(seat.exam_id)))
    tell(exam=seat.exam_id, attempt=str(begun))
    return begun


@service(needs=Exams.SIT, later=True)
def start(actor: Actor, candidate: Candidate) -> UUID:
    """Begin, once: the order is drawn and the deadline set from the database's clock. Again gives the same attempt.

    What comes back is its number: the row would have to be read again after the commit.
    """
    db.session.refresh(candidate, ("extra_minutes", "window_id"), with_for_update=True)
    exam = candidate.exam
    attempt, at = queries.attempt_and_now(candidate)
    if attempt is not None and attempt.started_at is not None:
        return attempt.id
    until = _check_open(exam, candidate, at)
    attempt = attempt or prepared(exam, candidate)
    attempt.started_at, attempt.deadline = at, _deadline(exam, at, until, candidate.extra_minutes)
    db.session.add(attempt)
    if exam.state == State.APPROVED:
        exam.state = State.OPEN
    db.session.flush()
    tell(exam=exam.id, attempt=str(attempt.id))
    return attempt.id


def prepared(exam: Exam, candidate: Candidate) -> Attempt:
    """An attempt that has not begun: what this candidate will be asked, in which order."""
    items, options = Dealer(exam, _draw.randrange).deal()
    return Attempt(
        candidate_id=candidate.id,
        exam_id=exam.id,
        person_id=candidate.person_id,
        institution_id=candidate.institution_id,
        items=items,
        options=options,
    )


def _check_open(exam: Exam, candidate: Candidate, at: datetime) -> datetime:
    """Until when this candidate sits the exam; raises Conflict where they cannot begin now."""
    if exam.state not in (State.APPROVED, State.OPEN):
        raise Conflict(_("This exam is not open."))
    times = rooms.times_of(exam, candidate)
    if times is None:
        raise Conflict(_("You have not been given a time for this exam yet. Ask the office that holds it."))
    if at < times[0]:
        raise Conflict(_("The exam has not begun yet."))
    if at >= times[1]:
        raise Conflict(_("The time to begin is over."))
    return times[1]


@service(needs=Exams.ANSWER, later=True)
def take_pen(actor: Actor, pen: queries.Pen, *, seen: int, sign_in: int | None = None) -> dict[str, Any] | None:
    """Make this page the one that writes; raises Conflict when another page took the pen since `seen` was shown.

    `sign_in` is checked again where who asks came from memory; when it has ended nothing is done: None.
    """
    taken = queries.take_pen(pen, seen, sign_in)
    if taken is None:
        if queries.signed_out(sign_in):
            return None
        _refuse_pen(pen)
    tell(exam=taken.exam_id, attempt=str(pen.attempt_id), epoch=taken.epoch)
    return {
        "epoch": taken.epoch,
        "answers": queries.answers_of(pen.attempt_id),
        "paused": taken.paused,
        "remaining": taken.remaining,
    }


def _refuse_pen(pen: queries.Pen) -> NoReturn:
    """Say why a page may not write; an attempt whose time is over is ended by this."""
    attempt = _locked(pen.attempt_id)
    if attempt.closed_at is None and attempt.over(now()):
        _close(attempt, Ending.DEADLINE, attempt.ends)
    if attempt.closed_at is not None:
        raise Conflict(_("This attempt has ended."))
    raise Conflict(_("Another page has just taken over. Reload to continue here."))


@service(needs=Exams.ANSWER, later=True)
def hand_in(actor: Actor, pen: queries.Pen) -> str:
    """End one's own attempt; doing it again, or after the deadline, changes nothing. How it ended."""
    attempt = _locked(pen.attempt_id)
    if attempt.closed_at is None:
        at = now()
        late = attempt.over(at)
        _close(attempt, Ending.DEADLINE if late else Ending.HANDED_IN, attempt.ends if late else at)
    ending = queries.ending_of(attempt)
    tell(exam=attempt.exam_id, attempt=str(attempt.id))
    return ending.ending if ending else ""


@service(needs=Exams.MANAGE, tells=("reason",))
def close(actor: Actor, exam: Exam, *, reason: str) -> int:
    """End the exam now, and every attempt that is still under way; how many those were."""
    keep_candidates_out(actor, exam)
    db.session.refresh(exam, with_for_update=True)
    if exam.state not in (State.APPROVED, State.OPEN):
        raise Conflict(_("Only an exam that is open or approved can be closed."))
    at = now()
    running = sa.select(Attempt).where(Attempt.exam_id == exam.id, _under_way()).with_for_update()
    ended = 0
    for attempt in db.session.scalars(running):
        over = attempt.over(at)
        _close(attempt, Ending.DEADLINE if over else Ending.OFFICER, attempt.ends if over else at)
        ended += 1
    exam.state = State.CLOSED
    tell(exam=exam.id, ended=ended)
    return ended


@service(needs=Exams.MANAGE, tells=("candidates", "reason"))
def pause(actor: Actor, exam: Exam, *, reason: str, candidates: Sequence[int] | None = None) -> int:
    """Stop the clock of these candidates' attempts (of everybody's, without a list) that are under way; how many.

    Their pages are covered; what was answered before still arrives and counts.
    """
    _check(actor, exam, reason)
    clock = sa.func.clock_timestamp()
    running = _of(exam, candidates).where(Attempt.paused_at.is_(None), Attempt.deadline > clock)
    stopped = running.values(paused_at=clock).returning(Attempt.id, sa.null())
    return _note(actor, exam, stopped, reason)


@service(needs=Exams.MANAGE, tells=("candidates", "reason"))
def resume(actor: Actor, exam: Exam, *, reason: str, candidates: Sequence[int] | None = None) -> int:
    """Let paused attempts go on; each deadline moves by just the length of its pause. How many went on."""
    _check(actor, exam, reason)
    later = Attempt.deadline + (sa.func.clock_timestamp() - Attempt.paused_at)
    waiting = _of(exam, candidates).where(Attempt.paused_at.is_not(None))
    resumed = waiting.values(deadline=later, paused_at=None).returning(Attempt.id, Attempt.deadline)
    return _note(actor, exam, resumed, reason)


def _check(actor: Actor, exam: Exam, reason: str) -> None:
    keep_candidates_out(actor, exam)
    if not reason.strip():
        raise Invalid(_("Say why."), field="reason")


def _of(exam: Exam, candidates: Sequence[int] | None) -> sa.Update:
    """The attempts of an exam that are under way, all of them or those of these candidates."""
    chosen = sa.update(Attempt).where(Attempt.exam_id == exam.id, _under_way())
    return chosen if candidates is None else chosen.where(Attempt.candidate_id.in_(candidates))


def _note(actor: Actor, exam: Exam, change: Any, reason: str) -> int:
    """Carry a pause or its end out and write it down, attempt by attempt."""
    changed = db.session.execute(change.execution_options(synchronize_session=False, **Everything)).all()
    if changed:
        told = {"institution_id": exam.institution_id, "reason": reason.strip(), "by_id": actor.person_id}
        rows = [told | {"attempt_id": attempt, "deadline": deadline} for attempt, deadline in changed]
        db.session.execute(sa.insert(AttemptPause), rows, execution_options=Everything)
    db.session.expire_all()
    tell(exam=exam.id, attempts=len(changed))
    return len(changed)


@service(needs=Exams.SWEEP)
def sweep(actor: Actor, _nothing: None) -> dict[str, int]:
    """Open what is due, end what is over, close exams that nobody can sit any more; safe to repeat and to come late."""
    at = now()
    due = sa.select(Exam).where(Exam.state == State.APPROVED, Exam.opens_at <= at, Exam.closes_at > at)
    opened = 0
    for exam in db.session.scalars(due.with_for_update(skip_locked=True)):
        exam.state = State.OPEN
        opened += 1
    over = sa.select(Attempt).where(Attempt.closed_at.is_(None), Attempt.paused_at.is_(None), Attempt.deadline <= at)
    ended = 0
    for attempt in db.session.scalars(over.with_for_update(skip_locked=True)):
        _close(attempt, Ending.DEADLINE, attempt.ends)
        ended += 1
    db.session.flush()
    return {"opened": opened, "ended": ended, "closed": _close_exams(at)}


def _close_exams(at: datetime) -> int:
    running = sa.exists().where(Attempt.exam_id == Exam.id, _under_way())
    done = sa.select(Exam).where(Exam.state.in_((State.APPROVED, State.OPEN)), Exam.closes_at <= at, ~running)
    closed = 0
    for exam in db.session.scalars(done.with_for_update(skip_locked=True)):
        exam.state = State.CLOSED
        closed += 1
    db.session.flush()
    return closed


def _under_way() -> sa.ColumnElement[bool]:
    return sa.and_(Attempt.started_at.is_not(None), Attempt.closed_at.is_(None))


def _locked(attempt_id: UUID) -> Attempt:
    return db.session.scalars(sa.select(Attempt).where(Attempt.id == attempt_id).with_for_update()).one()


def _close(attempt: Attempt, ending: Ending, at: datetime) -> None:
    """The one transition that ends an attempt; whoever comes second changes nothing."""
    row = {"id": attempt.id, "ending": ending, "closed_at": at}
    insert = pg.insert(AttemptClose).values(row).on_conflict_do_nothing().returning(AttemptClose.id)
    if db.session.scalar(insert, execution_options=Everything) is not None:
        attempt.closed_at = at
    db.session.flush()


def _deadline(exam: Exam, started_at: datetime, until: datetime, extra_minutes: int) -> datetime:
    """The exam's minutes, but not past the end of the candidate's window; extra time is added to either."""
    return min(started_at + timedelta(minutes=exam.minutes), until) + timedelta(minutes=extra_minutes)
