"""Selects over assessments: what stands, its history, what was answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.stations.models import Station, StationVersion
from assessments.stations.queries import Used
from assessments.workplace.models import Answered, WorkplaceAnswer, WorkplaceAssessment
from lms.db import db
from lms.institutions.models import Institution
from lms.techniques.models import Technique

_SORTS: dict[str, Any] = {
    "doctor": WorkplaceAssessment.doctor_name.collate("C"),
    "assessor": WorkplaceAssessment.assessor_name.collate("C"),
    "level": WorkplaceAssessment.level,
    "day": WorkplaceAssessment.observed_on,
}


_LATER = WorkplaceAssessment.__table__.alias("later").c
_GONE = WorkplaceAnswer.__table__.alias("gone").c
_READ = WorkplaceAnswer.__table__.alias("read").c
#: An assessment that counts: no later version supersedes it, and nobody withdrew it.
STANDS = sa.and_(
    ~sa.exists().where(_LATER.supersedes_id == WorkplaceAssessment.id),
    ~sa.exists().where(
        _GONE.encounter_id == WorkplaceAssessment.encounter_id, _GONE.answered == Answered.WITHDRAWN.value
    ),
)


def in_year(year: int) -> sa.ColumnElement[bool]:
    """The condition that the work was watched in a calendar year."""
    return WorkplaceAssessment.observed_on.between(date(year, 1, 1), date(year, 12, 31))


def _loaded(query: sa.Select[Any]) -> sa.Select[Any]:
    version = orm.joinedload(WorkplaceAssessment.station_version)
    return query.options(
        version.load_only(StationVersion.id, StationVersion.station_id).joinedload(StationVersion.station),
        orm.joinedload(WorkplaceAssessment.technique),
    )


def of_doctor(person_id: int, year: int) -> list[WorkplaceAssessment]:
    """What stands of a doctor's year, the newest first."""
    query = sa.select(WorkplaceAssessment).where(WorkplaceAssessment.person_id == person_id, STANDS, in_year(year))
    order = (WorkplaceAssessment.observed_on.desc(), WorkplaceAssessment.id.desc())
    return list(db.session.scalars(_loaded(query).order_by(*order)))


def by_assessor(assessor_id: int, most: int) -> list[WorkplaceAssessment]:
    """The newest that an assessor handed in."""
    query = sa.select(WorkplaceAssessment).where(WorkplaceAssessment.assessor_id == assessor_id, STANDS)
    order = (WorkplaceAssessment.submitted_at.desc(), WorkplaceAssessment.id.desc())
    return list(db.session.scalars(_loaded(query).order_by(*order).limit(most)))


def _taken(*how: str) -> sa.Exists:
    """The condition that the doctor has read this version, and taken it so."""
    ways = how or (Answered.ACKNOWLEDGED.value, Answered.DISAGREED.value)
    return sa.exists().where(_READ.assessment_id == WorkplaceAssessment.id, _READ.answered.in_(ways))


def unread(person_id: int) -> list[WorkplaceAssessment]:
    """What stands about a doctor and has not been read by them, the oldest first."""
    query = sa.select(WorkplaceAssessment).where(WorkplaceAssessment.person_id == person_id, STANDS, ~_taken())
    return list(db.session.scalars(_loaded(query).order_by(WorkplaceAssessment.submitted_at)))


def years_of(person_id: int) -> list[int]:
    """In which years a doctor was assessed, the newest first."""
    year = sa.cast(sa.extract("year", WorkplaceAssessment.observed_on), sa.Integer)
    query = sa.select(year).where(WorkplaceAssessment.person_id == person_id).distinct()
    return sorted(db.session.scalars(query), reverse=True)


def one(id: UUID) -> WorkplaceAssessment | None:
    """A loader for `on=`: one version of an assessment within reach."""
    return db.session.get(WorkplaceAssessment, id)


