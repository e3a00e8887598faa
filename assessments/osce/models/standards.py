"""How the cuts of a circuit were set, over just the sheets it was closed with; another setting is another row."""

from decimal import Decimal
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from assessments.osce.models.circuits import Circuit, CircuitStation
from lms.db import InScope, Model, one_of, utc

_SHA256 = "octet_length({}) = 32"


class Method(StrEnum):
    """Ways to come to the cut of a station."""

    #: the regression line of percent on global rating, at the borderline rating
    BORDERLINE_REGRESSION = "borderline_regression"
    #: the same over this and earlier released sittings of the same version
    POOLED_REGRESSION = "pooled_regression"
    #: the mean of those whom the examiners rated borderline
    BORDERLINE_GROUP = "borderline_group"
    #: what judges expect of a borderline candidate, item by item
    ANGOFF = "angoff"
    #: a percent somebody answers for
    FIXED = "fixed"


class StationStandard(InScope, Model):
    """One setting of a station's cut, with everything it rests on; the highest version over the same sheets holds."""

    __tablename__ = "station_standard"
    __append_only__ = True
    __database_fills__ = ("made_at",)
    __table_args__ = (
        sa.UniqueConstraint("circuit_station_id", "version"),
        sa.CheckConstraint(one_of("method", Method), name="method_known"),
        sa.CheckConstraint("version >= 1", name="versions_from_1"),
        sa.CheckConstraint(_SHA256.format("closed_hash"), name="closed_hash_is_sha256"),
        sa.CheckConstraint("cut_percent > 0 AND cut_percent <= 100", name="cut_is_percent"),
        sa.CheckConstraint("reason <> ''", name="reason_given"),
        sa.CheckConstraint("jsonb_typeof(figures) = 'object'", name="figures_by_name"),
    )

    circuit_station_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("circuit_station.id"))
    version: orm.Mapped[int]
    #: over the sheets of the circuit when it was set; once sheets change, it no longer holds
    closed_hash: orm.Mapped[bytes]
    method: orm.Mapped[str] = orm.mapped_column(sa.String(30))
    #: what the method came to, numbers as words, with its warnings; of Angoff what every judge said
    figures: orm.Mapped[dict[str, Any]] = orm.mapped_column(pg.JSONB)
    cut_percent: orm.Mapped[Decimal] = orm.mapped_column(sa.Numeric(5, 2))
    reason: orm.Mapped[str]
    made_by_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    made_at: orm.Mapped[utc]

    station: orm.Mapped[CircuitStation] = orm.relationship()


class CircuitStandard(InScope, Model):
    """What is asked over all stations; it holds for these sheets and these station cuts."""

    __tablename__ = "circuit_standard"
    __append_only__ = True
    __database_fills__ = ("made_at",)
    __table_args__ = (
        sa.UniqueConstraint("circuit_id", "version"),
        sa.CheckConstraint("version >= 1", name="versions_from_1"),
        sa.CheckConstraint(_SHA256.format("closed_hash"), name="closed_hash_is_sha256"),
        sa.CheckConstraint(_SHA256.format("cuts_hash"), name="cuts_hash_is_sha256"),
        sa.CheckConstraint("exam_cut > 0 AND exam_cut <= 100", name="cut_is_percent"),
        sa.CheckConstraint("errors BETWEEN 0 AND 3", name="at_most_three_errors"),
        sa.CheckConstraint("errors = 0 OR standard_error IS NOT NULL", name="error_is_known"),
        sa.CheckConstraint("least_stations BETWEEN 0 AND 40", name="least_stations_from_0_to_40"),
        sa.CheckConstraint("reason <> ''", name="reason_given"),
        sa.CheckConstraint("jsonb_typeof(figures) = 'object'", name="figures_by_name"),
    )

    circuit_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("circuit.id"))
    version: orm.Mapped[int]
    closed_hash: orm.Mapped[bytes]
    #: over the station cuts it was worked out from; once one changes, it no longer holds
    cuts_hash: orm.Mapped[bytes]
    #: the weighed mean of the station cuts and so many errors of measurement; NULL: no percent over all stations
    exam_cut: orm.Mapped[Decimal | None] = orm.mapped_column(sa.Numeric(5, 2))
    errors: orm.Mapped[Decimal] = orm.mapped_column(sa.Numeric(4, 2), server_default="0")
    standard_error: orm.Mapped[Decimal | None] = orm.mapped_column(sa.Numeric(6, 3))
    least_stations: orm.Mapped[int] = orm.mapped_column(server_default="0")
    #: reliability, and what it would do: who passes
    figures: orm.Mapped[dict[str, Any]] = orm.mapped_column(pg.JSONB)
    reason: orm.Mapped[str]
    made_by_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    made_at: orm.Mapped[utc]

    circuit: orm.Mapped[Circuit] = orm.relationship()
