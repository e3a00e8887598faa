"""Circuits that were made from a blueprint, and where a station's versions are used."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.osce.models import Circuit, CircuitPost, CircuitStation
from assessments.stations.models import BlueprintVersion, StationVersion
from assessments.stations.queries import Used
from lms.db import db


def posts_of(circuit: Circuit) -> dict[int, CircuitPost]:
    """The posts of a circuit by the station that fills each; nothing where it was not made from a blueprint."""
    query = sa.select(CircuitPost).where(CircuitPost.circuit_id == circuit.id)
    query = query.options(orm.joinedload(CircuitPost.blueprint).joinedload(BlueprintVersion.blueprint))
    return {post.circuit_station_id: post for post in db.session.scalars(query)}


def used(station_id: int) -> Sequence[Used]:
    """The circuits within reach in which any version of a station stands, newest first."""
    query = (
        sa.select(Circuit, StationVersion.version)
        .join(CircuitStation, CircuitStation.circuit_id == Circuit.id)
        .join(StationVersion, StationVersion.id == CircuitStation.station_version_id)
        .where(StationVersion.station_id == station_id)
        .order_by(Circuit.on_day.desc(), Circuit.id.desc())
        .limit(100)
    )
    return [
        Used(version, circuit.title, circuit.title_en, circuit.on_day, "osce.circuit", {"id": circuit.id})
        for circuit, version in db.session.execute(query)
    ]
