"""The content pack's stations, and hands that write and approve them."""

import copy
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import orm

from assessments.stations import queries, services
from assessments.stations.models import StationStatus, StationVersion
from lms.authz import only
from tests.conftest import As
from tests.factories import osce as made

BP = "bp-measurement-station"


def entry_of(body: dict[str, Any], sources: list[str]) -> dict[str, Any]:
    """A version's body as an editor's form or a file of a pack would say it again."""
    levels = [{**level, "order": at} for at, level in enumerate(body["levels"], 1)]
    kept = {name: copy.deepcopy(body[name]) for name in body if name != "levels"}
    return {**kept, "rating": {"levels": copy.deepcopy(levels)}, "sources": sources, "code": "kept"}


@dataclass
class Desk:
    """Does with stations what editors and officers do."""

    as_: As
    session: orm.Session

    def version(self, code: str = BP, number: int | None = None) -> StationVersion:
        """A version of a station, the newest where no number is said."""
        self.session.expire_all()
        query = sa.select(StationVersion).where(StationVersion.station.has(code=code))
        query = query.where(StationVersion.version == number) if number else query
        return self.session.scalars(query.order_by(StationVersion.version.desc()).limit(1)).one()

    def entry(self, code: str = BP, **changed: Any) -> dict[str, Any]:
        """What the newest version says, with something changed."""
        newest = self.version(code)
        return entry_of(newest.body, [work["code"] for work in newest.sources]) | changed

    def revise(self, who: int, entry: dict[str, Any], *, code: str = BP, base: int | None = None) -> int:
        """Write the next version; its number."""
        base = base or self.version(code).version
        with self.as_(who) as actor:
            station = only(queries.newest(code)).station
            return services.revise(actor, station, base=base, entry=entry).version

    def say(self, who: int, verb: Any, number: int, *, code: str = BP, note: str = "看过了") -> None:
        """Approve, give back or withdraw a version."""
        with self.as_(who) as actor:
            verb(actor, only(queries.version_at(code, number)), note=note)

    def offered(self, code: str = BP) -> int | None:
        """The number of the version that circuits take."""
        versions = self.session.scalars(queries.newest_approved())
        return next((one.version for one in versions if one.station.code == code), None)

    def counts(self) -> tuple[int, int]:
        """How many versions and words about them are there."""
        tables = (StationVersion, StationStatus)
        versions, words = (self.session.scalars(sa.select(sa.func.count()).select_from(one)).one() for one in tables)
        return versions, words


@pytest.fixture
def desk(app: Flask, as_: As, session: orm.Session) -> Desk:
    """The stations of the content pack, and hands for everybody."""
    made.load_content(app)
    return Desk(as_, session)
