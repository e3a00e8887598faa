"""Policies on their way: drafts, what they would move, proposals; and whom an adopted version has moved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.certification.models import (
    PolicyApproval,
    PolicyClosing,
    PolicyDraft,
    PolicyMove,
    PolicyPreview,
    PolicyProposal,
    PolicyVersion,
    StarDecision,
)
from assessments.certification.queries import cohort, policies
from assessments.certification.queries.proposals import APPROVALS_NEEDED, PER_PAGE, Found
from assessments.certification.rules.lint import Finding, lint
from assessments.certification.rules.policy import Policy, PolicyWrong, content_hash, parse
from assessments.results.models import Result
from lms.db import Everything
from lms.institutions.models import Institution
from lms.institutions.queries.tree import shown_name
from lms.people.models import Person

PREVIEW: Final = "certification.preview_policy"
EVERYBODY: Final = "certification.decide_everybody"
UP, DOWN = "up", "down"


def open_drafts(session: orm.Session) -> list[PolicyDraft]:
    """Drafts that officers work on, newest first."""
    query = sa.select(PolicyDraft).where(PolicyDraft.ended.is_(None)).order_by(PolicyDraft.id.desc()).limit(50)
    return list(session.scalars(query))


def open_proposals(session: orm.Session) -> list[PolicyProposal]:
    """Proposals that wait for an approval."""
    query = sa.select(PolicyProposal).where(_is_open()).order_by(PolicyProposal.id)
    return list(session.scalars(query))


def is_open(session: orm.Session, proposal: PolicyProposal) -> bool:
    """Whether a proposal waits for an approval."""
    return session.scalar(sa.select(PolicyProposal.id).where(PolicyProposal.id == proposal.id, _is_open())) is not None


def _is_open() -> sa.ColumnElement[bool]:
    given = sa.select(sa.func.count()).where(PolicyApproval.proposal_id == PolicyProposal.id).correlate(PolicyProposal)
    closed = sa.exists().where(PolicyClosing.proposal_id == PolicyProposal.id).correlate(PolicyProposal)
    return sa.and_(given.scalar_subquery() < APPROVALS_NEEDED, ~closed)


def approvals_of(session: orm.Session, proposal_id: int) -> list[PolicyApproval]:
    """The approvals given so far, in their order."""
    query = sa.select(PolicyApproval).where(PolicyApproval.proposal_id == proposal_id).order_by(PolicyApproval.place)
    return list(session.scalars(query))


def adopted_by(session: orm.Session, version: PolicyVersion) -> PolicyProposal | None:
    """The proposal that became a version; None where a content pack laid it."""
    approved = sa.exists().where(
        PolicyApproval.proposal_id == PolicyProposal.id, PolicyApproval.place == APPROVALS_NEEDED
    )
    query = sa.select(PolicyProposal).where(PolicyProposal.content_hash == version.content_hash, approved)
    found: PolicyProposal | None = session.scalars(query.limit(1), execution_options=Everything).one_or_none()
    return found


# ---- what a draft is worth ---------------------------------------------------------------------


@dataclass(frozen=True)
class Checked:
    """What reading and linting a draft came to."""

    policy: Policy | None
    findings: Sequence[Finding]

    @property
    def sound(self) -> bool:
        """Whether it may be tried and proposed."""
        return self.policy is not None and not any(one.severity == "error" for one in self.findings)


def check(session: orm.Session, content: dict[str, Any]) -> Checked:
    """Read and lint a draft against the techniques there are."""
    try:
        policy = parse(content)
    except PolicyWrong as wrong:
        at = wrong.where
        star = content["stars"][at[1]]["star"] if len(at) > 1 and at[0] == "stars" else None
        return Checked(None, [Finding("unreadable", star, ".".join(map(str, at)), str(wrong))])
    return Checked(policy, lint(policy, policies.techniques(session).keys()))


def preview_of(session: orm.Session, draft: PolicyDraft) -> PolicyPreview | None:
    """The newest count of what a draft would do."""
    query = sa.select(PolicyPreview).where(PolicyPreview.draft_id == draft.id)
    return session.scalars(query.order_by(PolicyPreview.id.desc()).limit(1)).one_or_none()


def is_of(preview: PolicyPreview | None, draft: PolicyDraft) -> bool:
    """Whether a finished count is of the draft as it is now."""
    if preview is None or preview.done_at is None:
        return False
    return preview.content_hash == content_hash(draft.content)


def first_day(content: Mapping[str, Any]) -> date:
    """The day from which a sound draft would be in force."""
    return date.fromisoformat(str(content["valid_from"]))


def key_of(version: PolicyVersion) -> str:
    """The name of the work that decides everybody again because of a version: asked for once."""
    return f"{EVERYBODY}:{version.id}"


def everybody_with_evidence(session: orm.Session) -> list[int]:
    """Whom a policy can say anything about."""
    query = sa.select(Result.person_id).distinct().order_by(Result.person_id)
    return list(session.scalars(query, execution_options=Everything))


def places_of(session: orm.Session, person_ids: Sequence[int]) -> dict[int, int]:
    """Where each of these persons belongs."""
    query = sa.select(Person.id, Person.institution_id).where(Person.id.in_(person_ids))
    return dict(session.execute(query, execution_options=Everything).all())


def stars_under(
    session: orm.Session, asked: Sequence[Policy], person_ids: Sequence[int], on: date
) -> list[dict[int, int]]:
    """What each person's evidence of today comes to on a day, under each of these policies."""
    return [cohort.stars(session, policy, person_ids, on) for policy in asked]


