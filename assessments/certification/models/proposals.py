"""A certificate before it is one: proposed by the system, approved by two officers, or closed."""

from enum import StrEnum
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.certification.models.stars import InLedger, StarDecision
from lms.db import Model, Personal, Sealed, one_of, utc
from lms.institutions.models import Institution
from lms.people.models import Person

if TYPE_CHECKING:
    from assessments.certification.models.certificates import Certificate


class ClosingKind(StrEnum):
    """Why a proposal will never become a certificate."""

    RETURNED = "returned"
    SUPERSEDED = "superseded"


class Proposal(InLedger, Personal, Model):
    """The document that would be certified, word for word (sealed), with the hash that is approved."""

    __tablename__ = "certificate_proposal"
    __append_only__ = True
    __database_fills__ = ("proposed_at",)
    __signer__ = ("SELECT",)
    __table_args__ = (
        sa.CheckConstraint("star BETWEEN 1 AND 5", name="star_between_one_and_five"),
        sa.CheckConstraint("octet_length(document_hash) = 32", name="document_hash_is_sha256"),
        sa.CheckConstraint("public_id ~ '^[0-9a-f]{32}$'", name="public_id_is_128_bits"),
        sa.CheckConstraint("NOT renewal OR after_id IS NOT NULL", name="renewal_of_one"),
        sa.UniqueConstraint("decision_id", "after_id", postgresql_nulls_not_distinct=True),
    )

    decision_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("star_decision.id"))
    authority_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("institution.id"), index=True)
    public_id: orm.Mapped[str] = orm.mapped_column(sa.String(32), unique=True)
    category: orm.Mapped[str] = orm.mapped_column(sa.String(30))
    star: orm.Mapped[int]
    document_hash: orm.Mapped[bytes] = orm.mapped_column(unique=True)
    #: The certificate that would get another period; where it is no renewal, the expired one after which this is new.
    after_id: orm.Mapped[int | None] = orm.mapped_column(
        sa.ForeignKey("certificate.id", use_alter=True, name="fk_certificate_proposal_after_id_certificate"), index=True
    )
    renewal: orm.Mapped[bool] = orm.mapped_column(server_default=sa.false())
    proposed_at: orm.Mapped[utc]

    decision: orm.Mapped[StarDecision] = orm.relationship()
    authority: orm.Mapped[Institution] = orm.relationship(foreign_keys=[authority_id])
    person: orm.Mapped[Person] = orm.relationship(viewonly=True)
    approvals: orm.Mapped[list["Approval"]] = orm.relationship(order_by="Approval.place", viewonly=True)
    closing: orm.Mapped["ProposalClosing | None"] = orm.relationship(viewonly=True)
    after: orm.Mapped["Certificate | None"] = orm.relationship(foreign_keys=[after_id], viewonly=True)


class ProposalClosing(InLedger, Personal, Model):
    """That a proposal was returned by an officer (the reason is in the sealed words) or overtaken."""

    __tablename__ = "proposal_closing"
    __append_only__ = True
    __database_fills__ = ("at",)
    __signer__ = ("SELECT",)
    __table_args__ = (
        sa.CheckConstraint(one_of("kind", ClosingKind), name="kind_known"),
        sa.CheckConstraint("(kind = 'returned') = (by_id IS NOT NULL)", name="returned_by_somebody"),
        sa.CheckConstraint("by_id <> person_id", name="not_ones_own"),
    )

    proposal_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("certificate_proposal.id"), unique=True)
    kind: orm.Mapped[str] = orm.mapped_column(sa.String(20))
    by_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    at: orm.Mapped[utc]


class OfficerAct(Personal, Model):
    """One act of an officer (`person`), proved by a one-time code or a passkey, over the hashes it was meant for."""

    __tablename__ = "officer_act"
    __append_only__ = True
    __database_fills__ = ("before_nonces", "at")
    __signer__ = ("SELECT",)
    __table_args__ = (
        sa.UniqueConstraint("person_id", "step"),
        sa.CheckConstraint("octet_length(digest) = 32", name="digest_is_sha256"),
        sa.CheckConstraint("(code IS NULL) = (step IS NULL)", name="code_with_its_step"),
        sa.CheckConstraint("(code IS NULL) <> (assertion IS NULL)", name="by_code_or_passkey"),
        sa.CheckConstraint(
            "(assertion IS NULL OR nonce IS NOT NULL) AND (assertion IS NULL) = (public_key IS NULL)",
            name="passkey_with_its_question",
        ),
        sa.CheckConstraint("code IS NULL OR nonce IS NOT NULL OR before_nonces", name="code_with_the_signers_nonce"),
        sa.CheckConstraint("octet_length(nonce) = 32", name="nonce_is_256_bits"),
        # A passkey is asked anew each time; the signer's nonce stands in many acts.
        sa.Index("uq_officer_act_nonce", "nonce", unique=True, postgresql_where=sa.text("assertion IS NOT NULL")),
    )

    purpose: orm.Mapped[str] = orm.mapped_column(sa.String(20))
    #: SHA-256 over the sorted hashes of everything this act decides.
    digest: orm.Mapped[bytes]
    #: The one-time code that was given, sealed, and its time step: a code serves one act only.
    code: orm.Mapped[str | None] = orm.mapped_column(Sealed)
    step: orm.Mapped[int | None] = orm.mapped_column(sa.BigInteger)
    #: With a code, what the signer had published last (`queries/nonces.py`), none in acts of before; with a passkey,
    #: what it was asked. Then what the passkey answered (sealed), and the public half it answered with (the key may
    #: be taken away later).
    nonce: orm.Mapped[bytes | None]
    #: Of the time when acts by code carried none: a migration says so, and nobody can add another.
    before_nonces: orm.Mapped[bool] = orm.mapped_column(server_default=sa.false())
    assertion: orm.Mapped[str | None] = orm.mapped_column(Sealed)
    public_key: orm.Mapped[bytes | None]
    at: orm.Mapped[utc]


class Approval(InLedger, Personal, Model):
    """One officer's approval of a document's hash; two of different officers make a certificate."""

    __tablename__ = "certificate_approval"
    __append_only__ = True
    __database_fills__ = ("approved_at",)
    __signer__ = ("SELECT",)
    __table_args__ = (
        sa.UniqueConstraint("proposal_id", "place"),
        sa.UniqueConstraint("proposal_id", "approver_id"),
        sa.CheckConstraint("place IN (1, 2)", name="first_or_second"),
        sa.CheckConstraint("approver_id <> person_id", name="not_ones_own"),
        sa.CheckConstraint("octet_length(document_hash) = 32", name="document_hash_is_sha256"),
    )

    proposal_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("certificate_proposal.id"))
    place: orm.Mapped[int]
    approver_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    document_hash: orm.Mapped[bytes]
    act_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("officer_act.id"), index=True)
    approved_at: orm.Mapped[utc]

    act: orm.Mapped[OfficerAct] = orm.relationship()
