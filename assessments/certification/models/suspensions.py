"""Suspending a certificate and lifting the suspension: one officer asks with a reason, another answers."""

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.certification.models.answers import SecondAnswer, answers
from assessments.certification.models.certificates import Certificate
from assessments.certification.models.stars import InLedger
from assessments.certification.rules.status import ChangeKind, SuspensionCategory
from lms.db import Model, Personal, one_of, utc

HALTS = (ChangeKind.SUSPENDED, ChangeKind.RESUMED)
_KINDS = ", ".join(f"'{kind}'" for kind in HALTS)


class SuspensionRequest(InLedger, Personal, Model):
    """One officer's wish to suspend a certificate, or to lift its suspension; the note lies in the sealed words."""

    __tablename__ = "suspension_request"
    __append_only__ = True
    __database_fills__ = ("at",)
    __table_args__ = (
        sa.CheckConstraint(f"kind IN ({_KINDS})", name="kind_known"),
        sa.CheckConstraint(one_of("category", SuspensionCategory), name="category_known"),
        sa.CheckConstraint("(kind = 'suspended') = (category IS NOT NULL)", name="suspended_for_a_reason"),
        sa.CheckConstraint("by_id <> person_id", name="not_ones_own"),
        sa.UniqueConstraint("id", "by_id"),
    )

    certificate_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("certificate.id"), index=True)
    kind: orm.Mapped[str] = orm.mapped_column(sa.String(20))
    category: orm.Mapped[str | None] = orm.mapped_column(sa.String(30))
    by_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    act_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("officer_act.id"))
    at: orm.Mapped[utc]

    certificate: orm.Mapped[Certificate] = orm.relationship()
    answer: orm.Mapped["SuspensionAnswer | None"] = orm.relationship(viewonly=True)


class SuspensionAnswer(SecondAnswer, Model):
    """A second officer's answer: confirmed, or declined with a reason (sealed)."""

    __tablename__ = "suspension_answer"
    __table_args__ = answers("suspension_request")
