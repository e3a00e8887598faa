"""The works that questions rest on, and what rests on each: what to look at when a guideline changes."""

from dataclasses import dataclass

import sqlalchemy as sa

from assessments.bank.models import Question, QuestionVersion
from assessments.bank.queries.standing import latest_ids, status_of
from assessments.bank.rules.standing import Status
from lms.db import db


@dataclass(frozen=True)
class Cited:
    """One work, how many questions rest on it, and how many of these are reviewed or ready."""

    code: str
    title: str
    year: str
    where: str
    questions: int
    in_use: int


def cited(code: str = "") -> list[Cited]:
    """Every work that a question in use rests on in its newest version, by its title; or only this one."""
    source = QuestionVersion.source
    name = source["code"].astext
    standing = status_of(QuestionVersion)
    used = sa.func.count().filter(standing.in_((Status.REVIEWED, Status.READY)))
    title, year, where = (sa.func.max(source[part].astext) for part in ("title", "year", "where"))
    query = sa.select(name, title, year, where, sa.func.count(), used).join(
        Question, Question.id == QuestionVersion.question_id
    )
    query = query.where(QuestionVersion.id.in_(latest_ids()), ~Question.retired).group_by(name)
    if code:
        query = query.where(name == code)
    return sorted((Cited(*row) for row in db.session.execute(query)), key=lambda one: (one.title, one.code))


def one_cited(code: str) -> Cited | None:
    """One work that questions rest on."""
    return next(iter(cited(code)), None)
