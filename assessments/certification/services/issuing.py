"""Issuing: what two officers approved gets its number and its period, and goes to the signer."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from assessments.certification.events import CertificateIssued
from assessments.certification.models import (
    Certificate,
    CertificatePeriod,
    NumberSeries,
    Proposal,
)
from assessments.certification.policy import Certificates
from assessments.certification.queries import decisions, policies, proposals
from assessments.certification.rules import renewal
from assessments.certification.rules.document import Document
from assessments.certification.rules.status import ChangeKind, Status
from assessments.certification.services.changing import write_change
from assessments.certification.services.renewing import extend
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
_REPLACED = (Status.VALID, Status.DUE, Status.RENEWABLE)


@service(needs=Certificates.ISSUE)
def issue(actor: Actor, proposal: Proposal) -> Certificate:
    """Make a certificate, or another period of one, of what two different officers approved; safe to repeat.

    Raises Conflict where the approvals are missing, or the person no longer qualifies.
    """
    (person,) = decisions.locked(db.session, [proposal.person_id])
    made = _made_of(proposal)
    if made is not None:
        return made
    document = _may_be_issued(person, proposal)
    return extend(person, proposal, document) if proposal.renewal else _issue(person, proposal, document)


def _made_of(proposal: Proposal) -> Certificate | None:
    """What was issued on this proposal already."""
    period = sa.exists().where(
        CertificatePeriod.certificate_id == Certificate.id, CertificatePeriod.proposal_id == proposal.id
    )
    return db.session.scalar(sa.select(Certificate).where(sa.or_(Certificate.proposal_id == proposal.id, period)))


def _may_be_issued(person: Person, proposal: Proposal) -> Document:
    """The document, once two officers approved it and the person qualifies to this day."""
    if proposals.state_of(db.session, proposal.id) is not proposals.State.APPROVED:
        raise Conflict(_("Two different officers must approve first."))
    stop = proposals.hindrance_of_issue(db.session, proposal)
    if stop is None and not _qualifies(person, proposal):
        stop = proposals.Hindrance.NOT_MET
    if stop is not None:
        raise Conflict(proposals.WORDS[stop])
    document = proposals.document_of(db.session, proposal)
    if document is None or document.hash != proposal.document_hash:
        raise Conflict(_("The document cannot be opened any more."))
    return document


def _qualifies(person: Person, proposal: Proposal) -> bool:
    """Whether the person is here and today's evidence, by the policy of today, still comes to this star."""
    standing = decisions.standing(db.session, person.id)
    return person.active and standing is not None and standing.decision.star >= proposal.star


def _issue(person: Person, proposal: Proposal, document: Document) -> Certificate:
    policy = policies.policy_of(proposal.decision.policy_version)
    span = renewal.period(clock.today(), document.valid_years, policy)
    number = _next_number(proposal, span.begins_on.year)
    words = {
        "number": number,
        "proposal": proposal.public_id,
        "document": proposal.document_hash.hex(),
        "star": proposal.star,
        "from": span.begins_on.isoformat(),
        "until": span.ends_on.isoformat() if span.ends_on else None,
    }
    row = _write(proposal, person, number, ledger.append(db.session, ISSUED, words, person.ledger_subject))
    period = CertificatePeriod(
        person_id=person.id, institution_id=row.institution_id, certificate_id=row.id, **renewal.columns(span)
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
    """A higher certificate takes the place of lower ones that are valid or can be renewed (once it is signed)."""
    today = clock.today()
    for lower in decisions.certificates_of(db.session, person.id):
        if lower.id == row.id or lower.star >= row.star or decisions.status_of(lower, today) not in _REPLACED:
            continue
        write_change(lower, person, ChangeKind.SUPERSEDED, by=row)
    db.session.flush()
