"""Appeals: until when one can be made, what became of one's own, and what waits for the officers."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.exams.models import Appeal, AppealAnswer, Attempt, Exam, ExamScore, Outcome
from assessments.exams.queries import regrades
from assessments.exams.queries.exams import now
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
    """Appeals within reach with their exam, candidate and institution; those that wait longest first."""
    query = (
        sa.select(Appeal, Exam, Person.name, shown_name().label("institution"), AppealAnswer.outcome)
        .join(Exam, Exam.id == Appeal.exam_id)
        .join(Person, Person.id == Appeal.person_id)
        .join(Institution, Institution.id == Person.institution_id)
        .outerjoin(AppealAnswer, AppealAnswer.appeal_id == Appeal.id)
    )
    if sought.words:
        ways = [column.icontains(sought.words, autoescape=True) for column in (Exam.title, Person.name)]
        query = query.where(sa.or_(*ways))
    if sought.state == "open":
        query = query.where(AppealAnswer.id.is_(None))
    elif sought.state in [*Outcome]:
        query = query.where(AppealAnswer.outcome == sought.state)
    return query.order_by(Appeal.made_at, Appeal.id)


def waiting() -> int:
    """How many appeals within reach nobody has answered."""
    answered = sa.exists().where(AppealAnswer.appeal_id == Appeal.id)
    return db.session.scalars(sa.select(sa.func.count()).select_from(Appeal).where(~answered)).one()


def appealing(persons: Collection[int]) -> set[int]:
    """Those of these persons whose appeal nobody has answered yet: nothing is built on their results meanwhile."""
    answered = sa.exists().where(AppealAnswer.appeal_id == Appeal.id)
    query = sa.select(Appeal.person_id).where(Appeal.person_id.in_(list(persons)), ~answered)
    return set(db.session.scalars(query, execution_options=Everything))


def of_attempt(attempt: Attempt) -> list[Appeal]:
    """One candidate's appeals in one exam with their answers, newest first."""
    query = sa.select(Appeal).join(ExamScore, ExamScore.id == Appeal.score_id)
    query = query.where(ExamScore.attempt_id == attempt.id).options(orm.joinedload(Appeal.answer))
    return list(db.session.scalars(query.order_by(Appeal.id.desc())))


def until(score: ExamScore) -> datetime | None:
    """Until when a result can be appealed against; None where it never could."""
    released = regrades.released_at(score.run)
    days = score.attempt.exam.appeal_days
    return released + timedelta(days=days) if released is not None and days else None


def may_still(score: ExamScore) -> bool:
    """Whether the time to appeal is not over, by the database's clock."""
    end = until(score)
    return end is not None and now() <= end
