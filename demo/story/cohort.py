"""Two years in the life of about 600 simulated doctors and nurses, told through the verbs that take over a history."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

import sqlalchemy as sa

from assessments.results.models import ResultKind
from assessments.results.policy import Results
from assessments.results.services import Brought, Evidence
from assessments.results.services import bring_in as bring_in_results
from courses.enrolment.policy import Enrolments
from courses.enrolment.services import Learned
from courses.enrolment.services import bring_in as bring_in_lessons
from courses.hours.policy import Hours
from courses.hours.rules import HoursKind
from courses.hours.services import Earned
from courses.hours.services import bring_in as bring_in_hours
from demo.cast import CITY, SEED, Casting
from demo.cohort import deeds
from demo.cohort import parameters as p
from demo.cohort.parameters import SkillKind
from demo.cohort.seats import Seat, missing, pair, seat
from demo.cohort.simulate import Skill, simulate
from demo.story import learning
from demo.story.people import enter_more
from demo.story.stage import Stage
from lms.authz import Actor
from lms.db import db
from lms.institutions.models import Institution, Kind
from lms.techniques.models import Technique

LEARNERS, MENTORS = 600, 59
#: Everything that comes from the cohort bears this word as its source.
SOURCE = deeds.SOURCE
_MAY = (Results.BRING_IN, Hours.BRING_IN, Enrolments.BRING_IN)
_WORDS = {"theory": "理论讲座", "simulation": "模拟训练", "practice": "临床实践"}
_WORDS_EN = {"theory": "lectures", "simulation": "simulation", "practice": "clinical practice"}
Tick = Callable[[int, int], None]
T = TypeVar("T")


@dataclass(frozen=True)
class Cohort:
    """Everybody in it, and what their deeds need to know."""

    seats: list[Seat]
    city: deeds.City

    def by_county(self) -> list[tuple[str, list[Seat]]]:
        """The learners of each county, by its code."""
        found: dict[str, list[Seat]] = defaultdict(list)
        for one in self.seats:
            found[one.part.county].append(one)
        return sorted(found.items())


def enter(stage: Stage, until: date, learners: int = LEARNERS, mentors: int = MENTORS) -> Cohort:
    """Let them in; who has a part in the story already lives one of the histories too."""
    home, everywhere, hospitals, skills = _places(stage)
    histories = list(simulate(learners, SEED, until, skills))
    casting = Casting()
    present = [part for part in casting.parts(home) if part.category in p.CATEGORIES or part.account == "mentor"]
    teaching = casting.mentors(hospitals, mentors)
    playing = [part for part in present if part.category in p.CATEGORIES]
    more = casting.cohort(missing(histories, playing), everywhere)
    enter_more(stage, [*teaching, *more])
    teaching += [part for part in present if part.account == "mentor"]
    seats = seat(histories, [*playing, *more])
    near: dict[str, tuple[str, ...]] = {one.county: () for one in (*playing, *more)}
    for one in teaching:
        near[one.county] = (*near.get(one.county, ()), one.account)
    pairs = {made.apprentice: made for made in pair(seats, teaching, SEED, until)}
    central = near.get(CITY, ())
    return Cohort(seats, deeds.City(SEED, until, {code: some or central for code, some in near.items()}, pairs))


def _places(stage: Stage) -> tuple[list[str], list[str], list[str], list[Skill]]:
    """Towns of the home county, of all counties, hospitals with mentors, and what is to be learned."""
    with stage.acting(Actor.job("demo")):
        towns = Institution.kind.in_([Kind.TOWNSHIP_HOSPITAL, Kind.COMMUNITY_CENTRE])
        codes = list(db.session.scalars(sa.select(Institution.code).where(towns).order_by(Institution.code)))
        upper = Institution.kind.in_([Kind.COUNTY_HOSPITAL, Kind.CITY_HOSPITAL])
        hospitals = list(db.session.scalars(sa.select(Institution.code).where(upper).order_by(Institution.code)))
        core = sa.select(Technique).where(Technique.core, ~Technique.retired).order_by(Technique.code)
        skills = [
            Skill(one.code, category, SkillKind(one.kind))
            for one in db.session.scalars(core)
            for category in one.categories
            if category in p.CATEGORIES
        ]
    return [code for code in codes if code.startswith("530302")], codes, hospitals, skills


def results(stage: Stage, cohort: Cohort, tick: Tick) -> int:
    """Marks, entrustments and past rotations as evidence."""
    techniques = _techniques(stage)

    def brought(row: deeds.Row) -> Brought:
        found = Evidence(
            kind=ResultKind(row.kind),
            on_day=row.on_day,
            source_kind=SOURCE,
            source_id=row.number,
            source=row.source(),
            value=row.value,
            standard_error=row.standard_error,
            technique_id=techniques[row.technique] if row.technique else None,
            assessor_id=stage.person(row.assessor) if row.assessor else None,
            critical_failure=row.critical,
        )
        return Brought(stage.person(row.person), found)

    def write(actor: Actor, place: Institution, seats: list[Seat]) -> int:
        rows = [brought(row) for one in seats for row in deeds.results(one, cohort.city) if not _own_exam(row)]
        return bring_in_results(actor, place, rows=rows)

    return _county_by_county(stage, cohort, tick, write)


def _own_exam(row: deeds.Row) -> bool:
    """Whoever is looked through in the demo sits the theory exam by themselves: it is all their first star lacks."""
    return row.kind == ResultKind.THEORY_EXAM and row.person in learning.BY_THEMSELVES


def hours(stage: Stage, cohort: Cohort, tick: Tick) -> int:
    """Hours of three kinds, month by month."""

    def earned(row: deeds.Hours) -> tuple[int, Earned]:
        evidence = {
            "title": f"{_WORDS[row.kind]}（模拟数据，{row.on_day:%Y-%m}）",
            "title_en": f"{_WORDS_EN[row.kind]} (simulated, {row.on_day:%Y-%m})",
            "simulated": True,
        }
        confirmed = stage.person(row.confirmed_by) if row.confirmed_by else None
        kind = HoursKind(row.kind)
        return stage.person(row.person), Earned(kind, row.minutes, row.on_day, SOURCE, row.number, evidence, confirmed)

    def write(actor: Actor, place: Institution, seats: list[Seat]) -> int:
        rows = [earned(row) for one in seats for row in deeds.hours(one, cohort.city)]
        return bring_in_hours(actor, place, rows=rows)

    return _county_by_county(stage, cohort, tick, write)


def lessons(stage: Stage, cohort: Cohort, tick: Tick) -> int:
    """How far they came in the course; who is looked through in the demo is left to begin by themselves."""
    own = set(learning.BY_THEMSELVES)

    def write(actor: Actor, place: Institution, seats: list[Seat]) -> int:
        version = learning.course()
        codes = [lesson.code for lesson in version.lessons]
        fitting = [one for one in seats if one.account not in own and one.part.category in version.categories]
        done = [deeds.lessons(one, cohort.city, codes) for one in fitting]
        rows = [Learned(stage.person(row.person), row.finished) for row in done if row is not None]
        return bring_in_lessons(actor, place, version=version, rows=rows)

    return _county_by_county(stage, cohort, tick, write)


def _county_by_county(
    stage: Stage, cohort: Cohort, tick: Tick, write: Callable[[Actor, Institution, list[Seat]], int]
) -> int:
    """One batch, one line in the ledger, for each county."""
    counties, written = cohort.by_county(), 0
    for number, (code, seats) in enumerate(counties):
        tick(number, len(counties))
        with stage.acting(Actor.job("demo", *_MAY)) as actor:
            written += write(actor, stage.institution(code), seats)
    return written


def _techniques(stage: Stage) -> dict[str, int]:
    with stage.acting(Actor.job("demo")):
        return dict(db.session.execute(sa.select(Technique.code, Technique.id)).all())
