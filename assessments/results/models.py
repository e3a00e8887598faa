"""Every mark ever given. Nothing here is changed or removed: a correction is a new row that supersedes."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm

from lms.db import Model, Personal, day, one_of, utc
from lms.techniques.models import Technique


class ResultKind(StrEnum):
    """What kind of evidence a result is; the star policy speaks in these words."""

    THEORY_EXAM = "theory_exam"
    PRACTICAL_EXAM = "practical_exam"
    PRACTICE_EVALUATION = "practice_evaluation"
    SIMULATION_HOURS = "simulation_hours"
    THEORY_HOURS = "theory_hours"
    PRACTICE_HOURS = "practice_hours"
    ROTATION_DAYS = "rotation_days"
    WORKPLACE_ENCOUNTER = "workplace_encounter"
    SIMULATED_CASE = "simulated_case"
    ENTRUSTMENT = "entrustment"


class ResultBatch(Model):
    """Marks of one transaction, and the entry of the ledger that holds how many they are and the root over them.

    The one that is `opening` stands for every mark that was there before there were batches.
    """

    __tablename__ = "result_batch"
    __append_only__ = True
    __database_fills__ = ("at",)
    __table_args__ = (sa.Index("uq_result_batch_opening", "opening", unique=True, postgresql_where=sa.text("opening")),)

    id: orm.Mapped[UUID] = orm.mapped_column(primary_key=True)  # type: ignore[assignment]
    opening: orm.Mapped[bool]
    at: orm.Mapped[utc]
    ledger_index: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("ledger_entry.index"), unique=True)
    #: The sealed words of the entry.
    sealed: orm.Mapped[bytes]
    #: Each mark's id and the hash of its row: the words hold the root over them, these name the one that was changed.
    leaves: orm.Mapped[bytes]


class Result(Personal, Model):
    """One piece of evidence about one person, with the hash of the record it comes from."""

    __tablename__ = "result"
    __append_only__ = True
    __database_fills__ = ("recorded_at",)
    __signer__ = ("SELECT",)
    __table_args__ = (
        sa.UniqueConstraint("source_kind", "source_id", "version"),
        sa.UniqueConstraint("supersedes_id"),
        sa.CheckConstraint(one_of("kind", ResultKind), name="kind_known"),
        sa.CheckConstraint("octet_length(source_hash) = 32", name="source_hash_is_sha256"),
        sa.CheckConstraint("value IS NULL OR value >= 0", name="value_not_negative"),
        sa.CheckConstraint("(version = 1) = (supersedes_id IS NULL)", name="later_versions_supersede"),
        sa.CheckConstraint("standard_error IS NULL OR standard_error >= 0", name="standard_error_not_negative"),
        sa.Index(None, "person_id", "kind", "on_day"),
    )

    kind: orm.Mapped[str] = orm.mapped_column(sa.String(40))
    technique_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("technique.id"), index=True)
    #: percent for marks, hours or days for time, level for entrustment; NULL: withdrawn by this version
    value: orm.Mapped[Decimal | None] = orm.mapped_column(sa.Numeric(9, 3))
    standard_error: orm.Mapped[Decimal | None] = orm.mapped_column(sa.Numeric(9, 3))
    critical_failure: orm.Mapped[bool] = orm.mapped_column(server_default=sa.false())
    assessor_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    on_day: orm.Mapped[day]
    valid_until: orm.Mapped[date | None]
    source_kind: orm.Mapped[str] = orm.mapped_column(sa.String(40))
    source_id: orm.Mapped[str] = orm.mapped_column(sa.String(64))
    source_hash: orm.Mapped[bytes]
    version: orm.Mapped[int] = orm.mapped_column(server_default="1")
    supersedes_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("result.id"))
    reason: orm.Mapped[str] = orm.mapped_column(server_default="")
    recorded_at: orm.Mapped[utc]
    #: The marks it was written down with; NULL: before there were batches. Its row follows at the transaction's end.
    batch_id: orm.Mapped[UUID | None] = orm.mapped_column(
        sa.ForeignKey("result_batch.id", deferrable=True, initially="DEFERRED"), index=True
    )

    technique: orm.Mapped[Technique | None] = orm.relationship()
