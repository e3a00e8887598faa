"""Circuits to work with: the stations of the content pack, and hands for everybody."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.osce.models import Circuit, CircuitCandidate, CircuitStation
from assessments.osce.queries import sheets as queries
from assessments.osce.queries import standards
from assessments.osce.services import deciding, marking, planning, releasing
from assessments.stations.models import StationVersion
from config import CHECKOUT
from lms import clock, ids
from lms.authz import Actor
from lms.content.formats import Pack, kinds, open_pack
from lms.db import act_as, db
from lms.institutions.models import Institution
from tests.conftest import As

FEATURES = ("lms.techniques", "assessments.stations", "assessments.practice")
#: The pack's blood-pressure station: the one that the tests mark.
OURS = StationVersion.station.has(code="bp-measurement-station")


def pack() -> Pack:
    """The default content pack, as far as stations and forms need it."""
    return open_pack(CHECKOUT / "content", kinds(FEATURES))


def load_content(app: Any) -> None:
    """Bring techniques, stations and evaluation forms into the database."""
    opened = pack()
    with app.app_context():
        act_as(db.session, Actor.job("test content"))
        for kind in kinds(FEATURES)[1:]:
            kind.load(opened, opened.files(kind.name))
        db.session.commit()


def marks_of(body: dict[str, Any], **changed: int) -> dict[str, int]:
    """Full marks on a station, with some items changed."""
    return {item["code"]: item["points"] for item in body["items"]} | {
        code.replace("_", "-"): points for code, points in changed.items()
    }


def sheet_for(body: dict[str, Any], rating: str = "pass", comment: str = "", **changed: int) -> dict[str, Any]:
    """What a tablet sends about one candidate."""
    return {
        "marks": marks_of(body, **changed),
        "rating": rating,
        "comment": comment,
        "begun_at": datetime(2026, 11, 22, 8, 30, tzinfo=UTC).isoformat(),
        "own_clock": False,
        "reason": "",
    }


@dataclass
class Round:
    """Ids of a circuit that runs; candidates in the order in which they were given."""

    circuit: int
    station: int
    candidates: list[int]


@dataclass
class Office:
    """Does with circuits what officers and examiners do."""

    as_: As
    session: orm.Session

    def body(self) -> dict[str, Any]:
        """What the station says."""
        return dict(self.session.scalars(sa.select(StationVersion.body).where(OURS)).one())

    def plan(self, officer: int, institution: int, on_day: date | None = None, title: str = "血压测量考核") -> int:
        """A planned circuit with the one station; its id."""
        with self.as_(officer) as actor:
            version = db.session.scalars(sa.select(StationVersion.id).where(OURS)).one()
            place = db.session.get_one(Institution, institution)
            plan = planning.Plan(title, "Blood-pressure station", on_day or clock.today())
            return planning.create(actor, place, plan=plan, stations=[version]).id

    def staff(self, officer: int, circuit: int, candidates: list[int], examiners: list[int]) -> Round:
        """Put candidates and examiners on it."""
        with self.as_(officer) as actor:
            row = db.session.get_one(Circuit, circuit)
            planning.add_candidates(actor, row, persons=candidates)
            station = db.session.scalars(sa.select(CircuitStation).where(CircuitStation.circuit_id == circuit)).one()
            planning.assign(actor, station, persons=examiners)
            place = station.id
        # The test's own session only after the officer's: each has a savepoint of its own on one connection.
        query = sa.select(CircuitCandidate.person_id, CircuitCandidate.id).where(CircuitCandidate.circuit_id == circuit)
        by_person = dict(self.session.execute(query).all())
        return Round(circuit, place, [by_person[person] for person in candidates])

    def numbers(self, circuit: int) -> list[int]:
        """Ids of the candidates in the order of their numbers."""
        query = sa.select(CircuitCandidate.id).where(CircuitCandidate.circuit_id == circuit)
        return list(self.session.scalars(query.order_by(CircuitCandidate.number)))

    def start(self, officer: int, circuit: int) -> None:
        """Open it for marking."""
        with self.as_(officer) as actor:
            planning.start(actor, db.session.get_one(Circuit, circuit))

    def running(self, officer: int, institution: int, candidates: list[int], examiners: list[int]) -> Round:
        """A circuit that runs today."""
        made = self.staff(officer, self.plan(officer, institution), candidates, examiners)
        self.start(officer, made.circuit)
        return made

    def submit(
        self,
        examiner: int,
        station: int,
        candidate: int,
        sent: dict[str, Any],
        *,
        sheet: UUID | None = None,
        supersedes: UUID | None = None,
    ) -> marking.Outcome:
        """Hand in one sheet."""
        with self.as_(examiner) as actor:
            place = db.session.get_one(CircuitStation, station)
            return marking.submit(
                actor, place, sheet=sheet or ids.uuid7(), candidate=candidate, sent=sent, supersedes=supersedes
            )

    def hash(self, officer: int, circuit: int) -> bytes:
        """Over all sheets, as the officer's page shows it."""
        with self.as_(officer):
            return queries.board(db.session.get_one(Circuit, circuit)).hash

    def close(self, officer: int, circuit: int, *, hashed: bytes | None = None, reason: str = "") -> None:
        """Freeze the sheets."""
        hashed = hashed or self.hash(officer, circuit)
        with self.as_(officer) as actor:
            deciding.close(actor, db.session.get_one(Circuit, circuit), content_hash=hashed, reason=reason)

    def reopen(self, officer: int, circuit: int, reason: str = "平板补传") -> None:
        """Let sheets come in again."""
        with self.as_(officer) as actor:
            deciding.reopen(actor, db.session.get_one(Circuit, circuit), reason=reason)

    def release(self, officer: int, circuit: int, *, hashed: bytes | None = None, standard: bytes | None = None) -> int:
        """Let them stand by the cuts in force."""
        hashed = hashed or self.hash(officer, circuit)
        with self.as_(officer) as actor:
            row = db.session.get_one(Circuit, circuit)
            standard = standard or standards.cuts_of(row).hash
            return releasing.release(actor, row, content_hash=hashed, standard=standard)
