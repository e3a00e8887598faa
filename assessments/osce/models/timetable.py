"""When who is where on the day of a circuit: versions of its timetable, who and what is bound to which post, and slots.

A post is one place of the rotation in one track: a station with its room, or a rest. Nothing here is ever changed;
a new plan is a new version, and the newest one is in force.
"""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from assessments.osce.models.circuits import Circuit, CircuitCandidate, circuits_examined_by
from assessments.osce.rules.timetable import Bound
from lms.db import InScope, Model, Personal, one_of, utc

_when = sa.DateTime(timezone=True)
_RANGE = "tstzrange(begins_at, ends_at, '[)')"


class Timetable(InScope, Model):
    """One version of a circuit's timetable. `institution` is the circuit's."""

    __tablename__ = "timetable"
    __append_only__ = True
    __database_fills__ = ("made_at",)
    __table_args__ = (
        sa.UniqueConstraint("circuit_id", "number"),
        sa.CheckConstraint("number >= 1", name="numbered_from_1"),
        sa.CheckConstraint("number = 1 OR reason <> ''", name="a_new_version_has_a_reason"),
        sa.CheckConstraint("ends_at > begins_at", name="ends_after_beginning"),
        sa.CheckConstraint("octet_length(content_hash) = 32", name="content_hash_is_sha256"),
        sa.CheckConstraint("jsonb_typeof(parameters) = 'object'", name="parameters_by_name"),
    )

    circuit_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("circuit.id"))
    number: orm.Mapped[int]
    #: what the officer asked for, the turns and places, who is away (assessments.osce.formats)
    parameters: orm.Mapped[dict[str, Any]] = orm.mapped_column(pg.JSONB)
    begins_at: orm.Mapped[datetime] = orm.mapped_column(_when)
    ends_at: orm.Mapped[datetime] = orm.mapped_column(_when)
    #: SHA-256 of the RFC 8785 form of parameters, bookings and slots
    content_hash: orm.Mapped[bytes]
    reason: orm.Mapped[str] = orm.mapped_column(server_default="")
    made_by_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    made_at: orm.Mapped[utc]

    circuit: orm.Mapped[Circuit] = orm.relationship()

    @classmethod
    def within_reach(cls, person_id: int) -> list[sa.ColumnElement[bool]]:
        """Those of circuits in which the person examines now, or is a candidate."""
        sits = CircuitCandidate.__table__
        return [
            cls.circuit_id.in_(circuits_examined_by(person_id)),
            cls.circuit_id.in_(sa.select(sits.c.circuit_id).where(sits.c.person_id == person_id)),
        ]


