"""Credentials and status lists as they lie in the database: sealed words, and lists that everybody may read."""

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.certification.models import Certificate, Credential, StatusList
from assessments.certification.rules.statuslist import Purpose
from lms import vault
from lms.ledger import models as ledger
from lms.ledger.models import LedgerSubject


def seal(session: orm.Session, certificate: Certificate, period_id: int, text: str) -> bytes | None:
    """The words under the key of the person they are about; None when that key was destroyed."""
    subject = ledger.subject_in(certificate.sealed)
    if subject is None:
        return ledger.seal_words(text.encode(), _place(period_id))
    row = session.get(LedgerSubject, subject)
    if row is None or row.sealed_key is None:
        return None
    return ledger.seal_words(text.encode(), _place(period_id), subject, ledger.open_key(subject, row.sealed_key))


def newest(session: orm.Session, certificate: Certificate) -> str | None:
    """The credential of a certificate's newest signed period; None before it is made, or when the person was erased."""
    query = sa.select(Credential).where(Credential.certificate_id == certificate.id)
    row = session.scalars(query.order_by(Credential.period_id.desc()).limit(1)).one_or_none()
    return None if row is None else _opened(session, row)


def _opened(session: orm.Session, row: Credential) -> str | None:
    subject = ledger.subject_in(row.sealed)
    kept = session.get(LedgerSubject, subject) if subject is not None else None
    if subject is not None and (kept is None or kept.sealed_key is None):
        return None
    key = ledger.open_key(subject, kept.sealed_key) if subject is not None and kept and kept.sealed_key else None
    try:
        return ledger.open_words(row.sealed, _place(row.period_id), key).decode()
    except vault.CannotOpen:
        return None


def _place(period_id: int) -> bytes:
    return f"certificate-credential:{period_id}".encode()


def latest_list(session: orm.Session, number: int, purpose: Purpose) -> StatusList | None:
    """The newest list of this number and purpose."""
    query = sa.select(StatusList).where(StatusList.number == number, StatusList.purpose == purpose)
    return session.scalars(query.order_by(StatusList.id.desc()).limit(1)).one_or_none()


def latest_lists(session: orm.Session) -> list[StatusList]:
    """The newest of every list there is."""
    newest = sa.select(sa.func.max(StatusList.id)).group_by(StatusList.number, StatusList.purpose)
    return list(session.scalars(sa.select(StatusList).where(StatusList.id.in_(newest)).order_by(StatusList.id)))
