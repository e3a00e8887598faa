"""Certificates that rest on a result which was corrected later, and what an officer said of each."""

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.certification.models.certificates import Certificate
from lms.db import Model, Personal, utc


class CertificateDoubt(Personal, Model):
    """That a result a certificate rests on was corrected, and how many stars the corrected evidence comes to."""

    __tablename__ = "certificate_doubt"
    __append_only__ = True
    __database_fills__ = ("raised_at",)
    __table_args__ = (
        sa.UniqueConstraint("certificate_id", "result_id"),
        sa.CheckConstraint("star BETWEEN 0 AND 5", name="star_between_none_and_five"),
    )

    certificate_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("certificate.id"))
    #: the corrected result
    result_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("result.id"), index=True)
    star: orm.Mapped[int]
    #: why the result was corrected
    reason: orm.Mapped[str]
    raised_at: orm.Mapped[utc]

    certificate: orm.Mapped[Certificate] = orm.relationship()
    answer: orm.Mapped["DoubtAnswer | None"] = orm.relationship(viewonly=True)


class DoubtAnswer(Personal, Model):
    """An officer's word that a certificate stays in spite of a doubt, and why; who doubts it too revokes it."""

    __tablename__ = "certificate_doubt_answer"
    __append_only__ = True
    __database_fills__ = ("at",)
    __table_args__ = (
        sa.CheckConstraint("reason <> ''", name="reason_given"),
        sa.CheckConstraint("by_id <> person_id", name="not_ones_own"),
    )

    doubt_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("certificate_doubt.id"), unique=True)
    reason: orm.Mapped[str]
    by_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    at: orm.Mapped[utc]