def history(encounter_id: UUID) -> list[WorkplaceAssessment]:
    """Every version of one assessment, in order."""
    query = sa.select(WorkplaceAssessment).where(WorkplaceAssessment.encounter_id == encounter_id)
    return list(db.session.scalars(query.order_by(WorkplaceAssessment.version)))


def newest(encounter_id: UUID) -> WorkplaceAssessment | None:
    """The version that nothing supersedes."""
    query = sa.select(WorkplaceAssessment).where(WorkplaceAssessment.encounter_id == encounter_id)
    return db.session.scalar(query.order_by(WorkplaceAssessment.version.desc()).limit(1))


def answers(encounter_id: UUID) -> list[WorkplaceAnswer]:
    """Everything said to an assessment, in order."""
    query = sa.select(WorkplaceAnswer).where(WorkplaceAnswer.encounter_id == encounter_id)
    return list(db.session.scalars(query.order_by(WorkplaceAnswer.id)))


def answered(ids: Sequence[UUID]) -> dict[UUID, str]:
    """How these versions were taken by the doctor, where they have been read."""
    query = sa.select(WorkplaceAnswer.assessment_id, WorkplaceAnswer.answered).where(
        WorkplaceAnswer.assessment_id.in_(ids),
        WorkplaceAnswer.answered.in_([Answered.ACKNOWLEDGED, Answered.DISAGREED]),
    )
    return dict(db.session.execute(query).all())


def with_form(station_id: int, most: int = 10) -> list[Used]:
    """For the page of a form: the newest assessments within reach that were made with it."""
    query = (
        sa.select(WorkplaceAssessment, StationVersion.version)
        .join(StationVersion, StationVersion.id == WorkplaceAssessment.station_version_id)
        .where(StationVersion.station_id == station_id, STANDS)
        .order_by(WorkplaceAssessment.observed_on.desc(), WorkplaceAssessment.id)
        .limit(most)
    )
    return [
        Used(version, row.doctor_name, None, row.observed_on, "workplace.assessment", {"id": row.id})
        for row, version in db.session.execute(query)
    ]


@dataclass(frozen=True)
class Sought:
    """What a list of assessments is narrowed to."""

    words: str = ""
    kind: str = ""
    year: int = 0
    #: how the doctor took it: acknowledged, disagreed, or unread
    answer: str = ""
    sort: str = "-day"


def listing(sought: Sought) -> sa.Select[*tuple[Any, ...]]:
    """What stands within reach, with the doctor's institution and the form."""
    query = (
        sa.select(WorkplaceAssessment, Institution.name.label("place"), Institution.name_en.label("place_en"))
        .join(Institution, Institution.id == WorkplaceAssessment.institution_id)
        .join(Technique, Technique.id == WorkplaceAssessment.technique_id)
        .join(StationVersion, StationVersion.id == WorkplaceAssessment.station_version_id)
        .join(Station, Station.id == StationVersion.station_id)
        .where(STANDS)
        .options(
            orm.contains_eager(WorkplaceAssessment.technique),
            orm.contains_eager(WorkplaceAssessment.station_version)
            .load_only(StationVersion.id, StationVersion.station_id)
            .contains_eager(StationVersion.station),
        )
    )
    if sought.words:
        texts = (
            WorkplaceAssessment.doctor_name,
            WorkplaceAssessment.assessor_name,
            Technique.title,
            Technique.title_en,
            Institution.name,
        )
        query = query.where(sa.or_(*(text.icontains(sought.words, autoescape=True) for text in texts)))
    if sought.kind:
        query = query.where(WorkplaceAssessment.kind == sought.kind)
    if sought.year:
        query = query.where(in_year(sought.year))
    if sought.answer == "unread":
        query = query.where(~_taken())
    elif sought.answer:
        query = query.where(_taken(sought.answer))
    column = _SORTS.get(sought.sort.removeprefix("-"), WorkplaceAssessment.observed_on)
    return query.order_by(column.desc() if sought.sort.startswith("-") else column, WorkplaceAssessment.id)
