"""What a renewal asks of a holder, who comes near the end, and what asks for a suspension."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.certification.models import (
    Approval,
    Certificate,
    CertificateChange,
    CertificatePeriod,
    CertificateReminder,
    CertificateSignature,
    Proposal,
    SuspensionAnswer,
    SuspensionRequest,
)
from assessments.certification.queries import decisions, evidence, policies
from assessments.certification.rules import renewal
from assessments.certification.rules.decision import decide
from assessments.certification.rules.policy import Policy
from assessments.certification.rules.status import ChangeKind, Status
from lms import clock
from lms.db import Everything
from lms.jobs import Job, asked_for
from lms.people.models import Person
from lms.techniques.models import Technique

#: The work that issues what one act has completed; with the act's id it has a name of its own.
ISSUE_ALL = "certification.issue_all"
RENEWED = "certification.renewed"
REQUEST = "certification.suspension-request"
ANSWER = "certification.suspension-answer"
RENEWABLE = (Status.DUE, Status.RENEWABLE)
#: So long after the end its holder is still told of it, also where nothing can be renewed any more.
STILL_TOLD = timedelta(days=30)


@dataclass(frozen=True)
class Prospect:
    """A certificate that can be renewed now, and how far its holder is: today's star, and what is to be proved anew."""

    certificate: Certificate
    status: Status
    ends_on: date
    renewable_until: date | None
    star: int
    refreshers: tuple[renewal.Refresher, ...]

    @property
    def carried(self) -> bool:
        """Whether what is still in date carries the star."""
        return self.star >= self.certificate.star

    @property
    def owed(self) -> list[str]:
        """The techniques still to be proved anew."""
        return [one.technique for one in self.refreshers if not one.done]

    @property
    def ready(self) -> bool:
        """Whether it can be laid before the officers."""
        return self.carried and not self.owed


def prospects(session: orm.Session, held: Sequence[Certificate], today: date) -> list[Prospect]:
    """Those of these certificates that can be renewed now, in a constant number of statements."""
    version = policies.in_force(session, today)
    due = [(row, status) for row in held if (status := decisions.status_of(row, today)) in RENEWABLE]
    due = [(row, status) for row, status in due if not pending(row)]
    if version is None or not due:
        return []
    policy = policies.policy_of(version)
    found = evidence.of_persons(session, sorted({row.person_id for row, _ in due}))
    return [_prospect(row, status, policy, found.get(row.person_id, []), today) for row, status in due]


def _prospect(row: Certificate, status: Status, policy: Policy, found: list[Any], today: date) -> Prospect:
    last = newest_period(row)
    turn = sum(period.proposal_id is not None for period in row.periods)
    wanted = renewal.refreshers(renewal.techniques_of(policy, row.star), turn, policy.refreshers)
    return Prospect(
        row,
        status,
        last.ends_on or date.max,
        last.renewable_until,
        decide(policy, found, today).star,
        tuple(renewal.refreshed(policy, wanted, found, last.begins_on, today)),
    )


def newest_period(certificate: Certificate) -> CertificatePeriod:
    """The period that ends last."""
    return max(certificate.periods, key=lambda period: period.ends_on or date.max)


def pending(certificate: Certificate) -> bool:
    """Whether a renewal of it was issued and waits for the signer."""
    return any(period.proposal_id is not None and period.signature is None for period in certificate.periods)


def coming(session: orm.Session, today: date, most: int = 60) -> list[Certificate]:
    """Certificates within reach whose end comes near or that can still be renewed, those that end first first."""
    query = (
        sa.select(Certificate)
        .join(CertificatePeriod, CertificatePeriod.certificate_id == Certificate.id)
        .where(*_renewable(today))
        .order_by(CertificatePeriod.ends_on, Certificate.id)
        .limit(most)
    )
    return list(session.scalars(query.options(*decisions.with_status())))


def how_many(session: orm.Session, today: date) -> int:
    """How many certificates within reach can be renewed now."""
    query = sa.select(sa.func.count(sa.distinct(Certificate.id))).select_from(Certificate)
    query = query.join(CertificatePeriod, CertificatePeriod.certificate_id == Certificate.id)
    return session.scalar(query.where(*_renewable(today))) or 0


def _renewable(today: date) -> list[sa.ColumnElement[bool]]:
    """Such a period within its days of renewal."""
    return [*_newest_living(), CertificatePeriod.due_on <= today, CertificatePeriod.renewable_until >= today]


def _newest_living() -> list[sa.ColumnElement[bool]]:
    """The newest period of a signed certificate that was neither revoked nor replaced."""
    later = orm.aliased(CertificatePeriod)
    change = CertificateChange
    over = [ChangeKind.REVOKED.value, ChangeKind.SUPERSEDED.value]
    return [
        ~sa.exists().where(
            later.certificate_id == CertificatePeriod.certificate_id, later.ends_on > CertificatePeriod.ends_on
        ),
        sa.exists().where(CertificateSignature.certificate_id == CertificatePeriod.certificate_id),
        ~sa.exists().where(change.certificate_id == CertificatePeriod.certificate_id, change.kind.in_(over)),
    ]


