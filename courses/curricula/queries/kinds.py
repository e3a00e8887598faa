"""Kinds of requirements: who has how much of each, as one statement for however many people and requirements.

A kind is registered in the wiring of the room that knows it. `have(day)` selects `requirement_id`, `person_id` and
`have` over everybody; who asks about few people narrows it from outside, and PostgreSQL pushes that down.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from flask_babel.speaklater import LazyString

from courses.curricula.models import CurriculumRequirement
from courses.curricula.rules.tiers import GRAMMAR
from courses.hours.models import HoursEntry
from lms.techniques.models import Standing

Have = Callable[[date], sa.Select[int, int, Any]]


@dataclass(frozen=True)
class RequirementKind:
    """One kind: its word, its icon, the unit of its amount, and who has how much."""

    name: str
    label: LazyString
    icon: str
    unit: LazyString | str
    have: Have


KINDS: dict[str, RequirementKind] = {}


def add_kind(kind: RequirementKind) -> None:
    """Let curricula ask for this kind; wiring the same one again changes nothing."""
    if kind.name not in GRAMMAR:
        raise ValueError(f"curricula: nothing says what a requirement of the kind {kind.name!r} may name")
    KINDS[kind.name] = kind


def asked(kind: str) -> sa.ColumnElement[bool]:
    """The requirements of one kind."""
    return CurriculumRequirement.kind == kind


def progress(version_ids: Collection[int], on: date) -> sa.Subquery:
    """How much everybody has of the requirements of these versions: requirement_id, person_id, have."""
    return _progress(tuple(version_ids), on, tuple(KINDS))


@lru_cache(maxsize=64)
def _progress(version_ids: tuple[int, ...], on: date, kinds: tuple[str, ...]) -> sa.Subquery:
    """Written once a day for a version: every doctor's home asks it, and it has a part for every kind."""
    mine = sa.select(CurriculumRequirement.id).where(CurriculumRequirement.version_id.in_(version_ids))
    parts = [sa.select(*(part := kind.have(on).subquery()).c).where(part.c.requirement_id.in_(mine))
             for kind in map(KINDS.__getitem__, kinds)]  # fmt: skip
    return sa.union_all(*parts).subquery("progress")


def hours(on: date) -> sa.Select[int, int, Any]:
    """Hours of the ledger; where they are asked yearly, those of the year."""
    year = HoursEntry.on_day.between(date(on.year, 1, 1), date(on.year, 12, 31))
    wanted = sa.or_(CurriculumRequirement.what == "any", CurriculumRequirement.what == HoursEntry.kind)
    return (
        sa.select(
            CurriculumRequirement.id.label("requirement_id"),
            HoursEntry.person_id,
            (sa.func.sum(HoursEntry.minutes) / sa.cast(60, sa.Numeric)).label("have"),
        )
        .select_from(sa.join(CurriculumRequirement, HoursEntry, wanted))
        .where(asked("hours"), sa.or_(~CurriculumRequirement.yearly, year))
        .group_by(CurriculumRequirement.id, HoursEntry.person_id)
    )


def techniques(on: date) -> sa.Select[int, int, Any]:
    """The level at which a technique is held, as long as its proof is current."""
    current = sa.or_(Standing.valid_until.is_(None), Standing.valid_until >= on)
    return (
        sa.select(
            CurriculumRequirement.id.label("requirement_id"),
            Standing.person_id,
            sa.cast(Standing.level, sa.Numeric).label("have"),
        )
        .join(Standing, Standing.technique_id == CurriculumRequirement.technique_id)
        .where(asked("technique"), current)
    )
