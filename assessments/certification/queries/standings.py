"""Where many persons stand at once: what was last decided about them, their open cases, whom to decide about again.

These look over the fence: a job decides about whoever's evidence has changed, wherever they work now.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from assessments.certification.models import (
    Certificate,
    CertificatePeriod,
    PolicyVersion,
    Proposal,
    ProposalClosing,
    StarDecision,
)
from assessments.certification.queries import decisions
from assessments.results.models import Result
from assessments.results.queries import STANDS
from courses.mentoring.models import Pairing
from lms import clock
from lms.authz import Actor
from lms.db import Everything, db


@dataclass(frozen=True)
class Apprentice:
    """How many stars an apprentice has, and whether it is oneself."""

    star: int
    own: bool


def latest(session: orm.Session, person_ids: Sequence[int]) -> dict[int, StarDecision]:
    """The newest decision written down about each of these persons."""
    query = (
        sa.select(StarDecision)
        .where(StarDecision.person_id.in_(person_ids))
        .ext(pg.distinct_on(StarDecision.person_id))
    )
    query = query.order_by(StarDecision.person_id, StarDecision.id.desc())
    return {row.person_id: row for row in session.scalars(query, execution_options=Everything)}


def open_cases(session: orm.Session, person_ids: Sequence[int]) -> dict[int, list[Proposal]]:
    """The proposals about each of these persons that are neither closed nor a certificate."""
    query = sa.select(Proposal).where(
        Proposal.person_id.in_(person_ids),
        ~sa.exists().where(ProposalClosing.proposal_id == Proposal.id),
        ~sa.exists().where(Certificate.proposal_id == Proposal.id),
        ~sa.exists().where(CertificatePeriod.proposal_id == Proposal.id),
    )
    found = defaultdict[int, list[Proposal]](list)
    for case in session.scalars(query.order_by(Proposal.id), execution_options=Everything):
        found[case.person_id].append(case)
    return found


def proposed(session: orm.Session, decision_ids: Sequence[int]) -> set[int]:
    """Those of these decisions that have led to a proposal already, other than one that follows a certificate."""
    query = sa.select(Proposal.decision_id).where(Proposal.decision_id.in_(decision_ids), Proposal.after_id.is_(None))
    return set(session.scalars(query, execution_options=Everything))


def stars_held(session: orm.Session, person_ids: Sequence[int], on: date) -> dict[int, int]:
    """The highest star of a certificate each of these persons holds; nobody else is named."""
    query = sa.select(Certificate).where(Certificate.person_id.in_(person_ids)).options(*decisions.with_status())
    found = dict[int, int]()
    for one in session.scalars(query, execution_options=Everything):
        if decisions.is_held(one, on):
            found[one.person_id] = max(one.star, found.get(one.person_id, 0))
    return found


def of_pairs(actor: Actor, pairs: Sequence[Pairing]) -> dict[int, Apprentice]:
    """For the pages of pairs: how many stars the apprentice has, for mentor and apprentice while the pair runs."""
    today = clock.today()
    mine = [pair for pair in pairs if actor.person_id in (pair.mentor_id, pair.person_id) and pair.runs_on(today)]
    last = latest(db.session, [pair.person_id for pair in mine])
    return {
        pair.id: Apprentice(row.star if (row := last.get(pair.person_id)) else 0, own=pair.person_id == actor.person_id)
        for pair in mine
    }


# ---- whom to decide about again ----------------------------------------------------------------


def stale(version: PolicyVersion, on: date) -> sa.Select[int]:
    """Persons whose last decision is not today's: other evidence, another policy, or time has come.

    What stands in the table of evidence is compared, not what was heard of: nobody is forgotten whose event was lost.
    """
    last = _last().subquery()
    now = _evidence_now().subquery()
    same = sa.and_(
        last.c.policy_version_id == version.id,
        last.c.evidence_ids == sa.func.coalesce(now.c.ids, sa.cast(pg.array([]), pg.ARRAY(sa.BigInteger))),
        sa.or_(last.c.changes_on.is_(None), last.c.changes_on > on),
    )
    who = sa.func.coalesce(now.c.person_id, last.c.person_id)
    joined = last.join(now, now.c.person_id == last.c.person_id, full=True)
    return sa.select(who).select_from(joined).where(sa.func.coalesce(same, sa.false()).is_(False)).order_by(who)


def _last() -> sa.Select[int, int, list[int], date | None]:
    query = sa.select(
        StarDecision.person_id, StarDecision.policy_version_id, StarDecision.evidence_ids, StarDecision.changes_on
    )
    return query.ext(pg.distinct_on(StarDecision.person_id)).order_by(StarDecision.person_id, StarDecision.id.desc())


def _evidence_now() -> sa.Select[int, Sequence[int]]:
    """The ids of what stands for each person, in their order, as a decision keeps them."""
    ids = sa.func.array_agg(pg.aggregate_order_by(Result.id, Result.id)).label("ids")
    query = sa.select(Result.person_id, ids).where(STANDS)
    return query.group_by(Result.person_id)
