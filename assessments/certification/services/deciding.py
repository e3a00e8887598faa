"""Deciding again when evidence, policy or time has changed, and proposing what follows."""

from assessments.certification.events import CertificateProposed
from assessments.certification.models import ClosingKind, PolicyVersion, Proposal, ProposalClosing, StarDecision
from assessments.certification.policy import Certificates, Stars
from assessments.certification.queries import decisions, evidence, policies
from assessments.certification.rules.decision import Decision, Evidence, decide
from assessments.certification.rules.document import Document
from lms import clock, ids
from lms.authz import Actor
from lms.db import db
from lms.events import publish
from lms.ledger import services as ledger
from lms.people.models import Person
from lms.service import service, tell

DECISION = "certification.decision"
PROPOSAL = "certification.proposal"
CLOSING = "certification.closing"


@service(needs=Stars.DECIDE)
def decide_again(actor: Actor, person: Person) -> StarDecision | None:
    """Decide about one person on today's evidence; writes a row only if something has changed.

    None while no policy is loaded. A star above the certificates held leads to a proposal; a proposal whose
    evidence is no longer today's is closed.
    """
    (person,) = decisions.locked(db.session, [person.id])
    today = clock.today()
    version = policies.in_force(db.session, today)
    if version is None:
        return None
    found = evidence.of_person(db.session, person.id)
    made = decide(policies.policy_of(version), found, today)
    last = decisions.latest(db.session, person.id)
    row = last if last is not None and _same(last, version, made) else _write(person, version, made, found)
    _close_overtaken(person, row)
    if row.star > decisions.star_held(db.session, person.id, today):
        propose(actor, row, person=person)
    return row


def _same(last: StarDecision, version: PolicyVersion, made: Decision) -> bool:
    return (
        last.policy_version_id == version.id
        and last.evidence_hash == made.evidence_hash
        and last.star == made.star
        and last.explanation["stars"] == made.as_json()["stars"]
    )


def _write(person: Person, version: PolicyVersion, made: Decision, found: list[Evidence]) -> StarDecision:
    words = {
        "policy": version.content_hash.hex(),
        "evidence": made.evidence_hash.hex(),
        "star": made.star,
        "on": made.on.isoformat(),
    }
    recorded = ledger.append(db.session, DECISION, words, person.ledger_subject)
    row = StarDecision(
        person_id=person.id,
        institution_id=person.institution_id,
        policy_version_id=version.id,
        evidence_hash=made.evidence_hash,
        evidence_ids=sorted(one.id for one in found),
        on_day=made.on,
        star=made.star,
        explanation=made.as_json(),
        changes_on=made.changes_on,
        ledger_index=recorded.index,
        sealed=recorded.sealed,
    )
    db.session.add(row)
    db.session.flush()
    tell(star=made.star, policy=f"{version.code} {version.version}")
    return row


def _close_overtaken(person: Person, row: StarDecision) -> None:
    for proposal in decisions.open_proposals(db.session, person.id):
        if proposal.decision_id != row.id:
            words = {"proposal": proposal.public_id, "kind": str(ClosingKind.SUPERSEDED)}
            recorded = ledger.append(db.session, CLOSING, words, person.ledger_subject)
            closing = ProposalClosing(
                person_id=person.id,
                institution_id=proposal.institution_id,
                proposal_id=proposal.id,
                kind=ClosingKind.SUPERSEDED,
                ledger_index=recorded.index,
                sealed=recorded.sealed,
            )
            db.session.add(closing)
    db.session.flush()


@service(needs=Certificates.PROPOSE)
def propose(actor: Actor, decision: StarDecision, *, person: Person) -> Proposal | None:
    """Lay a certificate before the officers, once per decision; None where it was, or where nobody could issue it."""
    if not person.active or decisions.was_proposed(db.session, decision.id):
        return None
    authority = decisions.authority_over(db.session, person.institution)
    if authority is None:
        return None
    version = decision.policy_version
    document = Document(
        public_id=ids.public_id(),
        name=person.name,
        star=decision.star,
        category=person.category,
        institution=person.institution.name,
        authority_code=authority.division_code,
        authority=authority.name,
        authority_en=authority.name_en,
        policy=f"{version.code} {version.version}",
        policy_hash=version.content_hash.hex(),
        evidence_hash=decision.evidence_hash.hex(),
        decided_on=decision.on_day.isoformat(),
        valid_years=policies.policy_of(version).certificate_years,
    )
    recorded = ledger.append(db.session, PROPOSAL, document.plain(), person.ledger_subject)
    row = Proposal(
        person_id=person.id,
        institution_id=person.institution_id,
        decision_id=decision.id,
        authority_id=authority.id,
        public_id=document.public_id,
        category=person.category,
        star=decision.star,
        document_hash=document.hash,
        ledger_index=recorded.index,
        sealed=recorded.sealed,
    )
    db.session.add(row)
    db.session.flush()
    publish(CertificateProposed(row.id, person.id))
    tell(star=decision.star, document=document.hash.hex())
    return row
