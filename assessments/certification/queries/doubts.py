"""Which certificates rest on results that are, or would be, corrected; and which wait for an officer's word."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from assessments.certification.models import (
    Certificate,
    CertificateChange,
    CertificateDoubt,
    DoubtAnswer,
    Proposal,
    StarDecision,
)
from assessments.certification.queries import decisions, evidence, policies
from assessments.certification.rules.decision import Evidence, decide
from assessments.certification.rules.status import ChangeKind, Status
from assessments.results.models import Result
from lms import clock
from lms.db import Everything
from lms.people.models import Person


@dataclass(frozen=True)
class New:
    """What a result becomes: its value, None where it is withdrawn."""

    value: Decimal | None
    critical_failure: bool = False


@dataclass(frozen=True)
class Touched:
    """A certificate that rests on a corrected result; `star` is what the corrected evidence comes to by its policy."""

    certificate: Certificate
    status: Status
    star: int

    @property
    def holds(self) -> bool:
        """Whether the corrected evidence still carries it."""
        return self.star >= self.certificate.star


def resting_on(session: orm.Session, corrected: Mapping[int, New]) -> list[Touched]:
    """Certificates whose decision looked at these results, with what it would have been; nothing is changed.

    It looks over the fence: that somebody holds a certificate is public, and whoever corrects a result is answerable
    for all that rests on it.
    """
    if not corrected:
        return []
    ids = sa.literal(list(corrected), pg.ARRAY(sa.BigInteger))
    query = (
        sa.select(Certificate, StarDecision)
        .join(Proposal, Proposal.id == Certificate.proposal_id)
        .join(StarDecision, StarDecision.id == Proposal.decision_id)
        .where(sa.type_coerce(StarDecision.evidence_ids, pg.ARRAY(sa.BigInteger)).overlap(ids))
        .order_by(Certificate.id)
        .options(*decisions.with_status(), orm.joinedload(StarDecision.policy_version))
    )
    rows = session.execute(query, execution_options=Everything).unique().all()
    known = evidence.by_ids(session, [number for _, made in rows for number in made.evidence_ids])
    today = clock.today()
    return [Touched(row, decisions.status_of(row, today), _star(made, known, corrected)) for row, made in rows]


def _star(made: StarDecision, known: Mapping[int, Evidence], corrected: Mapping[int, New]) -> int:
    now = []
    for one in [known[number] for number in made.evidence_ids if number in known]:
        new = corrected.get(one.id)
        if new is None:
            now.append(one)
        elif new.value is not None:
            now.append(replace(one, value=new.value, critical_failure=new.critical_failure))
    return decide(policies.policy_of(made.policy_version), now, made.on_day).star


def earlier_versions(session: orm.Session, result: Result) -> list[int]:
    """The results of the same source that this one took the place of."""
    query = sa.select(Result.id).where(
        Result.source_kind == result.source_kind,
        Result.source_id == result.source_id,
        Result.version < result.version,
    )
    return list(session.scalars(query, execution_options=Everything))


def doubted(session: orm.Session, result_id: int) -> set[int]:
    """Certificates that are doubted for this result already."""
    query = sa.select(CertificateDoubt.certificate_id).where(CertificateDoubt.result_id == result_id)
    return set(session.scalars(query, execution_options=Everything))


def _waits() -> sa.ColumnElement[bool]:
    answered = sa.exists().where(DoubtAnswer.doubt_id == CertificateDoubt.id)
    over = sa.exists().where(
        CertificateChange.certificate_id == CertificateDoubt.certificate_id,
        CertificateChange.kind.in_([ChangeKind.REVOKED.value, ChangeKind.SUPERSEDED.value]),
    )
    return sa.and_(~answered, ~over)


def waiting(session: orm.Session, most: int = 30) -> list[Any]:
    """Doubts within reach on which nobody has said a word, oldest first; rows of (doubt, certificate, name)."""
    query = (
        sa.select(CertificateDoubt, Certificate, Person.name)
        .join(Certificate, Certificate.id == CertificateDoubt.certificate_id)
        .join(Person, Person.id == Certificate.person_id)
        .where(_waits())
        .order_by(CertificateDoubt.id)
        .limit(most)
    )
    return list(session.execute(query))


def of_certificate(session: orm.Session, certificate: Certificate) -> list[CertificateDoubt]:
    """All doubts about one certificate, newest first, with their answers."""
    query = sa.select(CertificateDoubt).where(CertificateDoubt.certificate_id == certificate.id)
    query = query.options(orm.joinedload(CertificateDoubt.answer)).order_by(CertificateDoubt.id.desc())
    return list(session.scalars(query, execution_options=Everything))


def about_results(session: orm.Session, result_ids: Collection[int]) -> list[CertificateDoubt]:
    """The doubts that these corrected results have raised, with certificate and answer."""
    query = sa.select(CertificateDoubt).where(CertificateDoubt.result_id.in_(result_ids)).order_by(CertificateDoubt.id)
    query = query.options(orm.joinedload(CertificateDoubt.answer), orm.joinedload(CertificateDoubt.certificate))
    return list(session.scalars(query, execution_options=Everything))
