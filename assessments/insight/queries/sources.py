"""What is counted, each as one select over everybody: institution, category, measure, key, n, total.

People stand at the institution where they work today, with everything they did, wherever they were then.
"""

from datetime import datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from assessments.certification.models import StarDecision
from assessments.exams.models import Attempt, Exam
from assessments.insight.rules import (
    CATEGORIES,
    PASS_PERCENT,
    PROVED_LEVEL,
    STARS,
    Fate,
    Measure,
    Reach,
    Window,
)
from assessments.osce.models import CircuitStation
from assessments.results.models import Result, ResultKind
from assessments.results.queries import STANDS
from assessments.stall.models import Flag, newest_answer
from assessments.stations.models import StationVersion
from courses.curricula.models import CourseTechnique
from courses.enrolment.models import CourseCompletion, Enrolment
from courses.hours.models import HoursEntry
from lms import clock
from lms.people.models import Person
from lms.techniques.models import Standing, Technique

Source = sa.Select[*tuple[Any, ...]]


def everything(during: Window, target: int) -> sa.CompoundSelect[Any]:
    """All that is counted of one period, one under the other."""
    practical = _practical(during)
    theory = _theory(during)
    proofs = _proofs(during)
    course, case = _by_course(during), _by_case(during)
    trained = sa.union(course, case)
    converted = sa.intersect(sa.select(trained.subquery()), sa.select(proofs.subquery()))
    return sa.union_all(
        _headcount(),
        _stars(during),
        _hours(during),
        _reached(during, target),
        _bands(Measure.THEORY, theory),
        _passed(Measure.THEORY_PASSED, theory),
        _bands(Measure.PRACTICAL, practical),
        _passed(Measure.PRACTICAL_PASSED, practical),
        _of_techniques(Measure.BY_COURSE, course),
        _of_techniques(Measure.BY_CASE, case),
        _of_techniques(Measure.TRAINED, trained),
        _of_techniques(Measure.CONVERTED, converted),
        _of_techniques(Measure.PROVED, proofs),
        _flags(during),
    )


def _people() -> Any:
    counted = sa.select(Person.id, Person.institution_id, Person.category)
    return counted.where(Person.active, Person.category.in_(CATEGORIES)).subquery()


def _counted(measure: Measure, people: Any, key: Any, total: Any = 0) -> Source:
    """The head of every source; what is joined and narrowed comes after."""
    amount = sa.cast(total if total is not None else 0, sa.Numeric)
    return sa.select(
        people.c.institution_id,
        people.c.category,
        sa.literal(measure.value).label("measure"),
        sa.cast(key, sa.Text).label("key"),
        sa.func.count().label("n"),
        sa.func.sum(amount).label("total"),
    ).group_by(people.c.institution_id, people.c.category, sa.text("4"))


def _headcount() -> Source:
    people = _people()
    return _counted(Measure.PEOPLE, people, people.c.category)


def _stars(during: Window) -> Source:
    """The newest decision up to the period's end; whoever has none has no star."""
    people = _people()
    newest = (
        sa.select(StarDecision.person_id, StarDecision.star)
        .ext(pg.distinct_on(StarDecision.person_id))
        .where(StarDecision.on_day <= during.ends)
        .order_by(StarDecision.person_id, StarDecision.id.desc())
        .subquery()
    )
    star = sa.func.coalesce(newest.c.star, int(STARS[0]))
    return _counted(Measure.STARS, people, star).outerjoin_from(people, newest, newest.c.person_id == people.c.id)


def _minutes(during: Window, *by: Any) -> Any:
    """Minutes of a period, what was taken back taken off."""
    return (
        sa.select(HoursEntry.person_id, *by, sa.func.sum(HoursEntry.minutes).label("minutes"))
        .where(HoursEntry.on_day.between(during.begins, during.ends))
        .group_by(HoursEntry.person_id, *by)
        .subquery()
    )


def _hours(during: Window) -> Source:
    people, earned = _people(), _minutes(during, HoursEntry.kind)
    counted = _counted(Measure.HOURS, people, earned.c.kind, earned.c.minutes)
    return counted.join_from(people, earned, earned.c.person_id == people.c.id).where(earned.c.minutes != 0)


def _reached(during: Window, target: int) -> Source:
    people, earned = _people(), _minutes(during)
    minutes = sa.func.coalesce(earned.c.minutes, 0)
    reach = sa.case(
        (minutes >= target, Reach.MET.value),
        (2 * minutes >= target, Reach.OVER_HALF.value),
        (minutes > 0, Reach.UNDER_HALF.value),
        else_=Reach.NONE.value,
    )
    counted = _counted(Measure.REACHED, people, reach)
    return counted.outerjoin_from(people, earned, earned.c.person_id == people.c.id)


def _standing(*columns: Any) -> Source:
    """Results that stand: not superseded, not withdrawn."""
    return sa.select(Result.person_id, *columns).where(STANDS)


