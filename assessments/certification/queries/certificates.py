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
    PeriodSignature,
    RevocationAnswer,
    RevocationRequest,
)
from assessments.certification.queries import doubts, renewals
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
    halted = halt.correlate(Certificate).scalar_subquery() == ChangeKind.SUSPENDED.value
    begun = CertificatePeriod.begins_on <= today
    holds = sa.or_(CertificatePeriod.ends_on.is_(None), CertificatePeriod.ends_on >= today)
    due = _of_the_last(CertificatePeriod.due_on) <= today
    grace = _of_the_last(CertificatePeriod.renewable_until, begun) >= today
    return sa.case(
        (~sa.exists().where(CertificateSignature.certificate_id == Certificate.id), Status.UNSIGNED.value),
        (became(ChangeKind.REVOKED).exists(), Status.REVOKED.value),
        (became(ChangeKind.SUPERSEDED).exists(), Status.SUPERSEDED.value),
        (~sa.exists().where(*_periods(), begun), Status.NOT_YET.value),
        (
            sa.exists().where(*_periods(), begun, holds),
            sa.case((halted, Status.SUSPENDED.value), (due, Status.DUE.value), else_=Status.VALID.value),
        ),
        (grace, sa.case((halted, Status.SUSPENDED.value), else_=Status.RENEWABLE.value)),
        else_=Status.EXPIRED.value,
    )


def _periods() -> list[sa.ColumnElement[bool]]:
    """The periods of a certificate that count: the first, and later ones that are signed."""
    signed = sa.exists().where(PeriodSignature.period_id == CertificatePeriod.id)
    return [
        CertificatePeriod.certificate_id == Certificate.id,
        sa.or_(CertificatePeriod.proposal_id.is_(None), signed),
    ]


def _of_the_last(column: orm.InstrumentedAttribute[date | None], *more: sa.ColumnElement[bool]) -> sa.ScalarSelect[Any]:
    """One day of the period that ends last."""
    last = sa.func.coalesce(CertificatePeriod.ends_on, date.max).desc()
    query = sa.select(column).where(*_periods(), *more).order_by(last).limit(1)
    return query.correlate(Certificate).scalar_subquery()


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
    found += _renewals(session, certificate)
    if with_notes:
        found += _requests(session, certificate) + _halts(session, certificate) + _doubts(session, certificate)
    return sorted(found, key=lambda one: one.when, reverse=True)


def _renewals(session: orm.Session, certificate: Certificate) -> list[Event]:
    """Every later period: proposed, approved by two, written down, signed."""
    found = []
    for period in certificate.periods:
        if period.proposal is None:
            continue
        found.append(Event(period.proposal.proposed_at, "renewal_proposed"))
        query = sa.select(Approval).where(Approval.proposal_id == period.proposal_id)
        found += [
            Event(row.approved_at, "approved", row.approver_id)
            for row in session.scalars(query, execution_options=Everything)
        ]
        until = period.ends_on.isoformat() if period.ends_on else ""
        found.append(Event(period.made_at, "renewed", detail=f"{period.begins_on.isoformat()} – {until}"))
        if period.signature is not None:
            found.append(Event(period.signature.signed_at, "renewal_signed", detail=period.signature.key_id))
    return found


def _halts(session: orm.Session, certificate: Certificate) -> list[Event]:
    """Who asked for a suspension or for lifting it, and what the second officer said."""
    found = []
    for request in renewals.requests_of(session, certificate.id):
        word = "suspension_asked" if request.kind == ChangeKind.SUSPENDED else "resumption_asked"
        note = note_of(session, renewals.REQUEST, request)
        found.append(Event(request.at, word, request.by_id, request.category or "", note))
        if request.answer is not None:
            word = "agreed" if request.answer.confirmed else "not_agreed"
            note = note_of(session, renewals.ANSWER, request.answer)
            found.append(Event(request.answer.at, word, request.answer.by_id, note=note))
    return found


def _doubts(session: orm.Session, certificate: Certificate) -> list[Event]:
    """That a result it rests on was corrected, and who let it stand."""
    found = []
    for doubt in doubts.of_certificate(session, certificate):
        found.append(Event(doubt.raised_at, "doubted", note=doubt.reason))
        if doubt.answer is not None:
            found.append(Event(doubt.answer.at, "let_stand", doubt.answer.by_id, note=doubt.answer.reason))
    return found


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
