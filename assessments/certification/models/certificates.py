"""Certificates, the periods they are valid for, and what became of them."""

from datetime import date

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.certification.models.answers import SecondAnswer, answers
from assessments.certification.models.proposals import Proposal
from assessments.certification.models.signatures import CertificateSignature
from assessments.certification.models.stars import InLedger
from assessments.certification.rules.renewal import Stage
from assessments.certification.rules.status import ChangeKind, RevocationCategory
from lms.db import Model, Personal, day, utc
from lms.institutions.models import Institution
from lms.people.models import Person

_CHANGES = ", ".join(f"'{k}'" for k in ChangeKind)
_CATEGORIES = ", ".join(f"'{k}'" for k in RevocationCategory)
_STAGES = ", ".join(f"'{k}'" for k in Stage)


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

    proposal: orm.Mapped[Proposal] = orm.relationship(foreign_keys=[proposal_id])
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
    """From when until when a certificate is valid; a renewal adds a period. The last day counts.

    The first period rests on what the certificate itself rests on, a later one on a case of its own; it counts once
    it is signed.
    """

    __tablename__ = "certificate_period"
    __append_only__ = True
    __database_fills__ = ("made_at",)
    __signer__ = ("SELECT",)
    __table_args__ = (
        sa.UniqueConstraint("certificate_id", "begins_on"),
        sa.CheckConstraint("ends_on IS NULL OR ends_on >= begins_on", name="ends_after_beginning"),
        sa.CheckConstraint("due_on IS NULL OR due_on BETWEEN begins_on AND ends_on", name="due_within"),
        sa.CheckConstraint("renewable_until IS NULL OR renewable_until >= ends_on", name="renewable_after_the_end"),
        sa.CheckConstraint(
            "(proposal_id IS NULL) = (ledger_index IS NULL) AND (proposal_id IS NULL) = (sealed IS NULL)",
            name="later_ones_in_the_ledger",
        ),
    )

    certificate_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("certificate.id"))
    begins_on: orm.Mapped[day]
    ends_on: orm.Mapped[date | None]
    #: From when on it is due for renewal, and until when it can be renewed, by the policy of its day.
    due_on: orm.Mapped[date | None] = orm.mapped_column(index=True)
    renewable_until: orm.Mapped[date | None]
    proposal_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("certificate_proposal.id"), unique=True)
    ledger_index: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("ledger_entry.index"), unique=True)
    sealed: orm.Mapped[bytes | None]
    made_at: orm.Mapped[utc]

    proposal: orm.Mapped[Proposal | None] = orm.relationship()
    signature: orm.Mapped["PeriodSignature | None"] = orm.relationship(viewonly=True)


class PeriodSignature(Model):
    """The signer's word that a later period of a certificate rests on what it says: one per period, ever."""

    __tablename__ = "period_signature"
    __append_only__ = True
    __database_fills__ = ("signed_at",)
    __app__ = ("SELECT",)
    __signer__ = ("SELECT", "INSERT")
    __table_args__ = (
        sa.CheckConstraint("octet_length(signature) = 64", name="signature_is_ed25519"),
        sa.CheckConstraint("octet_length(card_signature) = 64", name="card_signature_is_ed25519"),
    )

    period_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("certificate_period.id"), unique=True)
    key_id: orm.Mapped[str] = orm.mapped_column(sa.ForeignKey("signer_key.key_id"), index=True)
    signature: orm.Mapped[bytes]
    card_signature: orm.Mapped[bytes]
    signed_at: orm.Mapped[utc]


class CertificateReminder(Personal, Model):
    """That the holder of a period was reminded of its end; nobody is reminded twice of the same."""

    __tablename__ = "certificate_reminder"
    __append_only__ = True
    __database_fills__ = ("at",)
    __table_args__ = (
        sa.UniqueConstraint("period_id", "stage", "days"),
        sa.CheckConstraint(f"stage IN ({_STAGES})", name="stage_known"),
    )

    period_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("certificate_period.id"))
    stage: orm.Mapped[str] = orm.mapped_column(sa.String(10))
    #: how many days before the end (or before the last day on which it can be renewed)
    days: orm.Mapped[int]
    at: orm.Mapped[utc]


class CertificateChange(InLedger, Personal, Model):
    """What became of a certificate: revoked, suspended, resumed, superseded by a higher one."""

    __tablename__ = "certificate_change"
    __append_only__ = True
    __database_fills__ = ("at",)
    __signer__ = ("SELECT",)
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


class RevocationAnswer(SecondAnswer, Model):
    """A second officer's answer to a wish to revoke: confirmed, or declined with a reason (sealed)."""

    __tablename__ = "revocation_answer"
    __table_args__ = answers("revocation_request")
