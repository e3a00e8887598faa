"""The live board: who is in, last heard, unsaved; the same few statements for ten candidates and for a thousand.

Events are counted only for the rows that are shown: everything one can filter or sort by stands in the candidate, the
attempt and its last beat.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from assessments.exams.models import (
    AnswerEvent,
    Attempt,
    AttemptBeat,
    AttemptClose,
    Candidate,
    Exam,
    ExamRoom,
    ExamWindow,
    LateEvent,
)
from lms.db import Everything, db
from lms.institutions.models import Institution
from lms.institutions.queries.tree import shown_name
from lms.people.models import Person

#: Whoever was not heard for longer is silent, in seconds: a page says every 15 seconds that it is there.
SILENT = 60

_clock = sa.func.clock_timestamp()
_heard = sa.func.greatest(Attempt.started_at, AttemptBeat.heard_at)
_silent = sa.func.extract("epoch", _clock - _heard)
_left = sa.func.extract("epoch", Attempt.deadline - sa.func.coalesce(Attempt.paused_at, _clock))
_ended = Attempt.closed_at.is_not(None)
_in = sa.and_(Attempt.started_at.is_not(None), ~_ended)
#: How somebody stands, in one word.
_stand = sa.case(
    (_ended, "ended"),
    (Attempt.started_at.is_(None), "not_in"),
    (Attempt.paused_at.is_not(None), "paused"),
    (_silent > SILENT, "silent"),
    else_="writing",
)
STANDS = ("not_in", "writing", "silent", "paused", "ended")


@dataclass(frozen=True)
class Sought:
    """Whom the board shows; empty words do not narrow."""

    words: str = ""
    room: int | None = None
    window: int | None = None
    stand: str = ""
    unsaved: bool = False
    sort: str = ""


_SORTS: dict[str, Any] = {
    "name": Person.sort_key,
    "seat": Candidate.seat,
    "left": _left,
    "heard": _silent,
    "unsaved": sa.func.coalesce(AttemptBeat.unsaved, 0),
}


def _joined(query: Any, exam: Exam) -> Any:
    return (
        query.select_from(Candidate)
        .join(Person, Person.id == Candidate.person_id)
        .join(Institution, Institution.id == Person.institution_id)
        .outerjoin(Attempt, Attempt.candidate_id == Candidate.id)
        .outerjoin(AttemptBeat, AttemptBeat.id == Attempt.id)
        .outerjoin(AttemptClose, AttemptClose.id == Attempt.id)
        .outerjoin(ExamRoom, ExamRoom.id == Candidate.room_id)
        .outerjoin(ExamWindow, ExamWindow.id == Candidate.window_id)
        .where(Candidate.exam_id == exam.id)
    )


def _narrowed(query: Any, sought: Sought) -> Any:
    if sought.words:
        query = query.where(Person.name.icontains(sought.words, autoescape=True))
    if sought.room is not None:
        query = query.where(Candidate.room_id == sought.room)
    if sought.window is not None:
        query = query.where(Candidate.window_id == sought.window)
    if sought.unsaved:
        query = query.where(_in, AttemptBeat.unsaved > 0)
    return query.where(_stand == sought.stand) if sought.stand in STANDS else query


def listing(exam: Exam, sought: Sought) -> sa.Select[*tuple[Any, ...]]:
    """The candidates looked for, with how each stands; run it over the fence."""
    columns = (
        Candidate.id,
        Candidate.extra_minutes,
        Candidate.seat,
        Person.name,
        shown_name().label("institution"),
        ExamRoom.name.label("room"),
        ExamWindow.opens_at.label("window"),
        Attempt.id.label("attempt_id"),
        Attempt.started_at,
        AttemptClose.ending,
        _stand.label("stand"),
        _heard.label("heard_at"),
        _silent.label("silent"),
        _left.label("left"),
        AttemptBeat.unsaved,
        sa.func.cardinality(Attempt.items).label("questions"),
    )
    query = _narrowed(_joined(sa.select(*columns), exam), sought)
    own = (ExamWindow.opens_at, ExamRoom.name, Candidate.seat, Institution.path, Person.sort_key, Candidate.id)
    column = _SORTS.get(sought.sort.removeprefix("-"))
    if column is not None:
        first = column.desc() if sought.sort.startswith("-") else column.asc()
        query = query.order_by(first.nulls_last(), *own)
    else:
        query = query.order_by(*own)
    return query.execution_options(**Everything)  # type: ignore[no-any-return]


def of_those(exam: Exam, sought: Sought) -> list[int]:
    """The candidates looked for, all of them, by id."""
    query = _narrowed(_joined(sa.select(Candidate.id), exam), sought)
    return list(db.session.scalars(query.order_by(Candidate.id), execution_options=Everything))


@dataclass(frozen=True)
class Summary:
    """How many stand how, and how many answers lie only on devices."""

    total: int
    not_in: int
    writing: int
    silent: int
    paused: int
    ended: int
    unsaved: int
    holding: int


def summary(exam: Exam, sought: Sought) -> Summary:
    """The figures above the board, for the room or window that is looked at."""
    counts = [sa.func.count().filter(_stand == stand) for stand in STANDS]
    held = sa.func.coalesce(sa.func.sum(AttemptBeat.unsaved).filter(_in), 0)
    holding = sa.func.count().filter(_in, AttemptBeat.unsaved > 0)
    query = _joined(sa.select(sa.func.count(), *counts, held, holding), exam)
    narrow = Sought(room=sought.room, window=sought.window)
    return Summary(*db.session.execute(_narrowed(query, narrow), execution_options=Everything).one())


def answered(attempts: Sequence[UUID]) -> dict[UUID, int]:
    """How many questions each of these attempts has an answer to; counted for the rows that are shown."""
    event = AnswerEvent
    newest = (
        sa.select(event.attempt_id, event.answer)
        .ext(pg.distinct_on(event.attempt_id, event.item_id))
        .where(event.attempt_id.in_(attempts))
        .order_by(event.attempt_id, event.item_id, event.epoch.desc(), event.seq.desc(), event.id.desc())
        .subquery()
    )
    filled = sa.func.count().filter(sa.func.jsonb_array_length(newest.c.answer) > 0)
    query = sa.select(newest.c.attempt_id, filled).group_by(newest.c.attempt_id)
    return dict(db.session.execute(query).all())


def late(attempts: Sequence[UUID]) -> dict[UUID, int]:
    """How many answers of these attempts came late and wait for a person."""
    query = sa.select(LateEvent.attempt_id, sa.func.count()).where(LateEvent.attempt_id.in_(attempts))
    return dict(db.session.execute(query.group_by(LateEvent.attempt_id)).all())
