"""What the page of an attempt and its candidate need; the hot path reads as little as it can."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from assessments.exams.models import (
    AnswerEvent,
    Attempt,
    AttemptClose,
    Candidate,
    Exam,
    ExamScore,
    LateEvent,
    PaperItem,
)
from assessments.exams.queries.exams import items_of
from lms.db import Everything, db


@dataclass(frozen=True)
class Pen:
    """The right to write in an attempt, as light as can be: whose attempt it is never changes."""

    attempt_id: UUID
    person_id: int


_OWNERS: OrderedDict[UUID, int] = OrderedDict()
_MOST = 20_000


def pen(attempt_id: UUID) -> Pen | None:
    """Whose attempt this is, from memory when it was asked before; None for everybody but its candidate."""
    owner = _OWNERS.get(attempt_id)
    if owner is None:
        owner = db.session.scalar(sa.select(Attempt.person_id).where(Attempt.id == attempt_id))
        if owner is None:
            return None
        _note_owner(attempt_id, owner)
    return Pen(attempt_id, owner) if owner == db.actor.person_id else None


def _note_owner(attempt_id: UUID, person_id: int) -> None:
    _OWNERS[attempt_id] = person_id
    if len(_OWNERS) > _MOST:
        _OWNERS.popitem(last=False)


def own(attempt_id: UUID) -> Attempt | None:
    """The attempt, once begun, for its candidate alone."""
    query = sa.select(Attempt).where(Attempt.id == attempt_id, Attempt.person_id == db.actor.person_id)
    return db.session.scalar(query.where(Attempt.started_at.is_not(None)))


@dataclass(frozen=True)
class Seat:
    """Whoever asks, in an exam: as light as can be; whether they are a candidate is for the statement to say."""

    exam_id: int
    person_id: int


def seat(id: int) -> Seat | None:
    """The asking person in an exam, by the address of the page; nobody who is not signed in."""
    person = db.actor.person_id
    return Seat(id, person) if person is not None and id < 1 << 63 else None


_BEGIN = sa.text(
    """
WITH c AS MATERIALIZED (
    SELECT id, exam_id, window_id, extra_minutes FROM exam_candidate
     WHERE exam_id = :exam AND person_id = :person FOR UPDATE
), n AS MATERIALIZED (SELECT clock_timestamp() AS at)
UPDATE exam_attempt a
   SET started_at = n.at,
       deadline = least(n.at + make_interval(mins => e.minutes), coalesce(w.closes_at, e.closes_at))
                  + make_interval(mins => c.extra_minutes)
  FROM n, c JOIN exam e ON e.id = c.exam_id LEFT JOIN exam_window w ON w.id = c.window_id
 WHERE a.candidate_id = c.id AND a.started_at IS NULL AND e.state = 'open'
   AND (w.id IS NOT NULL OR e.prepared_at IS NOT NULL)
   AND n.at >= coalesce(w.opens_at, e.opens_at) AND n.at < coalesce(w.closes_at, e.closes_at)
   AND (CAST(:sign_in AS bigint) IS NULL OR EXISTS (SELECT FROM sign_in WHERE id = :sign_in AND ended_at IS NULL))
RETURNING a.id
"""
)


def begin(seat: Seat, sign_in: int | None) -> UUID | None:
    """Begin a prepared attempt of an open exam, in one statement; None where anything else is the case."""
    told = {"exam": seat.exam_id, "person": seat.person_id, "sign_in": sign_in}
    begun: UUID | None = db.session.execute(_BEGIN, told, execution_options=Everything).scalar_one_or_none()
    if begun is not None:
        _note_owner(begun, seat.person_id)
    return begun


def candidacy(id: int) -> Candidate | None:
    """The asking person's place in an exam, with the exam; None for everybody else."""
    query = sa.select(Candidate).join(Exam, Exam.id == Candidate.exam_id)
    query = query.where(Candidate.exam_id == id, Candidate.person_id == db.actor.person_id)
    return db.session.scalar(query.options(orm.contains_eager(Candidate.exam)))


def attempt_of(candidate: Candidate) -> Attempt | None:
    """The candidate's attempt, begun or only prepared."""
    return db.session.scalar(sa.select(Attempt).where(Attempt.candidate_id == candidate.id))


def attempt_and_now(candidate: Candidate) -> tuple[Attempt | None, datetime]:
    """The same, and the database's clock, in one statement: a thousand people begin at once."""
    query = sa.select(Attempt, sa.func.clock_timestamp()).select_from(Candidate)
    query = query.outerjoin(Attempt, Attempt.candidate_id == Candidate.id).where(Candidate.id == candidate.id)
    attempt, at = db.session.execute(query).one()
    return attempt, at


@dataclass(frozen=True)
class Taken:
    """How an attempt stands just after a page took the pen."""

    exam_id: int
    epoch: int
    paused: bool
    remaining: int


_TAKE = sa.text(
    """
UPDATE exam_attempt SET epoch = epoch + 1
 WHERE id = :attempt AND person_id = :person AND epoch = :seen AND started_at IS NOT NULL AND closed_at IS NULL
   AND coalesce(paused_at, clock_timestamp()) < deadline
   AND (CAST(:sign_in AS bigint) IS NULL OR EXISTS (SELECT FROM sign_in WHERE id = :sign_in AND ended_at IS NULL))
RETURNING exam_id, epoch, paused_at IS NOT NULL AS paused,
          greatest(0, floor(extract(epoch FROM deadline - coalesce(paused_at, clock_timestamp())) * 1000))::bigint
              AS remaining
"""
)


