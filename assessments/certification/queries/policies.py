"""Which policy is in force."""

from datetime import date

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.certification.models import PolicyVersion
from assessments.certification.rules.policy import Policy, parse

_code = "first-way"


def configure(code: str) -> None:
    """Say which policy this installation follows; done once, in wiring."""
    global _code
    _code = code


def in_force(session: orm.Session, on: date) -> PolicyVersion | None:
    """The newest version of the installation's policy that applies on a day."""
    query = (
        sa.select(PolicyVersion)
        .where(PolicyVersion.code == _code, PolicyVersion.valid_from <= on)
        .order_by(PolicyVersion.version.desc())
        .limit(1)
    )
    return session.scalars(query).one_or_none()


_parsed: dict[bytes, Policy] = {}


def policy_of(version: PolicyVersion) -> Policy:
    """The version as value objects, read once: a version never changes."""
    if version.content_hash not in _parsed:
        _parsed[version.content_hash] = parse(version.content)
    return _parsed[version.content_hash]
