"""Certificates, the periods they are valid for, and what became of them."""

from datetime import date

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.certification.models.proposals import Proposal
from assessments.certification.models.signatures import CertificateSignature
from assessments.certification.models.stars import InLedger
from assessments.certification.rules.status import ChangeKind, RevocationCategory
from lms.db import Model, Personal, day, utc
from lms.institutions.models import Institution
from lms.people.models import Person

_CHANGES = ", ".join(f"'{k}'" for k in ChangeKind)
_CATEGORIES = ", ".join(f"'{k}'" for k in RevocationCategory)


class NumberSeries(Model):
    """The last number an authority gave out in a year; a gap after a failed issue is no harm."""

    __tablename__ = "number_series"
    __table_args__ = (sa.UniqueConstraint("authority_id", "year"), sa.CheckConstraint("last > 0", name="last_positive"))

    authority_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("institution.id"))
    year: orm.Mapped[int]
    last: orm.Mapped[int]


class Certificate(InLedger, Personal, Model):
    """A star that two officers approved, with its number; it counts once the signer has signed it."""

    __tablename__ = "certificate"
    __append_only__ = True
    __database_fills__ = ("issued_at",)
    __signer__ = ("SELECT",)
    __table_args__ = (
        sa.CheckConstraint("star BETWEEN 1 AND 5", name="star_between_one_and_five"),
        sa.CheckConstraint("number <> ''", name="numbered"),
    )

    proposal_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("certificate_proposal.id"), unique=True)
    number: orm.Mapped[str] = orm.mapped_column(sa.String(40), unique=True)
    public_id: orm.Mapped[str] = orm.mapped_column(sa.String(32), unique=True)
    category: orm.Mapped[str] = orm.mapped_column(sa.String(30))
    star: orm.Mapped[int]
    authority_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("institution.id"), index=True)
    issued_at: orm.Mapped[utc]

    proposal: orm.Mapped[Proposal] = orm.relationship()
    authority: orm.Mapped[Institution] = orm.relationship(foreign_keys=[authority_id])
    person: orm.Mapped[Person] = orm.relationship(viewonly=True)
    periods: orm.Mapped[list["CertificatePeriod"]] = orm.relationship(
        order_by="CertificatePeriod.begins_on", viewonly=True
    )
    changes: orm.Mapped[list["CertificateChange"]] = orm.relationship(
        order_by="CertificateChange.id", foreign_keys="CertificateChange.certificate_id", viewonly=True
    )
    requests: orm.Mapped[list["RevocationRequest"]] = orm.relationship(order_by="RevocationRequest.id", viewonly=True)
    signature: orm.Mapped[CertificateSignature | None] = orm.relationship(viewonly=True)


class CertificatePeriod(Personal, Model):
    """From when until when a certificate is valid; a renewal adds a period. The last day counts."""

    __tablename__ = "certificate_period"
    __append_only__ = True
    __database_fills__ = ("made_at",)
    __signer__ = ("SELECT",)
    __table_args__ = (
        sa.UniqueConstraint("certificate_id", "begins_on"),
        sa.CheckConstraint("ends_on IS NULL OR ends_on >= begins_on", name="ends_after_beginning"),
    )

    certificate_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("certificate.id"))
    begins_on: orm.Mapped[day]
    ends_on: orm.Mapped[date | None]
    made_at: orm.Mapped[utc]


class CertificateChange(InLedger, Personal, Model):
    """What became of a certificate: revoked, suspended, resumed, superseded by a higher one."""

    __tablename__ = "certificate_change"
    __append_only__ = True
    __database_fills__ = ("at",)
    __table_args__ = (
        sa.CheckConstraint(f"kind IN ({_CHANGES})", name="kind_known"),
        sa.CheckConstraint(f"category IN ({_CATEGORIES})", name="category_known"),
        sa.CheckConstraint("(kind = 'revoked') = (category IS NOT NULL)", name="revoked_for_a_reason"),
        sa.CheckConstraint("(kind = 'superseded') = (by_certificate_id IS NOT NULL)", name="superseded_by_another"),
        sa.Index(
            "uq_certificate_change_final",
            "certificate_id",
            "kind",
            unique=True,
            postgresql_where=sa.text("kind IN ('revoked', 'superseded')"),
        ),
    )

    certificate_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("certificate.id"), index=True)
    kind: orm.Mapped[str] = orm.mapped_column(sa.String(20))
    on_day: orm.Mapped[day]
    category: orm.Mapped[str | None] = orm.mapped_column(sa.String(30))
    by_certificate_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("certificate.id"))
    at: orm.Mapped[utc]

    by_certificate: orm.Mapped[Certificate | None] = orm.relationship(foreign_keys=[by_certificate_id], viewonly=True)


class RevocationRequest(InLedger, Personal, Model):
    """One officer's wish to revoke: the category, and a private note that lies in the sealed words."""

    __tablename__ = "revocation_request"
    __append_only__ = True
    __database_fills__ = ("at",)
    __table_args__ = (
        sa.CheckConstraint(f"category IN ({_CATEGORIES})", name="category_known"),
        sa.CheckConstraint("by_id <> person_id", name="not_ones_own"),
        sa.UniqueConstraint("id", "by_id"),
    )

    certificate_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("certificate.id"), index=True)
    category: orm.Mapped[str] = orm.mapped_column(sa.String(30))
    by_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    act_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("officer_act.id"))
    at: orm.Mapped[utc]

    answer: orm.Mapped["RevocationAnswer | None"] = orm.relationship(viewonly=True)


class RevocationAnswer(InLedger, Personal, Model):
    """A second officer's answer to a wish to revoke: confirmed, or declined with a reason (sealed)."""

    __tablename__ = "revocation_answer"
    __append_only__ = True
    __database_fills__ = ("at",)
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["request_id", "requested_by_id"], ["revocation_request.id", "revocation_request.by_id"]
        ),
        sa.CheckConstraint("by_id <> requested_by_id", name="the_second_is_not_the_first"),
        sa.CheckConstraint("by_id <> person_id", name="not_ones_own"),
    )

    request_id: orm.Mapped[int] = orm.mapped_column(unique=True)
    requested_by_id: orm.Mapped[int]
    by_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    confirmed: orm.Mapped[bool]
    act_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("officer_act.id"))
    at: orm.Mapped[utc]
