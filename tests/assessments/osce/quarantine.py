"""Sheets kept aside, as a tablet that was not trusted leaves them."""

from datetime import UTC
from typing import Any
from uuid import UUID

from sqlalchemy import orm

from assessments.osce.models import (
    CircuitStation,
    Sheet,
    SheetAside,
)
from lms.digests import digest


def content_of(session: orm.Session, sheet: Any) -> dict[str, Any]:
    """What a sheet says, as its hash is made over it."""
    row = session.get_one(Sheet, sheet)
    place = session.get_one(CircuitStation, row.circuit_station_id)
    return {
        "sheet": str(row.id),
        "station": row.circuit_station_id,
        "station_version": place.version.content_hash.hex(),
        "candidate": row.candidate_id,
        "examiner": row.examiner_id,
        "marks": dict(row.marks),
        "rating": row.rating,
        "comment": row.comment,
        "begun_at": row.begun_at.astimezone(UTC).isoformat(timespec="milliseconds"),
        "own_clock": row.own_clock,
        "supersedes": None,
        "reason": "",
    }


def quarantined(
    session: orm.Session, like: Any, content: dict[str, Any], examiner: int, why: str = "not_assigned"
) -> SheetAside:
    """A sheet that says this, kept aside beside one like it."""
    row = session.get_one(Sheet, like)
    return SheetAside(
        institution_id=row.institution_id,
        sheet_id=UUID(content["sheet"]),
        circuit_station_id=row.circuit_station_id,
        candidate_id=row.candidate_id,
        examiner_id=examiner,
        content=content,
        content_hash=digest(content),
        why=why,
    )
