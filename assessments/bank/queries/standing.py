"""Where versions stand: the newest word about each, and the whole history of a question."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.bank.models import Question, QuestionStatus, QuestionVersion
from assessments.bank.rules.kinds import Use
from assessments.bank.rules.standing import Origin, Status
from lms.db import Everything, db
from lms.people.models import Person


def latest_ids() -> sa.Select[int]:
    """The newest version of every question, wherever it stands: what editors work on."""
    row, later = orm.aliased(QuestionVersion), orm.aliased(QuestionVersion)
    return sa.select(row.id).where(~_followed(row, later))


def _followed(row: Any, later: Any, *more: sa.ColumnElement[bool]) -> sa.Exists:
    """That a later version is there. Asked of each row by its index: a whole list of newest ones, looked through again
    for every row, is what the database makes of `DISTINCT ON` when it knows little of its tables."""
    return sa.exists().where(later.question_id == row.question_id, later.version > row.version, *more).correlate(row)


def status_of(version: Any) -> sa.ColumnElement[str]:
    """Where a version stands: the newest word about it, else what its origin says (see `rules.standing.first`)."""
    said = QuestionStatus.__table__.alias()
    newest = sa.select(said.c.status).where(said.c.question_version_id == version.id)
    newest = newest.order_by(said.c.id.desc()).limit(1)
    born = sa.case((version.origin == Origin.PACK, Status.READY.value), else_=Status.DRAFT.value)
    return sa.func.coalesce(newest.correlate(version).scalar_subquery(), born)


def was_ready(version: Any) -> sa.ColumnElement[bool]:
    """Whether a version was ever ready, so that older ones are not asked any more."""
    said = QuestionStatus.__table__.alias()
    ever = sa.exists().where(said.c.question_version_id == version.id, said.c.status == Status.READY.value)
    return sa.or_(version.origin == Origin.PACK, ever.correlate(version))


def usable_ids(use: Use | None = None) -> sa.Select[int]:
    """The version of every question (of one use) that may be asked: the newest ever ready, where it still is."""
    row, later = orm.aliased(QuestionVersion), orm.aliased(QuestionVersion)
    query = sa.select(row.id).join(Question, Question.id == row.question_id)
    if use is not None:
        query = query.where(Question.use == use)
    followed = _followed(row, later, was_ready(later))
    return query.where(~Question.retired, ~followed, status_of(row) == Status.READY)


def statuses(version_ids: Iterable[int]) -> dict[int, str]:
    """Where these versions stand."""
    query = sa.select(QuestionVersion.id, status_of(QuestionVersion)).where(QuestionVersion.id.in_(list(version_ids)))
    return dict(db.session.execute(query).all())


@dataclass(frozen=True)
class Word:
    """Somebody said of a version how far it has come."""

    version: int
    status: str
    note: str
    by_id: int
    name: str
    at: datetime


def history(question_id: int) -> list[Word]:
    """Everything that was said of a question's versions, newest first."""
    query = (
        sa.select(
            QuestionVersion.version,
            QuestionStatus.status,
            QuestionStatus.note,
            QuestionStatus.by_id,
            Person.name,
            QuestionStatus.at,
        )
        .join(QuestionVersion, QuestionVersion.id == QuestionStatus.question_version_id)
        .join(Person, Person.id == QuestionStatus.by_id)
        .where(QuestionVersion.question_id == question_id)
        .order_by(QuestionStatus.id.desc())
    )
    return [Word(*row) for row in db.session.execute(query, execution_options=Everything)]


def authors(question_id: int) -> dict[int, str]:
    """Who wrote the versions of a question, by the number of the version; a pack's are not there."""
    query = (
        sa.select(QuestionVersion.version, Person.name)
        .join(Person, Person.id == QuestionVersion.made_by_id)
        .where(QuestionVersion.question_id == question_id)
    )
    return dict(db.session.execute(query, execution_options=Everything).all())


def before_retired(version_id: int) -> str | None:
    """Where a version stood before it was retired; None if nothing was said before."""
    query = sa.select(QuestionStatus.status).where(
        QuestionStatus.question_version_id == version_id, QuestionStatus.status != Status.RETIRED
    )
    return db.session.scalar(query.order_by(QuestionStatus.id.desc()).limit(1))
