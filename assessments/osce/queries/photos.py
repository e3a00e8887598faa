"""Pictures of candidates: of one, and of all whom an examiner will see."""

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.osce.models import CandidatePhoto, CircuitCandidate
from lms.db import db


def photo_of(candidate: CircuitCandidate) -> CandidatePhoto | None:
    """The picture of one candidate, if one was taken."""
    query = sa.select(CandidatePhoto).where(CandidatePhoto.candidate_id == candidate.id)
    return db.session.scalar(query.options(orm.undefer(CandidatePhoto.data)))


def photos_of(circuits: Iterable[int]) -> dict[int, bytes]:
    """The pictures of all candidates of some circuits, by candidate."""
    query = sa.select(CandidatePhoto.candidate_id, CandidatePhoto.data).where(
        CandidatePhoto.circuit_id.in_(list(circuits))
    )
    return {row[0]: row[1] for row in db.session.execute(query)}
