"""The same figures once more, person by person in plain Python: what the database's sums are held against."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.certification.models import StarDecision
from assessments.insight.rules import Window
from assessments.results.models import Result
from assessments.stall.models import Flag, FlagAnswer
from courses.curricula.models import CourseTechnique
from courses.enrolment.models import CourseCompletion, Enrolment
from courses.hours.models import HoursEntry
from lms import clock
from lms.institutions.models import Institution
from lms.people.models import Person
from lms.techniques.models import Standing, Technique

Key = tuple[int, str, str, str]
COUNTED = {"general_practitioner", "village_doctor", "nurse"}


class Recount:
    """Everything that is there, looked at once."""

    def __init__(self, session: orm.Session) -> None:
        def every(model: Any) -> list[Any]:
            return list(session.scalars(sa.select(model).order_by(model.id)))

        self.above = {one.id: [int(step) for step in one.path.split(".")] for one in every(Institution)}
        self.people = [p for p in every(Person) if p.active and p.category in COUNTED]
        self.techniques = {one.id: one.code for one in every(Technique)}
        self.hours, self.stars, self.standings = every(HoursEntry), every(StarDecision), every(Standing)
        results = every(Result)
        gone = {one.supersedes_id for one in results}
        self.results = [one for one in results if one.id not in gone and one.value is not None]
        teaches = defaultdict(set)
        for row in every(CourseTechnique):
            teaches[row.version_id].add(row.technique_id)
        version = {one.id: one.version_id for one in every(Enrolment)}
        self.completed = [
            (one.person_id, technique, clock.local(one.at).date())
            for one in every(CourseCompletion)
            for technique in teaches[version[one.enrolment_id]]
        ]
        answers = {one.flag_id: one.answer for one in every(FlagAnswer)}  # the last one stays
        self.flags = [(one.person_id, one.raised_on, answers.get(one.id, "open")) for one in every(Flag)]

    def figures(self, during: Window, target: int) -> dict[Key, tuple[int, Decimal]]:
        """{(institution, measure, category, key): (n, total)} of one period."""
        n: Counter[Key] = Counter()
        total: defaultdict[Key, Decimal] = defaultdict(Decimal)
        for person in self.people:
            for measure, key, amount in self._of(person, during, target):
                for place in self.above[person.institution_id]:
                    at = (place, measure, person.category, key)
                    n[at] += 1
                    total[at] += amount
        return {at: (count, total[at]) for at, count in n.items()}

    def _of(self, person: Person, during: Window, target: int) -> Iterator[tuple[str, str, Decimal]]:
        zero = Decimal(0)
        yield "people", person.category, zero
        decided = [s.star for s in self.stars if s.person_id == person.id and s.on_day <= during.ends]
        yield "stars", str(decided[-1] if decided else 0), zero
        yield from self._hours(person, during, target)
        yield from self._marks(person, during)
        yield from self._conversion(person.id, during)
        for who, raised, fate in self.flags:
            if who == person.id and inside(raised, during):
                yield "flags", fate, zero

    def _hours(self, person: Person, during: Window, target: int) -> Iterator[tuple[str, str, Decimal]]:
        earned: Counter[str] = Counter()
        for entry in self.hours:
            if entry.person_id == person.id and inside(entry.on_day, during):
                earned[entry.kind] += entry.minutes
        for kind, minutes in earned.items():
            if minutes:
                yield "hours", kind, Decimal(minutes)
        sum_ = sum(earned.values())
        half = "over_half" if 2 * sum_ >= target else "under_half"
        yield "reached", "met" if sum_ >= target else "none" if sum_ <= 0 else half, Decimal(0)

    def _marks(self, person: Person, during: Window) -> Iterator[tuple[str, str, Decimal]]:
        for result in self.results:
            if result.person_id == person.id and inside(result.on_day, during):
                name = {"theory_exam": "theory", "practical_exam": "practical"}.get(result.kind)
                if name is not None:
                    yield name, str(min(9, int(result.value // 10))), result.value
                    if result.value >= 60 and not result.critical_failure:
                        yield f"{name}_passed", "", Decimal(0)

    def _conversion(self, who: int, during: Window) -> Iterator[tuple[str, str, Decimal]]:
        own = [one for one in self.results if one.person_id == who and one.technique_id]
        course = {t for person, t, at in self.completed if person == who and inside(at, during)}
        case = {one.technique_id for one in own if one.kind == "simulated_case" and inside(one.on_day, during)}
        proved = {one.technique_id for one in own if one.on_day <= during.ends and current(one, during) and proves(one)}
        proved |= {
            one.technique_id
            for one in self.standings
            if one.person_id == who and one.level >= 3 and one.since <= during.ends and current(one, during)
        }
        groups: dict[str, Iterable[int]] = {
            "by_course": course,
            "by_case": case,
            "trained": course | case,
            "proved": proved,
            "converted": (course | case) & proved,
        }
        for measure, techniques in groups.items():
            for technique in techniques:
                yield measure, self.techniques[technique], Decimal(0)


def inside(day: date, during: Window) -> bool:
    return during.begins <= day <= during.ends


def current(proof: Any, during: Window) -> bool:
    return proof.valid_until is None or proof.valid_until >= during.ends


def proves(result: Result) -> bool:
    if result.kind == "entrustment":
        return bool(result.value is not None and result.value >= 3)
    passed = result.value is not None and result.value >= 60 and not result.critical_failure
    return result.kind == "practical_exam" and passed
