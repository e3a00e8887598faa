"""The second look: an officer goes through a borderline decision before a certificate is proposed on it."""

from assessments.certification.events import DecisionLookedAt
from assessments.certification.models import SecondLook, StarDecision
from assessments.certification.policy import Stars
from assessments.certification.queries import decisions, looks
from lms.authz import Actor
from lms.db import db
from lms.errors import Conflict, Invalid, NotAllowed
from lms.events import publish
from lms.i18n import _
from lms.ledger import services as ledger
from lms.service import service, tell

LOOK = "certification.second-look"


@service(needs=Stars.LOOK)
def look_again(actor: Actor, decision: StarDecision, *, confirmed: bool, reason: str) -> SecondLook:
    """Say whether a borderline decision is right, and why; whoever finds it right has it proposed by the next decision.

    Raises NotAllowed for one's own, Conflict where it was looked at or overtaken, Invalid without a reason.
    """
    if actor.person_id == decision.person_id:
        raise NotAllowed(_("Nobody decides about their own certificate."))
    if not reason.strip():
        raise Invalid(_("Say what you looked at and what you found."), field="reason")
    (person,) = decisions.locked(db.session, [decision.person_id])
    newest = decisions.latest(db.session, person.id)
    if newest is None or newest.id != decision.id:
        raise Conflict(_("It was decided again meanwhile. Open the list anew."))
    if not decision.borderline or looks.of_decision(db.session, decision.id) is not None:
        raise Conflict(_("Nobody waits for a second look at this any more."))
    words = {
        "decision": decision.id,
        "confirmed": confirmed,
        "reason": reason.strip(),
        "officer_id": actor.person_id,
    }
    recorded = ledger.append(db.session, LOOK, words, person.ledger_subject)
    row = SecondLook(
        person_id=person.id,
        institution_id=person.institution_id,
        decision_id=decision.id,
        confirmed=confirmed,
        by_id=actor.person_id,
        ledger_index=recorded.index,
        sealed=recorded.sealed,
    )
    db.session.add(row)
    db.session.flush()
    publish(DecisionLookedAt(decision.id, person.id, confirmed))
    tell(star=decision.star, confirmed=confirmed)
    return row
