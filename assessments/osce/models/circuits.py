"""Circuits of stations: who examines, who is examined, and what officers decided."""

from datetime import date
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from assessments.stations.models import StationVersion
from lms import clock
from lms.db import InScope, Model, Personal, day, one_of, utc
from lms.people.models import Person

_SHA256 = "octet_length({}) = 32"


class State(StrEnum):
    """How far a circuit is, in this order."""

    PLANNED = "planned"
    RUNNING = "running"
    CLOSED = "closed"
    RELEASED = "released"


class Decided(StrEnum):
    """What officers decide about a circuit."""

    STARTED = "started"
    CLOSED = "closed"
    REOPENED = "reopened"
    RELEASED = "released"


class Circuit(InScope, Model):
    """One day's round of stations; within reach of its examiners and candidates too."""

    __tablename__ = "circuit"
    __table_args__ = (
        sa.CheckConstraint(one_of("state", State), name="state_known"),
        sa.CheckConstraint("title <> ''", name="named"),
        sa.CheckConstraint(
            "(state IN ('closed', 'released')) = (closed_by_id IS NOT NULL)"
            " AND (state = 'released') = (released_by_id IS NOT NULL)",
            name="closed_and_released_by_somebody",
        ),
        sa.CheckConstraint("released_by_id <> closed_by_id", name="released_by_a_second_officer"),
        sa.CheckConstraint("(closed_hash IS NULL) = (closed_by_id IS NULL)", name="closed_over_a_hash"),
        sa.CheckConstraint("appeal_days BETWEEN 0 AND 365", name="appeal_days_up_to_a_year"),
        sa.Index(None, "state", "on_day"),
    )

    title: orm.Mapped[str] = orm.mapped_column(sa.String(120))
    title_en: orm.Mapped[str | None] = orm.mapped_column(sa.String(160))
    on_day: orm.Mapped[day]
    state: orm.Mapped[str] = orm.mapped_column(sa.String(20), server_default=State.PLANNED)
    made_by_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    made_at: orm.Mapped[utc]
    closed_by_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    #: over all sheets that counted when it was closed; release is over the same
    closed_hash: orm.Mapped[bytes | None]
    released_by_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    #: how long candidates may appeal after a release; 0: not at all
    appeal_days: orm.Mapped[int] = orm.mapped_column(server_default="7")
    #: whether candidates read who examined them
    examiners_named: orm.Mapped[bool] = orm.mapped_column(server_default=sa.false())
    #: whether a sheet counts only when an enrolled tablet has signed it
    tablets_only: orm.Mapped[bool] = orm.mapped_column(server_default=sa.false())

    stations: orm.Mapped[list["CircuitStation"]] = orm.relationship(
        back_populates="circuit", order_by="CircuitStation.position"
    )
    candidates: orm.Mapped[list["CircuitCandidate"]] = orm.relationship(
        back_populates="circuit", order_by="CircuitCandidate.number"
    )

    @classmethod
    def within_reach(cls, person_id: int) -> list[sa.ColumnElement[bool]]:
        """Circuits in which the person examines now, or is a candidate."""
        sits = CircuitCandidate.__table__
        return [
            cls.id.in_(circuits_examined_by(person_id)),
            cls.id.in_(sa.select(sits.c.circuit_id).where(sits.c.person_id == person_id)),
        ]


class CircuitStation(InScope, Model):
    """One station in its place in a circuit. `institution` is the circuit's."""

    __tablename__ = "circuit_station"
    __table_args__ = (
        sa.UniqueConstraint("circuit_id", "position"),
        sa.CheckConstraint("position BETWEEN 1 AND 40", name="position_from_1_to_40"),
        sa.CheckConstraint("weight BETWEEN 1 AND 1000", name="weight_from_1_to_1000"),
    )

    circuit_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("circuit.id"))
    position: orm.Mapped[int]
    station_version_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("station_version.id"), index=True)
    room: orm.Mapped[str] = orm.mapped_column(sa.String(60), server_default="")
    #: how much it weighs in the percent over all stations: a blueprint's marks, else every station the same
    weight: orm.Mapped[int] = orm.mapped_column(server_default="1")

    circuit: orm.Mapped[Circuit] = orm.relationship(back_populates="stations")
    version: orm.Mapped[StationVersion] = orm.relationship()
    examiners: orm.Mapped[list["ExaminerAssignment"]] = orm.relationship(
        back_populates="station", order_by="ExaminerAssignment.id"
    )

    @classmethod
    def within_reach(cls, person_id: int) -> list[sa.ColumnElement[bool]]:
        """Stations of circuits in which the person examines now, or is a candidate."""
        sits = CircuitCandidate.__table__
        return [
            cls.circuit_id.in_(circuits_examined_by(person_id)),
            cls.circuit_id.in_(sa.select(sits.c.circuit_id).where(sits.c.person_id == person_id)),
        ]


