"""What a candidate learns from a released result: how sure it is, topic by topic, and where to go next."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sqlalchemy as sa

from assessments.exams.models import AnswerKey, Exam, ExamScore, Feedback, PaperItem
from assessments.exams.queries import marking
from assessments.exams.queries.exams import items_of
from assessments.exams.rules.band import Band, band
from assessments.exams.rules.scoring import Topic
from lms.db import Everything, db
from lms.techniques.models import Technique
from lms.techniques.queries import RELATED, Related

#: So many techniques are named as the next to work on, each with so many ways of every sort.
TECHNIQUES, WAYS = 3, 2


@dataclass(frozen=True)
class Next:
    """A technique to work on, and where: lessons that teach it, cases that train it."""

    technique: Technique
    ways: Sequence[tuple[object, Sequence[Related]]]


@dataclass(frozen=True)
class Shown:
    """One question with the candidate's answer, what was right, and what it earned."""

    item: PaperItem
    answer: list[str]
    key: Any
    points: Fraction
    dropped: bool


@dataclass(frozen=True)
class Told:
    """Everything a candidate is told beside the mark."""

    band: Band
    topics: Sequence[Topic]
    following: Sequence[Next]
    items: Sequence[Shown]


def told(exam: Exam, score: ExamScore) -> Told:
    """As much as the exam lets candidates see."""
    wide = band(score.percent, score.run.standard_error, exam.pass_percent)
    if exam.feedback == Feedback.NOTHING:
        return Told(wide, (), (), ())
    keyed = exam.feedback == Feedback.ITEMS
    items = {item.id: item for item in items_of(exam.paper_version_id, keyed=keyed)}
    topics = marking.topics_of_score(score, exam.paper_version_id)
    return Told(wide, topics, _following(score, items), _items(score, items) if keyed else ())


def _following(score: ExamScore, items: dict[int, PaperItem]) -> list[Next]:
    """The techniques that cost the most points."""
    lost: Counter[int] = Counter()
    for one in score.items:
        missing = one["of"] - Fraction(one["points"])
        if missing:
            lost[items[one["item"]].question.technique_id] += missing
    order = sorted(lost, key=lambda number: (-lost[number], number))[:TECHNIQUES]
    found = []
    for number in order:
        ways = [(relation.label, list(relation.find(number))[:WAYS]) for relation in RELATED.values()]
        found.append(Next(db.session.get_one(Technique, number), [(label, some) for label, some in ways if some]))
    return found


def _items(score: ExamScore, items: dict[int, PaperItem]) -> list[Shown]:
    """In the order in which this candidate had them."""
    # over the fence: the key belongs to the officers, and the exam says that its candidates may see it now
    held = sa.select(AnswerKey).where(AnswerKey.id == score.run.key_id)
    key = marking.key_of(db.session.scalars(held, execution_options=Everything).one())
    by_item = {one["item"]: one for one in score.items}
    return [
        Shown(
            items[number],
            by_item[number]["answer"],
            key[number],
            Fraction(by_item[number]["points"]),
            bool(by_item[number].get("dropped")),
        )
        for number in score.attempt.items
    ]
