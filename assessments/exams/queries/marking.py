"""What marking reads: the paper, the key, every answer; and what it showed."""

from collections import defaultdict
from collections.abc import Collection
from fractions import Fraction
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from assessments.bank.rules.marking import Multiple
from assessments.exams.models import AnswerEvent, AnswerKey, Attempt, Exam, ExamScore, PaperVersion, ScoreRun
from assessments.exams.queries.exams import items_of
from assessments.exams.rules.scoring import Event, Item, Key, Marked, Paper, Topic, by_topic
from lms.db import Everything, db
from lms.people.models import Person


def paper_of(version: PaperVersion) -> Paper:
    """The paper as marking reads it."""
    items = tuple(
        Item(one.id, one.question.kind, one.points, one.question.topic, tuple(one.question.option_keys))
        for one in items_of(version.id)
    )
    return Paper(version.content_hash.hex(), items, Multiple(version.multiple))


def key_of(key: AnswerKey) -> Key:
    """The key as marking reads it."""
    return {int(item): right for item, right in key.keys.items()}


def attempts_of(exam: Exam) -> list[Attempt]:
    """All attempts of an exam that were begun."""
    query = sa.select(Attempt).where(Attempt.exam_id == exam.id, Attempt.started_at.is_not(None))
    return list(db.session.scalars(query.order_by(Attempt.id)))


def events_of(exam: Exam) -> dict[UUID, list[Event]]:
    """Every answer that counts, by attempt."""
    event = AnswerEvent
    query = sa.select(event.id, event.attempt_id, event.item_id, event.seq, event.epoch, event.answer)
    query = query.join(Attempt, Attempt.id == event.attempt_id).where(Attempt.exam_id == exam.id)
    found: dict[UUID, list[Event]] = defaultdict(list)
    for row in db.session.execute(query):
        found[row.attempt_id].append(Event(str(row.id), row.item_id, row.seq, row.epoch, tuple(row.answer)))
    return found


def results_of(run: ScoreRun) -> sa.Select[*tuple[Any, ...]]:
    """The results of a run, best first; run it over the fence."""
    query = (
        sa.select(ExamScore, Person.name)
        .join(Person, Person.id == ExamScore.person_id)
        .where(ExamScore.run_id == run.id)
        .order_by(ExamScore.percent.desc(), Person.sort_key, Person.name, ExamScore.id)
    )
    return query.execution_options(**Everything)


def scores_of(run: ScoreRun) -> list[ExamScore]:
    """All scores of a run."""
    return list(db.session.scalars(sa.select(ExamScore).where(ExamScore.run_id == run.id).order_by(ExamScore.id)))


def attempts_by_id(scores: Collection[ExamScore]) -> dict[UUID, Attempt]:
    """The attempts these scores are of, by id, in one statement."""
    query = sa.select(Attempt).where(Attempt.id.in_([score.attempt_id for score in scores]))
    return {attempt.id: attempt for attempt in db.session.scalars(query)}


def missing_from_reach(persons: Collection[int]) -> list[str]:
    """Names of those of these persons who are not (or no longer) within the reach of whoever asks."""
    query = sa.select(Person.id, Person.name).where(Person.id.in_(persons))
    everyone: dict[int, str] = dict(db.session.execute(query, execution_options=Everything).all())
    here = set(db.session.scalars(sa.select(Person.id).where(Person.id.in_(list(everyone)))))
    return [name for number, name in everyone.items() if number not in here]


def passed_of(run: ScoreRun) -> int:
    """How many reached the cut."""
    query = sa.select(sa.func.count()).where(ExamScore.run_id == run.id, ExamScore.passed)
    return db.session.scalars(query).one()


def topics_of_score(score: ExamScore, paper_version_id: int) -> list[Topic]:
    """One result topic by topic, weakest first."""
    topics = {item.id: item.question.topic for item in items_of(paper_version_id)}
    marked = [Marked(one["item"], tuple(one["answer"]), Fraction(one["points"]), one["of"]) for one in score.items]
    return by_topic(marked, topics)