class ExaminerAssignment(InScope, Model):
    """That somebody examines at one station, from–until: what the right to mark comes from."""

    __tablename__ = "examiner_assignment"
    __table_args__ = (
        sa.CheckConstraint("ends_on >= begins_on", name="ends_after_beginning"),
        pg.ExcludeConstraint(
            ("circuit_station_id", "="),
            ("examiner_id", "="),
            (sa.text("daterange(begins_on, ends_on, '[)')"), "&&"),
            name="assigned_once_at_a_time",
        ),
    )

    circuit_station_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("circuit_station.id"), index=True)
    examiner_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    #: the name as it was: readers of a sheet may not reach the examiner's own row
    name: orm.Mapped[str] = orm.mapped_column(sa.String(80))
    begins_on: orm.Mapped[day]
    ends_on: orm.Mapped[date]
    assigned_by_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)

    station: orm.Mapped[CircuitStation] = orm.relationship(back_populates="examiners")
    examiner: orm.Mapped[Person] = orm.relationship(foreign_keys="ExaminerAssignment.examiner_id")

    @property
    def in_force(self) -> bool:
        """Whether it gives the right to mark today."""
        return self.begins_on <= clock.today() < self.ends_on

    @classmethod
    def within_reach(cls, person_id: int) -> list[sa.ColumnElement[bool]]:
        """One's own assignments."""
        return [cls.examiner_id == person_id]


class CircuitCandidate(Personal, Model):
    """That a person is examined in a circuit, under which number. `institution` is the circuit's."""

    __tablename__ = "circuit_candidate"
    __table_args__ = (
        sa.UniqueConstraint("circuit_id", "person_id"),
        sa.UniqueConstraint("circuit_id", "number"),
        sa.CheckConstraint("number BETWEEN 1 AND 9999", name="number_from_1_to_9999"),
    )

    circuit_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("circuit.id"))
    number: orm.Mapped[int]
    #: the name as it was: an examiner of another institution cannot reach the person's own row
    name: orm.Mapped[str] = orm.mapped_column(sa.String(80))
    added_by_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    added_at: orm.Mapped[utc]

    circuit: orm.Mapped[Circuit] = orm.relationship(back_populates="candidates")
    person: orm.Mapped[Person] = orm.relationship(foreign_keys="CircuitCandidate.person_id")

    @classmethod
    def within_reach(cls, person_id: int) -> list[sa.ColumnElement[bool]]:
        """Oneself as a candidate, and the candidates whom one examines now."""
        return [cls.person_id == person_id, cls.circuit_id.in_(circuits_examined_by(person_id))]


class CircuitDecision(InScope, Model):
    """One officer's act on a circuit: started, closed, opened again, released, over which sheets."""

    __tablename__ = "circuit_decision"
    __append_only__ = True
    __database_fills__ = ("at",)
    __table_args__ = (
        sa.CheckConstraint(one_of("decided", Decided), name="decision_known"),
        sa.CheckConstraint(_SHA256.format("content_hash"), name="content_hash_is_sha256"),
        sa.CheckConstraint("decided <> 'reopened' OR reason <> ''", name="opening_again_has_a_reason"),
        sa.Index(None, "circuit_id", "id"),
        sa.Index(
            "uq_circuit_decision_released", "circuit_id", unique=True, postgresql_where=sa.text("decided = 'released'")
        ),
    )

    circuit_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("circuit.id"))
    decided: orm.Mapped[str] = orm.mapped_column(sa.String(20))
    content_hash: orm.Mapped[bytes]
    reason: orm.Mapped[str] = orm.mapped_column(server_default="")
    person_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    at: orm.Mapped[utc]


def stations_examined_by(person_id: int) -> sa.Select[Any]:
    """Ids of the circuit stations at which a person examines today, for use inside a fence's condition."""
    table, today = ExaminerAssignment.__table__, clock.today()
    return sa.select(table.c.circuit_station_id).where(
        table.c.examiner_id == person_id, table.c.begins_on <= today, table.c.ends_on > today
    )


def circuits_examined_by(person_id: int) -> sa.Select[Any]:
    """Ids of the circuits in which a person examines today, for the same use."""
    places = CircuitStation.__table__
    return sa.select(places.c.circuit_id).where(places.c.id.in_(stations_examined_by(person_id)))


def released_places() -> sa.Select[Any]:
    """Ids of the stations of circuits whose results stand, for the same use."""
    places, circuits = CircuitStation.__table__, Circuit.__table__
    joined = sa.select(places.c.id).join(circuits, circuits.c.id == places.c.circuit_id)
    return joined.where(circuits.c.state == State.RELEASED.value)
