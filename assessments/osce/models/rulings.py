"""Officers' rulings on sheets and stations, and revisions of released results: the ways out that lose nothing."""

from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.osce.models.circuits import Circuit
from assessments.osce.models.scores import CircuitRun
from assessments.osce.rules.judging import Missed, Ruled
from lms.db import InScope, Model, one_of, utc

_SHA256 = "octet_length({}) = 32"


class RevisionEnding(StrEnum):
    """How a revision came to its end."""

    RELEASED = "released"
    WITHDRAWN = "withdrawn"


class Revision(InScope, Model):
    """That an officer wants released results changed, and why; its rulings hold once another officer releases it."""

    __tablename__ = "circuit_revision"
    __append_only__ = True
    __database_fills__ = ("opened_at",)
    __table_args__ = (
        sa.UniqueConstraint("id", "opened_by_id"),
        sa.CheckConstraint("reason <> ''", name="reason_given"),
    )

    circuit_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("circuit.id"), index=True)
    #: the appeal it answers, where there is one
    appeal_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("circuit_appeal.id"), index=True)
    #: what was wrong, in words that every candidate reads whose result changes
    reason: orm.Mapped[str]
    opened_by_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    opened_at: orm.Mapped[utc]

    circuit: orm.Mapped[Circuit] = orm.relationship()
    end: orm.Mapped["RevisionEnd | None"] = orm.relationship(viewonly=True)


class RevisionEnd(InScope, Model):
    """That a revision was released by another officer, or withdrawn: once."""

    __tablename__ = "circuit_revision_end"
    __append_only__ = True
    __database_fills__ = ("at",)
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["revision_id", "opened_by_id"], ["circuit_revision.id", "circuit_revision.opened_by_id"]
        ),
        sa.CheckConstraint(one_of("ending", RevisionEnding), name="ending_known"),
        sa.CheckConstraint("ending <> 'released' OR by_id <> opened_by_id", name="the_second_is_not_the_first"),
        sa.CheckConstraint("(ending = 'released') = (run_id IS NOT NULL)", name="released_as_a_run"),
        sa.CheckConstraint("(ending = 'released') = (dry_hash IS NOT NULL)", name="released_over_a_hash"),
        sa.CheckConstraint("ending = 'released' OR reason <> ''", name="withdrawn_with_a_reason"),
    )

    revision_id: orm.Mapped[int] = orm.mapped_column(unique=True)
    opened_by_id: orm.Mapped[int]
    ending: orm.Mapped[str] = orm.mapped_column(sa.String(20))
    run_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("circuit_run.id"), unique=True)
    #: over every candidate's result before and after
    dry_hash: orm.Mapped[bytes | None]
    by_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    reason: orm.Mapped[str] = orm.mapped_column(server_default="")
    at: orm.Mapped[utc]

    run: orm.Mapped[CircuitRun | None] = orm.relationship()


class SheetRuling(InScope, Model):
    """An officer's word on a sheet or a station, over what was seen; a later word can undo it. No sheet is changed."""

    __tablename__ = "sheet_ruling"
    __append_only__ = True
    __database_fills__ = ("at",)
    __table_args__ = (
        sa.CheckConstraint(one_of("ruling", Ruled), name="ruling_known"),
        sa.CheckConstraint("missed IS NULL OR " + one_of("missed", Missed), name="missed_known"),
        sa.CheckConstraint(_SHA256.format("over_hash"), name="over_hash_is_sha256"),
        sa.CheckConstraint("reason <> ''", name="reason_given"),
        sa.CheckConstraint("ruling IN ('voided', 'undone') OR candidate_id IS NOT NULL", name="about_a_candidate"),
        sa.CheckConstraint("(ruling = 'missed') = (missed IS NOT NULL)", name="missed_says_how"),
        sa.CheckConstraint(
            "(ruling = 'moved') = (to_candidate_id IS NOT NULL) AND COALESCE(to_candidate_id <> candidate_id, true)",
            name="moved_to_another",
        ),
        sa.CheckConstraint(
            "(ruling IN ('moved', 'accepted', 'refused')) = (sheet_id IS NOT NULL)", name="names_a_sheet"
        ),
        sa.CheckConstraint("(ruling IN ('accepted', 'refused')) = (aside_id IS NOT NULL)", name="names_what_lay_aside"),
        sa.CheckConstraint("NOT alone OR ruling = 'accepted'", name="alone_when_accepted"),
        sa.CheckConstraint("(ruling = 'undone') = (undoes_id IS NOT NULL)", name="undoes_a_ruling"),
        sa.Index(None, "circuit_id", "id"),
    )

    circuit_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("circuit.id"))
    circuit_station_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("circuit_station.id"), index=True)
    #: NULL: the station, for everybody
    candidate_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("circuit_candidate.id"), index=True)
    ruling: orm.Mapped[str] = orm.mapped_column(sa.String(20))
    missed: orm.Mapped[str | None] = orm.mapped_column(sa.String(20))
    sheet_id: orm.Mapped[UUID | None] = orm.mapped_column(index=True)
    aside_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("sheet_aside.id"), index=True)
    #: whom the sheet was really about
    to_candidate_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("circuit_candidate.id"), index=True)
    #: an accepted sheet that counts in place of all others for this candidate at this station
    alone: orm.Mapped[bool] = orm.mapped_column(server_default=sa.false())
    undoes_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("sheet_ruling.id"), index=True)
    #: after a release: the revision it belongs to
    revision_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("circuit_revision.id"), index=True)
    #: the sheets for this candidate at this station as the officer saw them
    over_hash: orm.Mapped[bytes]
    reason: orm.Mapped[str]
    person_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    at: orm.Mapped[utc]
