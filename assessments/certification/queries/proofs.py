"""What proves a certificate: the payload rebuilt from the sealed words, its signatures and the key."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.certification.models import Approval, Certificate, SignerKey
from assessments.certification.queries.proposals import document_of
from assessments.certification.rules import document as papers
from lms.db import Everything
from lms.ledger.queries import open_words


@dataclass(frozen=True)
class Proof:
    """A signed certificate, ready to be shown and checked."""

    payload: dict[str, Any]
    signature: bytes
    card_signature: bytes
    public_key: bytes

    @property
    def card(self) -> dict[str, Any]:
        """The short form."""
        return papers.card(self.payload)

    @property
    def text(self) -> str:
        """The short form as the QR code carries it."""
        return papers.pack(self.card, self.card_signature)

    @property
    def holds(self) -> bool:
        """Whether both signatures are the key's."""
        return papers.genuine(self.payload, self.signature, self.public_key) and papers.genuine(
            self.card, self.card_signature, self.public_key
        )


def proof_of(session: orm.Session, certificate: Certificate) -> Proof | None:
    """The proof of a certificate; None before it is signed, or when the person was erased."""
    if certificate.signature is None:
        return None
    document = document_of(session, certificate.proposal)
    approvals = _approvals(session, certificate)
    if document is None or approvals is None:
        return None
    key = public_key(session, certificate.signature.key_id)
    first = certificate.periods[0]
    issued = papers.Issued(certificate.number, first.begins_on, first.ends_on, certificate.signature.key_id)
    full = papers.payload(document, issued, approvals)
    return Proof(full, certificate.signature.signature, certificate.signature.card_signature, key or b"")


def public_key(session: orm.Session, key_id: str) -> bytes | None:
    """A public key by its id, however old."""
    return session.scalar(sa.select(SignerKey.public_key).where(SignerKey.key_id == key_id))


def keys(session: orm.Session) -> list[SignerKey]:
    """All public keys, newest first."""
    return list(session.scalars(sa.select(SignerKey).order_by(SignerKey.id.desc())))


def _approvals(session: orm.Session, certificate: Certificate) -> list[papers.Approved] | None:
    query = sa.select(Approval).where(Approval.proposal_id == certificate.proposal_id).order_by(Approval.place)
    rows = session.scalars(query, execution_options=Everything)
    found = [(row, open_words(session, "certification.approval", row.ledger_index, row.sealed)) for row in rows]
    if any(opened is None for _, opened in found):
        return None
    return [papers.Approved(o.document["words"]["officer"], o.document["at"]) for _, o in found if o is not None]
