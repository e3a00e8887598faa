"""The picture of a candidate taken at check-in, kept for a few days so that an examiner knows whom they mark."""

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.osce.models.circuits import CircuitCandidate, circuits_examined_by
from lms.db import Model, Personal, utc


class CandidatePhoto(Personal, Model):
    """One small picture of one candidate, with consent; it goes with the release, and after a week at the latest."""

    __tablename__ = "candidate_photo"
    __table_args__ = (
        sa.UniqueConstraint("candidate_id"),
        sa.CheckConstraint("consent", name="only_with_consent"),
        sa.CheckConstraint("octet_length(data) BETWEEN 1 AND 65536", name="small"),
    )

    circuit_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("circuit.id"), index=True)
    candidate_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("circuit_candidate.id"))
    consent: orm.Mapped[bool]
    #: JPEG, drawn anew from what was sent
    data: orm.Mapped[bytes] = orm.mapped_column(deferred=True)
    taken_by_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    taken_at: orm.Mapped[utc]

    candidate: orm.Mapped[CircuitCandidate] = orm.relationship()

    @classmethod
    def within_reach(cls, person_id: int) -> list[sa.ColumnElement[bool]]:
        """One's own, and of the candidates whom one examines now."""
        return [cls.person_id == person_id, cls.circuit_id.in_(circuits_examined_by(person_id))]
