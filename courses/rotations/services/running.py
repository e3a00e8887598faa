"""The receiving side says that a doctor has come, had to leave, or is done."""

from datetime import date

from courses.rotations.events import RotationStopped
from courses.rotations.models import Rotation
from courses.rotations.policy import Rotations
from courses.rotations.rules import State
from courses.rotations.services.written import kept, step
from lms import clock
from lms.authz import Actor
from lms.db import db
from lms.errors import Conflict, Invalid
from lms.events import publish
from lms.i18n import _
from lms.service import service, tell


@service(needs=Rotations.HOST)
def start(actor: Actor, stay: Rotation, *, on: date) -> None:
    """The doctor has come, on a day of the plan that is not to come."""
    db.session.refresh(stay, with_for_update=True)
    if stay.state != State.PLANNED:
        raise Conflict(_("This rotation has begun, or was cancelled."))
    if not stay.begins_on <= on <= min(stay.last_on, clock.today()):
        raise Invalid(_("Choose a day of the plan that has come."), field="on")
    stay.started_on, stay.state = on, State.UNDER_WAY
    db.session.flush()
    step(actor, stay, "started")
    tell(rotation=stay.id, person=stay.person_id, on=str(on))


@service(needs=Rotations.HOST)
def end(actor: Actor, stay: Rotation, *, last_on: date) -> None:
    """The doctor is done; on a day before the planned one the place is free from then on."""
    _over(stay, last_on, State.ENDED)
    step(actor, stay, "ended")
    tell(rotation=stay.id, person=stay.person_id, last=str(last_on))


@service(needs=Rotations.STOP, tells=("reason",))
def interrupt(actor: Actor, stay: Rotation, *, last_on: date, reason: str) -> None:
    """The doctor had to leave: what was attended can still be confirmed, going on is a rotation of its own."""
    said = kept(reason, "reason", 400, needed=True)
    _over(stay, last_on, State.INTERRUPTED, said)
    step(actor, stay, "interrupted", said)
    publish(RotationStopped(stay.id))
    tell(rotation=stay.id, person=stay.person_id, last=str(last_on))


def _over(stay: Rotation, last_on: date, state: State, reason: str = "") -> None:
    db.session.refresh(stay, with_for_update=True)
    if stay.state != State.UNDER_WAY:
        raise Conflict(_("This rotation is not under way."))
    first = stay.started_on or stay.begins_on
    if not first <= last_on <= min(stay.last_on, clock.today()):
        raise Invalid(_("Choose the last day that was attended; it cannot be to come."), field="last_on")
    stay.last_on, stay.state = last_on, state
    stay.reason = reason
    db.session.flush()
