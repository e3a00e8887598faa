"""Appeals: until when one can be made, what became of one's own, what waits for officers, and who must keep out."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.osce.models import (
    Answered,
    Circuit,
    CircuitAppeal,
    CircuitAppealAnswer,
    CircuitCandidate,
    CircuitRun,
    CircuitScore,
    Revision,
    RevisionEnd,
    SheetRuling,
    SheetSettlement,
)
from assessments.osce.queries.circuits import now
from lms.db import Everything, db
from lms.institutions.models import Institution
from lms.institutions.queries.tree import shown_name
from lms.people.models import Person


@dataclass(frozen=True)
class Sought:
    """What somebody looks for among appeals; empty words do not narrow."""

    words: str = ""
    state: str = "open"


def listing(sought: Sought) -> sa.Select[*tuple[Any, ...]]:
    """Appeals within reach with circuit, candidate and institution; those that wait longest first."""
    query = (
        sa.select(CircuitAppeal, Circuit, Person.name, shown_name().label("institution"), CircuitAppealAnswer.outcome)
        .join(Circuit, Circuit.id == CircuitAppeal.circuit_id)
        .join(Person, Person.id == CircuitAppeal.person_id)
        .join(Institution, Institution.id == Person.institution_id)
        .outerjoin(CircuitAppealAnswer, CircuitAppealAnswer.appeal_id == CircuitAppeal.id)
    )
    if sought.words:
        ways = [column.icontains(sought.words, autoescape=True) for column in (Circuit.title, Person.name)]
        query = query.where(sa.or_(*ways))
    if sought.state == "open":
        query = query.where(CircuitAppealAnswer.id.is_(None))
    elif sought.state in [*Answered]:
        query = query.where(CircuitAppealAnswer.outcome == sought.state)
    return query.order_by(CircuitAppeal.made_at, CircuitAppeal.id)


def _unanswered() -> sa.ColumnElement[bool]:
    return ~sa.exists().where(CircuitAppealAnswer.appeal_id == CircuitAppeal.id)


def waiting() -> int:
    """How many appeals within reach nobody has answered."""
    return db.session.scalars(sa.select(sa.func.count()).select_from(CircuitAppeal).where(_unanswered())).one()


def of_circuit(circuit: Circuit) -> list[CircuitAppeal]:
    """The appeals against a circuit's results that nobody has answered, oldest first."""
    query = sa.select(CircuitAppeal).where(CircuitAppeal.circuit_id == circuit.id, _unanswered())
    return list(db.session.scalars(query.order_by(CircuitAppeal.id)))


def of_candidate(candidate: CircuitCandidate) -> list[CircuitAppeal]:
    """One candidate's appeals in one circuit with their answers, newest first."""
    query = sa.select(CircuitAppeal).join(CircuitScore, CircuitScore.id == CircuitAppeal.score_id)
    query = query.where(CircuitScore.candidate_id == candidate.id).options(orm.joinedload(CircuitAppeal.answer))
    return list(db.session.scalars(query.order_by(CircuitAppeal.id.desc())))


def until(score: CircuitScore) -> datetime | None:
    """Until when a result can be appealed against; None where it never could."""
    query = sa.select(CircuitRun.made_at, Circuit.appeal_days).join(Circuit, Circuit.id == CircuitRun.circuit_id)
    # over the fence: the run belongs to the officers, and its day to whoever the result is about
    made_at, days = db.session.execute(query.where(CircuitRun.id == score.run_id), execution_options=Everything).one()
    return made_at + timedelta(days=days) if days else None


def may_still(score: CircuitScore) -> bool:
    """Whether the time to appeal is not over, by the database's clock."""
    end = until(score)
    return end is not None and now() <= end


def revision_for(appeal: CircuitAppeal) -> Revision | None:
    """The open revision that answers this appeal once it is released."""
    ended = sa.exists().where(RevisionEnd.revision_id == Revision.id)
    return db.session.scalar(sa.select(Revision).where(Revision.appeal_id == appeal.id, ~ended))


def decided_about(candidate: int, officer: int) -> bool:
    """Whether this officer ever ruled on, or settled, sheets of this candidate."""
    ruled, settled = SheetRuling, SheetSettlement
    about = sa.or_(ruled.candidate_id == candidate, ruled.to_candidate_id == candidate)
    first = sa.select(ruled.id).where(ruled.person_id == officer, about)
    second = sa.select(settled.id).where(settled.person_id == officer, settled.candidate_id == candidate)
    return any(db.session.scalar(query.limit(1)) is not None for query in (first, second))


def appealing(persons: Collection[int]) -> set[int]:
    """Those of these persons whose appeal nobody has answered yet: nothing is built on their results meanwhile."""
    query = sa.select(CircuitAppeal.person_id).where(CircuitAppeal.person_id.in_(list(persons)), _unanswered())
    return set(db.session.scalars(query, execution_options=Everything))


def named(persons: Collection[int]) -> dict[int, str]:
    """What candidate and officer of an appeal that may be read are called, wherever they are now."""
    query = sa.select(Person.id, Person.name).where(Person.id.in_(list(persons)))
    rows: Any = db.session.execute(query, execution_options=Everything)
    return dict(rows.all())
