"""Which post of a blueprint a station of a circuit fills."""

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.osce.models.circuits import CircuitCandidate, CircuitStation, circuits_examined_by
from assessments.stations.models import BlueprintVersion
from lms.db import InScope, Model


class CircuitPost(InScope, Model):
    """That a station stands in a circuit as this post of a blueprint."""

    __tablename__ = "circuit_post"
    __append_only__ = True
    __table_args__ = (
        sa.UniqueConstraint("circuit_station_id"),
        sa.UniqueConstraint("circuit_id", "code"),
        sa.CheckConstraint("minutes IS NULL OR minutes BETWEEN 1 AND 60", name="minutes_from_1_to_60"),
    )

    circuit_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("circuit.id"))
    circuit_station_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("circuit_station.id"))
    blueprint_version_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("blueprint_version.id"), index=True)
    #: the post's code in the blueprint
    code: orm.Mapped[str] = orm.mapped_column(sa.String(80))
    #: as the blueprint gives them; its marks are the weight of the station in its circuit
    minutes: orm.Mapped[int | None]

    station: orm.Mapped[CircuitStation] = orm.relationship()
    blueprint: orm.Mapped[BlueprintVersion] = orm.relationship()

    @classmethod
    def within_reach(cls, person_id: int) -> list[sa.ColumnElement[bool]]:
        """Posts of circuits in which the person examines now, or is a candidate."""
        sits = CircuitCandidate.__table__
        return [
            cls.circuit_id.in_(circuits_examined_by(person_id)),
            cls.circuit_id.in_(sa.select(sits.c.circuit_id).where(sits.c.person_id == person_id)),
        ]
