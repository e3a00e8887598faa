"""Which policy is in force, and which versions there are."""

from datetime import date

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.certification.models import PolicyVersion
from assessments.certification.rules.policy import Policy, parse
from lms.institutions.models import Institution
from lms.techniques.models import Technique

_code = "first-way"


def configure(code: str) -> None:
    """Say which policy this installation follows; done once, in wiring."""
    global _code
    _code = code


def code() -> str:
    """Which policy this installation follows."""
    return _code


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


def newest(session: orm.Session) -> PolicyVersion | None:
    """The highest version of the installation's policy, in force already or not."""
    return next(iter(versions(session)), None)


def versions(session: orm.Session) -> list[PolicyVersion]:
    """All versions of the installation's policy, newest first."""
    query = sa.select(PolicyVersion).where(PolicyVersion.code == _code).order_by(PolicyVersion.version.desc())
    return list(session.scalars(query))


def others(session: orm.Session) -> list[PolicyVersion]:
    """The newest version of every other policy that is loaded: what a draft may begin with."""
    newer = orm.aliased(PolicyVersion)
    last = ~sa.exists().where(newer.code == PolicyVersion.code, newer.version > PolicyVersion.version)
    query = sa.select(PolicyVersion).where(PolicyVersion.code != _code, last).order_by(PolicyVersion.code)
    return list(session.scalars(query))


def before(session: orm.Session, version: PolicyVersion) -> PolicyVersion | None:
    """The version that a version follows."""
    query = sa.select(PolicyVersion).where(PolicyVersion.code == version.code, PolicyVersion.version < version.version)
    return session.scalars(query.order_by(PolicyVersion.version.desc()).limit(1)).one_or_none()


def tops(session: orm.Session) -> list[Institution]:
    """Where the tree begins: a policy is everybody's, so whoever decides about it must oversee all of these."""
    query = sa.select(Institution).where(Institution.parent_id.is_(None)).order_by(Institution.id)
    return list(session.scalars(query))


def techniques(session: orm.Session) -> dict[str, Technique]:
    """The techniques a requirement may name, by their codes."""
    query = sa.select(Technique).where(~Technique.retired).order_by(Technique.core.desc(), Technique.code)
    return {technique.code: technique for technique in session.scalars(query)}
