"""Pictures of candidates: taken at check-in with consent, taken away again in time."""

import io
from datetime import timedelta

import sqlalchemy as sa
from PIL import Image
from sqlalchemy.dialects import postgresql as pg

from assessments.osce.models import CandidatePhoto, Circuit, CircuitCandidate, State
from assessments.osce.policy import Osce
from lms import clock
from lms.authz import Actor
from lms.db import Everything, db
from lms.errors import Conflict, Invalid
from lms.i18n import _
from lms.service import service, tell
from lms.web.pictures import Drawn

#: However far a circuit is by then.
LONGEST = timedelta(days=7)
_SIZE = (240, 320)


@service(needs=Osce.PLAN)
def keep_photo(actor: Actor, candidate: CircuitCandidate, *, drawn: Drawn, consent: bool) -> None:
    """Keep a candidate's picture for the examiners, in place of an earlier one; only if the candidate agrees."""
    if not consent:
        raise Invalid(_("Without the candidate’s consent no picture is taken."), field="consent")
    if candidate.circuit.state == State.RELEASED:
        raise Conflict(_("The results are released: no picture is needed any more."))
    row = {
        "institution_id": candidate.institution_id,
        "person_id": candidate.person_id,
        "circuit_id": candidate.circuit_id,
        "candidate_id": candidate.id,
        "consent": consent,
        "data": _small(drawn.data),
        "taken_by_id": actor.person_id,
    }
    insert = pg.insert(CandidatePhoto).values(**row)
    newer = {"data": insert.excluded.data, "taken_by_id": actor.person_id, "taken_at": sa.func.clock_timestamp()}
    db.session.execute(
        insert.on_conflict_do_update(index_elements=["candidate_id"], set_=newer), execution_options=Everything
    )
    tell(circuit=candidate.circuit_id, number=candidate.number)


def _small(data: bytes) -> bytes:
    """As large as a badge: the bytes were drawn anew by the child process and are our own."""
    with Image.open(io.BytesIO(data)) as picture:
        small = picture.convert("RGB")
    small.thumbnail(_SIZE)
    made = io.BytesIO()
    small.save(made, "JPEG", quality=72)
    return made.getvalue()


@service(needs=Osce.PLAN)
def drop_photo(actor: Actor, candidate: CircuitCandidate) -> None:
    """Take a candidate's picture away: it served, or the candidate wants it so."""
    gone = sa.delete(CandidatePhoto).where(CandidatePhoto.candidate_id == candidate.id)
    db.session.execute(gone, execution_options=Everything)
    tell(circuit=candidate.circuit_id, number=candidate.number)


@service(needs=Osce.PLAN)
def sweep_photos(actor: Actor, on: None) -> int:
    """Take away the pictures of released circuits, and those that are a week old; how many."""
    released = sa.select(Circuit.id).where(Circuit.state == State.RELEASED)
    old = sa.or_(CandidatePhoto.taken_at < clock.now() - LONGEST, CandidatePhoto.circuit_id.in_(released))
    query = sa.delete(CandidatePhoto).where(old).returning(CandidatePhoto.id)
    count = len(db.session.scalars(query, execution_options=Everything).all())
    tell(removed=count)
    return count
