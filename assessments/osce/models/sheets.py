"""Every sheet that was handed in, what was kept aside, and which of several counts."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from assessments.osce.models.circuits import CircuitCandidate, CircuitStation, released_places
from lms.db import InScope, Model, Personal, one_of, utc

_when = sa.DateTime(timezone=True)
_SHA256 = "octet_length({}) = 32"


class Why(StrEnum):
    """Why a sheet is kept aside and not counted."""

    NOT_RUNNING = "not_running"
    CLOSED = "closed"
    RELEASED = "released"
    #: the examiner's assignment had ended when the sheet came
    NOT_ASSIGNED = "not_assigned"
    #: signed by a tablet that an officer has revoked, by none that is known here, or not by the one that is named
    DEVICE_REVOKED = "device_revoked"
    UNKNOWN_DEVICE = "unknown_device"
    BAD_SIGNATURE = "bad_signature"
    #: came from a browser, where the circuit counts what enrolled tablets sign and nothing else
    NO_TABLET = "no_tablet"


class FromTablet:
    """What an enrolled tablet says beside the sheet: who signed what, and both its times; none of it is hashed."""

    @orm.declared_attr
    def tablet_id(cls) -> orm.Mapped[int | None]:
        """The tablet that is named, where it is one of ours."""
        return orm.mapped_column(sa.ForeignKey("tablet.id"), index=True)

    #: the RFC 8785 form of what was sent, and the tablet's signature over just these bytes
    signed: orm.Mapped[str | None] = orm.mapped_column()
    signature: orm.Mapped[bytes | None] = orm.mapped_column()
    #: when marking began by the tablet's own clock; when it ended by the agreed clock, and by the tablet's own
    device_begun_at: orm.Mapped[datetime | None] = orm.mapped_column(_when)
    ended_at: orm.Mapped[datetime | None] = orm.mapped_column(_when)
    device_ended_at: orm.Mapped[datetime | None] = orm.mapped_column(_when)


class Sheet(FromTablet, Personal, Model):
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
        sa.CheckConstraint(
            "tablet_id IS NULL OR (signed IS NOT NULL AND signature IS NOT NULL)", name="a_tablet_signs"
        ),
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
            sa.and_(cls.person_id == person_id, cls.circuit_station_id.in_(released_places())),
        ]


class SheetAside(FromTablet, InScope, Model):
    """A sheet that was not taken: kept word for word, shown to officers with the reason, not counted."""

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
        return [sa.and_(cls.candidate_id.in_(own), cls.circuit_station_id.in_(released_places()))]
