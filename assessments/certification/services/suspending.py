"""Suspending and lifting it again: one officer asks with a reason, another answers; it holds from that moment."""

from assessments.certification.events import CertificateResumed, CertificateSuspended
from assessments.certification.models import (
    Certificate,
    SuspensionAnswer,
    SuspensionRequest,
)
from assessments.certification.policy import Certificates
from assessments.certification.queries import decisions, renewals
from assessments.certification.rules.status import ChangeKind, Status, SuspensionCategory
from assessments.certification.services.changing import both, write_change
from assessments.certification.services.proving import Shown, prove
from lms import clock
from lms.authz import Actor
from lms.db import db
from lms.errors import Conflict, Invalid, NotAllowed
from lms.events import publish
from lms.i18n import _
from lms.ledger import services as ledger
from lms.service import service, tell

#: What a certificate must be on the day for it to be suspended.
_LIVING = (Status.VALID, Status.DUE, Status.RENEWABLE)


@service(needs=Certificates.SUSPEND)
def ask_to_suspend(
    actor: Actor, certificate: Certificate, *, category: SuspensionCategory, note: str, code: Shown
) -> SuspensionRequest:
    """The first half of a suspension: a category, and a private note that the officers read."""
    return _ask(actor, certificate, category, note=note, code=code)


@service(needs=Certificates.SUSPEND)
def ask_to_resume(actor: Actor, certificate: Certificate, *, note: str, code: Shown) -> SuspensionRequest:
    """The first half of lifting a suspension, with the reason."""
    return _ask(actor, certificate, None, note=note, code=code)


def _ask(
    actor: Actor, certificate: Certificate, category: SuspensionCategory | None, *, note: str, code: Shown
) -> SuspensionRequest:
    """The wish to suspend for a reason, or, without one, to lift the suspension."""
    kind = ChangeKind.SUSPENDED if category else ChangeKind.RESUMED
    officer, person = both(actor, certificate)
    if not note.strip():
        raise Invalid(_("Say what happened. The note stays with the officers."), note="")
    _must_fit(certificate, kind)
    if renewals.open_request(db.session, certificate.id) is not None:
        raise Conflict(_("Another officer has asked already; it waits for the second."))
    act = prove(actor, officer, hashes=[certificate.proposal.document_hash], purpose=_PURPOSES[kind], code=code)
    words = {
        "number": certificate.number,
        "kind": str(kind),
        "category": str(category) if category else None,
        "note": note.strip(),
        "officer": str(officer.ledger_subject),
        "act": act.id,
    }
    recorded = ledger.append(db.session, renewals.REQUEST, words, person.ledger_subject)
    row = SuspensionRequest(
        person_id=person.id,
        institution_id=certificate.institution_id,
        certificate_id=certificate.id,
        kind=kind,
        category=category,
        by_id=officer.id,
        act_id=act.id,
        ledger_index=recorded.index,
        sealed=recorded.sealed,
    )
    db.session.add(row)
    db.session.flush()
    tell(kind=str(kind), category=str(category) if category else None)
    return row


_PURPOSES = {ChangeKind.SUSPENDED: "suspend", ChangeKind.RESUMED: "resume"}


def _must_fit(certificate: Certificate, kind: ChangeKind) -> None:
    """Only what lives is suspended, only what is suspended goes on."""
    today = decisions.status_of(certificate, clock.today())
    if kind is ChangeKind.SUSPENDED and today not in _LIVING:
        raise Conflict(_("Only a certificate that is valid or can be renewed can be suspended."))
    if kind is ChangeKind.RESUMED and today is not Status.SUSPENDED:
        raise Conflict(_("This certificate is not suspended."))


@service(needs=Certificates.SUSPEND, tells=("confirmed",))
def answer_suspension(
    actor: Actor, request: SuspensionRequest, *, confirmed: bool, note: str, code: Shown
) -> SuspensionAnswer:
    """The second half, by another officer: confirmed, it holds and everybody can see it at once."""
    certificate, kind = request.certificate, ChangeKind(request.kind)
    officer, person = both(actor, certificate)
    if officer.id == request.by_id:
        raise NotAllowed(_("The second officer must be another one."))
    if renewals.is_answered(db.session, request.id):
        raise Conflict(_("This has been answered already."))
    if confirmed:
        _must_fit(certificate, kind)
    elif not note.strip():
        raise Invalid(_("Say why not."), note="")
    act = prove(actor, officer, hashes=[certificate.proposal.document_hash], purpose="confirm", code=code)
    words = {
        "number": certificate.number,
        "kind": str(kind),
        "confirmed": confirmed,
        "note": note.strip(),
        "officer": str(officer.ledger_subject),
        "act": act.id,
    }
    recorded = ledger.append(db.session, renewals.ANSWER, words, person.ledger_subject)
    row = SuspensionAnswer(
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
        write_change(certificate, person, kind)
        happened = CertificateSuspended if kind is ChangeKind.SUSPENDED else CertificateResumed
        publish(happened(certificate.id, person.id))
    db.session.flush()
    return row
