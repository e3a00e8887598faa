"""Rotations: lists, one with all that belongs to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from courses.rotations.models import (
    Rotation,
    RotationDepartment,
    RotationEvaluation,
    RotationFile,
    RotationPractice,
    RotationStep,
    receiving,
)
from courses.rotations.rules import TO_EVALUATE, State
from lms import clock
from lms.authz import Actor, Role
from lms.db import Everything, db
from lms.db.fence import within
from lms.institutions.models import Institution


@dataclass(frozen=True)
class Sought:
    """What a list of rotations is narrowed to."""

    words: str = ""
    state: str = ""
    sort: str = "-from"
    #: "then" or "after": planned here, or recorded afterwards
    written: str = ""


def listing(sought: Sought) -> sa.Select[*tuple[Any, ...]]:
    """Rotations within reach with both institutions and the department."""
    host = orm.aliased(Institution)
    sorts: dict[str, Any] = {
        "doctor": Rotation.doctor_name.collate("C"),
        "from": Rotation.begins_on,
        "until": Rotation.last_on,
        "host": host.name.collate("C"),
    }
    query = (
        sa.select(
            Rotation,
            RotationDepartment.name.label("department"),
            RotationDepartment.name_en.label("department_en"),
            Institution.name.label("place"),
            Institution.name_en.label("place_en"),
            host.name.label("host"),
            host.name_en.label("host_en"),
        )
        .join(RotationDepartment, RotationDepartment.id == Rotation.department_id)
        .join(Institution, Institution.id == Rotation.institution_id)
        .join(host, host.id == Rotation.host_id)
    )
    if sought.state in set(State):
        query = query.where(Rotation.state == sought.state)
    if sought.written in ("then", "after"):
        query = query.where(Rotation.recorded_at.is_(None) == (sought.written == "then"))
    if sought.words:
        either = (Rotation.doctor_name, Institution.name, host.name, RotationDepartment.name)
        query = query.where(sa.or_(*(name.icontains(sought.words, autoescape=True) for name in either)))
    column = sorts.get(sought.sort.removeprefix("-"), Rotation.begins_on)
    return query.order_by(column.desc() if sought.sort.startswith("-") else column, Rotation.id)


def of_person(person_id: int) -> list[Any]:
    """A doctor's own rotations, the newest first, with where they are."""
    query = listing(Sought()).where(Rotation.person_id == person_id)
    return list(db.session.execute(query))


def received(person_id: int) -> dict[str, list[Any]]:
    """For whoever receives: who is to begin, who is there, whose evaluation waits, and who was there lately."""
    today = clock.today()
    query = listing(Sought(sort="from")).where(Rotation.department_id.in_(receiving(person_id)))
    lately = sa.or_(Rotation.last_on >= today - timedelta(days=400), Rotation.state == State.RECORDED)
    query = query.where(lately, Rotation.person_id != person_id)
    found: dict[str, list[Any]] = {"begin": [], "there": [], "evaluate": [], "later": [], "recorded": [], "past": []}
    for row in db.session.execute(query):
        found[_desk(row.Rotation, today)].append(row)
    return found


def _desk(stay: Rotation, today: date) -> str:
    if stay.state == State.PLANNED:
        return "begin" if stay.begins_on <= today else "later"
    if stay.state == State.UNDER_WAY:
        return "there"
    if stay.state == State.RECORDED:
        return "recorded"
    return "evaluate" if stay.state in TO_EVALUATE else "past"


def to_confirm(actor: Actor) -> int:
    """How many rotations recorded afterwards wait for somebody's word as the second person."""
    me = actor.person_id or 0
    roots = tuple(sorted({grant.root for grant in actor.grants if grant.role is Role.INSTITUTION_MANAGER}))
    query = sa.select(sa.func.count()).where(
        Rotation.state == State.RECORDED,
        within(Rotation.institution_id, roots),
        Rotation.person_id != me,
        Rotation.planned_by_id.is_distinct_from(me),
        Rotation.department_id.not_in(receiving(me)),
    )
    return db.session.scalar(query) or 0


@dataclass(frozen=True)
class Recorder:
    """Who recorded a rotation afterwards and why; how much else in thirty days; whether it could have been planned."""

    name: str
    reason: str
    at: datetime
    lately: int
    could_be_planned: bool


def recorder(stay: Rotation) -> Recorder | None:
    """What the second person wants to know of whoever recorded it."""
    first = next((one for one in steps(stay) if one.what == "recorded"), None)
    if first is None:
        return None
    offered = clock.local(stay.department.created_at).date()
    return Recorder(first.by_name, first.reason, first.at, recorded_lately(stay), offered <= stay.begins_on)


def recorded_lately(stay: Rotation) -> int:
    """How many rotations whoever recorded this one recorded in thirty days, of whomever: a count, over the fence."""
    query = sa.select(sa.func.count()).where(
        Rotation.planned_by_id == stay.planned_by_id, Rotation.recorded_at >= clock.now() - timedelta(days=30)
    )
    return db.session.scalar(query, execution_options=Everything) or 0


def bars(department_id: int, first: date, last: date) -> Sequence[Rotation]:
    """Rotations within reach at a department on these days."""
    query = sa.select(Rotation).where(
        Rotation.department_id == department_id,
        Rotation.state != State.CANCELLED,
        Rotation.begins_on <= last,
        Rotation.last_on >= first,
    )
    return db.session.scalars(query.order_by(Rotation.begins_on, Rotation.id)).all()


def _about(model: Any, stay: Rotation, order: Any) -> Sequence[Any]:
    return db.session.scalars(sa.select(model).where(model.rotation_id == stay.id).order_by(order)).all()


def steps(stay: Rotation) -> Sequence[RotationStep]:
    """What was done with it, newest first."""
    return _about(RotationStep, stay, RotationStep.id.desc())


def evaluations(stay: Rotation) -> Sequence[RotationEvaluation]:
    """What was said of it, the word that holds first."""
    return _about(RotationEvaluation, stay, RotationEvaluation.version.desc())


def practice(stay: Rotation) -> Sequence[RotationPractice]:
    """Hours of practice that were confirmed, newest days first."""
    return _about(RotationPractice, stay, RotationPractice.first_on.desc())


def files(stay: Rotation) -> Sequence[RotationFile]:
    """Documents that prove it, without their bytes."""
    return _about(RotationFile, stay, RotationFile.id)
