"""Marking an exam, and releasing what came of it: the second act by a second officer."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from assessments.bank.rules.content import digest
from assessments.exams.events import ExamReleased
from assessments.exams.models import Attempt, Decided, Exam, ExamDecision, ExamScore, ScoreRun, State
from assessments.exams.policy import Exams, keep_candidates_out
from assessments.exams.queries import exams as exam_queries
from assessments.exams.queries import late as late_queries
from assessments.exams.queries import marking as queries
from assessments.exams.rules import scoring, statistics
from assessments.results.models import ResultKind
from assessments.results.services import Evidence, record
from lms import clock
from lms.authz import Actor
from lms.db import db
from lms.errors import Conflict
from lms.events import publish
from lms.i18n import _
from lms.people.models import Person
from lms.service import service, tell


@service(needs=Exams.MARK)
def mark(actor: Actor, exam: Exam) -> ScoreRun:
    """Mark every attempt of a closed exam; again with the same answers and key gives the run that stands."""
    keep_candidates_out(actor, exam)
    db.session.refresh(exam, with_for_update=True)
    if exam.state not in (State.CLOSED, State.SCORED):
        raise Conflict(_("An exam is marked after it has closed and before it is released."))
    attempts = queries.attempts_of(exam)
    paper, key = queries.paper_of(exam.paper), queries.key_of(exam.key)
    events = late_queries.events_that_count(exam)
    scores = [scoring.score(events.get(attempt.id, ()), paper, key) for attempt in attempts]
    input_hash = digest({str(a.id): s.input_hash.hex() for a, s in zip(attempts, scores, strict=True)})
    last = exam_queries.last_run(exam)
    if last is not None and last.input_hash == input_hash and last.key_id == exam.key_id:
        return last
    run = _write(actor, exam, input_hash, paper, scores)
    db.session.add_all(_score_row(exam, run, a, s) for a, s in zip(attempts, scores, strict=True))
    exam.state = State.SCORED
    db.session.flush()
    tell(exam=exam.id, run=run.version, attempts=len(attempts), hash=input_hash.hex())
    return run


def _write(
    actor: Actor, exam: Exam, input_hash: bytes, paper: scoring.Paper, scores: Sequence[scoring.Score]
) -> ScoreRun:
    figures, error = _figures(paper, scores)
    last = exam_queries.last_run(exam)
    run = ScoreRun(
        institution_id=exam.institution_id,
        exam_id=exam.id,
        version=last.version + 1 if last else 1,
        key_id=exam.key_id,
        rules_version=scoring.RULES,
        input_hash=input_hash,
        standard_error=error,
        figures=figures,
        made_by_id=actor.person_id,
    )
    db.session.add(run)
    db.session.flush()
    return run


def _score_row(exam: Exam, run: ScoreRun, attempt: Attempt, score: scoring.Score) -> ExamScore:
    return ExamScore(
        institution_id=exam.institution_id,
        person_id=attempt.person_id,
        run_id=run.id,
        attempt_id=attempt.id,
        percent=score.percent,
        maximum=score.maximum,
        passed=scoring.passed(score.percent, exam.pass_percent),
        items=[
            {"item": one.item, "answer": list(one.answer), "points": str(one.points), "of": one.of}
            for one in score.items
        ],
        input_hash=score.input_hash,
    )


def _figures(paper: scoring.Paper, scores: Sequence[scoring.Score]) -> tuple[dict[str, Any], Decimal | None]:
    laid = statistics.sheet({item.id: item.points for item in paper.items}, [score.items for score in scores])
    return statistics.figures(laid)


@service(needs=Exams.RELEASE)
def release(actor: Actor, exam: Exam, *, input_hash: bytes) -> int:
    """Let the marks that were shown stand, by another officer than the one who marked; how many results it wrote."""
    keep_candidates_out(actor, exam)
    db.session.refresh(exam, with_for_update=True)
    run = exam_queries.last_run(exam)
    if exam.state != State.SCORED or run is None:
        raise Conflict(_("Only marked results that have not been released can be released."))
    if run.input_hash != input_hash:
        raise Conflict(_("The exam was marked again since you opened the page. Look at it again."))
    if run.made_by_id == actor.person_id:
        raise Conflict(_("You marked this exam. Another officer must release it."))
    gone = queries.missing_from_reach(run)
    if gone:
        raise Conflict(_("No longer in your area: %(names)s. The authority above must release.", names="、".join(gone)))
    db.session.add(
        ExamDecision(
            institution_id=exam.institution_id,
            exam_id=exam.id,
            decided=Decided.RELEASE,
            content_hash=input_hash,
            person_id=actor.person_id,
        )
    )
    scores = queries.scores_of(run)
    for score in scores:
        _record(actor, exam, run, score)
    exam.state = State.RELEASED
    publish(ExamReleased(exam.id, run.id))
    tell(exam=exam.id, run=run.version, results=len(scores), hash=input_hash.hex())
    return len(scores)


def _record(actor: Actor, exam: Exam, run: ScoreRun, score: ExamScore) -> None:
    person = db.session.get_one(Person, score.person_id)
    source = {
        "exam": exam.id,
        "approved": (exam.approved_hash or b"").hex(),
        "attempt": str(score.attempt_id),
        "run": run.version,
        "rules": run.rules_version,
        "input": score.input_hash.hex(),
        "percent": str(score.percent),
    }
    evidence = Evidence(
        kind=ResultKind.THEORY_EXAM,
        on_day=clock.local(score.attempt.began).date(),
        source_kind="exam_attempt",
        source_id=str(score.attempt_id),
        source=source,
        value=score.percent,
        standard_error=run.standard_error,
    )
    record(actor, person, evidence=evidence)