# ---- who moves ---------------------------------------------------------------------------------


def moves(session: orm.Session, preview: PolicyPreview, *, way: str = "", q: str = "", number: int = 1) -> Found:
    """Who would move under a draft; rows of (before, after, name, person_id, institution)."""
    query = (
        sa.select(PolicyMove.before, PolicyMove.after, Person.name, Person.id.label("person_id"), _place())
        .join(Person, Person.id == PolicyMove.person_id)
        .join(Institution, Institution.id == PolicyMove.institution_id)
        .where(PolicyMove.preview_id == preview.id)
    )
    return _page(session, query, (PolicyMove.before, PolicyMove.after), way=way, q=q, number=number)


def moved(session: orm.Session, version: PolicyVersion, *, way: str = "", q: str = "", number: int = 1) -> Found:
    """Whom a version has moved, within reach: the first decision under it beside the one before."""
    decided = _moved(version)
    query = (
        sa.select(decided.c.before, decided.c.after, Person.name, Person.id.label("person_id"), _place())
        .join(Person, Person.id == decided.c.person_id)
        .join(Institution, Institution.id == Person.institution_id)
        .where(decided.c.before != decided.c.after)
    )
    return _page(session, query, (decided.c.before, decided.c.after), way=way, q=q, number=number)


@dataclass(frozen=True)
class Counts:
    """How many persons were decided about, and how many moved."""

    persons: int
    up: int
    down: int
    ways: Sequence[Sequence[int]]


def moved_counts(session: orm.Session, version: PolicyVersion) -> Counts:
    """How many a version has moved, within reach, and from which star to which."""
    decided = _moved(version)
    query = sa.select(decided.c.before, decided.c.after, sa.func.count()).group_by(decided.c.before, decided.c.after)
    rows = [list(row) for row in session.execute(query.order_by(decided.c.before, decided.c.after))]
    return counted(rows)


def counted(ways: Sequence[Sequence[int]]) -> Counts:
    """Counts out of rows of [before, after, persons]."""
    total = sum(n for _, _, n in ways)
    up = sum(n for before, after, n in ways if after > before)
    down = sum(n for before, after, n in ways if after < before)
    return Counts(total, up, down, [way for way in ways if way[0] != way[1]])


def _moved(version: PolicyVersion) -> sa.Subquery:
    """Each person's first decision under a version (after) and the star of the one before it (before)."""
    earlier = orm.aliased(StarDecision)
    first = orm.aliased(StarDecision)
    before = (
        sa.select(earlier.star)
        .where(earlier.person_id == StarDecision.person_id, earlier.id < StarDecision.id)
        .order_by(earlier.id.desc())
        .limit(1)
        .correlate(StarDecision)
        .scalar_subquery()
    )
    again = sa.exists().where(
        first.person_id == StarDecision.person_id,
        first.policy_version_id == version.id,
        first.id < StarDecision.id,
    )
    return (
        sa.select(
            StarDecision.person_id,
            sa.func.coalesce(before, 0).label("before"),
            StarDecision.star.label("after"),
        )
        .where(StarDecision.policy_version_id == version.id, ~again)
        .subquery()
    )


def _place() -> sa.ColumnElement[str]:
    return shown_name().label("institution")


def _page(session: orm.Session, query: Any, ends: Sequence[Any], *, way: str, q: str, number: int) -> Found:
    before, after = ends
    if way == UP:
        query = query.where(after > before)
    elif way == DOWN:
        query = query.where(after < before)
    if q:
        named = Person.name.icontains(q, autoescape=True)
        query = query.where(sa.or_(named, Institution.name.icontains(q, autoescape=True)))
    total = session.scalar(sa.select(sa.func.count()).select_from(query.subquery())) or 0
    ordered = query.order_by(after - before, Person.id).limit(PER_PAGE).offset((number - 1) * PER_PAGE)
    return Found(list(session.execute(ordered).all()), total, number)
