"""Work in the background: uploads that nobody went on with."""

from courses.authoring.policy import Authoring
from courses.authoring.services import uploads
from lms.authz import Actor
from lms.db import act_as, db
from lms.jobs import Progress

SWEEP = "authoring.sweep_uploads"


def sweep(progress: Progress) -> None:
    """Forget them; safe to repeat."""
    actor = Actor.job(SWEEP, Authoring.SWEEP)
    act_as(db.session, actor)
    progress(uploads.sweep(actor, None), 0)
