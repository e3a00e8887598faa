"""What the signer alone writes: signatures and the public halves of its keys."""

import sqlalchemy as sa
from sqlalchemy import orm

from lms.db import Model, utc


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
    )

    certificate_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("certificate.id"), unique=True)
    key_id: orm.Mapped[str] = orm.mapped_column(sa.ForeignKey("signer_key.key_id"), index=True)
    #: Over the whole payload, and over the short one that the QR code carries.
    signature: orm.Mapped[bytes]
    card_signature: orm.Mapped[bytes]
    signed_at: orm.Mapped[utc]
