"""Answers that came too late, or from a page that had lost the pen: what they would change, and what was decided."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from assessments.exams.models import AnswerEvent, Attempt, Exam, LateDecision, LateEvent, PaperItem
from assessments.exams.queries import marking
from assessments.exams.queries.exams import items_of
from assessments.exams.rules.late import counted, made_at
from assessments.exams.rules.scoring import Event
from lms.db import Everything, db
from lms.people.models import Person


@dataclass(frozen=True)
class Late:
    """One late answer as an officer sees it, beside the one that counts now."""

    event: LateEvent
    attempt: Attempt
    name: str
    item: PaperItem | None
    #: the answer that counts without this one; None where there is none
    current: list[str] | None
    decision: LateDecision | None
    decided_by: str | None

    @property
    def made_at(self) -> datetime | None:
        """When the device says it was made: its own clock, nobody vouches for it."""
        return made_at(self.event.id)

    @property
    def after_deadline(self) -> timedelta | None:
        """How long after the deadline it came; None where it was in time and came from an older page."""
        if self.attempt.deadline is None or self.event.received_at < self.attempt.deadline:
            return None
        return self.event.received_at - self.attempt.deadline


def _newest_decision() -> Any:
    """The decision that holds for each late answer: the last one."""
    query = sa.select(LateDecision).ext(pg.distinct_on(LateDecision.late_id))
    return query.order_by(LateDecision.late_id, LateDecision.id.desc()).subquery()


def _of_exam(exam: Exam) -> sa.ColumnElement[bool]:
    return LateEvent.attempt_id.in_(sa.select(Attempt.id).where(Attempt.exam_id == exam.id))


def listing(exam: Exam, *, undecided: bool = False) -> sa.Select[*tuple[Any, ...]]:
    """The late answers of an exam, person by person, in the order they came; run it over the fence."""
    newest = orm.aliased(LateDecision, _newest_decision())
    decider = orm.aliased(Person)
    query = (
        sa.select(LateEvent, Attempt, Person.name, newest, decider.name)
        .join(Attempt, Attempt.id == LateEvent.attempt_id)
        .join(Person, Person.id == Attempt.person_id)
        .outerjoin(newest, newest.late_id == LateEvent.id)
        .outerjoin(decider, decider.id == newest.decided_by_id)
        .where(Attempt.exam_id == exam.id)
        .order_by(Person.sort_key, Person.name, Attempt.id, LateEvent.received_at, LateEvent.id)
        .execution_options(**Everything)
    )
    return query.where(newest.id.is_(None)) if undecided else query


def shown(exam: Exam, rows: Sequence[Any]) -> list[Late]:
    """These rows of the listing with their questions and the answers that count now; three statements in all."""
    items = {item.id: item for item in items_of(exam.paper_version_id)}
    current = _current({attempt.id for _event, attempt, *_ in rows})
    return [
        Late(
            event=event,
            attempt=attempt,
            name=name,
            item=items.get(event.item_id),
            current=current.get((attempt.id, event.item_id)),
            decision=decision,
            decided_by=by,
        )
        for event, attempt, name, decision, by in rows
    ]


def _current(attempts: set[UUID]) -> dict[tuple[UUID, int], list[str]]:
    event = AnswerEvent
    query = sa.select(event.attempt_id, event.item_id, event.answer)
    query = query.ext(pg.distinct_on(event.attempt_id, event.item_id)).where(event.attempt_id.in_(attempts))
    order = event.attempt_id, event.item_id, event.epoch.desc(), event.seq.desc(), event.id.desc()
    return {(attempt, item): answer for attempt, item, answer in db.session.execute(query.order_by(*order))}


@dataclass(frozen=True)
class Tally:
    """How many late answers an exam has, and how many still wait for somebody's word."""

    late: int
    undecided: int


def tally(exam: Exam) -> Tally:
    """How far the deciding is; a release waits until nothing is undecided."""
    decided = sa.exists().where(LateDecision.late_id == LateEvent.id)
    query = sa.select(sa.func.count(), sa.func.count().filter(~decided)).select_from(LateEvent).where(_of_exam(exam))
    return Tally(*db.session.execute(query, execution_options=Everything).one())


def late_by_id(exam: Exam, numbers: Sequence[UUID]) -> list[LateEvent]:
    """Those of these late answers that belong to the exam, in the order of their ids."""
    query = sa.select(LateEvent).where(LateEvent.id.in_(numbers), _of_exam(exam)).order_by(LateEvent.id)
    return list(db.session.scalars(query, execution_options=Everything))


def counting(exam: Exam) -> set[UUID]:
    """The late answers that count by somebody's word."""
    newest = _newest_decision()
    query = sa.select(newest.c.late_id).join(LateEvent, LateEvent.id == newest.c.late_id)
    return set(db.session.scalars(query.where(newest.c.counted, _of_exam(exam)), execution_options=Everything))


def events_that_count(exam: Exam) -> dict[UUID, list[Event]]:
    """Every answer that counts, by attempt: those in time, and after them the late ones that an officer let count."""
    found = defaultdict(list, marking.events_of(exam))
    event = LateEvent
    query = sa.select(event.id, event.attempt_id, event.item_id, event.seq, event.epoch, event.answer)
    for row in db.session.execute(query.where(event.id.in_(counting(exam)))):
        found[row.attempt_id].append(counted(Event(str(row.id), row.item_id, row.seq, row.epoch, tuple(row.answer))))
    return found
