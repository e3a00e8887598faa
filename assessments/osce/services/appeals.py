"""Appeals: a candidate does not accept a released result; an officer rejects it with a reason, or revises the result.

Rejecting is one officer's word. Revising is a revision like every other (services/releasing.py): rulings by one
officer, release by a second, and the release is the answer.
"""

from assessments.osce.events import CircuitAppealAnswered, CircuitAppealed
from assessments.osce.models import (
    Answered,
    Circuit,
    CircuitAppeal,
    CircuitAppealAnswer,
    CircuitCandidate,
    CircuitScore,
    State,
)
from assessments.osce.policy import Osce
from assessments.osce.queries import appeals as queries
from assessments.osce.queries import results
from assessments.osce.services.holding import given, held
from lms.authz import Actor
from lms.db import db
from lms.errors import Conflict
from lms.events import publish
from lms.i18n import _
from lms.service import service, tell


@service(needs=Osce.APPEAL)
def appeal(actor: Actor, candidate: CircuitCandidate, *, reason: str) -> CircuitAppeal:
    """Appeal against the newest released result of one's own, once, while there is time."""
    score = _newest(candidate)
    if not queries.may_still(score):
        raise Conflict(_("The time to appeal is over."))
    kept = given(reason)
    if any(one.score_id == score.id for one in queries.of_candidate(candidate)):
        raise Conflict(_("You have appealed against this result already. The answer will stand here."))
    row = CircuitAppeal(
        institution_id=candidate.institution_id,
        person_id=candidate.person_id,
        circuit_id=candidate.circuit_id,
        score_id=score.id,
        reason=kept,
    )
    db.session.add(row)
    db.session.flush()
    publish(CircuitAppealed(row.id))
    tell(circuit=candidate.circuit_id, appeal=row.id, version=score.version)
    return row


def _newest(candidate: CircuitCandidate) -> CircuitScore:
    found = results.versions(candidate)
    if not found:
        raise Conflict(_("There is no released result yet."))
    return found[0]


@service(needs=Osce.ANSWER_APPEAL, tells=("reason",))
def reject(actor: Actor, appealed: CircuitAppeal, *, reason: str) -> CircuitAppealAnswer:
    """Answer an appeal, once: the result stays, and why; not by whoever decided about this candidate's sheets."""
    circuit = held(actor, db.session.get_one(Circuit, appealed.circuit_id), State.RELEASED)
    db.session.refresh(appealed, ["answer"])
    if appealed.answer is not None:
        raise Conflict(_("This has been answered already."))
    if queries.decided_about(appealed.score.candidate_id, actor.person_id or 0):
        raise Conflict(_("You decided about the sheets of this candidate. Another officer must answer."))
    if queries.revision_for(appealed) is not None:
        raise Conflict(_("A revision answers this appeal. Release or withdraw it first."))
    row = CircuitAppealAnswer(
        institution_id=appealed.institution_id,
        person_id=appealed.person_id,
        appeal_id=appealed.id,
        outcome=Answered.REJECTED,
        reason=given(reason),
        by_id=actor.person_id,
    )
    db.session.add(row)
    db.session.flush()
    publish(CircuitAppealAnswered(appealed.id))
    tell(circuit=circuit.id, appeal=appealed.id)
    return row
