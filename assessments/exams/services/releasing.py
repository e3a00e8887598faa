"""Releasing marks: the second act by a second officer, when everything that could tell a wrong key has been asked."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from assessments.exams.events import ExamReleased
from assessments.exams.models import Attempt, Decided, Exam, ExamDecision, ExamScore, Feedback, ScoreRun, State
from assessments.exams.policy import Exams, keep_candidates_out
from assessments.exams.queries import exams as exam_queries
from assessments.exams.queries import gate
from assessments.exams.queries import marking as queries
from assessments.exams.rules.gate import Check
from assessments.results.models import ResultKind
from assessments.results.services import Brought, Evidence, record_many
from lms import clock
from lms.authz import Actor
from lms.db import db
from lms.errors import Conflict, Invalid
from lms.events import publish
from lms.i18n import _, _l
from lms.service import service, tell

#: What a refused release says, check by check.
HINDRANCES: Final = {
    Check.SECOND: _l("The second scorer comes to other marks. Nothing is released before that is explained."),
    Check.LATE: _l("Late answers still wait for a decision."),
    Check.KEYS: _l("Questions whose key looks wrong still wait for a written ruling."),
    Check.PASSED: _l("So many passed, or so few, that somebody must write down why."),
    Check.MAXIMUM: _l("Candidates could not all earn the same number of points. Their marks cannot be compared."),
}


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
    _check_second_person(actor, exam, run)
    if missing := gate.standing(exam, run).missing:
        raise Conflict(str(HINDRANCES[missing[0]]))
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
    record_scores(actor, exam, run, scores)
    exam.state = State.RELEASED
    publish(ExamReleased(exam.id, run.id))
    tell(exam=exam.id, run=run.version, results=len(scores), hash=input_hash.hex())
    return len(scores)


def _check_second_person(actor: Actor, exam: Exam, run: ScoreRun) -> None:
    if run.made_by_id == actor.person_id:
        raise Conflict(_("You marked this exam. Another officer must release it."))
    if exam.key.version > 1 and exam.key.made_by_id == actor.person_id:
        raise Conflict(_("You corrected the key. Another officer must release the results."))


def record_scores(actor: Actor, exam: Exam, run: ScoreRun, scores: Iterable[ExamScore], *, reason: str = "") -> None:
    """Write these scores into the record of evidence; with a reason they supersede what stood before."""
    scores = list(scores)
    gone = queries.missing_from_reach([score.person_id for score in scores])
    if gone:
        raise Conflict(_("No longer in your area: %(names)s. The authority above must release.", names="、".join(gone)))
    attempts = queries.attempts_by_id(scores)
    marks = [_mark(exam, run, score, attempts[score.attempt_id], reason) for score in scores]
    record_many(actor, exam, marks=marks)


def _mark(exam: Exam, run: ScoreRun, score: ExamScore, attempt: Attempt, reason: str) -> Brought:
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
        on_day=clock.local(attempt.began).date(),
        source_kind="exam_attempt",
        source_id=str(score.attempt_id),
        source=source,
        value=score.percent,
        standard_error=run.standard_error,
        reason=reason,
    )
    return Brought(score.person_id, evidence)


@service(needs=Exams.MANAGE)
def settle_release(
    actor: Actor, exam: Exam, *, feedback: Feedback, appeal_days: int, low: Decimal, high: Decimal
) -> None:
    """Say beforehand what candidates will see, how long they may appeal, and how many are expected to pass."""
    db.session.refresh(exam, with_for_update=True)
    if exam.state == State.RELEASED:
        raise Conflict(_("The results are released; this stands."))
    if not 0 <= appeal_days <= 365:
        raise Invalid(_("Between 0 and 365 days."), field="appeal_days")
    if not 0 <= low < high <= 100:
        raise Invalid(_("Two shares from 0 to 100 percent, the smaller one first."), field="low")
    exam.feedback, exam.appeal_days, exam.expected_low, exam.expected_high = feedback, appeal_days, low, high
    db.session.flush()
    tell(exam=exam.id, feedback=str(feedback), appeal_days=appeal_days, low=str(low), high=str(high))
