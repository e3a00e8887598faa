"""Appeals: a candidate does not accept a released result; an officer answers with a reason."""

from assessments.exams.events import ExamAppealAnswered, ExamAppealed
from assessments.exams.models import Appeal, AppealAnswer, Attempt, Outcome, Regrade, State
from assessments.exams.policy import Exams, keep_candidates_out
from assessments.exams.queries import appeals as queries
from assessments.exams.queries.attempts import score_of
from lms.authz import Actor
from lms.db import db
from lms.errors import Conflict, Invalid
from lms.events import publish
from lms.i18n import _
from lms.service import service, tell


@service(needs=Exams.APPEAL)
def appeal(actor: Actor, attempt: Attempt, *, reason: str) -> Appeal:
    """Appeal against the newest released result of one's own attempt, once, while there is time."""
    score = score_of(attempt)
    if attempt.exam.state != State.RELEASED or score is None:
        raise Conflict(_("There is no released result yet."))
    if not queries.may_still(score):
        raise Conflict(_("The time to appeal is over."))
    if not reason.strip():
        raise Invalid(_("Say what is wrong with the result."), field="reason")
    if any(one.score_id == score.id for one in queries.of_attempt(attempt)):
        raise Conflict(_("You have appealed against this result already. The answer will stand here."))
    row = Appeal(
        institution_id=attempt.institution_id,
        person_id=attempt.person_id,
        exam_id=attempt.exam_id,
        score_id=score.id,
        reason=reason.strip(),
    )
    db.session.add(row)
    db.session.flush()
    publish(ExamAppealed(row.id))
    tell(exam=attempt.exam_id, appeal=row.id)
    return row


@service(needs=Exams.ANSWER_APPEAL, tells=("outcome", "reason"))
def answer(
    actor: Actor, appealed: Appeal, *, outcome: Outcome, reason: str, regrade: Regrade | None = None
) -> AppealAnswer:
    """Answer an appeal, once: the key is corrected for everybody, the candidate may sit again, or it is rejected."""
    keep_candidates_out(actor, appealed.exam)
    db.session.refresh(appealed.exam, with_for_update=True)
    db.session.refresh(appealed, ["answer"])
    if appealed.answer is not None:
        raise Conflict(_("This has been answered already."))
    if not reason.strip():
        raise Invalid(_("Say why; the candidate reads it."), field="reason")
    if regrade is not None and (outcome != Outcome.REGRADE or regrade.exam_id != appealed.exam_id):
        raise Invalid(_("This regrade does not belong to the answer."), field="regrade")
    row = AppealAnswer(
        institution_id=appealed.institution_id,
        person_id=appealed.person_id,
        appeal_id=appealed.id,
        outcome=outcome,
        regrade_id=regrade.id if regrade else None,
        reason=reason.strip(),
        by_id=actor.person_id,
    )
    db.session.add(row)
    db.session.flush()
    publish(ExamAppealAnswered(appealed.id))
    tell(exam=appealed.exam_id, appeal=appealed.id)
    return row
