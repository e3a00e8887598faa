"""When and where an exam is sat, and who sits where."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from assessments.exams.models import Attempt, Candidate, Exam, ExamRoom, ExamWindow, Incident
from lms.db import Everything, db
from lms.institutions.models import Institution
from lms.institutions.queries.tree import shown_name
from lms.people.models import Person


def windows(exam: Exam) -> list[ExamWindow]:
    """The windows of an exam, the first one first."""
    query = sa.select(ExamWindow).where(ExamWindow.exam_id == exam.id)
    return list(db.session.scalars(query.order_by(ExamWindow.opens_at, ExamWindow.id)))


def rooms(exam: Exam) -> list[ExamRoom]:
    """The rooms of an exam, by name."""
    return list(db.session.scalars(sa.select(ExamRoom).where(ExamRoom.exam_id == exam.id).order_by(ExamRoom.name)))


def times_of(exam: Exam, candidate: Candidate) -> tuple[datetime, datetime] | None:
    """From when until when this candidate sits the exam; None where it has windows and they have none yet."""
    window = candidate.window
    if window is not None:
        return window.opens_at, window.closes_at
    # what is prepared has given a window to everybody, if it has any: a start need not ask again
    return None if exam.prepared_at is None and windows(exam) else (exam.opens_at, exam.closes_at)


def window_by(exam: int, number: int) -> ExamWindow | None:
    """One window of one exam, by the address of the page."""
    return db.session.scalar(sa.select(ExamWindow).where(ExamWindow.id == number, ExamWindow.exam_id == exam))


def room_by(exam: int, number: int) -> ExamRoom | None:
    """One room of one exam, by the address of the page."""
    return db.session.scalar(sa.select(ExamRoom).where(ExamRoom.id == number, ExamRoom.exam_id == exam))


@dataclass(frozen=True)
class Place:
    """One room in one window, and how many sit there; no window where the exam has none, no room likewise."""

    window: ExamWindow | None
    room: ExamRoom | None
    taken: int

    @property
    def free(self) -> int | None:
        """How many seats are left; None where nobody counts them."""
        return None if self.room is None else self.room.seats - self.taken


def id_of(thing: ExamWindow | ExamRoom | None) -> int | None:
    """The number of a window or a room; none where there is none."""
    return None if thing is None else thing.id


def places(exam: Exam) -> list[Place]:
    """Every room in every window with how many sit there; three statements."""
    query = (
        sa.select(Candidate.window_id, Candidate.room_id, sa.func.count())
        .where(Candidate.exam_id == exam.id)
        .group_by(Candidate.window_id, Candidate.room_id)
    )
    taken = {(window, room): count for window, room, count in db.session.execute(query, execution_options=Everything)}
    times: Sequence[ExamWindow | None] = windows(exam) or [None]
    halls: Sequence[ExamRoom | None] = rooms(exam) or [None]
    return [
        Place(window, room, taken.get((id_of(window), id_of(room)), 0))
        for window in times
        for room in halls
        if window or room
    ]


def lacking(exam: Exam) -> sa.ColumnElement[bool]:
    """A candidate of this exam has no window where it has windows, or no seat where it has rooms."""
    missing: list[sa.ColumnElement[bool]] = [sa.false()]
    if windows(exam):
        missing.append(Candidate.window_id.is_(None))
    if rooms(exam):
        missing.append(Candidate.seat.is_(None))
    return sa.and_(Candidate.exam_id == exam.id, sa.or_(*missing))


def without_place(exam: Exam) -> int:
    """How many candidates have no window, or no seat, where the exam has windows or rooms."""
    query = sa.select(sa.func.count()).select_from(Candidate).where(lacking(exam))
    return db.session.scalars(query, execution_options=Everything).one()


def sheet(exam: Exam, *, window: int | None = None, room: int | None = None) -> sa.Select[*tuple[Any, ...]]:
    """Who sits where, seat by seat, for the list at the door; run it over the fence."""
    query = (
        sa.select(Candidate, Person.name, shown_name().label("institution"), ExamRoom.name.label("room"), ExamWindow)
        .join(Person, Person.id == Candidate.person_id)
        .join(Institution, Institution.id == Person.institution_id)
        .outerjoin(ExamRoom, ExamRoom.id == Candidate.room_id)
        .outerjoin(ExamWindow, ExamWindow.id == Candidate.window_id)
        .where(Candidate.exam_id == exam.id)
        .order_by(ExamWindow.opens_at, ExamRoom.name, Candidate.seat, Person.sort_key, Person.name, Candidate.id)
        .execution_options(**Everything)
    )
    if window is not None:
        query = query.where(Candidate.window_id == window)
    return query if room is None else query.where(Candidate.room_id == room)


def waiting(exam: Exam) -> list[tuple[Candidate, int]]:
    """Candidates without a window or a seat who have not begun, with their institution, held for this transaction."""
    begun = sa.exists().where(Attempt.candidate_id == Candidate.id, Attempt.started_at.is_not(None))
    query = (
        sa.select(Candidate, Person.institution_id)
        .join(Person, Person.id == Candidate.person_id)
        .where(lacking(exam), ~begun)
        .order_by(Person.institution_id, Person.sort_key, Person.name, Candidate.id)
        .with_for_update(of=Candidate)
    )
    return [(one, place) for one, place in db.session.execute(query, execution_options=Everything)]


def taken_seats(exam: Exam) -> defaultdict[tuple[int | None, int | None], set[int]]:
    """The seats that are taken, by window and room."""
    taken: defaultdict[tuple[int | None, int | None], set[int]] = defaultdict(set)
    query = sa.select(Candidate.window_id, Candidate.room_id, Candidate.seat)
    query = query.where(Candidate.exam_id == exam.id, Candidate.seat.is_not(None))
    for window, room, seat in db.session.execute(query, execution_options=Everything):
        taken[window, room].add(seat or 0)
    return taken


def highest_seat(room: ExamRoom) -> int:
    """The highest number at which somebody sits in a room; 0 where nobody does."""
    query = sa.select(sa.func.max(Candidate.seat)).where(Candidate.room_id == room.id)
    return db.session.scalars(query, execution_options=Everything).one() or 0


def has_incidents(room: ExamRoom) -> bool:
    """Whether an incident names this room."""
    return db.session.scalar(sa.select(Incident.id).where(Incident.room_id == room.id).limit(1)) is not None


@dataclass(frozen=True)
class Sheet:
    """The list at the door of one room in one window."""

    room: str | None
    window: ExamWindow | None
    rows: list[Any]


def sheets(rows: Sequence[Any]) -> list[Sheet]:
    """The rows of `sheet`, door by door."""
    found: dict[tuple[int | None, int | None], Sheet] = {}
    for row in rows:
        place = (row.Candidate.window_id, row.Candidate.room_id)
        found.setdefault(place, Sheet(row.room, row.ExamWindow, [])).rows.append(row)
    return list(found.values())
