"""What of a requirement of a curriculum somebody has, by the results that stand."""

from datetime import date
from typing import Any

import sqlalchemy as sa

from assessments.results.models import Result, ResultKind
from assessments.results.queries import STANDS
from courses.curricula.models import CurriculumRequirement
from courses.curricula.queries.kinds import asked

_EXAMS = {
    "theory": ResultKind.THEORY_EXAM,
    "practical": ResultKind.PRACTICAL_EXAM,
    "practice": ResultKind.PRACTICE_EVALUATION,
}


def rotations(on: date) -> sa.Select[int, int, Any]:
    """Days of rotation, together."""
    return _counted("rotation", Result.kind == ResultKind.ROTATION_DAYS.value, sa.func.sum(Result.value), on)


def cases(on: date) -> sa.Select[int, int, Any]:
    """Simulated cases at the asked percent or more."""
    return _counted("cases", _passed(Result.kind == ResultKind.SIMULATED_CASE.value), sa.func.count(Result.id), on)


def exams(on: date) -> sa.Select[int, int, Any]:
    """Exams of the asked kind at the asked percent or more, with no critical failure."""
    kind = sa.case(*((CurriculumRequirement.what == what, one.value) for what, one in _EXAMS.items()), else_=sa.null())
    return _counted("exam", _passed(Result.kind == kind), sa.func.count(Result.id), on)


def _passed(kind: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    technique = CurriculumRequirement.technique_id
    return sa.and_(
        kind,
        Result.value >= CurriculumRequirement.percent,
        ~Result.critical_failure,
        sa.or_(technique.is_(None), technique == Result.technique_id),
    )


def _counted(kind: str, fits: sa.ColumnElement[bool], amount: object, on: date) -> sa.Select[int, int, Any]:
    return (
        sa.select(
            CurriculumRequirement.id.label("requirement_id"),
            Result.person_id,
            sa.cast(amount, sa.Numeric).label("have"),
        )
        .select_from(sa.join(CurriculumRequirement, Result, fits))
        .where(asked(kind), STANDS, Result.on_day <= on)
        .group_by(CurriculumRequirement.id, Result.person_id)
    )
