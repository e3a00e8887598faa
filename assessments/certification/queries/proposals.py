"""Cases to decide: their state, their words, and what stands in the way of approving one."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.certification.models import (
    Approval,
    Certificate,
    CertificateDoubt,
    CertificatePeriod,
    ClosingKind,
    DoubtAnswer,
    Proposal,
    ProposalClosing,
)
from assessments.certification.queries import decisions
from assessments.certification.rules.document import Document
from assessments.certification.rules.status import Status
from lms import clock
from lms.db import Everything
from lms.i18n import _l
from lms.institutions.models import Institution
from lms.institutions.queries.tree import shown_name
from lms.ledger.queries import open_words
from lms.people.models import Person

APPROVALS_NEEDED: Final = 2
PER_PAGE: Final = 30


class State(StrEnum):
    """How far a case is."""

    FIRST = "first"
    SECOND = "second"
    APPROVED = "approved"
    ISSUED = "issued"
    RETURNED = "returned"
    SUPERSEDED = "superseded"


class Hindrance(StrEnum):
    """Why somebody cannot approve a case now."""

    CLOSED = "closed"
    ONES_OWN = "ones_own"
    APPROVED_ALREADY = "approved_already"
    COMPLETE = "complete"
    EVIDENCE_CHANGED = "evidence_changed"
    APPEAL_OPEN = "appeal_open"
    SUSPENDED = "suspended"
    DOUBTED = "doubted"
    NOT_RENEWABLE = "not_renewable"
    NOT_MET = "not_met"


WORDS: Final = {
    Hindrance.CLOSED: _l("This case has been closed."),
    Hindrance.ONES_OWN: _l("Nobody approves their own certificate."),
    Hindrance.APPROVED_ALREADY: _l("You have approved this already. The second approval must be another officer's."),
    Hindrance.COMPLETE: _l("Two officers have approved this already."),
    Hindrance.EVIDENCE_CHANGED: _l("The evidence has changed since this was proposed. It will be decided again."),
    Hindrance.APPEAL_OPEN: _l("The person has appealed against a result, and nobody has answered yet."),
    Hindrance.SUSPENDED: _l("A certificate of this person is suspended. Lift the suspension or revoke it first."),
    Hindrance.DOUBTED: _l("A result that a certificate of this person rests on was corrected. Answer that first."),
    Hindrance.NOT_RENEWABLE: _l("The certificate can no longer be renewed."),
    Hindrance.NOT_MET: _l("By today's evidence the star is no longer reached. It will be decided again."),
}

#: Those of these persons who wait for the answer to an appeal, by who knows of appeals; filled in wiring.py.
APPEALING: dict[str, Callable[[Collection[int]], Collection[int]]] = {}

_approvals = sa.select(sa.func.count()).where(Approval.proposal_id == Proposal.id).correlate(Proposal).scalar_subquery()
_closing = (
    sa.select(ProposalClosing.kind)
    .where(ProposalClosing.proposal_id == Proposal.id)
    .correlate(Proposal)
    .scalar_subquery()
)
_issued = sa.or_(
    sa.exists().where(Certificate.proposal_id == Proposal.id).correlate(Proposal),
    sa.exists().where(CertificatePeriod.proposal_id == Proposal.id).correlate(Proposal),
)

#: The state of a proposal, in SQL.
state_in_sql: Final[sa.ColumnElement[str]] = sa.case(
    (_issued, State.ISSUED.value),
    (_closing == ClosingKind.RETURNED, State.RETURNED.value),
    (_closing == ClosingKind.SUPERSEDED, State.SUPERSEDED.value),
    (_approvals >= APPROVALS_NEEDED, State.APPROVED.value),
    (_approvals == 1, State.SECOND.value),
    else_=State.FIRST.value,
)


@dataclass(frozen=True)
class Found:
    """One page of a list, and how many there are in all."""

    rows: list[Any]
    total: int
    number: int

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return max(1, -(-self.total // PER_PAGE))


def approvals_given(session: orm.Session, proposal_id: int) -> int:
    """How many officers have approved."""
    query = sa.select(sa.func.count()).select_from(Approval).where(Approval.proposal_id == proposal_id)
    return session.scalar(query, execution_options=Everything) or 0


def is_open(session: orm.Session, proposal_id: int) -> bool:
    """Whether a proposal is neither closed nor a certificate."""
    return state_of(session, proposal_id) in (State.FIRST, State.SECOND, State.APPROVED)


def state_of(session: orm.Session, proposal_id: int) -> State:
    """How far one case is."""
    query = sa.select(state_in_sql).where(Proposal.id == proposal_id)
    return State(session.execute(query, execution_options=Everything).scalar_one())


def hindrance(session: orm.Session, proposal: Proposal, officer_id: int) -> Hindrance | None:
    """Why this officer cannot approve this now; None when nothing stands in the way."""
    return hindrances(session, [proposal], officer_id)[proposal.id]


def hindrances(session: orm.Session, cases: Sequence[Proposal], officer_id: int) -> dict[int, Hindrance | None]:
    """The same about many cases, in a constant number of statements."""
    ids = [case.id for case in cases]
    mine = sa.exists().where(Approval.proposal_id == Proposal.id, Approval.approver_id == officer_id)
    query = sa.select(Proposal.id, state_in_sql, mine).where(Proposal.id.in_(ids))
    rows: Iterable[Any] = session.execute(query, execution_options=Everything)
    known = {number: (State(state), approved) for number, state, approved in rows}
    still, waiting = decisions.standing_still(session, cases), appealing({case.person_id for case in cases})
    found = {case.id: _hindrance(case, *known[case.id], officer_id, case.id in still) for case in cases}
    late = {case.id for case in cases if found[case.id] is None and case.person_id in waiting}
    found |= dict.fromkeys(late, Hindrance.APPEAL_OPEN)
    held = _held_back(session, [case for case in cases if found[case.id] is None])
    return found | held


def _held_back(session: orm.Session, cases: Sequence[Proposal]) -> dict[int, Hindrance]:
    """What the certificates that these persons hold have against it: suspended, doubted, no longer to be renewed."""
    query = sa.select(Certificate).where(Certificate.person_id.in_({case.person_id for case in cases}))
    rows = session.scalars(query.options(*decisions.with_status()), execution_options=Everything)
    today = clock.today()
    held = {row.id: (row.person_id, decisions.status_of(row, today)) for row in rows}
    suspended = {person for person, status in held.values() if status is Status.SUSPENDED}
    doubted = {held[number][0] for number in _doubted(session, list(held)) if not held[number][1].over}
    found = dict[int, Hindrance]()
    for case in cases:
        if case.person_id in suspended:
            found[case.id] = Hindrance.SUSPENDED
        elif case.person_id in doubted:
            found[case.id] = Hindrance.DOUBTED
        elif case.renewal and held[case.after_id or 0][1] not in (Status.DUE, Status.RENEWABLE):
            found[case.id] = Hindrance.NOT_RENEWABLE
    return found


def _doubted(session: orm.Session, certificate_ids: list[int]) -> set[int]:
    answered = sa.exists().where(DoubtAnswer.doubt_id == CertificateDoubt.id)
    query = sa.select(CertificateDoubt.certificate_id)
    query = query.where(CertificateDoubt.certificate_id.in_(certificate_ids), ~answered)
    return set(session.scalars(query, execution_options=Everything))


def appealing(persons: Collection[int]) -> set[int]:
    """Those of these persons on whose results nothing is built yet, because an appeal waits for its answer."""
    return {number for find in APPEALING.values() for number in find(persons)}


def _hindrance(case: Proposal, state: State, mine: bool, officer_id: int, still: bool) -> Hindrance | None:
    found = {
        Hindrance.CLOSED: state in (State.ISSUED, State.RETURNED, State.SUPERSEDED),
        Hindrance.ONES_OWN: officer_id == case.person_id,
        Hindrance.APPROVED_ALREADY: mine,
        Hindrance.COMPLETE: state is State.APPROVED,
        Hindrance.EVIDENCE_CHANGED: not still,
    }
    return next((one for one, holds in found.items() if holds), None)


def hindrance_of_issue(session: orm.Session, case: Proposal) -> Hindrance | None:
    """Why what two officers approved must not become a certificate now; None when nothing stands in the way."""
    if not decisions.stands_still(session, case):
        return Hindrance.EVIDENCE_CHANGED
    if appealing({case.person_id}):
        return Hindrance.APPEAL_OPEN
    return _held_back(session, [case]).get(case.id)


def document_of(session: orm.Session, proposal: Proposal) -> Document | None:
    """The document word for word; None where the person was erased."""
    opened = open_words(session, "certification.proposal", proposal.ledger_index, proposal.sealed)
    return Document.read(opened.document["words"]) if opened else None


#: What a case is about, in the words of the desk's filter.
ABOUT: Final = ("new", "renewal")


def page(session: orm.Session, *, state: str = "", q: str = "", about: str = "", number: int = 1) -> Found:
    """Cases within reach, those waiting longest first; rows of (proposal, state, name, institution)."""
    query = (
        sa.select(Proposal, state_in_sql.label("state"), Person.name, shown_name().label("institution"))
        .join(Person, Person.id == Proposal.person_id)
        .join(Institution, Institution.id == Proposal.institution_id)
    )
    if state in [*State]:
        query = query.where(state_in_sql == state)
    elif state != "all":
        query = query.where(state_in_sql.in_([State.FIRST, State.SECOND, State.APPROVED]))
    if about in ABOUT:
        query = query.where(Proposal.renewal if about == "renewal" else ~Proposal.renewal)
    if q:
        query = query.where(
            sa.or_(Person.name.icontains(q, autoescape=True), Institution.name.icontains(q, autoescape=True))
        )
    counted = sa.select(sa.func.count()).select_from(query.with_only_columns(Proposal.id).subquery())
    total = session.scalar(counted) or 0
    rows = session.execute(query.order_by(Proposal.id).limit(PER_PAGE).offset((number - 1) * PER_PAGE)).all()
    return Found(list(rows), total, number)


def chosen(session: orm.Session, ids: list[int]) -> list[Proposal]:
    """Those of the named proposals that are within reach."""
    query = sa.select(Proposal).where(Proposal.id.in_(ids[:1000])).order_by(Proposal.id)
    return list(session.scalars(query.options(orm.joinedload(Proposal.person), orm.joinedload(Proposal.institution))))


def approved(session: orm.Session) -> list[Proposal]:
    """What two officers approved and is no certificate yet."""
    query = sa.select(Proposal).where(state_in_sql == State.APPROVED.value).order_by(Proposal.id)
    return list(session.scalars(query))
