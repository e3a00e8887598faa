"""Agreeing to the terms of a pair."""

from courses.mentoring.models import Pairing
from courses.mentoring.policy import Mentoring
from courses.mentoring.queries.pairs import hash_of
from lms import clock
from lms.authz import Actor
from lms.db import db
from lms.errors import Conflict
from lms.i18n import _
from lms.service import service, tell


@service(needs=Mentoring.AGREE)
def agree(actor: Actor, pairing: Pairing, *, shown: str) -> None:
    """Agree to the dates and duties that were shown (their hash); agreeing twice changes nothing."""
    db.session.refresh(pairing, with_for_update=True)
    found = hash_of(pairing)
    if shown != found:
        raise Conflict(_("The terms changed since you opened the page. Read them again."))
    if actor.person_id == pairing.person_id:
        pairing.apprentice_agreed_at = pairing.apprentice_agreed_at or clock.now()
    else:
        pairing.mentor_agreed_at = pairing.mentor_agreed_at or clock.now()
    db.session.flush()
    tell(pairing=pairing.id, terms=found)
