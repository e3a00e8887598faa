"""Regrading after the release: one officer proposes another key with its dry run, another lets it stand.

Nothing that was is overwritten: key, run, scores and results are new versions beside the old ones.
"""

from collections.abc import Sequence

from assessments.exams.events import ExamRegraded
from assessments.exams.models import Exam, Regrade, RegradeEnd, RegradeEnding, ScoreRun, State
from assessments.exams.policy import Exams, keep_candidates_out
from assessments.exams.queries import exams as exam_queries
from assessments.exams.queries import marking, scores
from assessments.exams.queries import regrades as queries
from assessments.exams.rules.gate import Check
from assessments.exams.services import keys
from assessments.exams.services.marking import write_run
from assessments.exams.services.releasing import HINDRANCES, record_scores
from lms.authz import Actor
from lms.db import db
from lms.errors import Conflict, Invalid
from lms.events import publish
from lms.i18n import _
from lms.service import service, tell


@service(needs=Exams.MARK, tells=("reason",))
def propose(actor: Actor, exam: Exam, *, corrections: Sequence[keys.Correction], dry: bytes, reason: str) -> Regrade:
    """Propose to mark a released exam by a corrected key; `dry` is the hash of the dry run that was looked at."""
    keep_candidates_out(actor, exam)
    db.session.refresh(exam, with_for_update=True)
    run = exam_queries.last_run(exam)
    if exam.state != State.RELEASED or run is None:
        raise Conflict(_("Only a released exam is regraded; before the release, rule on the question."))
    if queries.open_of(exam) is not None:
        raise Conflict(_("Another regrade of this exam waits for a second officer. Release or withdraw it first."))
    if not reason.strip():
        raise Invalid(_("Say what was wrong; every candidate whose result changes reads it."), field="reason")
    found = keys.corrected(exam, exam.key, corrections)
    seen = queries.dry_run(exam, run, found.key, found.dropped, found.content_hash)
    if seen.hash != dry:
        raise Conflict(_("This is not the dry run you looked at. Make it again."))
    row = Regrade(
        institution_id=exam.institution_id,
        exam_id=exam.id,
        from_run_id=run.id,
        key_id=keys.write_key(actor, exam, found, reason.strip()).id,
        dry_hash=seen.hash,
        changes=[one.plain() for one in seen.changes],
        reason=reason.strip(),
        proposed_by_id=actor.person_id,
    )
    db.session.add(row)
    db.session.flush()
    tell(exam=exam.id, regrade=row.id, changes=len(seen.changes), hash=seen.hash.hex())
    return row


@service(needs=Exams.RELEASE)
def release_regrade(actor: Actor, regrade: Regrade, *, dry: bytes) -> ScoreRun:
    """Let a proposed regrade stand, by another officer, over the hash of its dry run; results that change supersede."""
    exam = _open(actor, regrade)
    if actor.person_id == regrade.proposed_by_id:
        raise Conflict(_("You proposed this regrade. Another officer must release it."))
    if dry != regrade.dry_hash:
        raise Conflict(_("This is not the dry run you looked at. Make it again."))
    run = exam_queries.last_run(exam)
    now = queries.dry_run_of(regrade)
    if run is None or run.id != regrade.from_run_id or now.hash != regrade.dry_hash:
        raise Conflict(_("What this regrade rests on has changed. Withdraw it and propose it anew."))
    made = write_run(exam, regrade.key, now.marking, by=regrade.proposed_by_id)
    if scores.disagreeing(made, exam, regrade.key):
        raise Conflict(str(HINDRANCES[Check.SECOND]))
    exam.key_id = regrade.key_id
    _end(actor, regrade, RegradeEnding.RELEASED, run=made)
    changed = {one.attempt for one in now.changes}
    rows = [row for row in marking.scores_of(made) if str(row.attempt_id) in changed]
    record_scores(actor, exam, made, rows, reason=regrade.reason)
    publish(ExamRegraded(exam.id, made.id, regrade.id))
    tell(exam=exam.id, regrade=regrade.id, run=made.version, results=len(rows), hash=dry.hex())
    return made


@service(needs=Exams.MARK, tells=("reason",))
def withdraw(actor: Actor, regrade: Regrade, *, reason: str) -> None:
    """Take a proposed regrade back, whoever proposed it; the exam stays as it is."""
    _open(actor, regrade)
    if not reason.strip():
        raise Invalid(_("Say why."), field="reason")
    _end(actor, regrade, RegradeEnding.WITHDRAWN, reason=reason.strip())
    tell(exam=regrade.exam_id, regrade=regrade.id)


def _open(actor: Actor, regrade: Regrade) -> Exam:
    """The exam of a regrade that nobody has ended, locked."""
    exam = regrade.exam
    keep_candidates_out(actor, exam)
    db.session.refresh(exam, with_for_update=True)
    db.session.refresh(regrade, ["end"])
    if regrade.end is not None:
        raise Conflict(_("This regrade has been released or withdrawn already."))
    return exam


def _end(
    actor: Actor, regrade: Regrade, ending: RegradeEnding, *, run: ScoreRun | None = None, reason: str = ""
) -> None:
    row = RegradeEnd(
        institution_id=regrade.institution_id,
        regrade_id=regrade.id,
        proposed_by_id=regrade.proposed_by_id,
        ending=ending,
        run_id=run.id if run else None,
        by_id=actor.person_id,
        reason=reason,
    )
    db.session.add(row)
    db.session.flush()
