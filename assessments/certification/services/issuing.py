"""Issuing: what two officers approved gets its number and its period, and goes to the signer."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from assessments.certification.events import CertificateIssued
from assessments.certification.models import (
    Certificate,
    CertificateChange,
    CertificatePeriod,
    NumberSeries,
    Proposal,
)
from assessments.certification.policy import Certificates
from assessments.certification.queries import decisions, policies, proposals
from assessments.certification.rules.document import last_day
from assessments.certification.rules.status import ChangeKind, Status
from lms import clock
from lms.authz import Actor
from lms.db import db
from lms.errors import Conflict
from lms.events import publish
from lms.i18n import _
from lms.ledger import services as ledger
from lms.people.models import Person
from lms.service import service, tell

ISSUED = "certification.issued"
CHANGE = "certification.change"


@service(needs=Certificates.ISSUE)
def issue(actor: Actor, proposal: Proposal) -> Certificate:
    """Make a certificate of what two different officers approved; safe to repeat.

    Raises Conflict where the approvals are missing, or the person no longer qualifies.
    """
    (person,) = decisions.locked(db.session, [proposal.person_id])
    made = db.session.scalar(sa.select(Certificate).where(Certificate.proposal_id == proposal.id))
    if made is not None:
        return made
    if proposals.state_of(db.session, proposal.id) is not proposals.State.APPROVED:
        raise Conflict(_("Two different officers must approve first."))
    if not decisions.stands_still(db.session, proposal):
        raise Conflict(proposals.WORDS[proposals.Hindrance.EVIDENCE_CHANGED])
    document = proposals.document_of(db.session, proposal)
    if document is None or document.hash != proposal.document_hash:
        raise Conflict(_("The document cannot be opened any more."))
    begins_on = clock.today()
    ends_on = last_day(begins_on, document.valid_years)
    number = _next_number(proposal, begins_on.year)
    words = {
        "number": number,
        "proposal": proposal.public_id,
        "document": proposal.document_hash.hex(),
        "star": proposal.star,
        "from": begins_on.isoformat(),
        "until": ends_on.isoformat() if ends_on else None,
    }
    row = _write(proposal, person, number, ledger.append(db.session, ISSUED, words, person.ledger_subject))
    period = CertificatePeriod(
        person_id=person.id,
        institution_id=row.institution_id,
        certificate_id=row.id,
        begins_on=begins_on,
        ends_on=ends_on,
    )
    db.session.add(period)
    _supersede_lower(person, row)
    publish(CertificateIssued(row.id, person.id))
    tell(number=number, star=row.star)
    return row


def _write(proposal: Proposal, person: Person, number: str, recorded: ledger.Recorded) -> Certificate:
    row = Certificate(
        person_id=person.id,
        institution_id=proposal.institution_id,
        proposal_id=proposal.id,
        number=number,
        public_id=proposal.public_id,
        category=proposal.category,
        star=proposal.star,
        authority_id=proposal.authority_id,
        ledger_index=recorded.index,
        sealed=recorded.sealed,
    )
    db.session.add(row)
    db.session.flush()
    return row


def _next_number(proposal: Proposal, year: int) -> str:
    """The next number of the authority in this year; the row is locked until the commit."""
    insert = pg.insert(NumberSeries).values(authority_id=proposal.authority_id, year=year, last=1)
    upsert = insert.on_conflict_do_update(
        index_elements=["authority_id", "year"], set_={"last": NumberSeries.last + 1}
    ).returning(NumberSeries.last)
    serial = db.session.execute(upsert).scalar_one()
    rule = policies.policy_of(proposal.decision.policy_version).number_rule
    return rule.format(division=proposal.authority.division_code, year=year, serial=serial)


def _supersede_lower(person: Person, row: Certificate) -> None:
    """A higher certificate takes the place of lower ones that are valid (once it is signed)."""
    today = clock.today()
    for lower in decisions.certificates_of(db.session, person.id):
        if lower.id == row.id or lower.star >= row.star or decisions.status_of(lower, today) is not Status.VALID:
            continue
        words = {"number": lower.number, "kind": str(ChangeKind.SUPERSEDED), "on": today.isoformat(), "by": row.number}
        recorded = ledger.append(db.session, CHANGE, words, person.ledger_subject)
        change = CertificateChange(
            person_id=person.id,
            institution_id=lower.institution_id,
            certificate_id=lower.id,
            kind=ChangeKind.SUPERSEDED,
            on_day=today,
            by_certificate_id=row.id,
            ledger_index=recorded.index,
            sealed=recorded.sealed,
        )
        db.session.add(change)
    db.session.flush()
