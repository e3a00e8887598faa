"""Who may play cases, read reports of them, and see their keys."""

from typing import Any

import sqlalchemy as sa

from assessments.simulation.models import CaseRun
from courses.mentoring.models import Pairing, running
from lms import clock
from lms.authz import Actor, ByRelation, ByRole, Permission, Role, declare
from lms.db import db


class Cases(Permission):
    """Permissions over simulated cases."""

    PLAY = "simulation:case:play"
    GO_ON = "simulation:run:go-on"
    REPORT = "simulation:run:read"
    APPRENTICES = "simulation:run:list"
    BANK = "simulation:bank:read"


def plays(actor: Actor, on: Any) -> bool:
    """The actor is the doctor of this consultation."""
    return isinstance(on, CaseRun) and on.person_id == actor.person_id


def mentors(actor: Actor, on: Any) -> bool:
    """The actor is today the mentor of the doctor of this consultation, and it has ended."""
    if not isinstance(on, CaseRun) or on.handed_in_at is None or actor.person_id is None:
        return False
    pair = sa.select(Pairing.id).where(Pairing.mentor_id == actor.person_id, Pairing.person_id == on.person_id)
    return db.session.scalar(pair.where(running(clock.today()))) is not None


_own = ByRelation("the doctor of this consultation", plays)

declare(
    {
        Cases.PLAY: [ByRole(Role.DOCTOR)],
        Cases.GO_ON: [_own],
        Cases.REPORT: [_own, ByRelation("mentor of this doctor now, once it has ended", mentors)],
        Cases.APPRENTICES: [ByRole(Role.MENTOR)],
        Cases.BANK: [ByRole(Role.COURSE_EDITOR), ByRole(Role.EXAM_OFFICER)],
    }
)
