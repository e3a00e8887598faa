"""What the doctor says to an assessment, and an officer who withdraws one."""

import sqlalchemy as sa

from assessments.workplace.events import WorkplaceAssessed
from assessments.workplace.models import Answered, WorkplaceAnswer, WorkplaceAssessment
from assessments.workplace.policy import Workplace
from assessments.workplace.queries import assessments
from courses.mentoring.services.written import told
from lms.authz import Actor
from lms.db import db
from lms.errors import Conflict, NotAllowed
from lms.events import publish
from lms.i18n import _
from lms.service import service, tell

LONGEST = 2000


@service(needs=Workplace.ANSWER)
def acknowledge(
    actor: Actor, assessment: WorkplaceAssessment, *, agrees: bool = True, text: str = "", reflection: str = ""
) -> None:
    """As the doctor, say that one has read it; that one does not agree, and why; and what one takes from it."""
    _still_stands(assessment)
    answered = Answered.ACKNOWLEDGED if agrees else Answered.DISAGREED
    _write(actor, assessment, answered, told(text, "text", LONGEST, needed=not agrees))
    if reflection.strip():
        _write(actor, assessment, Answered.REFLECTED, told(reflection, "reflection", LONGEST))


@service(needs=Workplace.ANSWER)
def reflect(actor: Actor, assessment: WorkplaceAssessment, *, text: str) -> None:
    """As the doctor, write down what one takes from it; as often as one likes."""
    _write(actor, assessment, Answered.REFLECTED, told(text, "text", LONGEST, needed=True))


@service(needs=Workplace.WITHDRAW)
def withdraw(actor: Actor, assessment: WorkplaceAssessment, *, reason: str) -> None:
    """As an officer, have an assessment count no longer; not one's own, and not one about oneself."""
    if actor.person_id in (assessment.person_id, assessment.assessor_id):
        raise NotAllowed
    _still_stands(assessment)
    _write(actor, assessment, Answered.WITHDRAWN, told(reason, "reason", 400, needed=True))
    publish(WorkplaceAssessed(assessment.encounter_id))


def _still_stands(assessment: WorkplaceAssessment) -> None:
    newest = assessments.newest(assessment.encounter_id)
    if newest is None or newest.id != assessment.id:
        raise Conflict(_("This assessment has been corrected since. Look at the newest version first."))
    if any(one.answered == Answered.WITHDRAWN for one in assessments.answers(assessment.encounter_id)):
        raise Conflict(_("An officer has withdrawn this assessment."))


def _write(actor: Actor, assessment: WorkplaceAssessment, answered: Answered, text: str) -> None:
    row = WorkplaceAnswer(
        person_id=assessment.person_id,
        institution_id=assessment.institution_id,
        assessment_id=assessment.id,
        encounter_id=assessment.encounter_id,
        answered=answered,
        text=text,
        by_id=actor.person_id,
    )
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except sa.exc.IntegrityError:
        raise Conflict(_("You have answered this assessment already.")) from None
    tell(assessment=str(assessment.id), person=assessment.person_id, answered=answered.value)
