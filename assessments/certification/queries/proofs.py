"""What proves a certificate: the payload rebuilt from the sealed words, its signatures and the key."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.certification.models import Approval, Certificate, CertificatePeriod, SignerKey
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
    #: The period it is the proof of.
    period_id: int = 0

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
    later = [one for one in certificate.periods if one.proposal is not None and one.signature is not None]
    if later:
        return _proof_of_period(session, certificate, max(later, key=lambda one: one.begins_on))
    document = document_of(session, certificate.proposal)
    approvals = _approvals(session, certificate.proposal_id)
    if document is None or approvals is None:
        return None
    key = public_key(session, certificate.signature.key_id)
    first = certificate.periods[0]
    status = certificate.id if certificate.signature.version > 1 else None
    issued = papers.Issued(certificate.number, first.begins_on, first.ends_on, certificate.signature.key_id, status)
    full = papers.payload(document, issued, approvals)
    signature = certificate.signature
    return Proof(full, signature.signature, signature.card_signature, key or b"", first.id)


def _proof_of_period(session: orm.Session, certificate: Certificate, period: CertificatePeriod) -> Proof | None:
    """The proof of what a certificate is since it was renewed."""
    proposal, signed = period.proposal, period.signature
    if proposal is None or signed is None:
        return None
    document, approvals = document_of(session, proposal), _approvals(session, proposal.id)
    if document is None or approvals is None:
        return None
    issued = papers.Issued(certificate.number, period.begins_on, period.ends_on, signed.key_id, certificate.id)
    full = papers.payload(document, issued, approvals)
    key = public_key(session, signed.key_id)
    return Proof(full, signed.signature, signed.card_signature, key or b"", period.id)


def public_key(session: orm.Session, key_id: str) -> bytes | None:
    """A public key by its id, however old."""
    return session.scalar(sa.select(SignerKey.public_key).where(SignerKey.key_id == key_id))


def keys(session: orm.Session) -> list[SignerKey]:
    """All public keys, newest first."""
    return list(session.scalars(sa.select(SignerKey).order_by(SignerKey.id.desc())))


def _approvals(session: orm.Session, proposal_id: int) -> list[papers.Approved] | None:
    query = sa.select(Approval).where(Approval.proposal_id == proposal_id).order_by(Approval.place)
    rows = session.scalars(query, execution_options=Everything)
    found = [(row, open_words(session, "certification.approval", row.ledger_index, row.sealed)) for row in rows]
    if any(opened is None for _, opened in found):
        return None
    return [papers.Approved(o.document["words"]["officer"], o.document["at"]) for _, o in found if o is not None]
