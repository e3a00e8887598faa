"""Renewing: a certificate near its end gets another period, on what is still in date and what was proved anew."""

from assessments.certification.events import CertificateDue, CertificateProposed, CertificateRenewed
from assessments.certification.models import (
    Certificate,
    CertificatePeriod,
    CertificateReminder,
    Proposal,
    StarDecision,
)
from assessments.certification.policy import Certificates
from assessments.certification.queries import decisions, policies, renewals
from assessments.certification.rules import renewal
from assessments.certification.rules.document import Document
from assessments.certification.rules.renewal import Stage
from assessments.certification.rules.status import Status
from lms import clock, ids
from lms.authz import Actor
from lms.db import db
from lms.errors import Conflict
from lms.events import publish
from lms.i18n import _
from lms.institutions.models import Institution
from lms.ledger import services as ledger
from lms.people.models import Person
from lms.service import service, tell

PROPOSAL = "certification.proposal"


@service(needs=Certificates.PROPOSE)
def propose_due(actor: Actor, decision: StarDecision, *, person: Person) -> Proposal | None:
    """Lay before the officers the renewal of what comes to its end, or what takes the place of what has expired.

    Once per decision, and only where nothing else about the person waits; None where there is nothing to do.
    """
    held = decisions.certificates_of(db.session, person.id)
    if not person.active or not held or decisions.open_proposals(db.session, person.id):
        return None
    authority = decisions.authority_over(db.session, person.institution)
    if authority is None:
        return None
    ready = [one for one in renewals.prospects(db.session, held, clock.today()) if one.ready]
    for one in sorted(ready, key=lambda one: -one.certificate.star):
        certificate = one.certificate
        if one.star <= decision.star and not decisions.was_proposed(db.session, decision.id, after=certificate.id):
            return _lay(decision, person, authority, certificate, again=True)
    return _anew(decision, person, authority, held)


def _anew(decision: StarDecision, person: Person, authority: Institution, held: list[Certificate]) -> Proposal | None:
    """A new certificate after one that expired for good, by a decision that has led to one already."""
    today, session = clock.today(), db.session
    if decision.star <= decisions.star_held(session, person.id, today):
        return None
    gone = next((one for one in held if decisions.status_of(one, today) is Status.EXPIRED), None)
    if gone is None or not decisions.was_proposed(session, decision.id):
        return None
    if decisions.was_proposed(session, decision.id, after=gone.id):
        return None
    return _lay(decision, person, authority, gone, again=False)


def _lay(
    decision: StarDecision, person: Person, authority: Institution, after: Certificate, *, again: bool
) -> Proposal:
    case, version = ids.public_id(), decision.policy_version
    document = Document(
        public_id=after.public_id if again else case,
        name=person.name,
        star=after.star if again else decision.star,
        category=after.category if again else person.category,
        institution=person.institution.name,
        authority_code=authority.division_code,
        authority=authority.name,
        authority_en=authority.name_en,
        policy=f"{version.code} {version.version}",
        policy_hash=version.content_hash.hex(),
        evidence_hash=decision.evidence_hash.hex(),
        decided_on=decision.on_day.isoformat(),
        valid_years=policies.policy_of(version).certificate_years,
        renews=after.number if again else None,
        case=case if again else None,
    )
    recorded = ledger.append(db.session, PROPOSAL, document.plain(), person.ledger_subject)
    row = Proposal(
        person_id=person.id,
        institution_id=person.institution_id,
        decision_id=decision.id,
        authority_id=authority.id,
        public_id=case,
        category=document.category,
        star=document.star,
        document_hash=document.hash,
        after_id=after.id,
        renewal=again,
        ledger_index=recorded.index,
        sealed=recorded.sealed,
    )
    db.session.add(row)
    db.session.flush()
    publish(CertificateProposed(row.id, person.id))
    tell(star=row.star, document=document.hash.hex(), renewal=again)
    return row


def extend(person: Person, proposal: Proposal, document: Document) -> Certificate:
    """Write the next period of the certificate that two officers renewed (from inside the verb that issues)."""
    held = next(one for one in decisions.certificates_of(db.session, person.id) if one.id == proposal.after_id)
    if not renewals.is_ready(db.session, held):
        raise Conflict(_("The certificate cannot be renewed any more on what is recorded today."))
    last = renewals.newest_period(held)
    policy = policies.policy_of(proposal.decision.policy_version)
    begins_on = renewal.next_begin(last.ends_on or clock.today(), clock.today())
    span = renewal.period(begins_on, document.valid_years, policy)
    words = {
        "number": held.number,
        "proposal": proposal.public_id,
        "document": proposal.document_hash.hex(),
        "from": span.begins_on.isoformat(),
        "until": span.ends_on.isoformat() if span.ends_on else None,
    }
    recorded = ledger.append(db.session, renewals.RENEWED, words, person.ledger_subject)
    db.session.add(
        CertificatePeriod(
            person_id=person.id,
            institution_id=held.institution_id,
            certificate_id=held.id,
            proposal_id=proposal.id,
            **renewal.columns(span),
            ledger_index=recorded.index,
            sealed=recorded.sealed,
        )
    )
    db.session.flush()
    publish(CertificateRenewed(held.id, person.id))
    tell(number=held.number, until=words["until"])
    return held


@service(needs=Certificates.REMIND, tells=("stage",))
def remind(actor: Actor, period: CertificatePeriod, *, stage: Stage, days_before: int) -> CertificateReminder:
    """Write down that a holder is reminded, and let everybody hear who carries it to them."""
    row = CertificateReminder(
        person_id=period.person_id,
        institution_id=period.institution_id,
        period_id=period.id,
        stage=stage,
        days=days_before,
    )
    db.session.add(row)
    db.session.flush()
    ends_on = period.ends_on.isoformat() if period.ends_on else ""
    publish(CertificateDue(period.certificate_id, period.person_id, ends_on, stage.value, days_before))
    return row
