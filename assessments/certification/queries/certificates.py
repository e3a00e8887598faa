"""Certificates: the register, one certificate's history, and what waits for a second officer."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.certification.models import (
    Approval,
    Certificate,
    CertificateChange,
    CertificatePeriod,
    CertificateSignature,
    RevocationAnswer,
    RevocationRequest,
)
from assessments.certification.queries.decisions import with_status
from assessments.certification.queries.proposals import PER_PAGE, Found
from assessments.certification.rules.status import ChangeKind, Status
from lms.db import Everything
from lms.institutions.models import Institution
from lms.ledger.queries import open_words
from lms.people.models import Person


def is_revoked(session: orm.Session, certificate_id: int) -> bool:
    """Whether a certificate has been revoked."""
    query = sa.exists().where(
        CertificateChange.certificate_id == certificate_id, CertificateChange.kind == ChangeKind.REVOKED
    )
    return bool(session.scalar(sa.select(query), execution_options=Everything))


def is_answered(session: orm.Session, request_id: int) -> bool:
    """Whether a second officer has answered a wish to revoke."""
    query = sa.exists().where(RevocationAnswer.request_id == request_id)
    return bool(session.scalar(sa.select(query), execution_options=Everything))


def open_request(session: orm.Session, certificate_id: int) -> RevocationRequest | None:
    """The wish to revoke that waits for a second officer."""
    answered = sa.exists().where(RevocationAnswer.request_id == RevocationRequest.id)
    query = sa.select(RevocationRequest).where(RevocationRequest.certificate_id == certificate_id, ~answered)
    return session.scalars(query, execution_options=Everything).first()


def open_requests(session: orm.Session) -> list[Any]:
    """Wishes to revoke within reach that wait for a second officer; rows of (request, certificate, name)."""
    answered = sa.exists().where(RevocationAnswer.request_id == RevocationRequest.id)
    query = (
        sa.select(RevocationRequest, Certificate, Person.name)
        .join(Certificate, Certificate.id == RevocationRequest.certificate_id)
        .join(Person, Person.id == Certificate.person_id)
        .where(~answered)
        .order_by(RevocationRequest.id)
        .limit(PER_PAGE)
    )
    return list(session.execute(query))


def register(session: orm.Session, today: date, *, status: str = "", q: str = "", number: int = 1) -> Found:
    """Certificates within reach, newest first."""
    query = sa.select(Certificate).join(Person, Person.id == Certificate.person_id)
    query = query.join(Institution, Institution.id == Certificate.institution_id)
    if q:
        ways = [Person.name.icontains(q, autoescape=True), Institution.name.icontains(q, autoescape=True)]
        query = query.where(sa.or_(*ways, Certificate.number.startswith(q, autoescape=True)))
    if status in [*Status]:
        query = query.where(_status_in_sql(today) == status)
    counted = sa.select(sa.func.count()).select_from(query.with_only_columns(Certificate.id).subquery())
    page = query.order_by(Certificate.id.desc()).limit(PER_PAGE).offset((number - 1) * PER_PAGE)
    rows = session.scalars(page.options(*with_status())).all()
    return Found(list(rows), session.scalar(counted) or 0, number)


def _status_in_sql(today: date) -> sa.ColumnElement[str]:
    """The same as rules.status, for filters: a test asks both about every combination."""
    other = orm.aliased(CertificateSignature)
    effective = sa.or_(
        CertificateChange.by_certificate_id.is_(None),
        sa.exists().where(other.certificate_id == CertificateChange.by_certificate_id),
    )

    def became(*kinds: ChangeKind) -> sa.Select[str]:
        return sa.select(CertificateChange.kind).where(
            CertificateChange.certificate_id == Certificate.id,
            CertificateChange.kind.in_([str(kind) for kind in kinds]),
            CertificateChange.on_day <= today,
            effective,
        )

    halt = became(ChangeKind.SUSPENDED, ChangeKind.RESUMED).order_by(CertificateChange.id.desc()).limit(1)
    begun = sa.and_(CertificatePeriod.certificate_id == Certificate.id, CertificatePeriod.begins_on <= today)
    holds = sa.or_(CertificatePeriod.ends_on.is_(None), CertificatePeriod.ends_on >= today)
    return sa.case(
        (~sa.exists().where(CertificateSignature.certificate_id == Certificate.id), Status.UNSIGNED.value),
        (became(ChangeKind.REVOKED).exists(), Status.REVOKED.value),
        (became(ChangeKind.SUPERSEDED).exists(), Status.SUPERSEDED.value),
        (~sa.exists().where(begun), Status.NOT_YET.value),
        (~sa.exists().where(begun, holds), Status.EXPIRED.value),
        (halt.correlate(Certificate).scalar_subquery() == ChangeKind.SUSPENDED.value, Status.SUSPENDED.value),
        else_=Status.VALID.value,
    )


def by_number(session: orm.Session, number: str) -> Certificate | None:
    """The certificate with this number, if it is within reach."""
    query = sa.select(Certificate).where(Certificate.number == number)
    return session.scalars(query.options(*with_status())).one_or_none()


@dataclass(frozen=True)
class Event:
    """One thing in the life of a certificate."""

    when: datetime
    what: str
    by: int | None = None
    detail: str = ""
    note: str = ""


def history(session: orm.Session, certificate: Certificate, *, with_notes: bool) -> list[Event]:
    """The life of a certificate, newest first; private notes only for who may read them."""
    proposal = certificate.proposal
    found = [
        Event(proposal.proposed_at, "proposed"),
        Event(certificate.issued_at, "numbered", detail=certificate.number),
    ]
    approvals = sa.select(Approval).where(Approval.proposal_id == proposal.id)
    for approval in session.scalars(approvals, execution_options=Everything):
        found.append(Event(approval.approved_at, "approved", approval.approver_id))
    if certificate.signature is not None:
        found.append(Event(certificate.signature.signed_at, "signed", detail=certificate.signature.key_id))
    for change in certificate.changes:
        found.append(Event(change.at, change.kind, detail=change.category or ""))
    if with_notes:
        found += _requests(session, certificate)
    return sorted(found, key=lambda one: one.when, reverse=True)


def _requests(session: orm.Session, certificate: Certificate) -> list[Event]:
    found = []
    for request in certificate.requests:
        note = note_of(session, "certification.revocation-request", request)
        found.append(Event(request.at, "asked", request.by_id, request.category, note))
        if request.answer is not None:
            word = "confirmed" if request.answer.confirmed else "declined"
            note = note_of(session, "certification.revocation-answer", request.answer)
            found.append(Event(request.answer.at, word, request.answer.by_id, note=note))
    return found


def note_of(session: orm.Session, kind: str, row: Any) -> str:
    """The private note or reason in sealed words; empty where the person was erased."""
    opened = open_words(session, kind, row.ledger_index, row.sealed)
    words = opened.document["words"] if opened else {}
    return str(words.get("note") or words.get("reason") or "")


def names(session: orm.Session, person_ids: set[int]) -> dict[int, str]:
    """The names of officers who acted; they act in office, also those of other subtrees."""
    query = sa.select(Person.id, Person.name).where(Person.id.in_(person_ids))
    rows: Any = session.execute(query, execution_options=Everything)
    return dict(rows.all())
