"""Stations for simulated tablets: a circuit for each schedule, two examiners and an officer who are signed in."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import orm

from assessments.osce.models import Circuit, CircuitCandidate, CircuitStation, ExaminerAssignment, State, Tablet
from assessments.osce.services import tablets
from assessments.osce.services.planning import EXAMINER_DAYS
from assessments.stations.models import Station, StationVersion
from lms import clock, ids
from lms.authz import Role
from lms.digests import digest
from lms.people.models import Category, SignIn
from lms.people.queries import hash_of
from lms.techniques.models import Technique
from tests import databases
from tests.factories import world
from tests.factories.halls import Hall

CANDIDATES = ("doctor", "second_doctor", "village_doctor")
#: Two examiners, three tablets at most; each has a code, should it be one that is enrolled.
EXAMINERS, TABLETS = 2, 3


def _item(code: str, *, critical: bool = False) -> dict[str, Any]:
    return {"code": code, "text": code, "points": 2, "critical": critical, "key": False, "steps": [0, 1, 2]}


ITEMS = [_item("greet"), _item("wash", critical=True) | {"steps": [0, 2]}, _item("measure"), _item("tell")]
LEVELS = [("fail", False), ("borderline", True), ("pass", False)]
BODY: dict[str, Any] = {
    "title": {"zh": "模拟站", "en": "Simulated station"},
    "technique": "simulated",
    "minutes": 8,
    "candidate": "…",
    "examiner": "…",
    "patient": "",
    "equipment": [],
    "items": ITEMS,
    "key_rule": None,
    "pass_percent": "60",
    "levels": [{"code": code, "title": {"zh": code, "en": code}, "borderline": line} for code, line in LEVELS],
}
#: What an examiner may think of a candidate: the first two differ in a mark, the first and the last in the rating.
OPINIONS = [
    {"marks": {"greet": 2, "wash": 2, "measure": 2, "tell": 2}, "rating": "pass"},
    {"marks": {"greet": 1, "wash": 2, "measure": 2, "tell": 2}, "rating": "pass"},
    {"marks": {"greet": 2, "wash": 2, "measure": 2, "tell": 2}, "rating": "borderline"},
]


@dataclass
class Grounds:
    """Makes circuits on a live database, and ends them."""

    live: databases.Live
    officer: str = field(init=False)
    version: int = field(init=False)
    _hall: Hall = field(init=False)

    def __post_init__(self) -> None:
        self._hall = Hall(self.live)
        self.officer = self._hall.sign_in(self.live.world.a.exam_officer)
        with self._hall.session() as session:
            self.version = _version(session)
            session.commit()

    def common(self) -> dict[str, Any]:
        """What all schedules share: where the server is, the officer, what examiners think."""
        return {"address": self.live.address, "officer": self.officer, "opinions": OPINIONS}

    def make(self, number: int) -> list[dict[str, Any]]:
        """So many circuits that run today, each with examiners of its own who have just signed in."""
        with self._hall.session() as session:
            made = [self._circuit(session) for _ in range(number)]
            session.commit()
        return made

    def _examiner(self, session: orm.Session) -> dict[str, Any]:
        place, token = self.live.world.a.hospital, ids.token()
        account = ids.public_id()
        person = world.person(session, account, account, Category.SPECIALIST, place, (Role.MENTOR, place))
        # A tablet is prepared only just after signing in: that holds until all circuits of a batch are through.
        at = clock.now() + timedelta(hours=1)
        session.add(SignIn(person_id=person, institution_id=place, token_hash=hash_of(token), created_at=at))
        return {"id": person, "token": token}

    def _codes(self, session: orm.Session) -> list[str]:
        county = self.live.world.a
        rows = [
            Tablet(institution_id=county.commission, label=str(n), enrolled_by_id=county.exam_officer)
            for n in range(TABLETS)
        ]
        for row in rows:
            tablets._give_code(row)
        session.add_all(rows)
        return [str(row.code) for row in rows]

    def _circuit(self, session: orm.Session) -> dict[str, Any]:
        county, today = self.live.world.a, clock.today()
        officer = county.exam_officer
        circuit = Circuit(
            institution_id=county.commission, title="模拟", on_day=today, state=State.RUNNING, made_by_id=officer
        )
        session.add(circuit)
        session.flush()
        common = {"institution_id": county.commission, "circuit_id": circuit.id}
        place = CircuitStation(**common, position=1, station_version_id=self.version)
        sits = [
            CircuitCandidate(**common, person_id=county.people[name], number=n, name=name, added_by_id=officer)
            for n, name in enumerate(CANDIDATES, 1)
        ]
        session.add_all([place, *sits])
        session.flush()
        span = {"begins_on": today, "ends_on": today + timedelta(days=EXAMINER_DAYS), "assigned_by_id": officer}
        own = {"institution_id": county.commission, "circuit_station_id": place.id} | span
        examiners = [self._examiner(session) for _ in range(EXAMINERS)]
        session.add_all(ExaminerAssignment(**own, examiner_id=one["id"], name="x") for one in examiners)
        codes = self._codes(session)
        session.flush()
        candidates = [{"id": one.id, "number": one.number} for one in sits]
        ids_of = {"circuit": circuit.id, "station": place.id}
        return ids_of | {"candidates": candidates, "examiners": examiners, "codes": codes}

    def close(self) -> None:
        """Let go of the database."""
        self._hall.close()


def _version(session: orm.Session) -> int:
    sources: list[dict[str, str]] = []
    technique = Technique(
        code="simulated",
        title="模拟",
        title_en="Simulated",
        kind="procedure",
        core=False,
        categories=["general_practitioner"],
        summary="…",
        standard="…",
        sources=sources,
    )
    session.add(technique)
    session.flush()
    station = Station(code="simulated-station", title="模拟站", title_en="Simulated", technique_id=technique.id)
    session.add(station)
    session.flush()
    version = StationVersion(station_id=station.id, version=1, body=BODY, sources=sources, content_hash=digest(BODY))
    session.add(version)
    session.flush()
    return version.id
