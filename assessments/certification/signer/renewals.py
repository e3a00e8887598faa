"""Signing the later periods of a certificate: each on approvals of its own, after the same checks as the first."""

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.certification.models import (
    Certificate,
    CertificateChange,
    CertificatePeriod,
    CertificateSignature,
    PeriodSignature,
    PolicyVersion,
    ProposalClosing,
)
from assessments.certification.queries import evidence
from assessments.certification.rules import renewal
from assessments.certification.rules.document import Document, Issued, last_day, payload
from assessments.certification.rules.policy import parse
from assessments.certification.rules.status import ChangeKind
from assessments.certification.signer.checks import (
    Renewed,
    WillNotSign,
    approvals_of,
    must,
    star_again,
    words_of,
)
from lms import clock


def waiting(session: orm.Session, most: int) -> list[int]:
    """Later periods of signed certificates that are not signed yet, oldest first."""
    query = sa.select(CertificatePeriod.id).where(
        CertificatePeriod.proposal_id.is_not(None),
        ~sa.exists().where(PeriodSignature.period_id == CertificatePeriod.id),
        sa.exists().where(CertificateSignature.certificate_id == CertificatePeriod.certificate_id),
    )
    return list(session.scalars(query.order_by(CertificatePeriod.id).limit(most)))


def prepare(session: orm.Session, period: CertificatePeriod, key_id: str) -> dict[str, object]:
    """The payload of a period that passed every check; raises WillNotSign."""
    certificate = session.get_one(Certificate, period.certificate_id)
    if period.proposal is None or period.proposal_id is None:
        raise WillNotSign("the period has no case of its own")
    proposal = period.proposal
    renewed = Renewed(
        certificate.person_id, proposal.institution_id, certificate.star, period.proposal_id, proposal, period.made_at
    )
    document = _document(session, certificate, renewed)
    approvals = approvals_of(session, renewed, document)
    star_again(session, renewed, document)
    _goes_on(session, certificate, period, document)
    issued = Issued(certificate.number, period.begins_on, period.ends_on, key_id, status=certificate.id)
    return payload(document, issued, approvals)


def _document(session: orm.Session, certificate: Certificate, renewed: Renewed) -> Document:
    """The document, word for word as the ledger has it, and about this certificate."""
    proposal = renewed.proposal
    words = words_of(session, "certification.proposal", proposal.ledger_index, proposal.sealed)
    words.pop("at")
    document = Document.read(words)
    must(document.hash == proposal.document_hash, "the document is not the one whose hash was approved")
    agree = (
        proposal.renewal
        and proposal.after_id == certificate.id
        and certificate.person_id == proposal.person_id
        and certificate.star == proposal.star == document.star
        and certificate.category == proposal.category == document.category
        and certificate.public_id == document.public_id
        and certificate.number == document.renews
        and proposal.public_id == document.case
    )
    must(agree, "the period says other things than the document")
    closed = sa.exists().where(ProposalClosing.proposal_id == proposal.id)
    must(not session.scalar(sa.select(closed)), "the proposal was closed")
    return document


def _goes_on(session: orm.Session, certificate: Certificate, period: CertificatePeriod, document: Document) -> None:
    """It begins where the one before ends, or later, is as long as approved, and what was asked anew was proved."""
    words = words_of(session, "certification.renewed", period.ledger_index or 0, period.sealed or b"")
    must(words["number"] == certificate.number, "the number is not the one in the ledger")
    must(words["from"] == period.begins_on.isoformat(), "it begins on another day than the ledger says")
    must(words["document"] == document.hash.hex(), "the ledger renewed on another document")
    must(period.ends_on == last_day(period.begins_on, document.valid_years), "it is valid for longer than approved")
    earlier = [one for one in certificate.periods if one.id < period.id]
    must(earlier and all(one.ends_on is not None for one in earlier), "there is nothing to renew")
    before = max(earlier, key=lambda one: one.ends_on or one.begins_on)
    made_on = clock.local(period.made_at).date()
    must(period.begins_on == renewal.next_begin(before.ends_on or made_on, made_on), "it does not go on from the last")
    gone = sa.exists().where(
        CertificateChange.certificate_id == certificate.id,
        CertificateChange.kind.in_([ChangeKind.REVOKED.value, ChangeKind.SUPERSEDED.value]),
    )
    must(not session.scalar(sa.select(gone)), "the certificate was revoked or replaced")
    _proved_anew(session, certificate, period, len(earlier) - 1, before)


def _proved_anew(
    session: orm.Session,
    certificate: Certificate,
    period: CertificatePeriod,
    turn: int,
    before: CertificatePeriod,
) -> None:
    """The techniques whose turn it was were proved since the period before began."""
    if period.proposal is None:
        raise WillNotSign("the period has no case of its own")
    decision = period.proposal.decision
    policy = parse(session.get_one(PolicyVersion, decision.policy_version_id).content)
    wanted = renewal.refreshers(renewal.techniques_of(policy, certificate.star), turn, policy.refreshers)
    found, _ = evidence.named(session, decision.evidence_ids, certificate.person_id)
    proved = renewal.refreshed(policy, wanted, found, before.begins_on, decision.on_day)
    must(all(one.done for one in proved), "a skill that was to be proved anew was not")
