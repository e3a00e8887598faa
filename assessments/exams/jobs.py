"""Background work of exams: opening and closing by the clock, preparing those of many."""

from typing import Any

from assessments.exams.models import Exam
from assessments.exams.policy import Exams
from assessments.exams.queries import exams
from assessments.exams.queries.exams import count
from assessments.exams.services import preparing, sitting
from lms import jobs as work
from lms.authz import Actor
from lms.db import act_as, db
from lms.people.queries import actor_for

SWEEP = "exams.sweep"
ACTOR = Actor.job(SWEEP, Exams.SWEEP)
#: As many attempts are prepared in one transaction.
STEP = 200


def sweep(_progress: object, **_: Any) -> dict[str, Any]:
    """Open exams that are due, end attempts whose time is over; late or twice makes no difference."""
    act_as(db.session, ACTOR)
    if not exams.something_is_due():  # so that the audit log does not grow by a line a minute
        return {}
    return sitting.sweep(ACTOR, None)


def prepare(progress: work.Progress, *, exam_id: int, person_id: int) -> dict[str, Any]:
    """Prepare an exam in steps, each committed; what was made before a crash is not made again."""
    actor = actor_for(person_id)
    act_as(db.session, actor)
    exam = db.session.get_one(Exam, exam_id)
    total = count(exam).candidates
    left = total
    while left:
        left = preparing.prepare(actor, exam, most=STEP)
        progress(total - left, total)
    return {"prepared": total}
