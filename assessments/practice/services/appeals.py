"""Appeals: a doctor does not accept a result; an officer who had no part in it answers with a reason."""

from collections.abc import Mapping
from typing import Any

from assessments.practice import queries
from assessments.practice.events import EvaluationAppealAnswered, EvaluationAppealed
from assessments.practice.models import (
    Evaluation,
    EvaluationAppeal,
    EvaluationAppealAnswer,
    EvaluationResult,
    Outcome,
    State,
)
from assessments.practice.policy import Practice, keep_the_involved_out
from assessments.practice.queries import results
from assessments.practice.services.evaluations import result_of, write_record, write_result
from lms.authz import Actor
from lms.db import db
from lms.errors import Conflict, Invalid
from lms.events import publish
from lms.i18n import _
from lms.people.services.patients import unnamed
from lms.service import service, tell
from lms.texts import can_be_kept

LONGEST = 1000
#: Points of records that an answer corrects, by the number of the record.
Corrections = Mapping[int, Mapping[str, Any]]


@service(needs=Practice.APPEAL)
def appeal(actor: Actor, evaluation: Evaluation, *, reason: str) -> EvaluationAppeal:
    """Appeal against the newest version of one's own result, once, while there is time."""
    db.session.refresh(evaluation, with_for_update={"read": True})
    result = results.newest(evaluation)
    if evaluation.state != State.ACCEPTED or result is None:
        raise Conflict(_("There is no result yet."))
    if not results.may_still(result):
        raise Conflict(_("The time to appeal is over."))
    clean = _kept(reason, _("Say what is wrong with the result."))
    if any(one.result_id == result.id for one in results.appeals(evaluation)):
        raise Conflict(_("You have appealed against this result already. The answer will stand here."))
    row = EvaluationAppeal(
        person_id=evaluation.person_id,
        institution_id=evaluation.institution_id,
        evaluation_id=evaluation.id,
        result_id=result.id,
        reason=clean,
    )
    db.session.add(row)
    db.session.flush()
    publish(EvaluationAppealed(row.id))
    tell(evaluation=evaluation.id, appeal=row.id)
    return row


def _kept(text: str, empty: str) -> str:
    clean = text.strip()
    if not clean:
        raise Invalid(empty, field="reason")
    if len(clean) > LONGEST or not can_be_kept(clean):
        raise Invalid(_("This text is too long or holds signs that cannot be kept."), field="reason")
    return unnamed(clean, "reason")


@service(needs=Practice.ANSWER_APPEAL, tells=("outcome",))
def answer(
    actor: Actor,
    appealed: EvaluationAppeal,
    *,
    outcome: Outcome,
    reason: str,
    corrections: Corrections | None = None,
) -> EvaluationAppealAnswer:
    """Answer an appeal, once: rejected, or changed by corrected points and by figures imported since.

    Not by who assigned or assessed. A change is a new version of the result; it supersedes the evidence.
    """
    evaluation = appealed.evaluation
    keep_the_involved_out(actor, evaluation)
    db.session.refresh(evaluation, with_for_update=True)
    db.session.refresh(appealed, ["answer"])
    if appealed.answer is not None:
        raise Conflict(_("This has been answered already."))
    clean = _kept(reason, _("Say why; the doctor reads it."))
    result = _changed(actor, appealed, corrections or {}, clean) if outcome is Outcome.CHANGED else None
    row = EvaluationAppealAnswer(
        person_id=appealed.person_id,
        institution_id=appealed.institution_id,
        appeal_id=appealed.id,
        outcome=outcome,
        result_id=result.id if result else None,
        reason=clean,
        by_id=actor.person_id,
    )
    db.session.add(row)
    db.session.flush()
    publish(EvaluationAppealAnswered(appealed.id))
    tell(evaluation=evaluation.id, appeal=appealed.id, version=result.version if result else 0)
    return row


def _changed(actor: Actor, appealed: EvaluationAppeal, corrections: Corrections, reason: str) -> EvaluationResult:
    evaluation = appealed.evaluation
    standing = {row.number: row for row in queries.records(evaluation)}
    for number, scores in corrections.items():
        before = standing.get(number)
        if before is None:
            raise Invalid(_("There is no record %(number)s.", number=number), field="scores")
        write_record(actor, evaluation, before, number, label=before.label, scores=scores, note=before.note)
    rows = queries.records(evaluation)
    content = queries.whole_hash(evaluation, rows)
    if content == appealed.result.content_hash:
        raise Conflict(_("Nothing would change: correct a record, or import the right figures first, or reject."))
    return write_result(actor, evaluation, found=result_of(evaluation, rows), content_hash=content, reason=reason)
