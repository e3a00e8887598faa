"""A circuit that runs on a live database, put there by its owner, and an examiner who can sign in."""

from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.osce.models import Circuit, CircuitCandidate, CircuitStation, ExaminerAssignment, Sheet, State
from assessments.osce.services.planning import EXAMINER_DAYS
from assessments.stations.models import StationVersion
from lms import clock, passwords
from lms.authz import Actor
from lms.db import act_as
from lms.people.models import Person
from tests.databases import Live
from tests.factories.osce import OURS

PASSWORD = "瑞雪兆丰年 2026"


@dataclass
class Station:
    """Where an examiner marks, and under which account."""

    live: Live
    circuit: int
    station: int
    account: str

    @property
    def address(self) -> str:
        """The station's page."""
        return f"{self.live.address}/osce/stations/{self.station}"

    def sheets(self) -> list[tuple[int, int, str, str]]:
        """What the centre holds: candidate's number, version, rating, comment; by number."""
        query = (
            sa.select(CircuitCandidate.number, Sheet.version, Sheet.rating, Sheet.comment)
            .join(Sheet, Sheet.candidate_id == CircuitCandidate.id)
            .order_by(CircuitCandidate.number, Sheet.version)
        )
        engine = self.live.engine()
        with engine.connect() as connection:
            return [tuple(row) for row in connection.execute(query)]  # type: ignore[misc]


def give_password(session: orm.Session, person: int) -> str:
    """Let a person sign in; their account."""
    row = session.get_one(Person, person)
    row.password_hash = passwords.protect(PASSWORD)
    return row.account


def station_with(live: Live, candidates: int = 3) -> Station:
    """The content pack's station, running today, with as many candidates and one examiner of county A."""
    live.flask("content", "load", "content")
    county, today = live.world.a, clock.today()
    with orm.Session(live.engine()) as session:
        act_as(session, Actor.job("test"))
        circuit = Circuit(
            institution_id=county.commission,
            title="秋季基层技能考核",
            title_en="Autumn practical exam",
            on_day=today,
            state=State.RUNNING,
            made_by_id=county.exam_officer,
        )
        session.add(circuit)
        session.flush()
        common = {"institution_id": county.commission, "circuit_id": circuit.id}
        version = session.scalars(sa.select(StationVersion.id).where(OURS)).one()
        place = CircuitStation(**common, position=1, station_version_id=version, room="302")
        session.add(place)
        session.flush()
        people = [county.doctor, county.second_doctor, county.village_doctor, county.manager, county.editor]
        names = ["王小明", "李小红", "赵大山", "孙志强", "郑雪"]
        session.add_all(
            CircuitCandidate(**common, person_id=person, number=number, name=name, added_by_id=county.exam_officer)
            for number, (person, name) in enumerate(zip(people[:candidates], names, strict=False), 1)
        )
        session.add(
            ExaminerAssignment(
                institution_id=county.commission,
                circuit_station_id=place.id,
                examiner_id=county.examiner,
                name="陈建国",
                begins_on=today,
                ends_on=today + timedelta(days=EXAMINER_DAYS),
                assigned_by_id=county.exam_officer,
            )
        )
        account = give_password(session, county.examiner)
        made = Station(live, circuit.id, place.id, account)
        session.commit()
    return made


def second_examiner(station: Station) -> str:
    """Another examiner at the same station; the account."""
    county, today = station.live.world.a, clock.today()
    with orm.Session(station.live.engine()) as session:
        act_as(session, Actor.job("test"))
        session.add(
            ExaminerAssignment(
                institution_id=county.commission,
                circuit_station_id=station.station,
                examiner_id=county.second_examiner,
                name="周敏",
                begins_on=today,
                ends_on=today + timedelta(days=EXAMINER_DAYS),
                assigned_by_id=county.exam_officer,
            )
        )
        account = give_password(session, county.second_examiner)
        session.commit()
    return account
