"""Revoking: one officer asks with a reason, another confirms; the certificate is void from that moment."""

from assessments.certification.events import CertificateRevoked
from assessments.certification.models import (
    Certificate,
    RevocationAnswer,
    RevocationRequest,
)
from assessments.certification.policy import Certificates
from assessments.certification.queries import certificates
from assessments.certification.rules.status import ChangeKind, RevocationCategory
from assessments.certification.services.changing import both, write_change
from assessments.certification.services.proving import Shown, prove
from lms.authz import Actor
from lms.db import db
from lms.errors import Conflict, Invalid, NotAllowed
from lms.events import publish
from lms.i18n import _
from lms.ledger import services as ledger
from lms.service import service

REQUEST = "certification.revocation-request"
ANSWER = "certification.revocation-answer"


@service(needs=Certificates.REVOKE, tells=("category",))
def ask_to_revoke(
    actor: Actor, certificate: Certificate, *, category: RevocationCategory, note: str, code: Shown
) -> RevocationRequest:
    """The first half: a category that strangers may see, a private note that they never do."""
    officer, person = both(actor, certificate)
    if not note.strip():
        raise Invalid(_("Say what happened. The note stays with the officers."), note="")
    if certificates.is_revoked(db.session, certificate.id) or certificates.open_request(db.session, certificate.id):
        raise Conflict(_("This certificate is revoked already, or waits for a second officer."))
    act = prove(actor, officer, hashes=[certificate.proposal.document_hash], purpose="revoke", code=code)
    words = {
        "number": certificate.number,
        "category": str(category),
        "note": note.strip(),
        "officer": str(officer.ledger_subject),
        "act": act.id,
    }
    recorded = ledger.append(db.session, REQUEST, words, person.ledger_subject)
    row = RevocationRequest(
        person_id=person.id,
        institution_id=certificate.institution_id,
        certificate_id=certificate.id,
        category=category,
        by_id=officer.id,
        act_id=act.id,
        ledger_index=recorded.index,
        sealed=recorded.sealed,
    )
    db.session.add(row)
    db.session.flush()
    return row


@service(needs=Certificates.REVOKE, tells=("confirmed",))
def answer_revocation(
    actor: Actor, request: RevocationRequest, *, confirmed: bool, note: str, code: Shown
) -> RevocationAnswer:
    """The second half, by another officer: confirmed, it is visible to everybody at once."""
    certificate = db.session.get_one(Certificate, request.certificate_id)
    officer, person = both(actor, certificate)
    if officer.id == request.by_id:
        raise NotAllowed(_("The second officer must be another one."))
    if certificates.is_answered(db.session, request.id):
        raise Conflict(_("This has been answered already."))
    if not confirmed and not note.strip():
        raise Invalid(_("Say why it should not be revoked."), note="")
    act = prove(actor, officer, hashes=[certificate.proposal.document_hash], purpose="confirm", code=code)
    words = {
        "number": certificate.number,
        "confirmed": confirmed,
        "note": note.strip(),
        "officer": str(officer.ledger_subject),
        "act": act.id,
    }
    recorded = ledger.append(db.session, ANSWER, words, person.ledger_subject)
    row = RevocationAnswer(
        person_id=person.id,
        institution_id=certificate.institution_id,
        request_id=request.id,
        requested_by_id=request.by_id,
        by_id=officer.id,
        confirmed=confirmed,
        act_id=act.id,
        ledger_index=recorded.index,
        sealed=recorded.sealed,
    )
    db.session.add(row)
    if confirmed:
        write_change(certificate, person, ChangeKind.REVOKED, category=request.category)
        publish(CertificateRevoked(certificate.id, person.id))
    db.session.flush()
    return row
