"""Which forms there are, who may be asked, whom one may assess.

Looks over the fence: names and hospitals of mentors are the directory of experts, which everybody may search; doctors
are shown to those who work with them (models.may_watch).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.stations.models import Station, StationVersion
from assessments.stations.queries import newest_approved, status_of
from assessments.stations.rules import Checklist
from assessments.stations.rules.standing import Status
from assessments.workplace.models import FORMS, may_watch
from assessments.workplace.rules.written import entrusts
from courses.mentoring.models import Pairing, mentored_by
from courses.mentoring.queries.matching import holds
from lms import clock
from lms.authz import Actor, Role
from lms.db import Everything, db
from lms.institutions.models import Institution
from lms.people.models import Person
from lms.techniques.models import Technique

FOUND = 12
_FILLED = (Status.APPROVED, Status.WITHDRAWN)


def forms() -> list[StationVersion]:
    """The newest approved version of every form in use whose global rating is the entrustment scale."""
    found = [one for one in db.session.scalars(newest_approved(*FORMS)) if entrusts(Checklist.of(one.body))]
    return sorted(found, key=lambda one: FORMS.index(one.station.kind))


def form(station_id: int) -> StationVersion | None:
    """The newest version of one of them."""
    return next((one for one in forms() if one.station_id == station_id), None)


def version(version_id: Any) -> StationVersion | None:
    """A version that is or was approved: a sheet may have been filled before there was a newer one."""
    if type(version_id) is not int or not 0 < version_id < 1 << 63:
        return None
    query = sa.select(StationVersion).join(Station).where(StationVersion.id == version_id, Station.kind.in_(FORMS))
    query = query.where(status_of(StationVersion).in_(_FILLED))
    found = db.session.scalar(query.options(orm.contains_eager(StationVersion.station)))
    return found if found is not None and entrusts(Checklist.of(found.body)) else None


def techniques(category: str) -> list[Technique]:
    """What doctors of a category must master, core techniques first."""
    query = sa.select(Technique).where(~Technique.retired, Technique.categories.contains([category]))
    return list(db.session.scalars(query.order_by(Technique.core.desc(), Technique.id)))


def technique(technique_id: Any) -> Technique | None:
    """One technique by its number."""
    known = type(technique_id) is int and 0 < technique_id < 1 << 63
    return db.session.get(Technique, technique_id) if known else None


# ---- assessors -------------------------------------------------------------------------------------------------


def _names() -> tuple[Any, ...]:
    return (Institution.name.label("place"), Institution.name_en.label("place_en"))


def _called(words: str) -> sa.ColumnElement[bool]:
    return sa.or_(*(text.icontains(words, autoescape=True) for text in (Person.name, Institution.name)))


def mentors_of(doctor: int) -> sa.Select[int]:
    """Whose apprentice a doctor is today."""
    pair, today = Pairing.__table__.c, clock.today()
    last = sa.func.least(pair.agreed_until, pair.ended_on)
    return sa.select(pair.mentor_id).where(pair.person_id == doctor, pair.agreed_from <= today, last > today)


def assessors(doctor: int, words: str, *, but: Sequence[int] = ()) -> list[Any]:
    """Mentors who could be asked, by name or hospital: one's own mentor first, then those who work nearby."""
    here = sa.select(Institution.path).join(Person, Person.institution_id == Institution.id).where(Person.id == doctor)
    mine = Person.id.in_(mentors_of(doctor))
    near = Institution.path.op("@>", return_type=sa.Boolean())(here.scalar_subquery())
    query = (
        sa.select(Person.id, Person.name, *_names(), mine.label("mentor"), near.label("near"))
        .join(Institution, Institution.id == Person.institution_id)
        .where(holds(Role.MENTOR), Person.id.not_in([doctor, *but]))
        .order_by(sa.desc("mentor"), sa.desc("near"), Person.sort_key, Person.id)
    )
    if words:
        query = query.where(_called(words))
    return list(db.session.execute(query.limit(FOUND), execution_options=Everything))


def assessor(doctor: int, person_id: int) -> Any:
    """One of them: name and institution; None where this person cannot assess that doctor."""
    query = sa.select(Person.id, Person.name, Person.institution_id).where(
        Person.id == person_id, holds(Role.MENTOR), Person.id != doctor
    )
    return db.session.execute(query, execution_options=Everything).first() if 0 < person_id < 1 << 63 else None


# ---- doctors ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Met:
    """A doctor found by an assessor: who, where, and whether it is the assessor's own apprentice."""

    id: int
    name: str
    place: str
    place_en: str | None
    apprentice: bool


def doctors(me: int, words: str) -> list[Met]:
    """Doctors whom one works with, by name or institution: one's own apprentices first."""
    own = Person.id.in_(mentored_by(me))
    query = (
        sa.select(Person.id, Person.name, *_names(), own.label("apprentice"))
        .join(Institution, Institution.id == Person.institution_id)
        .where(holds(Role.DOCTOR), may_watch(me))
        .order_by(sa.desc("apprentice"), Person.sort_key, Person.id)
    )
    if words:
        query = query.where(_called(words))
    return [Met(*row) for row in db.session.execute(query.limit(FOUND), execution_options=Everything)]


def watched(id: int) -> Person | None:
    """A loader for `on=`: a doctor whom the actor works with today."""
    actor: Actor = db.actor
    if not actor.person_id or id >= 1 << 63:
        return None
    query = sa.select(Person).where(Person.id == id, holds(Role.DOCTOR), may_watch(actor.person_id))
    return db.session.scalar(query.options(orm.joinedload(Person.institution)), execution_options=Everything)


def doctor_of_year(id: int) -> Person | None:
    """A loader for `on=`: a doctor within the actor's reach, or the actor's apprentice of today."""
    actor: Actor = db.actor
    if not actor.person_id or id >= 1 << 63:
        return None
    reach = [Person.id.in_(mentored_by(actor.person_id))]
    if actor.overseen:
        reach.append(Institution.path.within(list(actor.overseen)))
    query = sa.select(Person).join(Institution, Institution.id == Person.institution_id)
    query = query.where(Person.id == id, sa.or_(*reach)).options(orm.contains_eager(Person.institution))
    return db.session.scalar(query, execution_options=Everything)


def place_names(ids: Sequence[int]) -> dict[int, tuple[str, str | None]]:
    """What institutions are called."""
    query = sa.select(Institution.id, Institution.name, Institution.name_en).where(Institution.id.in_(ids))
    return {row.id: (row.name, row.name_en) for row in db.session.execute(query)}
