"""What the signer makes sure of before it signs: the approvals, the officers, the words, the star itself."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.certification.models import (
    Approval,
    Certificate,
    CertificatePeriod,
    OfficerAct,
    PolicyVersion,
    Proposal,
    ProposalClosing,
)
from assessments.certification.queries import evidence, nonces
from assessments.certification.rules.decision import decide, evidence_hash
from assessments.certification.rules.document import Approved, Document, act_digest, last_day
from assessments.certification.rules.policy import content_hash, parse
from assessments.certification.signer import passkeys
from lms import clock
from lms.authz import Role
from lms.institutions.models import Institution
from lms.ledger import rules as merkle
from lms.ledger.models import LedgerEntry
from lms.ledger.queries import open_words
from lms.people.models import CodeGenerator, RoleGrant
from lms.people.rules import codes
from lms.vault import CannotOpen

#: Between the app's look at a code and the database's clock a step may have ended.
CLOCKS = (timedelta(0), timedelta(seconds=-codes.STEP_SECONDS), timedelta(seconds=codes.STEP_SECONDS))
#: The database writes the act and its approvals in one transaction.
SAME_ACT = timedelta(minutes=2)


@dataclass(frozen=True)
class Renewed:
    """A later period of a certificate, with a case and approvals of its own, as the checks look at it."""

    person_id: int
    institution_id: int
    star: int
    proposal_id: int
    proposal: Proposal
    issued_at: datetime


#: What rests on two approvals: a certificate with its first period, or a later period.
Claim = Certificate | Renewed


class WillNotSign(Exception):
    """The certificate does not rest on what it should; the message says on what not."""


def must(condition: object, why: str) -> None:
    """Refuse unless the condition holds."""
    if not condition:
        raise WillNotSign(why)


def words_of(session: orm.Session, kind: str, index: int, sealed: bytes) -> dict[str, object]:
    """The words of a ledger entry, with the time as `at`; refuses what the ledger does not commit to."""
    entry = session.get(LedgerEntry, index)
    must(entry is not None and entry.kind == kind, f"the ledger has no {kind} at {index}")
    try:
        opened = open_words(session, kind, index, sealed)
    except CannotOpen:
        raise WillNotSign(f"the words of ledger entry {index} do not open") from None
    if opened is None or entry is None:
        raise WillNotSign("the person was erased")
    must(
        merkle.commitment(opened.salt, opened.text) == entry.commitment, f"ledger entry {index} commits to other words"
    )
    return {**opened.document["words"], "at": opened.document["at"]}


def document_of(session: orm.Session, certificate: Certificate) -> Document:
    """The document, word for word as the ledger has it, agreeing with every column beside it."""
    proposal = certificate.proposal
    words = words_of(session, "certification.proposal", proposal.ledger_index, proposal.sealed)
    words.pop("at")
    document = Document.read(words)
    must(document.hash == proposal.document_hash, "the document is not the one whose hash was approved")
    agree = (
        certificate.person_id == proposal.person_id
        and certificate.star == proposal.star == document.star
        and certificate.category == proposal.category == document.category
        and certificate.public_id == proposal.public_id == document.public_id
        and certificate.authority_id == proposal.authority_id
    )
    must(agree, "the certificate says other things than the document")
    closed = sa.exists().where(ProposalClosing.proposal_id == proposal.id)
    must(not session.scalar(sa.select(closed)), "the proposal was closed")
    return document


def number_and_period(session: orm.Session, certificate: Certificate, document: Document) -> CertificatePeriod:
    """The first period, as the ledger has it and as long as the document allows."""
    query = sa.select(CertificatePeriod).where(CertificatePeriod.certificate_id == certificate.id)
    period = session.scalars(query.order_by(CertificatePeriod.begins_on).limit(1)).one_or_none()
    if period is None:
        raise WillNotSign("it has no period")
    words = words_of(session, "certification.issued", certificate.ledger_index, certificate.sealed)
    must(words["number"] == certificate.number, "the number is not the one in the ledger")
    must(words["from"] == period.begins_on.isoformat(), "it begins on another day than the ledger says")
    must(period.begins_on <= clock.local(certificate.issued_at).date(), "it begins after the day of issue")
    must(period.ends_on == last_day(period.begins_on, document.valid_years), "it is valid for longer than approved")
    return period


def approvals_of(session: orm.Session, certificate: Claim, document: Document) -> list[Approved]:
    """The two approvals, each by a different officer of the right subtree who proved to be there."""
    query = sa.select(Approval).where(Approval.proposal_id == certificate.proposal_id).order_by(Approval.place)
    rows = list(session.scalars(query))
    must([row.place for row in rows] == [1, 2], f"{len(rows)} approvals, two are needed")
    must(rows[0].approver_id != rows[1].approver_id, "one officer approved twice")
    return [_approved(session, certificate, document, row) for row in rows]


def _approved(session: orm.Session, certificate: Claim, document: Document, row: Approval) -> Approved:
    must(row.person_id == certificate.person_id, "an approval is about somebody else")
    must(row.approver_id != certificate.person_id, "a person approved their own certificate")
    must(row.document_hash == document.hash, "an approval is of another document")
    must(row.approved_at <= certificate.issued_at, "an approval is later than the certificate")
    words = words_of(session, "certification.approval", row.ledger_index, row.sealed)
    must(
        words["document"] == document.hash.hex()
        and words["officer_id"] == row.approver_id
        and words["place"] == row.place
        and words["act"] == row.act_id,
        "the ledger has another approval",
    )
    _is_officer(session, certificate, row)
    _was_there(session, row, words)
    return Approved(str(words["officer"]), str(words["at"]))


def _is_officer(session: orm.Session, certificate: Claim, row: Approval) -> None:
    """The approver was a certificate officer over the person's institution on that day."""
    day = clock.local(row.approved_at).date()
    below = sa.select(Institution.path).where(Institution.id == certificate.institution_id).scalar_subquery()
    query = sa.exists().where(
        RoleGrant.person_id == row.approver_id,
        RoleGrant.role == Role.CERTIFICATE_OFFICER,
        RoleGrant.begins_on <= day,
        sa.or_(RoleGrant.ends_on.is_(None), RoleGrant.ends_on > day),
        RoleGrant.institution_id == Institution.id,
        Institution.path.op("@>")(below),
    )
    must(session.scalar(sa.select(query)), "the approver was no certificate officer over this institution")


