"""A circuit of several short stations on a live database, and a tablet that waits for its code."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.osce.models import (
    Circuit,
    CircuitCandidate,
    CircuitStation,
    ExaminerAssignment,
    Sheet,
    SheetAside,
    State,
    Tablet,
)
from assessments.stations.models import Station, StationVersion
from lms import clock, vault
from lms.authz import Actor
from lms.db import act_as
from lms.digests import digest
from lms.people.models import Person
from tests.databases import Live
from tests.factories.osce import OURS
from tests.factories.osce_live import give_password

CODE = "ABCD2345"
ITEMS = 4


@dataclass
class Day:
    """A circuit that runs today, its stations, and who examines."""

    live: Live
    circuit: int
    stations: list[int]
    candidates: list[int]
    tablet: int
    first: str
    second: str

    @property
    def address(self) -> str:
        """The tablet's page."""
        return f"{self.live.address}/osce/tablet/"

    def counted(self) -> Counter[tuple[int, int]]:
        """How many sheets count, by station and candidate."""
        query = sa.select(Sheet.circuit_station_id, Sheet.candidate_id).where(Sheet.tablet_id == self.tablet)
        with self.live.engine().connect() as connection:
            return Counter((row[0], row[1]) for row in connection.execute(query))

    def asides(self) -> list[tuple[str, str]]:
        """Why sheets were kept aside, with their comments."""
        with self.live.engine().connect() as connection:
            rows = connection.execute(sa.select(SheetAside.why, SheetAside.content)).all()
        return [(why, content["comment"]) for why, content in rows]

    def revoke(self) -> None:
        """As an officer does."""
        with self.live.engine().begin() as connection:
            officer = self.live.world.a.exam_officer
            values = {"revoked_at": clock.now(), "revoked_by_id": officer, "revoked_why": "丢失"}
            connection.execute(sa.update(Tablet).where(Tablet.id == self.tablet).values(**values))


def day_with(live: Live, stations: int = 3, candidates: int = 10) -> Day:
    """Short stations made of the pack's first items; two examiners at each; a tablet with a code."""
    live.flask("content", "load", "content")
    county, today = live.world.a, clock.today()
    with orm.Session(live.engine()) as session:
        act_as(session, Actor.job("test"))
        circuit = Circuit(
            institution_id=county.commission,
            title="秋季基层技能考核",
            on_day=today,
            state=State.RUNNING,
            made_by_id=county.exam_officer,
        )
        session.add(circuit)
        session.flush()
        common = {"institution_id": county.commission, "circuit_id": circuit.id}
        places = [_place(session, common, position) for position in range(1, stations + 1)]
        rows = [_candidate(session, live, common, number) for number in range(1, candidates + 1)]
        for place in places:
            for person, name in ((county.examiner, "陈建国"), (county.second_examiner, "周敏")):
                session.add(_assignment(county, place, person, name))
        tablet = Tablet(
            institution_id=county.commission,
            label="一号平板",
            enrolled_by_id=county.exam_officer,
            code=CODE,
            code_hash=vault.current().blind_index(f"tablet code {CODE}"),
            code_until=clock.now() + timedelta(minutes=30),
        )
        session.add(tablet)
        session.flush()
        accounts = [give_password(session, person) for person in (county.examiner, county.second_examiner)]
        made = Day(live, circuit.id, places, rows, tablet.id, *accounts)
        session.commit()
    return made


def _place(session: orm.Session, common: dict[str, Any], position: int) -> int:
    origin = session.scalars(sa.select(StationVersion).where(OURS)).one()
    body = origin.body | {"items": origin.body["items"][:ITEMS], "key_rule": None, "minutes": 8}
    station = Station(
        code=f"short-{position}",
        title=f"短考站{position}",
        title_en=f"Short station {position}",
        technique_id=origin.station.technique_id,
    )
    session.add(station)
    session.flush()
    version = StationVersion(
        station_id=station.id, version=1, body=body, sources=origin.sources, content_hash=digest([body, position])
    )
    session.add(version)
    session.flush()
    place = CircuitStation(**common, position=position, station_version_id=version.id, room=f"30{position}")
    session.add(place)
    session.flush()
    return place.id


def _candidate(session: orm.Session, live: Live, common: dict[str, Any], number: int) -> int:
    county = live.world.a
    named = {"account": f"candidate-{number}", "name": f"考生{number}"}
    person = Person(**named, category="nurse", institution_id=county.township)
    session.add(person)
    session.flush()
    row = CircuitCandidate(
        **common, person_id=person.id, number=number, name=person.name, added_by_id=county.exam_officer
    )
    session.add(row)
    session.flush()
    return row.id


def _assignment(county: Any, place: int, person: int, name: str) -> ExaminerAssignment:
    return ExaminerAssignment(
        institution_id=county.commission,
        circuit_station_id=place,
        examiner_id=person,
        name=name,
        begins_on=clock.today(),
        ends_on=clock.today() + timedelta(days=30),
        assigned_by_id=county.exam_officer,
    )
