"""The decisions about a person, and what follows from them.

What is asked about one person looks over the fence: it follows the person, and whoever asks has the right over them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.certification.models import (
    Certificate,
    CertificateChange,
    ClosingKind,
    PolicyVersion,
    Proposal,
    ProposalClosing,
    StarDecision,
)
from assessments.certification.queries import evidence, policies
from assessments.certification.rules import status
from assessments.certification.rules.decision import Decision, decide, evidence_hash
from lms import clock
from lms.db import Everything
from lms.institutions.models import AUTHORITIES, Institution
from lms.ledger.queries import open_words
from lms.people.models import Person


@dataclass(frozen=True)
class Standing:
    """Where a person stands today."""

    version: PolicyVersion
    decision: Decision


def standing(session: orm.Session, person_id: int) -> Standing | None:
    """What a person's evidence comes to today; None while no policy is loaded."""
    today = clock.today()
    version = policies.in_force(session, today)
    if version is None:
        return None
    found = evidence.of_person(session, person_id)
    return Standing(version, decide(policies.policy_of(version), found, today))


def latest(session: orm.Session, person_id: int) -> StarDecision | None:
    """The newest decision written down about a person."""
    query = sa.select(StarDecision).where(StarDecision.person_id == person_id).order_by(StarDecision.id.desc()).limit(1)
    return session.scalars(query, execution_options=Everything).one_or_none()


def open_proposals(session: orm.Session, person_id: int) -> list[Proposal]:
    """Proposals about a person that are neither closed nor a certificate."""
    query = sa.select(Proposal).where(
        Proposal.person_id == person_id,
        ~sa.exists().where(ProposalClosing.proposal_id == Proposal.id),
        ~sa.exists().where(Certificate.proposal_id == Proposal.id),
    )
    return list(session.scalars(query, execution_options=Everything))


def was_proposed(session: orm.Session, decision_id: int) -> bool:
    """Whether this decision has led to a proposal already (a returned one is not proposed again)."""
    query = sa.select(sa.exists().where(Proposal.decision_id == decision_id))
    return bool(session.scalar(query, execution_options=Everything))


def certificates_of(session: orm.Session, person_id: int) -> list[Certificate]:
    """All certificates of a person with all that their status rests on, newest first."""
    query = sa.select(Certificate).where(Certificate.person_id == person_id).order_by(Certificate.id.desc())
    return list(session.scalars(query.options(*with_status()), execution_options=Everything))


def with_status() -> list[orm.interfaces.ORMOption]:
    """What must be loaded beside a certificate so that its status can be told."""
    changes = orm.selectinload(Certificate.changes)
    return [
        orm.selectinload(Certificate.periods),
        changes.joinedload(CertificateChange.by_certificate).joinedload(Certificate.signature),
        orm.joinedload(Certificate.signature),
        orm.joinedload(Certificate.person),
        orm.joinedload(Certificate.institution),
        orm.joinedload(Certificate.authority),
    ]


def status_of(certificate: Certificate, on: date) -> status.Status:
    """What a certificate is on a day. It is superseded only once the higher one is signed."""
    periods = [status.Period(period.begins_on, period.ends_on) for period in certificate.periods]
    changes = [
        status.Change(status.ChangeKind(change.kind), change.on_day)
        for change in certificate.changes
        if change.by_certificate is None or change.by_certificate.signature is not None
    ]
    return status.status(periods, changes, on, signed=certificate.signature is not None)


def star_held(session: orm.Session, person_id: int, on: date) -> int:
    """The highest star of a certificate that is valid, or about to be signed."""
    good = {status.Status.VALID, status.Status.UNSIGNED, status.Status.SUSPENDED}
    return max((c.star for c in certificates_of(session, person_id) if status_of(c, on) in good), default=0)


def standing_still(session: orm.Session, cases: Sequence[Proposal]) -> set[int]:
    """Those cases whose evidence is today's, word for word, with nothing newer decided."""
    people = sorted({case.person_id for case in cases})
    newest = sa.select(sa.func.max(StarDecision.id)).where(StarDecision.person_id.in_(people))
    query = sa.select(StarDecision).where(StarDecision.id.in_(newest.group_by(StarDecision.person_id)))
    last = {row.person_id: row for row in session.scalars(query, execution_options=Everything)}
    now = evidence.of_persons(session, people)
    return {
        case.id
        for case in cases
        if (row := last.get(case.person_id)) is not None
        and row.id == case.decision_id
        and row.evidence_hash == evidence_hash(now.get(case.person_id, []))
    }


def stands_still(session: orm.Session, case: Proposal) -> bool:
    """Whether the evidence behind one case is today's."""
    return case.id in standing_still(session, [case])


def last_returned(session: orm.Session, person_id: int) -> tuple[Proposal, str] | None:
    """The newest case about a person, if an officer returned it, with the reason."""
    query = sa.select(Proposal).where(Proposal.person_id == person_id).order_by(Proposal.id.desc()).limit(1)
    last = session.scalars(query, execution_options=Everything).one_or_none()
    if last is None or last.closing is None or last.closing.kind != ClosingKind.RETURNED:
        return None
    opened = open_words(session, "certification.closing", last.closing.ledger_index, last.closing.sealed)
    return last, str(opened.document["words"]["reason"]) if opened else ""


def authority_over(session: orm.Session, institution: Institution) -> Institution | None:
    """The nearest health commission at or above an institution: it issues the certificates."""
    query = (
        sa.select(Institution)
        .where(Institution.path.above(institution.path), Institution.kind.in_([str(kind) for kind in AUTHORITIES]))
        .order_by(sa.func.nlevel(Institution.path).desc())
        .limit(1)
    )
    return session.scalars(query).one_or_none()


def due(on: date) -> sa.Select[int]:
    """Persons about whom time alone may have changed the decision by this day."""
    newer = orm.aliased(StarDecision)
    last = ~sa.exists().where(newer.person_id == StarDecision.person_id, newer.id > StarDecision.id)
    return sa.select(StarDecision.person_id).where(last, StarDecision.changes_on <= on).order_by(StarDecision.person_id)


def locked(session: orm.Session, person_ids: list[int]) -> list[Person]:
    """These persons, each locked until the commit, in the order of their ids: one decides at a time."""
    query = sa.select(Person).where(Person.id.in_(person_ids)).order_by(Person.id).with_for_update(of=Person)
    return list(session.scalars(query.execution_options(populate_existing=True, **Everything)))
