"""Circuits of a county with many candidates and examiners, and the wishes to draw their timetable by."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.osce.models import Circuit, CircuitCandidate, CircuitStation, Timetable
from assessments.osce.queries import circuits
from assessments.osce.rules.drawing import Post, Wishes
from assessments.osce.rules.rotation import Pace
from assessments.osce.rules.staffing import Judge
from assessments.osce.services import planning
from assessments.osce.services import timetable as services
from lms import clock
from lms.authz import Role
from lms.db import db
from lms.institutions.models import Institution
from lms.people.models import Category
from tests.factories.osce import Office, Round
from tests.factories.world import County, person

PACE = Pace(8 * 60, 20 * 60, 10, 2, 10, ((12 * 60, 13 * 60),))


@dataclass
class Day:
    """A planned circuit: ids of its stations, candidates and examiners, in order."""

    office: Office
    officer: int
    circuit: int
    stations: list[int]
    candidates: list[int]
    persons: list[int]
    examiners: list[int]

    def wishes(self, tracks: int = 1, **more: Any) -> Wishes:
        """What an officer would ask for; every examiner is chosen."""
        posts = {(track, at): Post(f"{track}-{at}") for track in range(1, tracks + 1) for at in self.stations}
        made = Wishes(tracks, posts, tuple(Judge(one) for one in self.examiners), pace=replace(PACE))
        return replace(made, **more)

    def generate(self, wishes: Wishes | None = None, **more: str) -> int:
        """Draw it; the id of the version."""
        with self.office.as_(self.officer) as actor:
            circuit = db.session.get_one(Circuit, self.circuit)
            return services.generate(actor, circuit, wishes=wishes or self.wishes(), **more).id

    def kept(self) -> list[Timetable]:
        """All versions, oldest first."""
        self.office.session.expire_all()
        query = sa.select(Timetable).where(Timetable.circuit_id == self.circuit).order_by(Timetable.number)
        return list(self.office.session.scalars(query))


def one(office: Office, officer: int, round_: Round, examiner: int) -> int:
    """The timetable of a circuit with one station and one examiner; the id of the version."""
    with office.as_(officer) as actor:
        circuit = db.session.get_one(Circuit, round_.circuit)
        wishes = Wishes(1, {(1, round_.station): Post("101")}, (Judge(examiner),), pace=replace(PACE, minutes=15))
        return services.generate(actor, circuit, wishes=wishes).id


def staffed(session: orm.Session, county: County, candidates: int, examiners: int) -> tuple[list[int], list[int]]:
    """New doctors of the county's township and mentors of its hospital."""
    doctors = [
        person(
            session,
            f"tt-{county.commission}-{number}",
            f"考生{number}",
            Category.GENERAL_PRACTITIONER,
            county.township,
            (Role.DOCTOR, county.township),
        )
        for number in range(1, candidates + 1)
    ]
    mentors = [
        person(
            session,
            f"tm-{county.commission}-{number}",
            f"考官{number}",
            Category.SPECIALIST,
            county.hospital,
            (Role.MENTOR, county.hospital),
        )
        for number in range(1, examiners + 1)
    ]
    session.commit()
    return doctors, mentors


def planned(
    office: Office,
    county: County,
    candidates: int = 6,
    stations: int = 3,
    examiners: int = 4,
    on_day: date | None = None,
) -> Day:
    """A circuit of tomorrow (or another day) with so many candidates, stations and examiners to choose from."""
    doctors, mentors = staffed(office.session, county, candidates, examiners)
    officer = county.people["exam_officer"]
    with office.as_(officer) as actor:
        versions = [row.id for row in circuits.newest_stations()][:stations]
        assert len(versions) == stations
        plan = planning.Plan("全科县级考核", "County exam", on_day or clock.today() + timedelta(days=1))
        place = db.session.get_one(Institution, county.commission)
        circuit = planning.create(actor, place, plan=plan, stations=versions)
        planning.add_candidates(actor, circuit, persons=doctors)
        number = circuit.id
    query = sa.select(CircuitStation.id).where(CircuitStation.circuit_id == number).order_by(CircuitStation.position)
    listed = sa.select(CircuitCandidate.id).where(CircuitCandidate.circuit_id == number)
    return Day(
        office,
        officer,
        number,
        list(office.session.scalars(query)),
        list(office.session.scalars(listed.order_by(CircuitCandidate.number))),
        doctors,
        mentors,
    )
