"""A past for many people at once, by a seed: hours, marks, stars, courses, standings, flags. Nothing in it is real."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.certification.models import PolicyVersion, StarDecision
from assessments.results.models import Result
from assessments.stall.models import Flag, FlagAnswer
from courses.curricula.models import Course, CourseTechnique, CourseVersion
from courses.enrolment.models import CourseCompletion, Enrolment
from courses.hours.models import HoursEntry
from lms import clock, ids
from lms.db import Model
from lms.ledger.services import Statement, append_many
from lms.people.models import Person
from lms.techniques.models import Standing, Technique

HASH = b"x" * 32
DAYS = 760
_DOCTORS = ("general_practitioner", "village_doctor", "nurse")
_CATEGORIES = (*_DOCTORS, *_DOCTORS[:2], "specialist")
_ANSWERS = ("accepted", "not_a_problem", "handled")
Row = dict[str, Any]


@dataclass
class Past:
    """Rows on their way into the tables, drawn from one seed."""

    session: orm.Session
    seed: int
    today: date
    #: whether the tables' owner writes, who may choose when a course was completed
    owner: bool = False
    draw: random.Random = field(init=False)
    techniques: list[int] = field(init=False)
    versions: list[tuple[int, int]] = field(init=False)
    people: list[tuple[int, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.draw = random.Random(self.seed)
        self.techniques = list(self.session.scalars(sa.select(Technique.id).order_by(Technique.id)))

    def put(self, model: type[Model], rows: Sequence[Row]) -> list[int]:
        """All rows of one table in few statements; their ids in order."""
        if not rows:
            return []
        if model in (HoursEntry, StarDecision, CourseCompletion, FlagAnswer):
            self.session.execute(sa.insert(model), list(rows))
            return []
        made = sa.insert(model).returning(model.id, sort_by_parameter_order=True)
        return list(self.session.scalars(made, list(rows)))

    def day(self, latest: int = 0) -> date:
        """Some day of the last two years."""
        return self.today - timedelta(days=self.draw.randint(latest, DAYS))

    def who(self, at: int = 0) -> Row:
        """The columns that say about whom a row is."""
        person, institution = self.people[at]
        return {"person_id": person, "institution_id": institution}


def make(session: orm.Session, places: Sequence[int], people: int, seed: int = 1, *, owner: bool = False) -> Past:
    """So many people with a past, spread over these institutions; the caller commits."""
    past = Past(session, seed, clock.today(), owner)
    _catalogue(past)
    _people(past, places, people)
    _hours(past)
    _results(past)
    _stars(past)
    _courses(past)
    _standings(past)
    _flags(past)
    session.flush()
    return past


def _catalogue(past: Past) -> None:
    if not past.techniques:
        rows = [
            {
                "code": f"past-{n:02}",
                "title": f"技术 {n}",
                "title_en": f"Technique {n}",
                "kind": ("emergency", "procedure", "knowledge")[n % 3],
                "core": n % 2 == 0,
                "categories": ["general_practitioner"],
                "summary": "",
                "standard": "",
                "sources": [],
            }
            for n in range(6)
        ]
        past.techniques = past.put(Technique, rows)
    courses = past.put(Course, [{"code": f"past-{past.seed}-{n}"} for n in range(4)])
    versions = [
        {
            "course_id": course,
            "number": 1,
            "digest": HASH,
            "title": "课程",
            "title_en": "Course",
            "summary": "",
            "categories": [],
            "hours_kind": "theory",
            "prerequisites": [],
            "sources": [],
        }
        for course in courses
    ]
    past.versions = list(zip(past.put(CourseVersion, versions), courses, strict=True))
    teaches = [
        {"version_id": version, "technique_id": technique}
        for at, (version, _) in enumerate(past.versions)
        for technique in past.techniques[at % 2 :: 2][:4]
    ]
    past.put(CourseTechnique, teaches)


def _people(past: Past, places: Sequence[int], many: int) -> None:
    rows = [
        {
            "account": f"past-{past.seed}-{n}",
            "name": "演示医师",
            "sort_key": f"past {n:05}",
            "category": past.draw.choice(_CATEGORIES),
            "institution_id": past.draw.choice(places),
            "active": past.draw.random() < 0.95,
            "ledger_subject": ids.uuid7(),
        }
        for n in range(many)
    ]
    made = past.put(Person, rows)
    past.people = [(one, row["institution_id"]) for one, row in zip(made, rows, strict=True)]


def _hours(past: Past) -> None:
    rows = []
    for at in range(len(past.people)):
        for n in range(past.draw.choice((0, 4, 12, 30))):
            kind = past.draw.choice(("theory", "theory", "simulation", "practice"))
            row = past.who(at) | {"kind": kind, "minutes": past.draw.randint(20, 300), "on_day": past.day()}
            confirmed = past.people[at - 1][0] if kind != "theory" else None
            source = {"source_kind": "past", "source_id": f"{past.seed}-{at}-{n}", "evidence": {}}
            rows.append(row | source | {"confirmed_by_id": confirmed})
    past.put(HoursEntry, rows)


def _results(past: Past) -> None:
    kinds = ("theory_exam", "practical_exam", "simulated_case", "simulated_case", "entrustment", "workplace_encounter")
    rows = []
    for at in range(len(past.people)):
        skill = past.draw.gauss(66, 12)
        for _ in range(past.draw.choice((0, 3, 12, 24))):
            kind = past.draw.choice(kinds)
            percent = round(min(100, max(0, past.draw.gauss(skill, 12))), 2)
            lasts = past.draw.random() < 0.2
            on_day = past.day()
            rows.append(
                past.who(at)
                | {
                    "kind": kind,
                    "technique_id": None if kind == "theory_exam" else past.draw.choice(past.techniques),
                    "value": past.draw.randint(1, 5) if kind == "entrustment" else percent,
                    "critical_failure": kind == "practical_exam" and past.draw.random() < 0.1,
                    "on_day": on_day,
                    "valid_until": on_day + timedelta(days=180) if lasts else None,
                    "source_kind": "past",
                    "source_id": f"{past.seed}-{len(rows)}",
                    "source_hash": HASH,
                    "version": 1,
                    "supersedes_id": None,
                    "reason": "",
                }
            )
    made = past.put(Result, rows)
    corrected = [n for n in range(len(rows)) if past.draw.random() < 0.05]
    past.put(
        Result,
        [
            rows[n]
            | {"version": 2, "supersedes_id": made[n], "reason": "更正", "value": past.draw.choice((None, 58, 74))}
            for n in corrected
        ],
    )


def _stars(past: Past) -> None:
    policy = {"code": f"past-{past.seed}", "version": 1, "valid_from": date(2020, 1, 1), "content": {}}
    decided = [
        past.who(at) | {"star": past.draw.choice((0, 0, 1, 1, 2, 3, 4, 5)), "on_day": past.day()}
        for at in range(len(past.people))
        for _ in range(past.draw.randint(0, 2))
    ]
    said = [Statement("past", {"n": n}) for n in range(len(decided) + 1)]
    first, *recorded = [{"ledger_index": one.index, "sealed": one.sealed} for one in append_many(past.session, said)]
    (version,) = past.put(PolicyVersion, [policy | {"content_hash": HASH} | first])
    fixed = {"policy_version_id": version, "evidence_hash": HASH, "evidence_ids": [], "explanation": {}}
    past.put(StarDecision, [row | fixed | place for row, place in zip(decided, recorded, strict=True)])


def _courses(past: Past) -> None:
    rows = [
        past.who(at) | {"version_id": version, "course_id": course}
        for at in range(len(past.people))
        for version, course in past.versions
        if past.draw.random() < 0.5
    ]
    made = past.put(Enrolment, rows)
    done = []
    for one, row in zip(made, rows, strict=True):
        if past.draw.random() < 0.7:
            who = {"person_id": row["person_id"], "institution_id": row["institution_id"], "enrolment_id": one}
            noon = datetime.combine(past.day(), time(12), clock.zone())
            done.append(who | ({"at": noon} if past.owner else {}))
    past.put(CourseCompletion, done)


def _standings(past: Past) -> None:
    rows = []
    for at in range(len(past.people)):
        for technique in past.techniques:
            if past.draw.random() < 0.2:
                since = past.day()
                until = since + timedelta(days=180) if past.draw.random() < 0.7 else None
                level = past.draw.randint(1, 5)
                rows.append(
                    past.who(at) | {"technique_id": technique, "level": level, "since": since, "valid_until": until}
                )
    past.put(Standing, rows)


def _flags(past: Past) -> None:
    rows = []
    for at in range(len(past.people)):
        for technique in past.techniques:
            if past.draw.random() < 0.06:
                fixed = {
                    "probability": None,
                    "level": 55,
                    "reasons": [{"code": "gap"}],
                    "history": [["2026-01-01", 50]],
                }
                raised = past.day()
                rows.append(past.who(at) | fixed | {"technique_id": technique, "raised_on": raised, "since": raised})
    made = past.put(Flag, rows)
    answers = []
    for at, (flag, row) in enumerate(zip(made, rows, strict=True)):
        for _ in range(past.draw.choice((0, 1, 1, 2))):
            answer = past.draw.choice(_ANSWERS)
            by = next(person for person, _ in past.people[at % 2 :] if person != row["person_id"])
            who = {"person_id": row["person_id"], "institution_id": row["institution_id"], "flag_id": flag}
            said = {"answer": answer, "plan": "call" if answer == "accepted" else None, "note": "演示", "by_id": by}
            answers.append(who | said)
    past.put(FlagAnswer, answers)
