"""What came late is decided by a person: counted or not, with a reason, before the results are released."""

from collections.abc import Sequence
from uuid import UUID

from assessments.exams.models import Exam, LateDecision, State
from assessments.exams.policy import Exams, keep_candidates_out
from assessments.exams.queries import late as queries
from lms.authz import Actor
from lms.db import db
from lms.errors import Conflict, Invalid
from lms.i18n import _
from lms.service import service, tell

_DECIDED_IN = (State.OPEN, State.CLOSED, State.SCORED)


@service(needs=Exams.MARK, tells=("counted", "reason"))
def decide_late(actor: Actor, exam: Exam, *, late: Sequence[UUID], counted: bool, reason: str) -> int:
    """Let these late answers count, or not; the last word holds, every word stays. How many were decided.

    An exam that was marked already must be marked again when this changes what counts.
    """
    keep_candidates_out(actor, exam)
    db.session.refresh(exam, with_for_update=True)
    if exam.state not in _DECIDED_IN:
        raise Conflict(_("Late answers are decided after the exam has begun and before its results are released."))
    if not reason.strip():
        raise Invalid(_("Say why."), field="reason")
    chosen = queries.late_by_id(exam, late)
    if not chosen or len(chosen) != len(set(late)):
        raise Invalid(_("Choose at least one late answer of this exam."), field="late")
    before = queries.counting(exam)
    db.session.add_all(
        LateDecision(
            institution_id=exam.institution_id,
            late_id=event.id,
            counted=counted,
            reason=reason.strip(),
            decided_by_id=actor.person_id,
        )
        for event in chosen
    )
    db.session.flush()
    if exam.state == State.SCORED and queries.counting(exam) != before:
        exam.state = State.CLOSED
    tell(exam=exam.id, late=[str(event.id) for event in chosen])
    return len(chosen)
