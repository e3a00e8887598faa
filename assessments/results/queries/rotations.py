"""Rotations as evidence: one mark for each, a new version when what was said of it was corrected."""

from typing import Final

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.results.models import Result
from courses.rotations.models import RotationEvaluation
from lms.db import Everything

#: What marks from rotations are called by their source.
SOURCE: Final = "rotation"


def word_that_holds(session: orm.Session, rotation_id: int) -> RotationEvaluation:
    """The newest evaluation of a rotation."""
    query = sa.select(RotationEvaluation).where(RotationEvaluation.rotation_id == rotation_id)
    newest = query.order_by(RotationEvaluation.version.desc()).limit(1)
    return session.scalars(newest, execution_options=Everything).one()


def recorded(session: orm.Session, rotation_id: int) -> bool:
    """Whether a rotation has become evidence already."""
    found = sa.exists().where(Result.source_kind == SOURCE, Result.source_id == str(rotation_id))
    return bool(session.scalar(sa.select(found), execution_options=Everything))
