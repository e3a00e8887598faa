"""What strangers may ask: by the random address, or by number together with the name. Looks over the fence."""

import base64
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.certification.models import Certificate
from assessments.certification.queries import proofs
from assessments.certification.queries.decisions import status_of, with_status
from assessments.certification.queries.policies import policy_of
from assessments.certification.queries.proofs import Proof, proof_of
from assessments.certification.queries.proposals import document_of
from assessments.certification.rules.document import masked, same_name
from assessments.certification.rules.policy import Star
from assessments.certification.rules.status import ChangeKind, Status
from lms.db import Everything, unfenced


@dataclass(frozen=True)
class Shown:
    """A certificate as far as the law lets a stranger see it."""

    status: Status
    name: str | None
    category: str
    star: int
    authority: str
    authority_en: str | None
    number: str
    begins_on: date
    ends_on: date | None
    revoked_for: str | None
    changed_on: date | None
    meaning: Star | None
    proof: Proof | None


def by_address(session: orm.Session, public_id: str, today: date) -> Shown | None:
    """What the page behind the QR code shows; None for an address that leads nowhere."""
    query = sa.select(Certificate).where(Certificate.public_id == public_id)
    found = session.scalars(query.options(*with_status()), execution_options=Everything).one_or_none()
    if found is None:
        return None
    with unfenced(session):
        return _shown(session, found, today)


def matches(session: orm.Session, number: str, name: str) -> bool:
    """Whether there is a certificate with this number on this name, whatever it is worth now."""
    query = sa.select(Certificate).where(Certificate.number == number)
    found = session.scalars(query, execution_options=Everything).one_or_none()
    if found is None:
        return False
    with unfenced(session):
        document = document_of(session, found.proposal)
    return document is not None and same_name(document.name, name)


def keys(session: orm.Session) -> list[tuple[str, str, datetime]]:
    """Every public key there ever was: id, key as base64, since when."""
    rows = proofs.keys(session)
    return [(row.key_id, base64.b64encode(row.public_key).decode(), row.made_at) for row in rows]


def _shown(session: orm.Session, found: Certificate, today: date) -> Shown:
    document = document_of(session, found.proposal)
    policy = policy_of(found.proposal.decision.policy_version)
    changes = [c for c in found.changes if c.kind in (ChangeKind.REVOKED, ChangeKind.SUPERSEDED)]
    return Shown(
        status=status_of(found, today),
        name=masked(document.name) if document else None,
        category=found.category,
        star=found.star,
        authority=found.authority.name,
        authority_en=found.authority.name_en,
        number=found.number,
        begins_on=found.periods[0].begins_on,
        ends_on=found.periods[-1].ends_on,
        revoked_for=next((c.category for c in changes if c.kind == ChangeKind.REVOKED), None),
        changed_on=changes[-1].on_day if changes else None,
        meaning=next((star for star in policy.stars if star.star == found.star), None),
        proof=proof_of(session, found),
    )
