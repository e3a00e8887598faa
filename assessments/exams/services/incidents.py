"""The incident log: what went wrong, when, for whom, and the time that was given back for it."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from assessments.exams.models import Exam, ExamRoom, Incident, IncidentCandidate, State, What
from assessments.exams.policy import Exams, keep_candidates_out
from assessments.exams.queries import incidents as queries
from assessments.exams.queries.exams import now
from assessments.exams.services import seating
from lms.authz import Actor
from lms.db import Everything, db
from lms.errors import Conflict, Invalid
from lms.i18n import _
from lms.service import service, tell

_WRITTEN_IN = (State.APPROVED, State.OPEN, State.CLOSED, State.SCORED)


@service(needs=Exams.MANAGE, tells=("what", "minutes"))
def report(
    actor: Actor,
    exam: Exam,
    *,
    what: str,
    words: str,
    happened_at: datetime | None = None,
    candidates: Sequence[int] = (),
    room: ExamRoom | None = None,
    minutes: int = 0,
) -> Incident:
    """Write an incident down for good; `minutes` are given back to everybody concerned whose attempt goes on."""
    keep_candidates_out(actor, exam)
    at = now()
    _check(exam, words, happened_at, at)
    if what not in set(What):
        raise Invalid(_("Choose what kind of incident it was."), field="what")
    if room is not None and room.exam_id != exam.id:
        raise Invalid(_("This is a place of another exam."), field="room")
    concerned = queries.of_this_exam(exam, candidates)
    if len(concerned) != len(set(candidates)):
        raise Invalid(_("Choose candidates of this exam."), field="candidates")
    if not 0 <= minutes <= 600:
        raise Invalid(_("Give from 1 to 600 minutes."), field="minutes")
    if minutes and not concerned:
        raise Invalid(_("Choose whom the time is given back to."), field="candidates")
    incident = Incident(
        institution_id=exam.institution_id,
        exam_id=exam.id,
        room_id=room and room.id,
        what=what,
        words=words.strip(),
        happened_at=happened_at or at,
        minutes=minutes,
        by_id=actor.person_id,
    )
    db.session.add(incident)
    db.session.flush()
    told = {"institution_id": exam.institution_id, "incident_id": incident.id}
    rows = [told | {"candidate_id": one} for one in concerned]
    if rows:
        db.session.execute(sa.insert(IncidentCandidate), rows, execution_options=Everything)
    given = _give_back(actor, exam, incident, concerned)
    tell(exam=exam.id, incident=incident.id, candidates=len(rows), given=given)
    return incident


def _check(exam: Exam, words: str, happened_at: datetime | None, at: datetime) -> None:
    if exam.state not in _WRITTEN_IN:
        raise Conflict(_("Incidents are written down from the approval of an exam until its results are released."))
    if not words.strip():
        raise Invalid(_("Say what happened."), field="words")
    if happened_at is not None and happened_at > at:
        raise Invalid(_("An incident cannot lie in the future."), field="happened_at")


def _give_back(actor: Actor, exam: Exam, incident: Incident, concerned: Sequence[int]) -> int:
    if not incident.minutes:
        return 0
    return seating.add_time(actor, exam, minutes=incident.minutes, reason=incident.words, candidates=concerned)