def _enough(cut: Any) -> Any:
    passes = Result.value >= sa.func.coalesce(sa.cast(cut, sa.Numeric), PASS_PERCENT)
    return sa.and_(passes, ~Result.critical_failure).label("passed")


def _theory(during: Window) -> Any:
    """Marks of written exams, each with whether it passed by its own exam's cut."""
    return (
        _standing(Result.value, _enough(Exam.pass_percent))
        .outerjoin(
            Attempt,
            sa.and_(Result.source_kind == "exam_attempt", sa.cast(Attempt.id, sa.Text) == Result.source_id),
        )
        .outerjoin(Exam, Exam.id == Attempt.exam_id)
        .where(Result.kind == ResultKind.THEORY_EXAM, Result.on_day.between(during.begins, during.ends))
        .subquery()
    )


def _stations(*columns: Any) -> Source:
    """Marks of practical exams with `passed` by their own station's cut."""
    place = sa.func.split_part(Result.source_id, ":", 1)
    cut = StationVersion.body["pass_percent"].astext
    return (
        _standing(*columns, _enough(cut))
        .outerjoin(
            CircuitStation,
            sa.and_(Result.source_kind == "osce_station", sa.cast(CircuitStation.id, sa.Text) == place),
        )
        .outerjoin(StationVersion, StationVersion.id == CircuitStation.station_version_id)
        .where(Result.kind == ResultKind.PRACTICAL_EXAM)
    )


def _practical(during: Window) -> Any:
    return _stations(Result.value).where(Result.on_day.between(during.begins, during.ends)).subquery()


def _bands(measure: Measure, marks: Any) -> Source:
    people = _people()
    band = sa.cast(sa.func.least(sa.func.floor(marks.c.value / 10), 9), sa.Integer)
    return _counted(measure, people, band, marks.c.value).join_from(people, marks, marks.c.person_id == people.c.id)


def _passed(measure: Measure, marks: Any) -> Source:
    people = _people()
    counted = _counted(measure, people, sa.literal(""))
    return counted.join_from(people, marks, marks.c.person_id == people.c.id).where(marks.c.passed)


def _by_course(during: Window) -> Source:
    """Who completed a course in the period, for each technique it teaches."""
    begins, ends = (
        datetime.combine(day, time.min, clock.zone()) for day in (during.begins, during.ends + timedelta(days=1))
    )
    return (
        sa.select(CourseCompletion.person_id, CourseTechnique.technique_id)
        .join(Enrolment, Enrolment.id == CourseCompletion.enrolment_id)
        .join(CourseTechnique, CourseTechnique.version_id == Enrolment.version_id)
        .where(CourseCompletion.at >= begins, CourseCompletion.at < ends)
        .distinct()
    )


def _by_case(during: Window) -> Source:
    """Who worked through a simulated case of a technique in the period, however well."""
    worked = _standing(Result.technique_id).where(Result.kind == ResultKind.SIMULATED_CASE)
    inside = Result.on_day.between(during.begins, during.ends)
    return worked.where(Result.technique_id.is_not(None), inside).distinct()


def _proofs(during: Window) -> sa.CompoundSelect[Any]:
    """Who has shown a technique, in date at the period's end: passed at a station, signed off, or standing."""
    in_date = sa.or_(Result.valid_until.is_(None), Result.valid_until >= during.ends)
    given = (Result.technique_id.is_not(None), Result.on_day <= during.ends, in_date)
    marks = _stations(Result.technique_id).where(*given).subquery()
    entrusted = _standing(Result.technique_id).where(
        Result.kind == ResultKind.ENTRUSTMENT, Result.value >= PROVED_LEVEL, *given
    )
    current = sa.or_(Standing.valid_until.is_(None), Standing.valid_until >= during.ends)
    stands = sa.select(Standing.person_id, Standing.technique_id).where(
        Standing.level >= PROVED_LEVEL, Standing.since <= during.ends, current
    )
    passed = sa.select(marks.c.person_id, marks.c.technique_id).where(marks.c.passed)
    return sa.union(passed, entrusted, stands)


def _of_techniques(measure: Measure, pairs: Any) -> Source:
    people, who = _people(), pairs.subquery()
    return (
        _counted(measure, people, Technique.code)
        .join_from(people, who, who.c.person_id == people.c.id)
        .join(Technique, Technique.id == who.c.technique_id)
    )


def _flags(during: Window) -> Source:
    people = _people()
    fate = sa.func.coalesce(newest_answer(Flag.id), Fate.OPEN.value).label("fate")
    raised = sa.select(Flag.person_id, fate).where(Flag.raised_on.between(during.begins, during.ends)).subquery()
    return _counted(Measure.FLAGS, people, raised.c.fate).join_from(people, raised, raised.c.person_id == people.c.id)
