"""What strangers may ask: by the random address, or by number together with the name. Looks over the fence."""

import base64
import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.certification.models import Certificate, PolicyVersion
from assessments.certification.queries import proofs
from assessments.certification.queries.decisions import periods_of, status_of, with_status
from assessments.certification.queries.policies import policy_of
from assessments.certification.queries.proofs import Proof, proof_of
from assessments.certification.queries.proposals import document_of
from assessments.certification.rules import credential as badges
from assessments.certification.rules import jose
from assessments.certification.rules.document import masked, same_name
from assessments.certification.rules.policy import Star
from assessments.certification.rules.status import ChangeKind, Status
from lms.db import Everything, unfenced
from lms.errors import NotFound
from lms.institutions.models import AUTHORITIES, Institution

_AUTHORITIES: Final = [str(kind) for kind in AUTHORITIES]
_CONTROLLER: Final = ["https://www.w3.org/ns/cid/v1", badges.BADGES]
_HASH: Final = re.compile("[0-9a-f]{64}")


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


def jwks(session: orm.Session) -> list[dict[str, Any]]:
    """Every public key there ever was, as JSON Web Keys, newest first."""
    return [jose.jwk(row.key_id, row.public_key) for row in proofs.keys(session)]


def jwk(session: orm.Session, key_id: str) -> dict[str, Any]:
    """One public key as a JSON Web Key; raises NotFound."""
    public_key = proofs.public_key(session, key_id)
    if public_key is None:
        raise NotFound
    return jose.jwk(key_id, public_key)


def issuer(session: orm.Session, public_url: str, code: str | None = None) -> dict[str, Any]:
    """A health authority of the tree, or the installation itself, with the keys that sign for it; raises NotFound."""
    name, address = "", f"{public_url}/v/issuer"
    if code is not None:
        query = sa.select(Institution).where(Institution.division_code == code, Institution.kind.in_(_AUTHORITIES))
        found = session.scalars(query.order_by(Institution.id).limit(1)).one_or_none()
        if found is None:
            raise NotFound
        name, address = found.name, badges.issuer_address(public_url, code)
    methods = [
        {
            "id": badges.key_address(public_url, one["kid"]),
            "type": "JsonWebKey",
            "controller": address,
            "publicKeyJwk": one,
        }
        for one in jwks(session)
    ]
    said = {"name": name} if name else {}
    proves = {"verificationMethod": methods, "assertionMethod": [one["id"] for one in methods]}
    return {"@context": _CONTROLLER, "id": address, "type": ["Profile"], "url": public_url, **said, **proves}


def achievement(session: orm.Session, public_url: str, policy_hash: str, star: int) -> dict[str, Any]:
    """What a star asks for under one version of the policy, as Open Badges describe it; raises NotFound."""
    if not _HASH.fullmatch(policy_hash):
        raise NotFound
    query = sa.select(PolicyVersion).where(PolicyVersion.content_hash == bytes.fromhex(policy_hash))
    version = session.scalars(query.limit(1)).one_or_none()
    asked = next((one for one in policy_of(version).stars if one.star == star), None) if version else None
    if version is None or asked is None:
        raise NotFound
    title = f"{version.code} {version.version}"
    return {"@context": badges.CONTEXTS} | badges.achievement(policy_hash, title, asked, public_url)


def _shown(session: orm.Session, found: Certificate, today: date) -> Shown:
    document = document_of(session, found.proposal)
    policy = policy_of(found.proposal.decision.policy_version)
    periods = periods_of(found)
    changes = [c for c in found.changes if c.kind in (ChangeKind.REVOKED, ChangeKind.SUPERSEDED)]
    return Shown(
        status=status_of(found, today),
        name=masked(document.name) if document else None,
        category=found.category,
        star=found.star,
        authority=found.authority.name,
        authority_en=found.authority.name_en,
        number=found.number,
        begins_on=periods[0].begins_on,
        ends_on=periods[-1].ends_on,
        revoked_for=next((c.category for c in changes if c.kind == ChangeKind.REVOKED), None),
        changed_on=changes[-1].on_day if changes else None,
        meaning=next((star for star in policy.stars if star.star == found.star), None),
        proof=proof_of(session, found),
    )
