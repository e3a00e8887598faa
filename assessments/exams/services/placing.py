"""Windows and rooms of an exam, and who sits when and where: all at once, or one by hand."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from assessments.exams.models import Attempt, Candidate, Exam, ExamRoom, ExamWindow, State
from assessments.exams.policy import Exams, keep_candidates_out
from assessments.exams.queries import rooms as queries
from assessments.exams.queries.exams import now
from assessments.exams.rules import seating
from lms.authz import Actor
from lms.db import Everything, db
from lms.errors import Conflict, Invalid
from lms.i18n import _
from lms.people.models import Person
from lms.service import service, tell

_PLANNED_IN = (State.DRAFTED, State.APPROVED, State.OPEN)


@service(needs=Exams.MANAGE)
def add_window(actor: Actor, exam: Exam, *, opens_at: datetime, closes_at: datetime) -> ExamWindow:
    """Let some of the candidates sit the exam from then until then; within the times of the exam."""
    _check(actor, exam)
    if closes_at <= opens_at:
        raise Invalid(_("The window must close after it opens."), field="closes_at")
    if opens_at < exam.opens_at or closes_at > exam.closes_at:
        raise Invalid(_("A window lies within the times at which the exam is open."), field="opens_at")
    if any((one.opens_at, one.closes_at) == (opens_at, closes_at) for one in queries.windows(exam)):
        raise Conflict(_("This window is there already."))
    if exam.prepared_at is not None and not queries.windows(exam):
        raise Conflict(_("The exam is prepared without windows. Undo the preparing first."))
    window = ExamWindow(exam_id=exam.id, institution_id=exam.institution_id, opens_at=opens_at, closes_at=closes_at)
    db.session.add(window)
    db.session.flush()
    tell(exam=exam.id, opens_at=opens_at.isoformat(), closes_at=closes_at.isoformat())
    return window


@service(needs=Exams.MANAGE)
def add_room(actor: Actor, exam: Exam, *, name: str, seats: int) -> ExamRoom:
    """Add a room with so many seats; a room of that name gets so many instead, as long as those who sit there fit."""
    _check(actor, exam)
    name = name.strip()
    if not name:
        raise Invalid(_("Give the room a name."), field="name")
    if not 1 <= seats <= 5000:
        raise Invalid(_("A room has from 1 to 5000 seats."), field="seats")
    room = next((one for one in queries.rooms(exam) if one.name == name), None)
    if room is None:
        room = ExamRoom(exam_id=exam.id, institution_id=exam.institution_id, name=name, seats=seats)
        db.session.add(room)
    elif queries.highest_seat(room) > seats:
        raise Conflict(_("Somebody sits at number %(seat)s of this room.", seat=queries.highest_seat(room)))
    room.seats = seats
    db.session.flush()
    tell(exam=exam.id, room=name, seats=seats)
    return room


@service(needs=Exams.MANAGE)
def drop_window(actor: Actor, window: ExamWindow) -> int:
    """Take a window away; who was in it waits for another. How many those were."""
    exam = db.session.get_one(Exam, window.exam_id)
    gone = _unseat(actor, exam, Candidate.window_id == window.id)
    db.session.delete(window)
    db.session.flush()
    tell(exam=exam.id, opens_at=window.opens_at.isoformat(), candidates=gone)
    return gone


@service(needs=Exams.MANAGE)
def drop_room(actor: Actor, room: ExamRoom) -> int:
    """Take a room away; who sat in it waits for another seat. How many those were."""
    exam = db.session.get_one(Exam, room.exam_id)
    if queries.has_incidents(room):
        raise Conflict(_("An incident is written down for this room, which stays."))
    gone = _unseat(actor, exam, Candidate.room_id == room.id)
    db.session.delete(room)
    db.session.flush()
    tell(exam=exam.id, room=room.name, candidates=gone)
    return gone


def _unseat(actor: Actor, exam: Exam, where: sa.ColumnElement[bool]) -> int:
    _check(actor, exam)
    there = sa.select(Candidate).where(Candidate.exam_id == exam.id, where)
    people = list(db.session.scalars(there, execution_options=Everything))
    if people and exam.prepared_at is not None:
        raise Conflict(_("The exam is prepared and people are placed here. Place them elsewhere first."))
    _check_waiting(people)
    for one in people:
        one.window_id = one.room_id = one.seat = None
    db.session.flush()
    return len(people)


@service(needs=Exams.MANAGE)
def seat_everybody(actor: Actor, exam: Exam, *, anew: bool = False) -> int:
    """Give a window and a seat to all who have none (`anew`: to all), neighbours from different institutions.

    How many were placed; raises Conflict when the seats do not suffice, and places nobody.
    """
    _check(actor, exam)
    if exam.prepared_at is not None:
        raise Conflict(_("The exam is prepared; the seats stand. One candidate can still be placed by hand."))
    if anew:
        _unseat(actor, exam, sa.true())
    placed = seat_added(actor, exam)
    tell(exam=exam.id, candidates=placed)
    return placed


@service(needs=Exams.MANAGE)
def seat_added(actor: Actor, exam: Exam) -> int:
    """Give a window and a seat to those who have none, in windows that are not over; how many."""
    windows, rooms = queries.windows(exam), queries.rooms(exam)
    if not windows and not rooms:
        raise Invalid(_("Add a window or a room first."))
    people = queries.waiting(exam)
    at = now()
    times: Sequence[ExamWindow | None] = [one for one in windows if one.closes_at > at] if windows else [None]
    by_window: dict[int | None, list[tuple[Candidate, int]]] = defaultdict(list)
    for candidate, institution in people:
        by_window[candidate.window_id].append((candidate, institution))
    free = _free(exam, [queries.id_of(one) for one in times], rooms, len(people))
    for chosen, group in sorted(by_window.items(), key=lambda pair: pair[0] is None):
        halls = [hall for hall in free if chosen is None or hall.window == chosen]
        _place(group, halls)
        free = _free(exam, [queries.id_of(one) for one in times], rooms, len(people))
    tell(exam=exam.id, candidates=len(people))
    return len(people)


def _free(exam: Exam, windows: Sequence[int | None], rooms: Sequence[ExamRoom], most: int) -> list[seating.Hall]:
    """What is free now; where there are no rooms, the windows share the people evenly."""
    taken = queries.taken_seats(exam)
    if not rooms:
        each = -(-most // max(1, len(windows)))
        return [seating.Hall(window, None, range(1, each + 1)) for window in windows]
    return [
        seating.Hall(window, room.id, [n for n in range(1, room.seats + 1) if n not in taken[window, room.id]])
        for window in windows
        for room in rooms
    ]


def _place(people: Sequence[tuple[Candidate, int]], halls: Sequence[seating.Hall]) -> None:
    try:
        seats = seating.seated(seating.apart(people), halls)
    except seating.NoRoom as full:
        raise Conflict(
            _("%(people)s candidates need a seat, %(seats)s are free. Add a room or a window.")
            % {"people": full.people, "seats": full.seats}
        ) from None
    for candidate, (window, room, seat) in seats.items():
        candidate.window_id, candidate.room_id = window, room
        candidate.seat = seat if room is not None else None
    db.session.flush()


@service(needs=Exams.MANAGE)
def place(
    actor: Actor, candidate: Candidate, *, window: ExamWindow | None, room: ExamRoom | None, seat: int | None
) -> None:
    """Give one candidate who has not begun this window, room and seat (the lowest free one where none is named)."""
    exam = db.session.get_one(Exam, candidate.exam_id)
    _check(actor, exam)
    _check_waiting([candidate])
    if any(one is not None and one.exam_id != exam.id for one in (window, room)):
        raise Invalid(_("This is a place of another exam."))
    if (window is None and queries.windows(exam)) or (room is None and queries.rooms(exam)):
        raise Invalid(_("Choose a window and a room."), field="room")
    if room is not None:
        seat = _seat_in(exam, window, room, seat, candidate)
    candidate.window_id, candidate.room_id = queries.id_of(window), queries.id_of(room)
    candidate.seat = seat if room is not None else None
    db.session.flush()
    tell(exam=exam.id, person=candidate.person_id, window=queries.id_of(window), room=room and room.name, seat=seat)


def _seat_in(exam: Exam, window: ExamWindow | None, room: ExamRoom, seat: int | None, candidate: Candidate) -> int:
    here = (queries.id_of(window), room.id)
    own = (candidate.window_id, candidate.room_id) == here
    taken = queries.taken_seats(exam)[here] - ({candidate.seat} if own else set())
    if seat is None:
        seat = next((n for n in range(1, room.seats + 1) if n not in taken), None)
    if seat is None:
        raise Conflict(_("“%(room)s” is full.", room=room.name))
    if not 1 <= seat <= room.seats:
        raise Invalid(_("“%(room)s” has the seats 1 to %(seats)s.") % {"room": room.name, "seats": room.seats})
    if seat in taken:
        raise Conflict(_("Somebody sits there already."))
    return seat


def _check(actor: Actor, exam: Exam) -> None:
    keep_candidates_out(actor, exam)
    db.session.refresh(exam, with_for_update=True)
    if exam.state not in _PLANNED_IN:
        raise Conflict(_("The exam is over; windows, rooms and seats stand."))


def _check_waiting(people: Sequence[Candidate]) -> None:
    begun = sa.select(Person.name).join(Attempt, Attempt.person_id == Person.id)
    begun = begun.where(Attempt.candidate_id.in_([one.id for one in people]), Attempt.started_at.is_not(None))
    names = list(db.session.scalars(begun, execution_options=Everything))
    if names:
        raise Conflict(_("Already begun: %(names)s. Their place stands.", names="、".join(names[:5])))
