"""An exam marked by a key, without anything being written: for the marking, for a dry run, and for a second look."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from assessments.bank.models import QuestionVersion
from assessments.bank.rules.content import digest
from assessments.exams.models import AnswerEvent, AnswerKey, Attempt, Exam, ExamScore, LateEvent, PaperItem, ScoreRun
from assessments.exams.queries import late, marking
from assessments.exams.rules import scoring
from assessments.exams.rules.late import COUNTED
from assessments.exams.rules.regrading import Mark
from assessments.exams.rules.second import Row, Second, second
from lms.db import Everything, db


@dataclass(frozen=True)
class Marking:
    """Every attempt with its score, and the hash of everything they rest on."""

    attempts: Sequence[Attempt]
    paper: scoring.Paper
    dropped: frozenset[int]
    scores: Sequence[scoring.Score]
    input_hash: bytes

    def marks(self, exam: Exam) -> dict[str, Mark]:
        """Percent, passed or not, and input, by attempt."""
        return {
            str(attempt.id): Mark(score.percent, scoring.passed(score.percent, exam.pass_percent), score.input_hash)
            for attempt, score in zip(self.attempts, self.scores, strict=True)
        }


def marked_by(exam: Exam, key: scoring.Key, dropped: frozenset[int] = frozenset()) -> Marking:
    """Mark every attempt of an exam by this key, each by the items it sat and the answers that count."""
    attempts, paper = marking.attempts_of(exam), marking.paper_of(exam.paper)
    events = late.events_that_count(exam)
    scores = [scoring.score(events.get(one.id, ()), paper.sat(set(one.items)), key, dropped) for one in attempts]
    inputs = {str(one.id): score.input_hash.hex() for one, score in zip(attempts, scores, strict=True)}
    return Marking(attempts, paper, dropped, scores, digest({"cut": f"{exam.pass_percent:.2f}"} | inputs))


def marked(exam: Exam, key: AnswerKey) -> Marking:
    """Mark every attempt of an exam by one version of its key."""
    return marked_by(exam, marking.key_of(key), frozenset(key.dropped))


def marks_of(run: ScoreRun) -> tuple[dict[str, Mark], dict[str, int]]:
    """What a run came to, by attempt, and whose attempt each is."""
    rows = marking.scores_of(run)
    found = {str(row.attempt_id): Mark(row.percent, row.passed, row.input_hash) for row in rows}
    return found, {str(row.attempt_id): row.person_id for row in rows}


def disagreeing(run: ScoreRun, exam: Exam, key: AnswerKey) -> list[str]:
    """Attempts for which the second scorer comes to other marks than the run that is written down."""
    query = sa.select(ExamScore.attempt_id, ExamScore.percent, ExamScore.items, Attempt.items)
    query = query.join(Attempt, Attempt.id == ExamScore.attempt_id).where(ExamScore.run_id == run.id)
    return differing(exam, key, db.session.execute(query, execution_options=Everything).all())


def differing(exam: Exam, key: AnswerKey, marks: Sequence[Any]) -> list[str]:
    """Attempts for which the second scorer comes to other marks: rows of attempt, percent, items as kept, items sat."""
    sheets = _sheets(exam, key)
    answers = _current_answers(exam)
    differ, seen = [], set()
    for attempt_id, percent, items, sat in marks:
        rows = [sheets[number] for number in sheets if number in set(sat)]
        other = second(rows, answers.get(attempt_id, {}), exam.paper.multiple, key.dropped)
        seen.add(attempt_id)
        if not _same(other, percent, items):
            differ.append(str(attempt_id))
    begun = sa.select(Attempt.id).where(Attempt.exam_id == exam.id, Attempt.started_at.is_not(None))
    missing = set(db.session.scalars(begun, execution_options=Everything)) - seen
    return sorted([*differ, *map(str, missing)])


def _same(other: Second, percent: Any, items: Sequence[Mapping[str, Any]]) -> bool:
    return other.percent == f"{percent:.3f}" and dict(other.points) == {one["item"]: one["points"] for one in items}


def _sheets(exam: Exam, key: AnswerKey) -> dict[int, Row]:
    query = (
        sa.select(
            PaperItem.id, QuestionVersion.kind, PaperItem.points, sa.func.cardinality(QuestionVersion.option_keys)
        )
        .join(QuestionVersion, QuestionVersion.id == PaperItem.question_version_id)
        .where(PaperItem.paper_version_id == exam.paper_version_id)
        .order_by(PaperItem.position)
    )
    return {
        item: Row(item, kind, points, options, key.keys.get(str(item)))
        for item, kind, points, options in db.session.execute(query)
    }


def _current_answers(exam: Exam) -> dict[UUID, dict[int, list[str]]]:
    """The answer that counts for every item of every attempt, chosen by the database."""
    of_exam = sa.select(Attempt.id).where(Attempt.exam_id == exam.id)
    ways = []
    for event, later, only in (
        (AnswerEvent, 0, sa.true()),
        (LateEvent, COUNTED, LateEvent.id.in_(late.counting(exam))),
    ):
        columns = event.attempt_id, event.item_id, event.answer, event.seq, event.id
        place = sa.cast(event.epoch, sa.BigInteger) + later
        ways.append(sa.select(*columns, place.label("place")).where(event.attempt_id.in_(of_exam), only))
    every = sa.union_all(*ways).subquery()
    order = every.c.place.desc(), every.c.seq.desc(), every.c.id.desc()
    rank = sa.func.row_number().over(partition_by=(every.c.attempt_id, every.c.item_id), order_by=order)
    ranked = sa.select(every.c.attempt_id, every.c.item_id, every.c.answer, rank.label("rank")).subquery()
    query = sa.select(ranked.c.attempt_id, ranked.c.item_id, ranked.c.answer).where(ranked.c.rank == 1)
    found: dict[UUID, dict[int, list[str]]] = {}
    for attempt_id, item, answer in db.session.execute(query, execution_options=Everything):
        found.setdefault(attempt_id, {})[item] = answer
    return found
