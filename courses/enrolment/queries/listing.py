"""Lists about people and their curricula for editors, who see names where they are editors and counts of everybody."""

from typing import Any

import sqlalchemy as sa

from courses.curricula.models import CurriculumPublication, CurriculumVersion
from courses.curricula.queries.tiers import names_of, words
from courses.enrolment.models.assign import (
    AssignmentChange,
    AssignmentEvent,
    AssignmentException,
    CurriculumAssignment,
    PreviewException,
    VersionPreview,
)
from lms.authz import Actor, Role
from lms.db import Everything, db
from lms.db.paging import PAGE, Slice
from lms.institutions.models import Institution
from lms.jobs import Job
from lms.people.models import Person


def _mine(actor: Actor) -> sa.ColumnElement[bool]:
    """Where this actor is an editor; jobs are one everywhere."""
    if actor.sees_everything:
        return sa.true()
    return Institution.path.within(sorted({g.root for g in actor.grants if g.role is Role.COURSE_EDITOR}))  # type: ignore[no-any-return]


def preview_of(version_id: int) -> VersionPreview | None:
    """What putting a version to use would come to, as it was asked for last."""
    query = sa.select(VersionPreview).where(VersionPreview.version_id == version_id)
    return db.session.scalar(query.order_by(VersionPreview.id.desc()).limit(1))


def preview_exceptions(actor: Actor, preview_id: int, number: int) -> Slice:
    """Whom it could not serve, of those who work where the actor is an editor."""
    query = (
        sa.select(PreviewException, Person.name, Institution.name, Institution.name_en)
        .join(Person, Person.id == PreviewException.person_id)
        .join(Institution, Institution.id == Person.institution_id)
        .where(PreviewException.preview_id == preview_id, _mine(actor))
    )
    return _sliced(query, number, Person.sort_key, PreviewException.id)


def exceptions(actor: Actor, publication_id: int, number: int) -> Slice:
    """Whom a publication could not serve, of those who work where the actor is an editor; undecided first."""
    query = (
        sa.select(AssignmentException, Person.name, Institution.name, Institution.name_en)
        .join(Person, Person.id == AssignmentException.person_id)
        .join(Institution, Institution.id == Person.institution_id)
        .where(AssignmentException.publication_id == publication_id, _mine(actor))
    )
    return _sliced(query, number, AssignmentException.settled_at.is_not(None), Person.sort_key, AssignmentException.id)


def _sliced(query: sa.Select[*tuple[Any, ...]], number: int, *order: Any) -> Slice:
    """One page of a list over the fence that says itself whom it shows."""
    count = sa.select(sa.func.count()).select_from(query.subquery())
    total = db.session.scalar(count, execution_options=Everything) or 0
    pages = max(1, -(-total // PAGE))
    number = min(max(1, number), pages)
    query = query.order_by(*order).limit(PAGE).offset((number - 1) * PAGE)
    return Slice(db.session.execute(query, execution_options=Everything).all(), number, pages, total)


def exception(actor: Actor, id: int) -> AssignmentException | None:
    """One of those, if it is within the actor's area."""
    if id >= 1 << 63:
        return None
    query = (
        sa.select(AssignmentException)
        .join(Person, Person.id == AssignmentException.person_id)
        .join(Institution, Institution.id == Person.institution_id)
        .where(AssignmentException.id == id, _mine(actor))
    )
    return db.session.scalar(query, execution_options=Everything)


def count_exceptions(publication_id: int) -> int:
    """How many a publication could not serve, wherever they work."""
    query = sa.select(sa.func.count()).where(AssignmentException.publication_id == publication_id)
    return db.session.scalar(query.select_from(AssignmentException), execution_options=Everything) or 0


def count_moved(publication: CurriculumPublication) -> int:
    """How many have gone over to the version since it was published."""
    query = (
        sa.select(sa.func.count(sa.distinct(AssignmentChange.assignment_id)))
        .join(CurriculumAssignment, CurriculumAssignment.id == AssignmentChange.assignment_id)
        .where(AssignmentChange.event == AssignmentEvent.MOVED.value, AssignmentChange.at >= publication.at)
        .where(AssignmentChange.version_id == publication.version_id)
    )
    return db.session.scalar(query, execution_options=Everything) or 0


def said(version: CurriculumVersion) -> dict[str, str]:
    """What a version asks, in words, by code."""
    names = names_of([version.content])
    return {one["code"]: words(one, names) for tier in version.content["tiers"] for one in tier["requirements"]}


def latest_job(name: str) -> Job | None:
    """The work of this name that was asked for last."""
    return db.session.scalar(sa.select(Job).where(Job.name == name).order_by(Job.requested_at.desc()).limit(1))


def is_under_way(job: Job | None) -> bool:
    """Whether work waits or is being done."""
    return job is not None and job.state in ("queued", "running")


def preview_key(preview_id: int) -> str:
    """The key of the job that counts for a preview."""
    return f"preview curriculum {preview_id}"
