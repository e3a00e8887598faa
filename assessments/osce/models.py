"""Stations, circuits of stations, who examines and who is examined, and every sheet that was handed in."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from lms import clock
from lms.db import InScope, Model, Personal, day, one_of, text_key, utc
from lms.people.models import Person
from lms.techniques.models import Technique

_when = sa.DateTime(timezone=True)
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


class Why(StrEnum):
    """Why a sheet is kept aside and not counted."""

    NOT_RUNNING = "not_running"
    CLOSED = "closed"
    RELEASED = "released"


class Station(Model):
    """One practical task under one name; what is asked and marked stands in its versions."""

    __tablename__ = "station"

    code: orm.Mapped[text_key] = orm.mapped_column(unique=True)
    title: orm.Mapped[str] = orm.mapped_column(sa.String(120))
    title_en: orm.Mapped[str] = orm.mapped_column(sa.String(160))
    technique_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("technique.id"), index=True)
    retired: orm.Mapped[bool] = orm.mapped_column(server_default=sa.false())
    updated_at: orm.Mapped[utc]

    technique: orm.Mapped[Technique] = orm.relationship()


class StationVersion(Model):
    """What a station says and how it is marked; named by its hash, never changed."""

    __tablename__ = "station_version"
    __append_only__ = True
    __database_fills__ = ("made_at",)
    __table_args__ = (
        sa.UniqueConstraint("station_id", "version"),
        sa.CheckConstraint(_SHA256.format("content_hash"), name="content_hash_is_sha256"),
    )

    station_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("station.id"))
    version: orm.Mapped[int]
    #: minutes, texts, equipment, items, key_rule, pass_percent, rating: the shape is assessments.osce.rules.Station's
    body: orm.Mapped[dict[str, Any]] = orm.mapped_column(pg.JSONB)
    sources: orm.Mapped[list[dict[str, str]]] = orm.mapped_column(pg.JSONB)
    content_hash: orm.Mapped[bytes]
    made_at: orm.Mapped[utc]

    station: orm.Mapped[Station] = orm.relationship()


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
            cls.id.in_(_circuits_examined_by(person_id)),
            cls.id.in_(sa.select(sits.c.circuit_id).where(sits.c.person_id == person_id)),
        ]


class CircuitStation(InScope, Model):
    """One station in its place in a circuit. `institution` is the circuit's."""

    __tablename__ = "circuit_station"
    __table_args__ = (
        sa.UniqueConstraint("circuit_id", "position"),
        sa.CheckConstraint("position BETWEEN 1 AND 40", name="position_from_1_to_40"),
    )

    circuit_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("circuit.id"))
    position: orm.Mapped[int]
    station_version_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("station_version.id"), index=True)
    room: orm.Mapped[str] = orm.mapped_column(sa.String(60), server_default="")

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
            cls.circuit_id.in_(_circuits_examined_by(person_id)),
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
        return [cls.person_id == person_id, cls.circuit_id.in_(_circuits_examined_by(person_id))]