def take_pen(pen: Pen, seen: int, sign_in: int | None) -> Taken | None:
    """Let another page write, if `seen` is still the one that does and there is time left; None if not."""
    told = {"attempt": pen.attempt_id, "person": pen.person_id, "seen": seen, "sign_in": sign_in}
    row = db.session.execute(_TAKE, told, execution_options=Everything).one_or_none()
    return None if row is None else Taken(**row._mapping)


def signed_out(sign_in: int | None) -> bool:
    """Whether a sign-in that came from memory has ended since."""
    if sign_in is None:
        return False
    ended = sa.text("SELECT ended_at IS NOT NULL FROM sign_in WHERE id = :sign_in")
    return bool(db.session.execute(ended, {"sign_in": sign_in}, execution_options=Everything).scalar_one_or_none())


def answers_of(attempt_id: UUID) -> dict[str, dict[str, Any]]:
    """The current answer to each item, with the place in the order of events that it holds."""
    event = AnswerEvent
    query = sa.select(event.item_id, event.answer, event.epoch, event.seq).ext(pg.distinct_on(event.item_id))
    query = query.where(event.attempt_id == attempt_id)
    query = query.order_by(event.item_id, event.epoch.desc(), event.seq.desc(), event.id.desc())
    return {
        str(item): {"answer": answer, "epoch": epoch, "seq": seq}
        for item, answer, epoch, seq in db.session.execute(query)
    }


@dataclass(frozen=True)
class Stand:
    """How an attempt stands just now, and what its page is made of; one statement."""

    signed_in: bool
    epoch: int
    closed: bool
    paused: bool
    remaining: int
    #: the current answer to each item, with the place in the order of events that it holds
    answers: dict[str, dict[str, Any]]
    items: list[int]
    options: dict[str, list[str]]
    exam_id: int
    title: str
    title_en: str | None
    paper_version_id: int

    @property
    def over(self) -> bool:
        """Whether nothing more can be answered."""
        return self.closed or self.remaining == 0


_STAND = sa.text(
    """
SELECT CAST(:sign_in AS bigint) IS NULL
       OR EXISTS (SELECT FROM sign_in WHERE id = :sign_in AND ended_at IS NULL) AS signed_in,
       a.epoch, a.closed_at IS NOT NULL AS closed, a.paused_at IS NOT NULL AS paused,
       greatest(0, floor(extract(epoch FROM a.deadline - coalesce(a.paused_at, clock_timestamp())) * 1000))::bigint
           AS remaining,
       coalesce((SELECT jsonb_object_agg(item_id, jsonb_build_object('answer', answer, 'epoch', epoch, 'seq', seq))
                   FROM (SELECT DISTINCT ON (item_id) item_id, answer, epoch, seq FROM answer_event
                          WHERE attempt_id = a.id ORDER BY item_id, epoch DESC, seq DESC, id DESC) AS newest), '{}')
           AS answers,
       a.items, a.options, e.id AS exam_id, e.title, e.title_en, e.paper_version_id
  FROM exam_attempt a JOIN exam e ON e.id = a.exam_id
 WHERE a.id = :attempt AND a.person_id = :person AND a.started_at IS NOT NULL
"""
)


def stand_of(pen: Pen, sign_in: int | None) -> Stand | None:
    """How the attempt stands, for its candidate alone; `sign_in` is looked at again where who asks is remembered."""
    told = {"attempt": pen.attempt_id, "person": pen.person_id, "sign_in": sign_in}
    row = db.session.execute(_STAND, told, execution_options=Everything).one_or_none()
    return None if row is None else Stand(**row._mapping)


def items_by_id(paper_version_id: int) -> dict[int, PaperItem]:
    """The questions of a paper by the number that answers name."""
    return {item.id: item for item in items_of(paper_version_id)}


def ending_of(attempt: Attempt) -> AttemptClose | None:
    """How the attempt ended."""
    return db.session.get(AttemptClose, attempt.id)


def late_of(attempt: Attempt) -> int:
    """How many answers are kept and not counted."""
    query = sa.select(sa.func.count()).select_from(LateEvent).where(LateEvent.attempt_id == attempt.id)
    return db.session.scalars(query).one()


def score_of(attempt: Attempt) -> ExamScore | None:
    """The newest released result of an attempt (within its candidate's reach once released)."""
    query = sa.select(ExamScore).where(ExamScore.attempt_id == attempt.id).order_by(ExamScore.run_id.desc()).limit(1)
    return db.session.scalar(query)


def remaining(attempt: Attempt) -> int:
    """Milliseconds until the deadline, by the database's clock, which stands still in a pause; not below 0."""
    clock = sa.func.coalesce(Attempt.paused_at, sa.func.clock_timestamp())
    left = sa.func.extract("epoch", Attempt.deadline - clock) * 1000
    query = sa.select(left).where(Attempt.id == attempt.id)
    return max(0, int(db.session.scalars(query, execution_options=Everything).one()))
