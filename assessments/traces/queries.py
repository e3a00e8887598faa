"""Selects over measured skills."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.traces.models import SkillTrace, TraceTarget, TraceTargetVersion, TraceWithdrawal
from assessments.traces.rules.judging import Aspect, Finding, How
from courses.mentoring.models import Pairing
from courses.mentoring.queries.matching import holds
from lms.authz import Actor, Role
from lms.db import db
from lms.institutions.models import Institution
from lms.institutions.queries.tree import shown_name
from lms.people.models import Person
from lms.techniques.queries import Related

#: Earlier traces that a report is compared with.
TREND = 12
FOUND = 12


@dataclass(frozen=True)
class Sought:
    """What a list of traces is narrowed to."""

    words: str = ""
    target: str = ""
    sort: str = "-day"


def newest_targets() -> list[TraceTargetVersion]:
    """The newest version of every set of targets in use."""
    later = orm.aliased(TraceTargetVersion)
    newer = sa.exists().where(
        later.target_id == TraceTargetVersion.target_id, later.version > TraceTargetVersion.version
    )
    query = (
        sa.select(TraceTargetVersion)
        .join(TraceTarget)
        .where(~TraceTarget.retired, ~newer)
        .options(orm.contains_eager(TraceTargetVersion.target))
        .order_by(TraceTarget.technique_id.is_(None), TraceTarget.code)
    )
    return list(db.session.scalars(query))


def findings(trace: SkillTrace) -> tuple[Finding, ...]:
    """What a trace came to, aspect by aspect."""
    return tuple(
        Finding(Aspect(one["aspect"]), one["met"], How(one["how"]), Decimal(one["share"]))
        for one in trace.measured["findings"]
    )


def withdrawal(trace: SkillTrace) -> TraceWithdrawal | None:
    """That it was taken back, if it was."""
    return db.session.scalar(sa.select(TraceWithdrawal).where(TraceWithdrawal.trace_id == trace.id))


def _loaded() -> sa.Select[SkillTrace]:
    target = orm.joinedload(SkillTrace.version).joinedload(TraceTargetVersion.target)
    return sa.select(SkillTrace).options(target, orm.joinedload(SkillTrace.withdrawal))


def of_doctor(person_id: int) -> sa.Select[SkillTrace]:
    """One doctor's traces, the newest first."""
    return _loaded().where(SkillTrace.person_id == person_id).order_by(SkillTrace.done_on.desc(), SkillTrace.id.desc())


def earlier(trace: SkillTrace) -> list[SkillTrace]:
    """What the same doctor did before against the same targets, oldest first; not what was taken back."""
    before = sa.or_(
        SkillTrace.done_on < trace.done_on,
        sa.and_(SkillTrace.done_on == trace.done_on, SkillTrace.id < trace.id),
    )
    query = (
        of_doctor(trace.person_id)
        .join(TraceTargetVersion, TraceTargetVersion.id == SkillTrace.target_version_id)
        .where(before, TraceTargetVersion.target_id == trace.version.target_id)
        .where(~sa.exists().where(TraceWithdrawal.__table__.c.trace_id == SkillTrace.id))
        .limit(TREND)
    )
    return list(db.session.scalars(query))[::-1]


def listing(sought: Sought) -> sa.Select[SkillTrace, str]:
    """Supervised traces within reach with the doctor's institution."""
    sorts: Mapping[str, Any] = {
        "doctor": SkillTrace.doctor_name.collate("C"),
        "percent": SkillTrace.percent,
        "day": SkillTrace.done_on,
    }
    query = (
        sa.select(SkillTrace, shown_name().label("institution"))
        .join(Institution, Institution.id == SkillTrace.institution_id)
        .join(TraceTargetVersion, TraceTargetVersion.id == SkillTrace.target_version_id)
        .join(TraceTarget, TraceTarget.id == TraceTargetVersion.target_id)
        .where(SkillTrace.supervised)
        .options(
            orm.contains_eager(SkillTrace.version).contains_eager(TraceTargetVersion.target),
            orm.joinedload(SkillTrace.withdrawal),
        )
    )
    if sought.words:
        names = (SkillTrace.doctor_name, SkillTrace.sent_by_name)
        query = query.where(sa.or_(*(name.icontains(sought.words, autoescape=True) for name in names)))
    if sought.target:
        query = query.where(TraceTarget.code == sought.target)
    column = sorts.get(sought.sort.removeprefix("-"), SkillTrace.done_on)
    return query.order_by(column.desc() if sought.sort.startswith("-") else column, SkillTrace.id.desc())


def of_pairs(_actor: Actor, pairs: Sequence[Pairing]) -> dict[int, list[SkillTrace]]:
    """For the page of a pair: the apprentice's traces, the newest first; every pair is in the answer."""
    people = {pair.person_id: pair.id for pair in pairs}
    query = _loaded().where(SkillTrace.person_id.in_(people)).order_by(SkillTrace.done_on.desc(), SkillTrace.id.desc())
    made: dict[int, list[SkillTrace]] = {pair.id: [] for pair in pairs}
    for one in db.session.scalars(query):
        made[people[one.person_id]].append(one)
    return made


def doctors(words: str) -> list[Any]:
    """Doctors within reach by name or institution."""
    query = (
        sa.select(Person.id, Person.name, shown_name().label("institution"))
        .join(Institution, Institution.id == Person.institution_id)
        .where(holds(Role.DOCTOR))
        .where(sa.or_(*(text.icontains(words, autoescape=True) for text in (Person.name, Institution.name))))
        .order_by(Person.sort_key, Person.id)
    )
    return list(db.session.execute(query.limit(FOUND)))


def measuring(technique_id: int) -> list[Related]:
    """For the page of a technique: that it can be measured."""
    query = sa.select(TraceTarget).where(TraceTarget.technique_id == technique_id, ~TraceTarget.retired)
    return [
        Related(one.title, one.title_en, "traces.practise", {"target": one.code}) for one in db.session.scalars(query)
    ]


def content_of(trace: SkillTrace) -> bytes:
    """The file of a trace, packed."""
    return db.session.scalars(sa.select(SkillTrace.content).where(SkillTrace.id == trace.id)).one()
