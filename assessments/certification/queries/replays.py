"""Deciding again what was decided: whether decisions that were written down still follow from what they rest on.

This looks over the fence: it is asked of a whole database, after a restore.
"""

from collections.abc import Iterator, Sequence

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.certification.models import StarDecision
from assessments.certification.queries import evidence, policies
from assessments.certification.rules.decision import Evidence, decide, says_the_same
from lms.db import Everything
from lms.postgres.backup_checks import Checked

#: Decisions whose numbers are named.
_NAMED = 3


def check(session: orm.Session, sample: int) -> Checked:
    """Decide a random sample again from the stored policy and evidence; each must come to what stands there."""
    query = sa.select(StarDecision).options(orm.joinedload(StarDecision.policy_version))
    query = query.order_by(sa.func.random()).limit(sample)
    rows = session.scalars(query, execution_options=Everything).all()
    found = evidence.by_ids(session, {number for row in rows for number in row.evidence_ids})
    wrong = sorted(_differing(rows, found))
    words = f"decisions {', '.join(map(str, wrong[:_NAMED]))} no longer follow from their evidence" if wrong else ""
    return Checked(not wrong, len(rows), words, (("differing", len(wrong)),))


def _differing(rows: Sequence[StarDecision], found: dict[int, Evidence]) -> Iterator[int]:
    for row in rows:
        rests_on = [found[number] for number in row.evidence_ids if number in found]
        made = decide(policies.policy_of(row.policy_version), rests_on, row.on_day)
        same = (made.star, made.evidence_hash) == (row.star, row.evidence_hash)
        if not same or not says_the_same(row.explanation, made):
            yield row.id
