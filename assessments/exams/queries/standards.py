"""What a cut is set on, and how cuts of an exam were set."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

import sqlalchemy as sa

from assessments.bank.rules.kinds import Kind
from assessments.exams.models import Exam, ExamScore, PaperItem, PaperVersion, ScoreRun, Standard, StandardUse
from assessments.exams.queries.exams import items_of
from assessments.exams.rules.standards import Basis, chance_percent
from lms.db import Everything, db
from lms.people.models import Person

#: Kinds of which one answer is right: guessing has its share.
_GUESSED = (Kind.SINGLE, Kind.TRUE_FALSE)


def points_of(paper: PaperVersion) -> list[Fraction]:
    """What each question counts: its points; of a pool, as much as a candidate may expect to get of it."""
    items = items_of(paper.id)
    there = Counter(item.cell for item in items)
    forms = max(1, len(paper.forms or ()))
    return [item.points * _part(paper, item, there[item.cell] // forms) for item in items]


def _part(paper: PaperVersion, item: PaperItem, there: int) -> Fraction:
    cells = paper.blueprint or []
    if item.cell is None or item.cell >= len(cells):
        return Fraction(1)
    return Fraction(int(cells[item.cell]["count"]), there)


def scores_of(run: ScoreRun | None) -> list[Fraction]:
    """What everybody scored in a marking, in percent."""
    if run is None:
        return []
    query = sa.select(ExamScore.percent).where(ExamScore.run_id == run.id)
    return [Fraction(percent) for percent in db.session.scalars(query, execution_options=Everything)]


def basis(exam: Exam, run: ScoreRun | None) -> Basis:
    """What a cut of this exam is worked out on."""
    return Basis(points_of(exam.paper), scores_of(run))


def guessing(exam: Exam) -> Fraction:
    """What guessing alone earns on this paper, in percent."""
    items = items_of(exam.paper_version_id)
    counts = [len(item.question.option_keys) if item.question.kind in _GUESSED else 0 for item in items]
    return chance_percent([(item.points, count) for item, count in zip(items, counts, strict=True)])


@dataclass(frozen=True)
class Set:
    """One standard setting, who made it, and who wanted it to be the cut."""

    standard: Standard
    made_by: str
    wanted: Sequence[tuple[int, str, datetime]]


def settings_of(exam: Exam) -> list[Set]:
    """Every standard setting of an exam, newest first; two statements."""
    query = sa.select(Standard, Person.name).join(Person, Person.id == Standard.made_by_id)
    query = query.where(Standard.exam_id == exam.id).order_by(Standard.version.desc())
    rows = db.session.execute(query, execution_options=Everything).all()
    wanted = _wanted([standard.id for standard, _name in rows])
    return [Set(standard, name, wanted.get(standard.id, [])) for standard, name in rows]


def _wanted(standards: Sequence[int]) -> dict[int, list[tuple[int, str, datetime]]]:
    query = sa.select(StandardUse.standard_id, StandardUse.person_id, Person.name, StandardUse.at)
    query = query.join(Person, Person.id == StandardUse.person_id).where(StandardUse.standard_id.in_(standards))
    found: dict[int, list[tuple[int, str, datetime]]] = {}
    for standard, person, name, at in db.session.execute(query.order_by(StandardUse.at), execution_options=Everything):
        found.setdefault(standard, []).append((person, name, at))
    return found


def wanted(standard: Standard, seal: bytes) -> set[int]:
    """Who wanted this standard to be the cut of just this paper, key and time."""
    query = sa.select(StandardUse.person_id).where(StandardUse.standard_id == standard.id, StandardUse.seal == seal)
    return set(db.session.scalars(query))


def next_version(exam: Exam) -> int:
    """The number of the next standard setting."""
    query = sa.select(sa.func.coalesce(sa.func.max(Standard.version), 0)).where(Standard.exam_id == exam.id)
    return db.session.scalars(query).one() + 1


def of_exam(exam: int, number: int) -> Standard | None:
    """One standard setting by its exam and number, within reach."""
    return db.session.scalar(sa.select(Standard).where(Standard.exam_id == exam, Standard.version == number))
