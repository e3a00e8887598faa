"""Revoking: one officer asks with a reason, another confirms; the certificate is void from that moment."""

from assessments.certification.events import CertificateRevoked
from assessments.certification.models import (
    Certificate,
    CertificateChange,
    RevocationAnswer,
    RevocationRequest,
)
from assessments.certification.policy import Certificates
from assessments.certification.queries import certificates, decisions
from assessments.certification.rules.status import ChangeKind, RevocationCategory
from assessments.certification.services.issuing import CHANGE
from assessments.certification.services.proving import prove
from lms import clock
from lms.authz import Actor
from lms.db import db
from lms.errors import Conflict, Invalid, NotAllowed
from lms.events import publish
from lms.i18n import _
from lms.ledger import services as ledger
from lms.people.models import Person
from lms.service import service

REQUEST = "certification.revocation-request"
ANSWER = "certification.revocation-answer"


@service(needs=Certificates.REVOKE, tells=("category",))
def ask_to_revoke(
    actor: Actor, certificate: Certificate, *, category: RevocationCategory, note: str, code: str
) -> RevocationRequest:
    """The first half: a category that strangers may see, a private note that they never do."""
    officer, person = _both(actor, certificate)
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
    actor: Actor, request: RevocationRequest, *, confirmed: bool, note: str, code: str
) -> RevocationAnswer:
    """The second half, by another officer: confirmed, it is visible to everybody at once."""
    certificate = db.session.get_one(Certificate, request.certificate_id)
    officer, person = _both(actor, certificate)
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
        _revoke(certificate, person, request.category)
    db.session.flush()
    return row


def _revoke(certificate: Certificate, person: Person, category: str) -> None:
    today = clock.today()
    words = {
        "number": certificate.number,
        "kind": str(ChangeKind.REVOKED),
        "on": today.isoformat(),
        "category": str(category),
    }
    recorded = ledger.append(db.session, CHANGE, words, person.ledger_subject)
    change = CertificateChange(
        person_id=person.id,
        institution_id=certificate.institution_id,
        certificate_id=certificate.id,
        kind=ChangeKind.REVOKED,
        on_day=today,
        category=category,
        ledger_index=recorded.index,
        sealed=recorded.sealed,
    )
    db.session.add(change)
    publish(CertificateRevoked(certificate.id, person.id))


def _both(actor: Actor, certificate: Certificate) -> tuple[Person, Person]:
    """The officer and the person it is about, who may not be one."""
    if actor.person_id == certificate.person_id:
        raise NotAllowed(_("Nobody decides about their own certificate."))
    found = {p.id: p for p in decisions.locked(db.session, [certificate.person_id, actor.person_id or 0])}
    return found[actor.person_id or 0], found[certificate.person_id]
