"""Borderline decisions and the second looks at them."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.certification.models import PolicyVersion, SecondLook, StarDecision
from assessments.certification.queries import policies
from lms.db import Everything
from lms.ledger.queries import open_words
from lms.people.models import Person


def awaited(session: orm.Session, decision: StarDecision) -> bool:
    """Whether nothing may be proposed on this decision before an officer has looked again and found it right."""
    return decision.id in awaiting(session, [decision])


def awaiting(session: orm.Session, decisions: Sequence[StarDecision]) -> set[int]:
    """Those of these decisions of which that is so, by their ids."""
    unsure = {one.id for one in decisions if one.borderline and policies.policy_of(one.policy_version).second_look}
    if not unsure:
        return unsure
    query = sa.select(SecondLook.decision_id).where(SecondLook.decision_id.in_(unsure), SecondLook.confirmed)
    return unsure - set(session.scalars(query, execution_options=Everything))


def of_decision(session: orm.Session, decision_id: int) -> SecondLook | None:
    """The second look at a decision, if there was one."""
    query = sa.select(SecondLook).where(SecondLook.decision_id == decision_id)
    return session.scalars(query, execution_options=Everything).one_or_none()


def reason_of(session: orm.Session, look: SecondLook) -> str:
    """What the officer wrote; nothing once the person is erased."""
    opened = open_words(session, "certification.second-look", look.ledger_index, look.sealed)
    return str(opened.document["words"]["reason"]) if opened else ""


def waiting() -> sa.Select[StarDecision, Person]:
    """Decisions within reach that wait for a second look, the longest waiting first."""
    newer = orm.aliased(StarDecision)
    newest = ~sa.exists().where(newer.person_id == StarDecision.person_id, newer.id > StarDecision.id)
    wanted = sa.cast(PolicyVersion.content["decision"]["second_look"].astext, sa.Boolean).is_(True)
    return (
        sa.select(StarDecision, Person)
        .join(Person, Person.id == StarDecision.person_id)
        .join(StarDecision.policy_version)
        .where(
            StarDecision.borderline,
            StarDecision.star > 0,
            wanted,
            newest,
            ~sa.exists().where(SecondLook.decision_id == StarDecision.id),
        )
        .options(orm.contains_eager(StarDecision.policy_version), orm.joinedload(Person.institution))
        .order_by(StarDecision.id)
    )


PER_PAGE = 25


@dataclass(frozen=True)
class Waiting:
    """One page of the decisions that wait."""

    rows: Sequence[tuple[StarDecision, Person]]
    total: int
    number: int

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return max(1, -(-self.total // PER_PAGE))


def page(session: orm.Session, number: int = 1) -> Waiting:
    """Decisions within reach that wait for a second look, some at a time."""
    total = session.scalar(sa.select(sa.func.count()).select_from(waiting().order_by(None).subquery())) or 0
    number = min(max(number, 1), max(1, -(-total // PER_PAGE)))
    rows = session.execute(waiting().limit(PER_PAGE).offset((number - 1) * PER_PAGE)).all()
    return Waiting(rows, total, number)
