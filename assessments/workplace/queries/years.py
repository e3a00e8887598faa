"""A year of one doctor, of a mentor's apprentices, and of an assessor."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from assessments.stations.models import StationVersion
from assessments.stations.rules import Checklist
from assessments.workplace.models import (
    WorkplaceAssessment,
    WorkplaceRequirement,
    WorkplaceRequirementVersion,
)
from assessments.workplace.queries.assessments import STANDS, in_year
from assessments.workplace.rules.sameness import Given, Same, given, sameness
from assessments.workplace.rules.year import Deed, Requirement, Wanted, Year, behind, mean, tally
from courses.mentoring.models import Pairing, running
from lms import clock
from lms.authz import Actor
from lms.db import Everything, db
from lms.people.models import Person
from lms.techniques.models import Technique

#: What is asked where nobody has said anything: what certification asks of the fourth star.
DEFAULT = Requirement(12, 3, ())
#: An assessor's newest assessments in which sameness is looked for.
LOOKED_AT = 20


def requirements(*categories: str) -> dict[str, Requirement]:
    """What is asked of each category (of these): the newest version of what is in use."""
    these = WorkplaceRequirement.category.in_(categories) if categories else sa.true()
    newest = (
        sa.select(WorkplaceRequirementVersion)
        .join(WorkplaceRequirement)
        .where(~WorkplaceRequirement.retired, these)
        .ext(pg.distinct_on(WorkplaceRequirementVersion.requirement_id))
        .order_by(WorkplaceRequirementVersion.requirement_id, WorkplaceRequirementVersion.version.desc())
        .options(orm.contains_eager(WorkplaceRequirementVersion.requirement))
    )
    return {one.requirement.category: _read(one.body) for one in db.session.scalars(newest)}


def _read(body: dict[str, Any]) -> Requirement:
    wanted = tuple(Wanted(one["form"], one["technique"], one["times"]) for one in body["wanted"])
    return Requirement(body["total"], body["assessors"], wanted)


def requirement(category: str) -> Requirement:
    """What is asked of one category."""
    return requirements(category).get(category, DEFAULT)


def deed(row: WorkplaceAssessment) -> Deed:
    """An assessment as far as a year is concerned."""
    return Deed(row.kind, row.technique.code, row.assessor_id, row.observed_on, row.level)


@dataclass(frozen=True)
class Assessor:
    """What one assessor gave a doctor: how often, and at which levels."""

    id: int
    name: str
    place_id: int
    count: int
    mean: Any
    low: int
    high: int
    last_on: date


def by_assessor(rows: Iterable[WorkplaceAssessment]) -> list[Assessor]:
    """The assessors of a year, the one of most first."""
    grouped: dict[int, list[WorkplaceAssessment]] = {}
    for row in rows:
        grouped.setdefault(row.assessor_id, []).append(row)
    made = [
        Assessor(
            number,
            found[0].assessor_name,
            found[0].assessor_institution_id,
            len(found),
            mean([row.level for row in found]),
            min(row.level for row in found),
            max(row.level for row in found),
            max(row.observed_on for row in found),
        )
        for number, found in grouped.items()
    ]
    return sorted(made, key=lambda one: (-one.count, one.name, one.id))


def technique_names(codes: Iterable[str]) -> dict[str, Technique]:
    """Techniques by code."""
    query = sa.select(Technique).where(Technique.code.in_(sorted(codes)))
    return {one.code: one for one in db.session.scalars(query)}


# ---- a mentor's apprentices ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Apprentice:
    """How far one's apprentice is in the year."""

    pairing: Pairing
    person_id: int
    name: str
    year: Year
    behind: Fraction


def apprentices(me: int, year: int, today: date) -> list[Apprentice]:
    """A mentor's apprentices of today, whoever is furthest behind first: who needs an assessment next."""
    pairs = list(db.session.scalars(sa.select(Pairing).where(Pairing.mentor_id == me, running(today))))
    found = years_of_pairs(pairs, year)
    made = [
        Apprentice(pair, pair.person_id, pair.apprentice_name, found[pair.id], behind(found[pair.id], today, year))
        for pair in pairs
    ]
    return sorted(made, key=lambda one: (-one.behind, -one.year.assessors_owed, one.year.last_on or date.min, one.name))


def years_of_pairs(pairs: Sequence[Pairing], year: int) -> dict[int, Year]:
    """How far the apprentices of these pairs are, by the pair's id; over the fence for the category of each."""
    people = [pair.person_id for pair in pairs]
    query = sa.select(Person.id, Person.category).where(Person.id.in_(people))
    categories = dict(db.session.execute(query, execution_options=Everything).all())
    asked, deeds = requirements(), deeds_of(people, year)
    return {
        pair.id: tally(asked.get(categories.get(pair.person_id, ""), DEFAULT), deeds.get(pair.person_id, []))
        for pair in pairs
    }


def for_list(_actor: Actor, pairs: Sequence[Pairing]) -> dict[int, Year]:
    """For the mentor's list of apprentices: how far each one's year is."""
    return years_of_pairs(pairs, clock.today().year)


def deeds_of(people: Sequence[int], year: int) -> dict[int, list[Deed]]:
    """What stands of these people's year within reach, by person."""
    query = (
        sa.select(
            WorkplaceAssessment.person_id,
            WorkplaceAssessment.kind,
            Technique.code,
            WorkplaceAssessment.assessor_id,
            WorkplaceAssessment.observed_on,
            WorkplaceAssessment.level,
        )
        .join(Technique, Technique.id == WorkplaceAssessment.technique_id)
        .where(WorkplaceAssessment.person_id.in_(people), STANDS, in_year(year))
    )
    made: dict[int, list[Deed]] = {}
    for person, kind, code, assessor, on_day, level in db.session.execute(query):
        made.setdefault(person, []).append(Deed(kind, code, assessor, on_day, level))
    return made


# ---- an assessor's own way of marking --------------------------------------------------------------------------


def own_sameness(me: int) -> Same | None:
    """In what one's own newest assessments are all the same."""
    query = (
        sa.select(
            WorkplaceAssessment.person_id,
            WorkplaceAssessment.station_version_id,
            WorkplaceAssessment.marks,
            WorkplaceAssessment.level,
        )
        .where(WorkplaceAssessment.assessor_id == me, STANDS)
        .order_by(WorkplaceAssessment.submitted_at.desc())
        .limit(LOOKED_AT)
    )
    rows = db.session.execute(query).all()
    versions = sa.select(StationVersion.id, StationVersion.body).where(
        StationVersion.id.in_({row.station_version_id for row in rows})
    )
    lists = {number: Checklist.of(body) for number, body in db.session.execute(versions)}
    found: list[Given] = [
        given(row.person_id, lists[row.station_version_id], row.marks, row.level) for row in rows
    ]  # fmt: skip
    return sameness(found)