def open_cases(session: orm.Session, certificate_ids: Iterable[int]) -> dict[int, int]:
    """The renewal that waits for officers, by certificate."""
    query = sa.select(Proposal).where(Proposal.after_id.in_(set(certificate_ids)), Proposal.renewal)
    query = query.where(
        ~sa.exists().where(CertificatePeriod.proposal_id == Proposal.id), ~Proposal.closing.has()
    ).order_by(Proposal.id)
    rows = session.scalars(query, execution_options=Everything)
    return {row.after_id: row.id for row in rows if row.after_id is not None}


def titles(session: orm.Session, codes: Iterable[str]) -> dict[str, Any]:
    """Techniques by their code."""
    query = sa.select(Technique).where(Technique.code.in_(set(codes)))
    return {technique.code: technique for technique in session.scalars(query)}


def due_people(session: orm.Session, person_ids: Iterable[int], today: date) -> set[int]:
    """Those of these persons of whose certificates one can be renewed, or has expired for good."""
    query = sa.select(CertificatePeriod.person_id).where(
        CertificatePeriod.person_id.in_(set(person_ids)), CertificatePeriod.due_on <= today
    )
    return set(session.scalars(query, execution_options=Everything))


def issuing_of(act_id: int) -> Job | None:
    """The work that issues what an act has completed."""
    return asked_for(f"{ISSUE_ALL}:{act_id}")


def decided_by(session: orm.Session, act_id: int) -> list[Any]:
    """The cases that an act approved, each with the number of its certificate once it is issued."""
    period = orm.aliased(CertificatePeriod)
    renewed = orm.aliased(Certificate)
    query = (
        sa.select(Proposal, sa.func.coalesce(Certificate.number, renewed.number))
        .join(Approval, Approval.proposal_id == Proposal.id)
        .outerjoin(Certificate, Certificate.proposal_id == Proposal.id)
        .outerjoin(period, period.proposal_id == Proposal.id)
        .outerjoin(renewed, renewed.id == period.certificate_id)
        .where(Approval.act_id == act_id)
        .order_by(Proposal.id)
        .options(orm.joinedload(Proposal.person), orm.joinedload(Proposal.institution))
    )
    return list(session.execute(query))


# ---- reminders ---------------------------------------------------------------------------------


def to_remind(session: orm.Session, today: date) -> list[CertificatePeriod]:
    """Newest periods whose end is near or was of late: those whose holders may be owed a reminder."""
    query = sa.select(CertificatePeriod).where(*_newest_living(), CertificatePeriod.due_on <= today)
    late = CertificatePeriod.ends_on >= today - STILL_TOLD
    query = query.where(sa.or_(CertificatePeriod.renewable_until >= today, late)).order_by(CertificatePeriod.id)
    return list(session.scalars(query, execution_options=Everything))


def reminded(session: orm.Session, period_ids: Sequence[int]) -> set[tuple[int, str, int]]:
    """What holders were reminded of already: (period, stage, days)."""
    query = sa.select(CertificateReminder.period_id, CertificateReminder.stage, CertificateReminder.days)
    query = query.where(CertificateReminder.period_id.in_(period_ids))
    rows: Any = session.execute(query, execution_options=Everything)
    return {(number, stage, days) for number, stage, days in rows}


# ---- suspensions -------------------------------------------------------------------------------


def open_request(session: orm.Session, certificate_id: int) -> SuspensionRequest | None:
    """The wish to suspend, or to lift a suspension, that waits for a second officer."""
    query = sa.select(SuspensionRequest).where(SuspensionRequest.certificate_id == certificate_id, ~_answered())
    return session.scalars(query, execution_options=Everything).first()


def open_requests(session: orm.Session, most: int = 30) -> list[Any]:
    """Such wishes within reach, oldest first; rows of (request, certificate, name)."""
    query = (
        sa.select(SuspensionRequest, Certificate, Person.name)
        .join(Certificate, Certificate.id == SuspensionRequest.certificate_id)
        .join(Person, Person.id == Certificate.person_id)
        .where(~_answered())
        .order_by(SuspensionRequest.id)
        .limit(most)
    )
    return list(session.execute(query))


def requests_of(session: orm.Session, certificate_id: int) -> list[SuspensionRequest]:
    """All of one certificate, with their answers."""
    query = sa.select(SuspensionRequest).where(SuspensionRequest.certificate_id == certificate_id)
    query = query.options(orm.joinedload(SuspensionRequest.answer)).order_by(SuspensionRequest.id)
    return list(session.scalars(query, execution_options=Everything))


def is_answered(session: orm.Session, request_id: int) -> bool:
    """Whether a second officer has answered."""
    query = sa.select(sa.exists().where(SuspensionAnswer.request_id == request_id))
    return bool(session.scalar(query, execution_options=Everything))


def _answered() -> sa.ColumnElement[bool]:
    return sa.exists().where(SuspensionAnswer.request_id == SuspensionRequest.id)


def is_ready(session: orm.Session, certificate: Certificate) -> bool:
    """Whether a certificate can be laid before the officers for renewal now."""
    return any(one.ready for one in prospects(session, [certificate], clock.today()))
