"""What the verbs of rotations share: looking a text over, writing a step down."""

from courses.rotations.models import Rotation, RotationStep
from lms.authz import Actor
from lms.db import Everything, db
from lms.errors import Invalid
from lms.i18n import _
from lms.people.models import Person
from lms.people.services.patients import unnamed


def kept(text: str, field: str, most: int, *, needed: bool = False) -> str:
    """A text without outer blanks; raises Invalid where it is too long, missing, or tells who a patient is."""
    said = text.strip()
    if needed and not said:
        raise Invalid(_("This field is required."), field=field)
    if len(said) > most:
        raise Invalid(_("At most %(most)s characters.", most=most), field=field)
    return unnamed(said, field)


def name_of(actor: Actor) -> str:
    """What whoever acts is called, as it is written beside the deed; empty for jobs."""
    if actor.person_id is None:
        return ""
    found = db.session.get(Person, actor.person_id, execution_options=Everything)
    return found.name if found else ""


def step(actor: Actor, stay: Rotation, what: str, reason: str = "") -> None:
    """Write down what was done, with the days as they are now."""
    db.session.add(
        RotationStep(
            person_id=stay.person_id,
            institution_id=stay.institution_id,
            rotation_id=stay.id,
            what=what,
            begins_on=stay.begins_on,
            last_on=stay.last_on,
            reason=reason,
            by_id=actor.person_id,
            by_name=name_of(actor),
        )
    )
    db.session.flush()
