"""The decisions about a person, and what follows from them.

What is asked about one person looks over the fence: it follows the person, and whoever asks has the right over them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.certification.models import (
    Certificate,
    CertificateChange,
    CertificatePeriod,
    ClosingKind,
    PolicyVersion,
    Proposal,
    ProposalClosing,
    StarDecision,
)
from assessments.certification.queries import evidence, policies
from assessments.certification.rules import status
from assessments.certification.rules.decision import Decision, decide, evidence_hash, expanded
from courses.mentoring.models import mentored_by
from lms import clock
from lms.authz import Actor
from lms.db import Everything, db
from lms.institutions.models import AUTHORITIES, Institution
from lms.ledger.queries import open_words
from lms.people.models import Person

_HELD = frozenset(status.Status) - {
    status.Status.NOT_YET,
    status.Status.EXPIRED,
    status.Status.SUPERSEDED,
    status.Status.REVOKED,
}


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


def explained(row: StarDecision) -> dict[str, Any]:
    """Why a decision that was written down came out as it did, with all its words."""
    return expanded(policies.policy_of(row.policy_version), row.explanation)


def open_proposals(session: orm.Session, person_id: int) -> list[Proposal]:
    """Proposals about a person that are neither closed nor a certificate."""
    query = sa.select(Proposal).where(
        Proposal.person_id == person_id,
        ~sa.exists().where(ProposalClosing.proposal_id == Proposal.id),
        ~sa.exists().where(Certificate.proposal_id == Proposal.id),
        ~sa.exists().where(CertificatePeriod.proposal_id == Proposal.id),
    )
    return list(session.scalars(query, execution_options=Everything))


def was_proposed(session: orm.Session, decision_id: int, *, after: int | None = None) -> bool:
    """Whether this decision has led to such a proposal already (a returned one is not proposed again).

    `after` is the certificate that would be renewed or followed; None: a first one.
    """
    same = Proposal.after_id.is_not_distinct_from(after)
    query = sa.select(sa.exists().where(Proposal.decision_id == decision_id, same))
    return bool(session.scalar(query, execution_options=Everything))


def certificates_of(session: orm.Session, person_id: int) -> list[Certificate]:
    """All certificates of a person with all that their status rests on, newest first."""
    query = sa.select(Certificate).where(Certificate.person_id == person_id).order_by(Certificate.id.desc())
    return list(session.scalars(query.options(*with_status()), execution_options=Everything))


def with_status() -> list[orm.interfaces.ORMOption]:
    """What must be loaded beside a certificate so that its status can be told."""
    changes = orm.selectinload(Certificate.changes)
    return [
        orm.selectinload(Certificate.periods).joinedload(CertificatePeriod.signature),
        changes.joinedload(CertificateChange.by_certificate).joinedload(Certificate.signature),
        orm.joinedload(Certificate.signature),
        orm.joinedload(Certificate.person),
        orm.joinedload(Certificate.institution),
        orm.joinedload(Certificate.authority),
    ]


def status_of(certificate: Certificate, on: date) -> status.Status:
    """What a certificate is on a day. It is superseded only once the higher one is signed."""
    changes = [
        status.Change(status.ChangeKind(change.kind), change.on_day)
        for change in certificate.changes
        if change.by_certificate is None or change.by_certificate.signature is not None
    ]
    return status.status(periods_of(certificate), changes, on, signed=certificate.signature is not None)


def periods_of(certificate: Certificate) -> list[status.Period]:
    """The periods that count: the first with the certificate's signature, each later one with its own."""
    return [
        status.Period(period.begins_on, period.ends_on, period.due_on, period.renewable_until)
        for period in certificate.periods
        if period.proposal_id is None or period.signature is not None
    ]


def star_held(session: orm.Session, person_id: int, on: date) -> int:
    """The highest star of a certificate that is valid, about to be signed, or still to be renewed."""
    return max((c.star for c in certificates_of(session, person_id) if is_held(c, on)), default=0)


def is_held(certificate: Certificate, on: date) -> bool:
    """Whether it is valid, about to be signed, or still to be renewed."""
    return status_of(certificate, on) in _HELD


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


def authorities_over(session: orm.Session, places: Iterable[int]) -> dict[int, tuple[Institution, Institution]]:
    """Institutions by their ids, each with the same of it; those without one are not named."""
    above = orm.aliased(Institution)
    query = (
        sa.select(Institution, above)
        .join(above, above.path.above(Institution.path))
        .where(Institution.id.in_(set(places)), above.kind.in_([str(kind) for kind in AUTHORITIES]))
        .order_by(Institution.id, sa.func.nlevel(above.path))
    )
    return {place.id: (place, authority) for place, authority in session.execute(query)}


def locked(session: orm.Session, person_ids: list[int]) -> list[Person]:
    """These persons, each locked until the commit, in the order of their ids: one decides at a time."""
    query = sa.select(Person).where(Person.id.in_(person_ids)).order_by(Person.id).with_for_update(of=Person)
    return list(session.scalars(query.execution_options(populate_existing=True, **Everything)))


def doctor_of_ladder(id: int) -> Person | None:
    """A loader for `on=`: oneself, a person within the actor's reach, or the actor's apprentice of today."""
    actor: Actor = db.actor
    if not actor.person_id or id >= 1 << 63:
        return None
    reach = [Person.id == actor.person_id, Person.id.in_(mentored_by(actor.person_id))]
    if actor.overseen:
        reach.append(Institution.path.within(list(actor.overseen)))
    query = sa.select(Person).join(Institution, Institution.id == Person.institution_id)
    query = query.where(Person.id == id, sa.or_(*reach)).options(orm.contains_eager(Person.institution))
    return db.session.scalar(query, execution_options=Everything)
