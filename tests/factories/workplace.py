"""Workplace assessment as tests need it: a form, a year's requirement, doctors who ask and assessors who watch."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import Flask
from sqlalchemy import orm

from assessments.results.models import Result
from assessments.stations.models import Station, StationVersion
from assessments.workplace import services
from assessments.workplace.models import (
    WorkplaceAssessment,
    WorkplaceRequest,
    WorkplaceRequirement,
    WorkplaceRequirementVersion,
)
from assessments.workplace.queries import people
from assessments.workplace.services.requesting import Wish
from courses.mentoring.models import Pairing
from lms import clock, ids
from lms.db import db
from lms.digests import digest
from lms.events import OutboxEvent, deliver
from lms.people.models import Person
from lms.techniques.models import Technique
from tests.conftest import As
from tests.factories.mentoring import techniques

LEVELS = [
    {"code": f"level-{n}", "title": {"zh": f"{n} 级", "en": f"Level {n}"}, "borderline": n == 3} for n in range(1, 6)
]


def body(**changed: Any) -> dict[str, Any]:
    """What a form says: three domains that may stay unseen, one critical that may not."""
    seen = {"critical": False, "key": False, "points": 2, "steps": [0, 1, 2], "optional": True}
    items = [
        seen | {"code": code, "text": text} for code, text in (("ask", "问诊"), ("examine", "查体"), ("judge", "判断"))
    ]
    items.append({"code": "safe", "text": "查对", "critical": True, "key": False, "points": 2, "steps": [0, 2]})
    made = {
        "title": {"zh": "迷你演练", "en": "Mini-CEX"},
        "technique": None,
        "minutes": 15,
        "candidate": "…",
        "examiner": "看 15 分钟，谈 10 分钟。",
        "patient": "",
        "equipment": [],
        "items": items,
        "key_rule": None,
        "pass_percent": "50",
        "levels": LEVELS,
    }
    return made | changed


def form(session: orm.Session, code: str = "mini", kind: str = "mini_cex", **changed: Any) -> int:
    """A form in use; the id of its version."""
    words = body(**changed)
    station = Station(code=code, kind=kind, title="迷你演练", title_en="Mini-CEX")
    session.add(station)
    session.flush()
    hashed = digest(words)
    version = StationVersion(station_id=station.id, version=1, body=words, sources=[], content_hash=hashed)
    session.add(version)
    session.flush()
    return version.id


def requirement(session: orm.Session, technique: str, category: str = "general_practitioner") -> None:
    """Four a year by three assessors: two of one technique, one of any."""
    row = WorkplaceRequirement(code=f"r-{category}", category=category, title="要求", title_en="Requirement")
    session.add(row)
    session.flush()
    wanted = [
        {"form": "mini_cex", "technique": technique, "times": 2},
        {"form": "mini_cex", "technique": None, "times": 1},
    ]
    words = {"total": 4, "assessors": 3, "wanted": wanted}
    session.add(
        WorkplaceRequirementVersion(
            requirement_id=row.id, version=1, body=words, sources=[], content_hash=digest(words)
        )
    )
    session.flush()


def filled(version: int, **changed: Any) -> dict[str, Any]:
    """What a page sends."""
    said: dict[str, Any] = {
        "form": version,
        "marks": {"ask": 1, "examine": 2, "judge": None, "safe": 2},
        "rating": "level-3",
        "comment": "",
        "begun_at": "2026-11-20T08:30:00+00:00",
        "own_clock": False,
        "observed_on": clock.today().isoformat(),
        "setting": "outpatient",
        "difficulty": "average",
        "about": "老年男性，血压高",
        "good": "问诊有条理",
        "improve": "查体前先告知",
        "action": "下周再看一例，先说清楚再查",
        "observe_minutes": 15,
        "feedback_minutes": 10,
        "reason": "",
    }
    return said | changed


class Clinic:
    """Doctors of county A at work, and those who watch them."""

    def __init__(self, app: Flask, as_: As, session: orm.Session) -> None:
        self.app, self.as_, self.session = app, as_, session
        self.techniques = techniques(session, 3)
        self.version = form(session)
        self.station = session.get_one(StationVersion, self.version).station_id
        code = session.get_one(Technique, self.techniques[0]).code
        requirement(session, code)
        session.commit()

    def ask(self, doctor: int, assessor: int, **changed: Any) -> int:
        """A doctor asks; the request's id."""
        self.session.commit()
        said: dict[str, Any] = {
            "form": self.station,
            "technique": self.techniques[0],
            "assessor": assessor,
            "on_day": clock.today(),
        }
        with self.as_(doctor) as actor:
            me = db.session.get_one(Person, doctor)
            return services.request(actor, me, wish=Wish(**said | changed)).id

    def turn(self, who: int, request: int, verb: Any, **details: Any) -> None:
        """What somebody makes of a request."""
        self.session.commit()
        with self.as_(who) as actor:
            verb(actor, db.session.get_one(WorkplaceRequest, request), **details)

    def answer_request(self, who: int, request: int, *, sheet: UUID | None = None, **changed: Any) -> UUID:
        """An assessor hands in what was asked for; the assessment's id."""
        self.session.commit()
        with self.as_(who) as actor:
            row = db.session.get_one(WorkplaceRequest, request)
            return services.assess(actor, row, sheet=sheet or ids.uuid7(), sent=filled(self.version, **changed)).id

    def watch(self, who: int, doctor: int, *, sheet: UUID | None = None, **changed: Any) -> UUID:
        """An assessor begins on the spot; the assessment's id."""
        self.session.commit()
        with self.as_(who) as actor:
            row = people.watched(doctor)
            assert row is not None, "out of reach"
            sent = filled(self.version, technique=self.techniques[0]) | changed
            return services.assess(actor, row, sheet=sheet or ids.uuid7(), sent=sent).id

    def say(self, who: int, assessment: UUID, verb: Any, **details: Any) -> Any:
        """A verb on one assessment."""
        self.session.commit()
        with self.as_(who) as actor:
            made = verb(actor, db.session.get_one(WorkplaceAssessment, assessment), **details)
            return made.id if isinstance(made, WorkplaceAssessment) else made

    def pair(self, doctor: int, mentor: int, *, begins: date | None = None) -> int:
        """The two are mentor and apprentice, whatever county they are of."""
        begins = begins or clock.today() - timedelta(days=60)
        home = {row.id: row for row in self.session.scalars(sa.select(Person).where(Person.id.in_([doctor, mentor])))}
        row = Pairing(
            person_id=doctor,
            institution_id=home[doctor].institution_id,
            mentor_id=mentor,
            mentor_institution_id=home[mentor].institution_id,
            apprentice_name=home[doctor].name,
            mentor_name=home[mentor].name,
            agreed_from=begins,
            agreed_until=begins + timedelta(days=730),
            apprentice_agreed_at=clock.now(),
            mentor_agreed_at=clock.now(),
        )
        self.session.add(row)
        self.session.commit()
        return row.id

    def deliver(self) -> None:
        """Everybody hears of what was handed in."""
        self.session.commit()
        told = self.session.scalars(
            sa.select(OutboxEvent.id).where(OutboxEvent.kind == "WorkplaceAssessed").order_by(OutboxEvent.at)
        ).all()
        for event in told:
            with self.app.app_context():
                deliver(event, "results.record_workplace_assessment")

    def results(self) -> list[Result]:
        """What stands in the table of evidence, in order."""
        self.session.expire_all()
        return list(self.session.scalars(sa.select(Result).order_by(Result.id)))

    def rows(self) -> list[WorkplaceAssessment]:
        """Every version of every assessment, in order."""
        self.session.expire_all()
        query = sa.select(WorkplaceAssessment).order_by(WorkplaceAssessment.submitted_at, WorkplaceAssessment.version)
        return list(self.session.scalars(query))

    def many(self, doctor: int, assessor: int, count: int, **changed: Any) -> None:
        """So many assessments as rows of their own, quickly."""
        person, who = self.session.get_one(Person, doctor), self.session.get_one(Person, assessor)
        for _number in range(count):
            sheet = ids.uuid7()
            said: dict[str, Any] = {
                "technique_id": self.techniques[0],
                "observed_on": clock.today(),
                "marks": {"ask": 1, "examine": 2, "safe": 2},
                "level": 3,
            }
            self.session.add(
                WorkplaceAssessment(
                    id=sheet,
                    encounter_id=sheet,
                    version=1,
                    person_id=doctor,
                    institution_id=person.institution_id,
                    doctor_name=person.name,
                    assessor_id=assessor,
                    assessor_name=who.name,
                    assessor_institution_id=who.institution_id,
                    station_version_id=self.version,
                    kind="mini_cex",
                    setting="outpatient",
                    difficulty="average",
                    rating="level-3",
                    good="好",
                    improve="改",
                    action="做",
                    observe_minutes=10,
                    feedback_minutes=5,
                    percent=80,
                    critical=False,
                    rules=1,
                    begun_at=clock.now(),
                    own_clock=False,
                    content_hash=b"\0" * 32,
                    **said | changed,
                )
            )
        self.session.commit()