class Sheet(Personal, Model):
    """One examiner's marks of one candidate at one station, as the tablet handed them in; a correction supersedes."""

    __tablename__ = "sheet"
    __append_only__ = True
    __database_fills__ = ("submitted_at",)
    __table_args__ = (
        sa.UniqueConstraint("circuit_station_id", "candidate_id", "examiner_id", "version"),
        sa.UniqueConstraint("supersedes_id"),
        sa.CheckConstraint(_SHA256.format("content_hash"), name="content_hash_is_sha256"),
        sa.CheckConstraint("examiner_id <> person_id", name="nobody_marks_oneself"),
        sa.CheckConstraint("(version = 1) = (supersedes_id IS NULL)", name="later_versions_supersede"),
        sa.CheckConstraint("(version = 1) = (reason = '')", name="a_correction_has_a_reason"),
        sa.CheckConstraint("jsonb_typeof(marks) = 'object'", name="marks_by_item"),
    )

    id: orm.Mapped[UUID] = orm.mapped_column(primary_key=True)  # type: ignore[assignment]
    circuit_station_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("circuit_station.id"))
    candidate_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("circuit_candidate.id"), index=True)
    examiner_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    version: orm.Mapped[int]
    supersedes_id: orm.Mapped[UUID | None] = orm.mapped_column(sa.ForeignKey("sheet.id"))
    reason: orm.Mapped[str] = orm.mapped_column(server_default="")
    #: {"<item>": points}
    marks: orm.Mapped[dict[str, int]] = orm.mapped_column(pg.JSONB)
    rating: orm.Mapped[str] = orm.mapped_column(sa.String(40))
    comment: orm.Mapped[str] = orm.mapped_column(server_default="")
    #: when the tablet says that marking began, and whether it went by its own clock (without the server's)
    begun_at: orm.Mapped[datetime] = orm.mapped_column(_when)
    own_clock: orm.Mapped[bool]
    submitted_at: orm.Mapped[utc]
    #: SHA-256 of the RFC 8785 form of what was handed in
    content_hash: orm.Mapped[bytes]

    station: orm.Mapped[CircuitStation] = orm.relationship()
    candidate: orm.Mapped[CircuitCandidate] = orm.relationship()

    @classmethod
    def within_reach(cls, person_id: int) -> list[sa.ColumnElement[bool]]:
        """Sheets one wrote oneself; sheets about oneself, once released."""
        return [
            cls.examiner_id == person_id,
            sa.and_(cls.person_id == person_id, cls.circuit_station_id.in_(_released_places())),
        ]


class SheetAside(InScope, Model):
    """A sheet that came when none was taken: kept word for word, shown to officers, not counted."""

    __tablename__ = "sheet_aside"
    __append_only__ = True
    __database_fills__ = ("received_at",)
    __table_args__ = (
        sa.CheckConstraint(one_of("why", Why), name="why_known"),
        sa.CheckConstraint(_SHA256.format("content_hash"), name="content_hash_is_sha256"),
        sa.UniqueConstraint("sheet_id", "why", "content_hash"),
    )

    sheet_id: orm.Mapped[UUID]
    circuit_station_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("circuit_station.id"), index=True)
    candidate_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("circuit_candidate.id"), index=True)
    examiner_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    content: orm.Mapped[dict[str, Any]] = orm.mapped_column(pg.JSONB)
    content_hash: orm.Mapped[bytes]
    why: orm.Mapped[str] = orm.mapped_column(sa.String(20))
    received_at: orm.Mapped[utc]


class SheetSettlement(InScope, Model):
    """An officer's word on which of several different sheets counts, over just these sheets."""

    __tablename__ = "sheet_settlement"
    __append_only__ = True
    __database_fills__ = ("at",)
    __table_args__ = (
        sa.UniqueConstraint("circuit_station_id", "candidate_id", "over_hash"),
        sa.CheckConstraint(_SHA256.format("over_hash"), name="over_hash_is_sha256"),
        sa.CheckConstraint("reason <> ''", name="reason_given"),
    )

    circuit_station_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("circuit_station.id"))
    candidate_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("circuit_candidate.id"), index=True)
    sheet_id: orm.Mapped[UUID] = orm.mapped_column(sa.ForeignKey("sheet.id"), index=True)
    #: over the sheets that differed; another sheet later opens the conflict again
    over_hash: orm.Mapped[bytes]
    reason: orm.Mapped[str]
    person_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    at: orm.Mapped[utc]

    @classmethod
    def within_reach(cls, person_id: int) -> list[sa.ColumnElement[bool]]:
        """About oneself, once released."""
        sits = CircuitCandidate.__table__
        own = sa.select(sits.c.id).where(sits.c.person_id == person_id)
        return [sa.and_(cls.candidate_id.in_(own), cls.circuit_station_id.in_(_released_places()))]


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


def _circuits_examined_by(person_id: int) -> sa.Select[Any]:
    places = CircuitStation.__table__
    return sa.select(places.c.circuit_id).where(places.c.id.in_(stations_examined_by(person_id)))


def _released_places() -> sa.Select[Any]:
    places, circuits = CircuitStation.__table__, Circuit.__table__
    joined = sa.select(places.c.id).join(circuits, circuits.c.id == places.c.circuit_id)
    return joined.where(circuits.c.state == State.RELEASED.value)
