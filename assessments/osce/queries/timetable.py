"""Timetables as they are kept: which is in force, as a plan to reckon with, and for one examiner at one station."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.osce.models import Bound, Circuit, CircuitStation, Timetable, TimetableBooking, TimetableSlot
from assessments.osce.rules.timetable import Booking, Plan, Visit
from assessments.osce.rules.written import plan_read
from lms import clock
from lms.db import Everything, db
from lms.institutions.models import Institution
from lms.people.models import Person


@dataclass(frozen=True)
class Coming:
    """One candidate at one station as its examiner sees it."""

    candidate_id: int
    begins_at: datetime
    ends_at: datetime
    track: int
    room: str


def moment(on_day: date, minute: int) -> datetime:
    """The moment so many minutes after midnight of a day, by the clock on the wall."""
    return datetime.combine(on_day, time(), clock.zone()) + timedelta(minutes=minute)


def minute_of(on_day: date, at: datetime) -> int:
    """The whole minutes after midnight of a day; less than 0 before it, 1,440 and more after it."""
    local = clock.local(at).replace(tzinfo=None)
    return (local - datetime.combine(on_day, time())) // timedelta(minutes=1)


def in_force(circuit: Circuit) -> Timetable | None:
    """The newest version, as long as it is for the circuit's day; None without one."""
    query = sa.select(Timetable).where(Timetable.circuit_id == circuit.id).order_by(Timetable.number.desc()).limit(1)
    newest = db.session.scalar(query)
    return newest if newest is not None and clock.local(newest.begins_at).date() == circuit.on_day else None


def version_at(id: int, number: int) -> Timetable | None:
    """One version of a circuit's timetable, by the address of the page."""
    return db.session.scalar(sa.select(Timetable).where(Timetable.circuit_id == id, Timetable.number == number))


@dataclass(frozen=True)
class Printed:
    """The timetable in force as something to print, as a thing that a page is about."""

    circuit: Circuit
    timetable: Timetable
    what: str

    @property
    def institution(self) -> Institution:
        """The circuit's."""
        return self.circuit.institution


def printed(id: int, what: str) -> Printed | None:
    """What is to be printed of a circuit, by the address of the page."""
    circuit = db.session.get(Circuit, id)
    timetable = in_force(circuit) if circuit is not None else None
    return Printed(circuit, timetable, what) if circuit is not None and timetable is not None else None


def versions(circuit: Circuit) -> list[tuple[Timetable, str]]:
    """Every version and who made it, newest first."""
    query = (
        sa.select(Timetable, Person.name)
        .join(Person, Person.id == Timetable.made_by_id)
        .where(Timetable.circuit_id == circuit.id)
        .order_by(Timetable.number.desc())
    )
    return [(row, name) for row, name in db.session.execute(query, execution_options=Everything)]


def plan_of(timetable: Timetable) -> Plan:
    """A version as a plan to reckon with: two statements."""
    day = clock.local(timetable.begins_at).date()
    booking, slot = TimetableBooking, TimetableSlot
    held = sa.select(booking).where(booking.timetable_id == timetable.id).order_by(booking.id)
    come = sa.select(slot).where(slot.timetable_id == timetable.id).order_by(slot.id)
    return plan_read(
        timetable.parameters["frame"],
        [_booking(day, row) for row in db.session.scalars(held)],
        [_visit(day, row) for row in db.session.scalars(come)],
    )


def _booking(day: date, row: TimetableBooking) -> Booking:
    since, until = minute_of(day, row.begins_at), minute_of(day, row.ends_at)
    at = (row.track, row.position, row.circuit_station_id, since, until)
    return Booking(Bound(row.kind), row.key, row.label, *at, row.person_id, row.seat)


def _visit(day: date, row: TimetableSlot) -> Visit:
    since, until = minute_of(day, row.begins_at), minute_of(day, row.ends_at)
    return Visit(row.candidate_id, row.turn, row.track, row.position, row.circuit_station_id, since, until, row.missed)


def slots_for(station: CircuitStation, examiner: int) -> list[Coming]:
    """When which candidate comes to this examiner at this station, by the timetable in force; [] without one."""
    timetable = in_force(db.session.get_one(Circuit, station.circuit_id))
    if timetable is None:
        return []
    slot, seat, room = TimetableSlot, orm.aliased(TimetableBooking), orm.aliased(TimetableBooking)
    query = (
        sa.select(slot.candidate_id, slot.begins_at, slot.ends_at, slot.track, sa.func.coalesce(room.label, ""))
        .join(seat, sa.and_(at_the_post_of(seat, slot), seat.kind == Bound.EXAMINER, seat.person_id == examiner))
        .outerjoin(room, sa.and_(at_the_post_of(room, slot), room.kind == Bound.ROOM))
        .where(slot.timetable_id == timetable.id, slot.circuit_station_id == station.id, ~slot.missed)
        .order_by(slot.begins_at, slot.track)
    )
    return [Coming(*row) for row in db.session.execute(query)]


def at_the_post_of(booking: Any, slot: Any) -> sa.ColumnElement[bool]:
    """The condition that something is bound to the post of a slot when the slot begins."""
    return sa.and_(
        booking.timetable_id == slot.timetable_id,
        booking.track == slot.track,
        booking.position == slot.position,
        booking.begins_at <= slot.begins_at,
        booking.ends_at > slot.begins_at,
    )