def _was_there(session: orm.Session, row: Approval, words: dict[str, object]) -> None:
    """The act is over exactly these documents, proved by a code of the approver's own generator or by their passkey."""
    act = row.act
    must(act.person_id == row.approver_id and act.purpose == "approve", "the act is another officer's")
    must(abs(row.approved_at - act.at) <= SAME_ACT, "the act was at another time")
    hashes = session.scalars(sa.select(Approval.document_hash).where(Approval.act_id == act.id)).all()
    must(act.digest == act_digest(list(hashes)), "the act was over other documents")
    if act.assertion is not None:
        why = passkeys.disagrees(session, act, words.get("key"))
        must(why is None, why or "")
        return
    _is_of_then(session, act, words.get("nonce"))
    _gave_a_code(session, act)


def _is_of_then(session: orm.Session, act: OfficerAct, recorded: object) -> None:
    """The act carries the signer's nonce of its time, and the ledger names it beside the approval.

    Acts of before carry none: they are older than any by code that does, and the database takes no more of them.
    """
    must(recorded == (act.nonce.hex() if act.nonce else None), "the ledger names another nonce of the signer")
    if act.nonce is None:
        later = sa.exists().where(OfficerAct.code.is_not(None), OfficerAct.nonce.is_not(None), OfficerAct.at < act.at)
        must(not session.scalar(sa.select(later)), "the act carries no nonce of the signer")
        return
    must(nonces.was_current(session, act.nonce, act.at), "the act's nonce was not the signer's at that time")


def _gave_a_code(session: orm.Session, act: OfficerAct) -> None:
    generator = session.scalars(sa.select(CodeGenerator).where(CodeGenerator.person_id == act.person_id)).one_or_none()
    if generator is None or generator.confirmed_at is None:
        raise WillNotSign("the approver has no code generator")
    must(generator.created_at <= act.at, "the approver's code generator is newer than the approval")
    if act.code is None or act.step is None:
        raise WillNotSign("the act was not proved")
    steps = {codes.matching_step(generator.secret, act.code, act.at + off, after=act.step - 1) for off in CLOCKS}
    must(act.step in steps, "the one-time code is wrong")
    reused = sa.exists().where(
        OfficerAct.person_id == act.person_id, OfficerAct.step == act.step, OfficerAct.id != act.id
    )
    must(not session.scalar(sa.select(reused)), "the one-time code was used twice")


def star_again(session: orm.Session, certificate: Claim, document: Document) -> None:
    """The policy, applied again to the results that were looked at, gives at least this star."""
    decision = certificate.proposal.decision
    version = session.get_one(PolicyVersion, decision.policy_version_id)
    must(content_hash(version.content) == version.content_hash, "the policy was changed")
    must(version.content_hash.hex() == document.policy_hash, "the document names another policy")
    must(decision.person_id == certificate.person_id, "the decision is about somebody else")
    found, stands = evidence.named(session, decision.evidence_ids, certificate.person_id)
    must(stands, "evidence it rests on was corrected or withdrawn")
    must(evidence_hash(found).hex() == document.evidence_hash, "the evidence is not the one that was approved")
    must(
        decide(parse(version.content), found, decision.on_day).star >= certificate.star,
        "the evidence gives fewer stars",
    )
