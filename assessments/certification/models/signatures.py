"""What the signer alone writes: signatures and the public halves of its keys."""

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.certification.rules.statuslist import Purpose
from lms.db import Model, utc

_PURPOSES = ", ".join(f"'{one}'" for one in Purpose)


class SignerKey(Model):
    """A public key that signatures are checked against, for ever: old certificates keep theirs."""

    __tablename__ = "signer_key"
    __append_only__ = True
    __database_fills__ = ("made_at",)
    __app__ = ("SELECT",)
    __signer__ = ("SELECT", "INSERT")
    __table_args__ = (sa.CheckConstraint("octet_length(public_key) = 32", name="public_key_is_ed25519"),)

    key_id: orm.Mapped[str] = orm.mapped_column(sa.String(16), unique=True)
    public_key: orm.Mapped[bytes] = orm.mapped_column(unique=True)
    made_at: orm.Mapped[utc]


class CertificateSignature(Model):
    """The signer's word that a certificate rests on what it says: one per certificate, ever."""

    __tablename__ = "certificate_signature"
    __append_only__ = True
    __database_fills__ = ("signed_at",)
    __app__ = ("SELECT",)
    __signer__ = ("SELECT", "INSERT")
    __table_args__ = (
        sa.CheckConstraint("octet_length(signature) = 64", name="signature_is_ed25519"),
        sa.CheckConstraint("octet_length(card_signature) = 64", name="card_signature_is_ed25519"),
        sa.CheckConstraint("version IN (1, 2)", name="version_known"),
    )

    certificate_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("certificate.id"), unique=True)
    key_id: orm.Mapped[str] = orm.mapped_column(sa.ForeignKey("signer_key.key_id"), index=True)
    #: Over the whole payload, and over the short one that the QR code carries.
    signature: orm.Mapped[bytes]
    card_signature: orm.Mapped[bytes]
    #: The form of what was signed: since the second one it names its place in the status lists.
    version: orm.Mapped[int] = orm.mapped_column(sa.SmallInteger, server_default="1")
    signed_at: orm.Mapped[utc]


class Credential(Model):
    """A certificate's period as other people's programs read it, signed; sealed, because it holds the name.

    Erasing the person destroys the key that opens it.
    """

    __tablename__ = "certificate_credential"
    __append_only__ = True
    __database_fills__ = ("made_at",)
    __app__ = ("SELECT",)
    __signer__ = ("SELECT", "INSERT")
    __table_args__ = (sa.UniqueConstraint("certificate_id", "period_id"),)

    certificate_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("certificate.id"))
    period_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("certificate_period.id"), unique=True)
    key_id: orm.Mapped[str] = orm.mapped_column(sa.ForeignKey("signer_key.key_id"), index=True)
    sealed: orm.Mapped[bytes]
    made_at: orm.Mapped[utc]


class StatusList(Model):
    """What became of many certificates, one bit each, signed: for programs, and for when there is no network."""

    __tablename__ = "status_list"
    __append_only__ = True
    __database_fills__ = ("made_at",)
    __app__ = ("SELECT",)
    __signer__ = ("SELECT", "INSERT")
    __table_args__ = (
        sa.CheckConstraint(f"purpose IN ({_PURPOSES})", name="purpose_known"),
        sa.CheckConstraint("number >= 0", name="number_from_zero"),
        sa.CheckConstraint("octet_length(bits_hash) = 32", name="bits_hash_is_sha256"),
        sa.Index(None, "number", "purpose", "id"),
    )

    number: orm.Mapped[int]
    purpose: orm.Mapped[str] = orm.mapped_column(sa.String(20))
    #: Of the bits alone: whether anything changed since the list before.
    bits_hash: orm.Mapped[bytes]
    key_id: orm.Mapped[str] = orm.mapped_column(sa.ForeignKey("signer_key.key_id"), index=True)
    text: orm.Mapped[str]
    made_at: orm.Mapped[utc]
