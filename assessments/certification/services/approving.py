"""Two officers: each looks at the same document, each proves it is them, neither decides about themselves."""

from collections.abc import Mapping, Sequence

from assessments.certification.events import CertificateApproved, CertificateReturned
from assessments.certification.models import Approval, ClosingKind, OfficerAct, Proposal, ProposalClosing
from assessments.certification.policy import Certificates
from assessments.certification.queries import decisions, proposals, renewals
from assessments.certification.rules.acts import key_print
from assessments.certification.services.deciding import CLOSING
from assessments.certification.services.proving import Shown, prove
from lms import jobs
from lms.authz import Actor
from lms.db import db
from lms.errors import Conflict, Invalid, NotAllowed
from lms.events import publish
from lms.i18n import _
from lms.ledger import services as ledger
from lms.people.models import Person
from lms.service import service, tell

APPROVAL = "certification.approval"
#: Issues one document (asked for by versions before batches were issued together), or all that one act completed.
ISSUE = "certification.issue"
ISSUE_ALL = renewals.ISSUE_ALL
MOST_AT_ONCE = 100


@service(needs=Certificates.DECIDE)
def approve(actor: Actor, chosen: Sequence[Proposal], *, seen: Mapping[int, str], code: Shown) -> list[Approval]:
    """Approve documents with one one-time code or one touch of a passkey; all of them or none.

    `seen` are the hashes of the documents as the officer saw them. Second approvals send their documents to be
    issued, together. Raises NotAllowed for one's own, Conflict for what has changed, Invalid for a wrong code.
    """
    if not 0 < len(chosen) <= MOST_AT_ONCE:
        raise Invalid(_("Choose between 1 and %(most)s documents.", most=MOST_AT_ONCE))
    people = {p.id: p for p in decisions.locked(db.session, [*{p.person_id for p in chosen}, actor.person_id or 0])}
    officer = people[actor.person_id or 0]
    for proposal in chosen:
        actor.must(Certificates.DECIDE, proposal)
        if seen.get(proposal.id) != proposal.document_hash.hex():
            raise Conflict(_("The document changed while you were looking at it. Open it again."))
    _may_be_approved(officer, chosen)
    act = prove(actor, officer, hashes=[p.document_hash for p in chosen], purpose="approve", code=code)
    made = [_approve(officer, people[proposal.person_id], proposal, act) for proposal in chosen]
    second = [row.proposal_id for row in made if row.place == proposals.APPROVALS_NEEDED]
    if second:
        jobs.request(ISSUE_ALL, by=officer.id, key=f"{ISSUE_ALL}:{act.id}", proposal_ids=second)
    tell(documents=[proposal.document_hash.hex() for proposal in chosen], act=act.id)
    return made


def _may_be_approved(officer: Person, chosen: Sequence[Proposal]) -> None:
    found = proposals.hindrances(db.session, chosen, officer.id)
    for reason in filter(None, found.values()):
        if reason is proposals.Hindrance.ONES_OWN:
            raise NotAllowed(_("Nobody approves their own certificate."))
        raise Conflict(proposals.WORDS[reason])


def _approve(officer: Person, person: Person, proposal: Proposal, act: OfficerAct) -> Approval:
    place = proposals.approvals_given(db.session, proposal.id) + 1
    words = {
        "proposal": proposal.public_id,
        "document": proposal.document_hash.hex(),
        "place": place,
        "officer": str(officer.ledger_subject),
        "officer_id": officer.id,
        "act": act.id,
    }
    if act.public_key is not None:
        words["key"] = key_print(act.public_key)
    elif act.nonce is not None:
        words["nonce"] = act.nonce.hex()
    recorded = ledger.append(db.session, APPROVAL, words, person.ledger_subject)
    row = Approval(
        person_id=person.id,
        institution_id=proposal.institution_id,
        proposal_id=proposal.id,
        place=place,
        approver_id=officer.id,
        document_hash=proposal.document_hash,
        act_id=act.id,
        ledger_index=recorded.index,
        sealed=recorded.sealed,
    )
    db.session.add(row)
    db.session.flush()
    if place == proposals.APPROVALS_NEEDED:
        publish(CertificateApproved(proposal.id, person.id))
    return row


@service(needs=Certificates.DECIDE)
def give_back(actor: Actor, proposal: Proposal, *, reason: str) -> ProposalClosing:
    """Return a proposal with a reason that the person can read; it comes back when the evidence changes."""
    (person,) = decisions.locked(db.session, [proposal.person_id])
    reason = reason.strip()
    if not reason:
        raise Invalid(_("Say why, so that the person knows what to do."), reason="")
    if actor.person_id == proposal.person_id:
        raise NotAllowed(_("Nobody decides about their own certificate."))
    if not proposals.is_open(db.session, proposal.id):
        raise Conflict(_("This case has been closed."))
    words = {"proposal": proposal.public_id, "kind": str(ClosingKind.RETURNED), "reason": reason}
    recorded = ledger.append(db.session, CLOSING, words, person.ledger_subject)
    row = ProposalClosing(
        person_id=person.id,
        institution_id=proposal.institution_id,
        proposal_id=proposal.id,
        kind=ClosingKind.RETURNED,
        by_id=actor.person_id,
        ledger_index=recorded.index,
        sealed=recorded.sealed,
    )
    db.session.add(row)
    db.session.flush()
    publish(CertificateReturned(proposal.id, person.id))
    return row
