"""Cases and the questions under them."""

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from assessments.bank.models import Question, QuestionVersion, SharedStem, SharedStemVersion
from assessments.bank.queries.standing import latest_ids
from lms.db import db


def newest_of(case: SharedStem) -> SharedStemVersion:
    """What a case says now."""
    query = sa.select(SharedStemVersion).where(SharedStemVersion.shared_stem_id == case.id)
    return db.session.scalars(query.order_by(SharedStemVersion.version.desc()).limit(1)).one()


def members(said: SharedStemVersion) -> list[QuestionVersion]:
    """The newest versions of the questions that stand under this version of a case, in order."""
    query = (
        sa.select(QuestionVersion)
        .join(Question, Question.id == QuestionVersion.question_id)
        .where(QuestionVersion.id.in_(latest_ids()), QuestionVersion.shared_stem_version_id == said.id)
        .options(orm.contains_eager(QuestionVersion.question), orm.joinedload(QuestionVersion.technique))
        .order_by(QuestionVersion.series_place)
    )
    return list(db.session.scalars(query))


def listing() -> sa.Select[SharedStemVersion, int]:
    """What every case says now, and how many questions stand under it."""
    row = SharedStemVersion
    newest = sa.select(row.id).ext(pg.distinct_on(row.shared_stem_id)).order_by(row.shared_stem_id, row.version.desc())
    under = sa.select(sa.func.count()).where(
        QuestionVersion.shared_stem_version_id == row.id, QuestionVersion.id.in_(latest_ids())
    )
    query = sa.select(row, under.correlate(row).scalar_subquery()).join(SharedStem, SharedStem.id == row.shared_stem_id)
    query = query.where(row.id.in_(newest)).options(orm.contains_eager(row.shared_stem))
    return query.order_by(SharedStem.code)
