"""Marking an exam: every attempt by the approved key, and everything again by a second scorer."""

from typing import Any

from assessments.exams.models import AnswerKey, Attempt, Exam, ExamScore, ScoreRun, State
from assessments.exams.policy import Exams, keep_candidates_out
from assessments.exams.queries import exams as exam_queries
from assessments.exams.queries import scores as queries
from assessments.exams.rules import scoring, statistics
from lms.authz import Actor
from lms.db import db
from lms.errors import Conflict
from lms.i18n import _
from lms.service import service, tell


@service(needs=Exams.MARK)
def mark(actor: Actor, exam: Exam) -> ScoreRun:
    """Mark every attempt of a closed exam; again with the same answers, key and cut gives the run that stands."""
    keep_candidates_out(actor, exam)
    db.session.refresh(exam, with_for_update=True)
    if exam.state not in (State.CLOSED, State.SCORED):
        raise Conflict(_("An exam is marked after it has closed and before it is released."))
    found = queries.marked(exam, exam.key)
    last = exam_queries.last_run(exam)
    if last is not None and last.input_hash == found.input_hash and last.key_id == exam.key_id:
        exam.state = State.SCORED
        return last
    run = write_run(exam, exam.key, found, by=actor.person_id)
    exam.state = State.SCORED
    db.session.flush()
    tell(exam=exam.id, run=run.version, attempts=len(found.attempts), hash=found.input_hash.hex())
    return run


def write_run(exam: Exam, key: AnswerKey, found: queries.Marking, *, by: int | None) -> ScoreRun:
    """Write a marking down beside those that were, with its figures and what the second scorer says of it."""
    figures, error = _figures(found)
    kept = [[_item(one) for one in score.items] for score in found.scores]
    marks = [(a.id, s.percent, rows, a.items) for a, s, rows in zip(found.attempts, found.scores, kept, strict=True)]
    figures["differ"] = queries.differing(exam, key, marks)
    last = exam_queries.last_run(exam)
    run = ScoreRun(
        institution_id=exam.institution_id,
        exam_id=exam.id,
        version=last.version + 1 if last else 1,
        key_id=key.id,
        rules_version=scoring.RULES,
        input_hash=found.input_hash,
        standard_error=error,
        figures=figures,
        made_by_id=by,
    )
    db.session.add(run)
    db.session.flush()
    rows = zip(found.attempts, found.scores, kept, strict=True)
    db.session.add_all(_score_row(exam, run, attempt, score, items) for attempt, score, items in rows)
    db.session.flush()
    return run


def _score_row(
    exam: Exam, run: ScoreRun, attempt: Attempt, score: scoring.Score, items: list[dict[str, Any]]
) -> ExamScore:
    return ExamScore(
        institution_id=exam.institution_id,
        person_id=attempt.person_id,
        run_id=run.id,
        attempt_id=attempt.id,
        percent=score.percent,
        maximum=score.maximum,
        passed=scoring.passed(score.percent, exam.pass_percent),
        items=items,
        input_hash=score.input_hash,
    )


def _item(one: scoring.Marked) -> dict[str, Any]:
    told = {"item": one.item, "answer": list(one.answer), "points": str(one.points), "of": one.of}
    return told | ({"dropped": True} if one.dropped else {})


def _figures(found: queries.Marking) -> tuple[dict[str, Any], Any]:
    """Figures over the questions that count; what everybody gets tells nothing about anybody."""
    points = {item.id: item.points for item in found.paper.items if item.id not in found.dropped}
    laid = statistics.sheet(points, [[one for one in score.items if not one.dropped] for score in found.scores])
    return statistics.figures(laid)