class TimetableBooking(InScope, Model):
    """That a person, room or thing is bound to one post from–until; the database refuses it in two places at once."""

    __tablename__ = "timetable_booking"
    __append_only__ = True
    __table_args__ = (
        sa.CheckConstraint(one_of("kind", Bound), name="kind_known"),
        sa.CheckConstraint("ends_at > begins_at", name="ends_after_beginning"),
        sa.CheckConstraint("key <> '' AND label <> ''", name="named"),
        sa.CheckConstraint("(kind = 'examiner') = (person_id IS NOT NULL)", name="an_examiner_is_a_person"),
        sa.CheckConstraint("(kind = 'rest') = (circuit_station_id IS NULL)", name="a_rest_is_no_station"),
        sa.CheckConstraint("track BETWEEN 1 AND 26 AND position BETWEEN 1 AND 80", name="post_known"),
        sa.CheckConstraint("seat BETWEEN 1 AND 2", name="seat_1_or_2"),
        pg.ExcludeConstraint(
            ("timetable_id", "="),
            ("kind", "="),
            ("key", "="),
            (sa.text(_RANGE), "&&"),
            where=sa.text("kind <> 'rest'"),
            name="timetable_nobody_and_nothing_twice",
        ),
        pg.ExcludeConstraint(
            ("timetable_id", "="),
            ("kind", "="),
            ("track", "="),
            ("position", "="),
            ("seat", "="),
            (sa.text(_RANGE), "&&"),
            name="timetable_one_of_a_kind_at_a_post",
        ),
        sa.Index(None, "person_id", "timetable_id"),
    )

    timetable_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("timetable.id"))
    track: orm.Mapped[int]
    position: orm.Mapped[int]
    circuit_station_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("circuit_station.id"), index=True)
    kind: orm.Mapped[str] = orm.mapped_column(sa.String(20))
    #: what makes two bookings the same thing: the person's id, or the label as compared (case and blanks aside)
    key: orm.Mapped[str] = orm.mapped_column(sa.String(80))
    label: orm.Mapped[str] = orm.mapped_column(sa.String(80))
    person_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("person.id"))
    #: first or second examiner; 1 for everything else
    seat: orm.Mapped[int] = orm.mapped_column(server_default="1")
    begins_at: orm.Mapped[datetime] = orm.mapped_column(_when)
    ends_at: orm.Mapped[datetime] = orm.mapped_column(_when)

    @classmethod
    def within_reach(cls, person_id: int) -> list[sa.ColumnElement[bool]]:
        """All of it for those who examine in the circuit now; only rooms for its candidates."""
        table, sits = Timetable.__table__, CircuitCandidate.__table__
        examined = sa.select(table.c.id).where(table.c.circuit_id.in_(circuits_examined_by(person_id)))
        own = sa.select(table.c.id).join(sits, sits.c.circuit_id == table.c.circuit_id)
        return [
            cls.timetable_id.in_(examined),
            sa.and_(
                cls.kind.in_([Bound.ROOM.value, Bound.REST.value]),
                cls.timetable_id.in_(own.where(sits.c.person_id == person_id)),
            ),
        ]


class TimetableSlot(Personal, Model):
    """One candidate at one post from–until. `person` is the candidate, `institution` the circuit's."""

    __tablename__ = "timetable_slot"
    __append_only__ = True
    __table_args__ = (
        sa.CheckConstraint("ends_at > begins_at", name="ends_after_beginning"),
        sa.CheckConstraint("track BETWEEN 1 AND 26 AND position BETWEEN 1 AND 80", name="post_known"),
        sa.CheckConstraint("turn >= 1", name="turns_from_1"),
        pg.ExcludeConstraint(
            ("timetable_id", "="),
            ("candidate_id", "="),
            (sa.text(_RANGE), "&&"),
            name="timetable_candidate_in_one_place",
        ),
        pg.ExcludeConstraint(
            ("timetable_id", "="),
            ("track", "="),
            ("position", "="),
            (sa.text(_RANGE), "&&"),
            name="timetable_one_candidate_at_a_post",
        ),
        sa.Index(
            "uq_timetable_slot_every_station_once",
            "timetable_id",
            "candidate_id",
            "circuit_station_id",
            unique=True,
            postgresql_where=sa.text("NOT missed"),
        ),
        sa.Index(None, "timetable_id", "circuit_station_id"),
    )

    timetable_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("timetable.id"))
    candidate_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("circuit_candidate.id"), index=True)
    #: which rotation of the day, from 1
    turn: orm.Mapped[int]
    track: orm.Mapped[int]
    position: orm.Mapped[int]
    #: NULL: a rest
    circuit_station_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("circuit_station.id"), index=True)
    begins_at: orm.Mapped[datetime] = orm.mapped_column(_when)
    ends_at: orm.Mapped[datetime] = orm.mapped_column(_when)
    #: it did not take place: the candidate was not there
    missed: orm.Mapped[bool] = orm.mapped_column(server_default=sa.false())

    candidate: orm.Mapped[CircuitCandidate] = orm.relationship()

    @classmethod
    def within_reach(cls, person_id: int) -> list[sa.ColumnElement[bool]]:
        """One's own, and those of circuits in which one examines now."""
        table = Timetable.__table__
        examined = sa.select(table.c.id).where(table.c.circuit_id.in_(circuits_examined_by(person_id)))
        return [cls.person_id == person_id, cls.timetable_id.in_(examined)]
