"""How well an area is covered: by technique, by assessor, by doctor."""

from typing import Any

import sqlalchemy as sa

from assessments.workplace.models import WorkplaceAssessment
from assessments.workplace.queries.assessments import STANDS, in_year
from courses.mentoring.queries.matching import holds
from lms.authz import Role
from lms.db import db
from lms.institutions.models import Institution
from lms.people.models import Person
from lms.techniques.models import Technique

_COUNT = sa.func.count(WorkplaceAssessment.id)
_DOCTORS = sa.func.count(sa.distinct(WorkplaceAssessment.person_id))
_ASSESSORS = sa.func.count(sa.distinct(WorkplaceAssessment.assessor_id))
_MEAN = sa.func.round(sa.func.avg(WorkplaceAssessment.level), 1)


def by_technique(year: int) -> list[Any]:
    """Each technique and kind of form: how many assessments, of how many doctors, by how many assessors."""
    query = (
        sa.select(
            Technique.code,
            Technique.title,
            Technique.title_en,
            WorkplaceAssessment.kind,
            _COUNT.label("times"),
            _DOCTORS.label("doctors"),
            _ASSESSORS.label("assessors"),
            _MEAN.label("mean"),
        )
        .join(Technique, Technique.id == WorkplaceAssessment.technique_id)
        .where(STANDS, in_year(year))
        .group_by(Technique.id, WorkplaceAssessment.kind)
        .order_by(sa.desc("times"), Technique.code, WorkplaceAssessment.kind)
    )
    return list(db.session.execute(query))


def by_assessor(year: int) -> sa.Select[Any]:
    """Each assessor's load: how many assessments, of how many doctors, at which levels, since when none."""
    place = sa.func.max(WorkplaceAssessment.assessor_institution_id).label("place_id")
    grouped = (
        sa.select(
            WorkplaceAssessment.assessor_id,
            sa.func.max(WorkplaceAssessment.assessor_name).label("name"),
            place,
            _COUNT.label("times"),
            _DOCTORS.label("doctors"),
            _MEAN.label("mean"),
            sa.func.min(WorkplaceAssessment.level).label("low"),
            sa.func.max(WorkplaceAssessment.level).label("high"),
            sa.func.sum(WorkplaceAssessment.observe_minutes + WorkplaceAssessment.feedback_minutes).label("minutes"),
            sa.func.max(WorkplaceAssessment.observed_on).label("last_on"),
        )
        .where(STANDS, in_year(year))
        .group_by(WorkplaceAssessment.assessor_id)
        .subquery()
    )
    return (
        sa.select(grouped, Institution.name.label("place"), Institution.name_en.label("place_en"))
        .join(Institution, Institution.id == grouped.c.place_id)
        .order_by(grouped.c.times.desc(), grouped.c.name, grouped.c.assessor_id)
    )


def _counted(year: int) -> sa.Subquery:
    return (
        sa.select(
            WorkplaceAssessment.person_id,
            _COUNT.label("times"),
            _ASSESSORS.label("assessors"),
            sa.func.max(WorkplaceAssessment.observed_on).label("last_on"),
        )
        .where(STANDS, in_year(year))
        .group_by(WorkplaceAssessment.person_id)
        .subquery("counted")
    )


def doctors(year: int, words: str = "", few: bool = False, least: int = 3) -> sa.Select[Any]:
    """Doctors within reach with what their year came to, those with the fewest first; `few`: fewer assessors only."""
    counted = _counted(year)
    times, assessors = (sa.func.coalesce(counted.c[name], 0) for name in ("times", "assessors"))
    query = (
        sa.select(
            Person.id,
            Person.name,
            Person.category,
            Institution.name.label("place"),
            Institution.name_en.label("place_en"),
            times.label("times"),
            assessors.label("assessors"),
            counted.c.last_on,
        )
        .join(Institution, Institution.id == Person.institution_id)
        .outerjoin(counted, counted.c.person_id == Person.id)
        .where(holds(Role.DOCTOR))
        .order_by(times, assessors, Person.sort_key, Person.id)
    )
    if words:
        query = query.where(
            sa.or_(*(text.icontains(words, autoescape=True) for text in (Person.name, Institution.name)))
        )
    return query.where(assessors < least) if few else query


def figures(year: int) -> Any:
    """Doctors within reach, how many have been assessed at all, and by one assessor only; all assessments."""
    counted = _counted(year)
    query = (
        sa.select(
            sa.func.count(Person.id).label("doctors"),
            sa.func.count(counted.c.person_id).label("assessed"),
            sa.func.count(counted.c.person_id).filter(counted.c.assessors == 1).label("by_one"),
            sa.func.coalesce(sa.func.sum(counted.c.times), 0).label("assessments"),
        )
        .select_from(Person)
        .outerjoin(counted, counted.c.person_id == Person.id)
        .where(holds(Role.DOCTOR))
    )
    return db.session.execute(query).one()
