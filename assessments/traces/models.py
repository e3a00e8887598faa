"""Targets of measured skills, the traces that were measured against them, and those that were taken back."""

from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from courses.mentoring.models import mentored_by
from lms.db import Model, Personal, day, text_key, utc
from lms.techniques.models import Technique

_SHA256 = "octet_length({}) = 32"


class TraceTarget(Model):
    """What a guideline asks of one measured skill; the numbers stand in its versions."""

    __tablename__ = "trace_target"

    code: orm.Mapped[text_key] = orm.mapped_column(unique=True)
    title: orm.Mapped[str] = orm.mapped_column(sa.String(120))
    title_en: orm.Mapped[str] = orm.mapped_column(sa.String(160))
    technique_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("technique.id"), index=True)
    retired: orm.Mapped[bool] = orm.mapped_column(server_default=sa.false())
    updated_at: orm.Mapped[utc]

    technique: orm.Mapped[Technique | None] = orm.relationship()


class TraceTargetVersion(Model):
    """The numbers of one edition of a guideline with their sources; named by their hash, never changed."""

    __tablename__ = "trace_target_version"
    __append_only__ = True
    __database_fills__ = ("made_at",)
    __table_args__ = (
        sa.UniqueConstraint("target_id", "version"),
        sa.CheckConstraint(_SHA256.format("content_hash"), name="content_hash_is_sha256"),
    )

    target_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("trace_target.id"))
    version: orm.Mapped[int]
    #: the shape is assessments.traces.rules.targets.Targets'
    body: orm.Mapped[dict[str, Any]] = orm.mapped_column(pg.JSONB)
    sources: orm.Mapped[list[dict[str, str]]] = orm.mapped_column(pg.JSONB)
    content_hash: orm.Mapped[bytes]
    made_at: orm.Mapped[utc]

    target: orm.Mapped[TraceTarget] = orm.relationship()


class SkillTrace(Personal, Model):
    """What an instrument wrote down while a doctor practised, and what was measured in it; never changed.

    `person` is the doctor, `institution` the doctor's own. `supervised`: somebody else watched and sent it; only then
    can it be evidence. Names are as they were: doctor and mentor may not reach each other's own rows.
    """

    __tablename__ = "skill_trace"
    __append_only__ = True
    __database_fills__ = ("sent_at",)
    __table_args__ = (
        sa.UniqueConstraint("digest", "edition"),
        sa.CheckConstraint(_SHA256.format("sha256"), name="sha256_is_sha256"),
        sa.CheckConstraint(_SHA256.format("digest"), name="digest_is_sha256"),
        sa.CheckConstraint("supervised = (sent_by_id <> person_id)", name="nobody_supervises_oneself"),
        sa.CheckConstraint("percent BETWEEN 0 AND 100", name="percent_in_bounds"),
        sa.CheckConstraint("size > 0 AND readings > 0", name="something_in_the_file"),
        sa.CheckConstraint("edition > 0", name="editions_from_1"),
        sa.Index(None, "person_id", "done_on"),
    )

    target_version_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("trace_target_version.id"), index=True)
    doctor_name: orm.Mapped[str] = orm.mapped_column(sa.String(80))
    supervised: orm.Mapped[bool]
    sent_by_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    sent_by_name: orm.Mapped[str] = orm.mapped_column(sa.String(80))
    done_on: orm.Mapped[day]
    file_name: orm.Mapped[str] = orm.mapped_column(sa.String(100))
    size: orm.Mapped[int]
    readings: orm.Mapped[int]
    #: of the file as it was sent
    sha256: orm.Mapped[bytes]
    #: of the numbers in it, however a file writes them: by this the same trace is known again
    digest: orm.Mapped[bytes]
    #: above 1 only where the same trace was taken back and sent anew
    edition: orm.Mapped[int] = orm.mapped_column(server_default="1")
    #: the file itself, packed with zlib
    content: orm.Mapped[bytes] = orm.mapped_column(deferred=True)
    percent: orm.Mapped[Decimal] = orm.mapped_column(sa.Numeric(5, 2))
    #: long enough to say how somebody compresses
    counts: orm.Mapped[bool]
    #: rules, the figures (assessments.traces.rules.signal.Measured) and the findings (…judging.Finding)
    measured: orm.Mapped[dict[str, Any]] = orm.mapped_column(pg.JSONB)
    #: what the charts are made of
    drawn: orm.Mapped[dict[str, Any]] = orm.mapped_column(pg.JSONB, deferred=True)
    sent_at: orm.Mapped[utc]

    version: orm.Mapped[TraceTargetVersion] = orm.relationship()
    withdrawal: orm.Mapped["TraceWithdrawal | None"] = orm.relationship(viewonly=True)

    @classmethod
    def within_reach(cls, person_id: int) -> list[sa.ColumnElement[bool]]:
        """One's own, and those of one's apprentices while the pair runs."""
        return [cls.person_id == person_id, cls.person_id.in_(mentored_by(person_id))]


class TraceWithdrawal(Personal, Model):
    """That a trace does not count: the wrong doctor, a trial, a broken sensor. By whom, and why."""

    __tablename__ = "skill_trace_withdrawal"
    __append_only__ = True
    __database_fills__ = ("at",)
    __table_args__ = (sa.CheckConstraint("reason <> ''", name="reason_given"),)

    trace_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("skill_trace.id"), unique=True)
    reason: orm.Mapped[str] = orm.mapped_column(sa.String(400))
    by_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    by_name: orm.Mapped[str] = orm.mapped_column(sa.String(80))
    at: orm.Mapped[utc]

    @classmethod
    def within_reach(cls, person_id: int) -> list[sa.ColumnElement[bool]]:
        """As the trace."""
        return [cls.person_id == person_id, cls.person_id.in_(mentored_by(person_id))]
