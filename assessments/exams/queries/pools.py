"""What the bank offers a blueprint, cell by cell, and what is known of how hard its questions are."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

import sqlalchemy as sa

from assessments.bank import queries as bank
from assessments.bank.models import QuestionVersion
from assessments.bank.rules.kinds import Kind, Level
from assessments.exams.models import Exam, PaperItem, PaperVersion, ScoreRun, State
from assessments.exams.rules import papers
from assessments.exams.rules.equivalent import difficulties
from lms.db import db
from lms.i18n import _, _l

KINDS = {
    Kind.SINGLE.value: _l("Single choice"),
    Kind.MULTIPLE.value: _l("Multiple choice"),
    Kind.TRUE_FALSE.value: _l("True or false"),
    Kind.MATCHING.value: _l("Extended matching"),
    Kind.SHORT.value: _l("Short answer"),
    Kind.NUMERIC.value: _l("Numeric answer"),
    Kind.ORDERING.value: _l("Ordering"),
    Kind.HOTSPOT.value: _l("Place in a picture"),
    papers.SERIES: _l("Series under one case"),
}
LEVELS = {
    Level.RECALL.value: _l("Remembering"),
    Level.APPLY.value: _l("Applying"),
    Level.ANALYSE.value: _l("Analysing"),
}
#: By what a blueprint can tell questions apart, in the order of its columns.
SIDES = ("topic", "level", "kind")


def named(cell: papers.Cell) -> str:
    """A cell in words."""
    words = [cell.topic, LEVELS.get(cell.level, ""), KINDS.get(cell.kind, "")]
    return " · ".join(str(one) for one in words if one) or _("All questions")


def offered(banks: Iterable[str]) -> list[QuestionVersion]:
    """What these banks hold for exams, with the keys, in the order of the banks."""
    return [version for name in banks for version in bank.of_bank(name)]


def seen(versions: Sequence[QuestionVersion], facilities: dict[int, float] | None = None) -> list[papers.Offer]:
    """The questions as a blueprint sees them."""
    known = facilities or {}
    return [
        papers.Offer(
            one.topic, one.level, one.kind, one.shared_stem_version_id, one.series_place or 0, known.get(one.id)
        )
        for one in versions
    ]


def facilities_of(versions: Collection[int]) -> dict[int, float]:
    """The share of their points that these questions earned when they were last asked in a released exam."""
    query = (
        sa.select(ScoreRun.figures, Exam.paper_version_id)
        .join(Exam, Exam.id == ScoreRun.exam_id)
        .where(Exam.state == State.RELEASED)
        .order_by(ScoreRun.id)
    )
    earned = {
        one["item"]: one["facility"]
        for figures, _paper in db.session.execute(query)
        for one in figures.get("items", ())
        if one.get("facility") is not None
    }
    items = sa.select(PaperItem.id, PaperItem.question_version_id).where(PaperItem.id.in_(list(earned)))
    asked = db.session.execute(items.where(PaperItem.question_version_id.in_(list(versions))).order_by(PaperItem.id))
    return {version: float(earned[item]) for item, version in asked}


@dataclass(frozen=True)
class Row:
    """One cell that can be asked for, and how many questions the bank has in it."""

    cell: papers.Cell
    there: int
    #: how long the series in it are
    series: tuple[int, ...] = ()


def rows(versions: Sequence[QuestionVersion], sides: Collection[str]) -> list[Row]:
    """The cells into which these questions fall, told apart by these sides; none overlaps another."""
    there: Counter[papers.Cell] = Counter()
    series: dict[papers.Cell, set[int]] = defaultdict(set)
    topics: dict[str, int] = {}
    for unit in papers.units(seen(versions)):
        cell = papers.Cell(**{side: getattr(unit, side) for side in SIDES if side in sides})
        topics.setdefault(cell.topic, len(topics))
        there[cell] += len(unit.members)
        series[cell].update({len(unit.members)} if unit.kind == papers.SERIES else ())
    order = {name: number for number, name in enumerate(("", *KINDS, *LEVELS))}
    found = sorted(there, key=lambda c: (topics[c.topic], order[c.level], order[c.kind]))
    return [Row(cell, there[cell], tuple(sorted(series[cell]))) for cell in found]


def forms_of(paper: PaperVersion, items: Sequence[PaperItem]) -> list[tuple[list[int], int, float]]:
    """Each form: the positions on it, the points they earn, and how easy its questions are taken to be (0 to 1)."""
    if not paper.forms:
        return []
    known = facilities_of({item.question_version_id for item in items})
    hard = difficulties([i.question.level for i in items], [known.get(i.question_version_id) for i in items])
    at = {item.position: number for number, item in enumerate(items)}
    return [
        (
            list(form),
            sum(items[at[position]].points for position in form),
            1 - fmean(hard[at[position]] for position in form),
        )
        for form in paper.forms
    ]
