"""Who may plan rotations, receive doctors, say how it went, and read what came of it."""

from typing import Any

import sqlalchemy as sa

from courses.rotations.models import Rotation, RotationDepartment, receiving
from courses.rotations.rules import GRACE, OPEN, State
from lms import clock
from lms.authz import Actor, ByRelation, ByRole, Permission, Role, declare, itself
from lms.db import Everything, db


class Rotations(Permission):
    """Permissions over departments and rotations."""

    OWN = "rotations:own:list"
    READ = "rotations:rotation:read"
    BROWSE = "rotations:rotation:browse"
    PLAN = "rotations:rotation:plan"
    STOP = "rotations:rotation:stop"
    HOST = "rotations:rotation:host"
    ATTACH = "rotations:file:attach"
    RECEIVE = "rotations:received:list"
    PLACES = "rotations:department:read"
    OFFER = "rotations:department:offer"
    SET_POLICY = "rotations:policy:set"
    RECORD = "rotations:department:record"
    CONFIRM = "rotations:rotation:confirm"


def _receives_at(actor: Actor, department_id: int) -> bool:
    at = receiving(actor.person_id or 0).subquery()
    found = sa.select(at.c.department_id).where(at.c.department_id == department_id)
    return db.session.scalar(found.limit(1), execution_options=Everything) is not None


def received(actor: Actor, on: Any) -> bool:
    """The actor receives doctors at this rotation's department today (and is not that doctor)."""
    stay = getattr(on, "rotation", on)
    return isinstance(stay, Rotation) and stay.person_id != actor.person_id and _receives_at(actor, stay.department_id)


def hosts(actor: Actor, on: Any) -> bool:
    """The same, until 90 days after the last day."""
    return isinstance(on, Rotation) and clock.today() <= on.last_on + GRACE and received(actor, on)


def receives(actor: Actor, on: Any) -> bool:
    """The actor receives doctors at this department today."""
    return isinstance(on, RotationDepartment) and _receives_at(actor, on.id)


def waits_recorded(actor: Actor, on: Any) -> bool:
    """The actor receives there, and the rotation was recorded afterwards and is not confirmed yet."""
    return isinstance(on, Rotation) and on.state == State.RECORDED and received(actor, on)


def own_under_way(actor: Actor, on: Any) -> bool:
    """It is the actor's own rotation, begun and not yet evaluated."""
    return isinstance(on, Rotation) and itself(actor, on) and on.started_on is not None and on.state != State.EVALUATED


def stops(actor: Actor, on: Any) -> bool:
    """The actor receives there, and the rotation is not over."""
    return isinstance(on, Rotation) and on.state in OPEN and hosts(actor, on)


_manager = ByRole(Role.INSTITUTION_MANAGER)
_auditor = ByRole(Role.AUDITOR)
_receiver = ByRelation("receiver at this rotation's department", received)
_host = ByRelation("receiver at this rotation's department until 90 days after it", hosts)
_recorder = ByRelation("receiver at this rotation's department while it is recorded and not confirmed", waits_recorded)

declare(
    {
        Rotations.OWN: [ByRole(Role.DOCTOR)],
        Rotations.READ: [
            ByRelation("the doctor of this rotation", itself),
            _receiver,
            _manager,
            ByRole(Role.CERTIFICATE_OFFICER),
            _auditor,
        ],
        Rotations.BROWSE: [_manager, _auditor],
        Rotations.PLAN: [_manager],
        Rotations.STOP: [
            _manager,
            ByRelation("receiver at this rotation's department while it is open", stops),
            _recorder,
        ],
        Rotations.HOST: [_host],
        Rotations.ATTACH: [
            ByRelation("the doctor of this rotation until it is evaluated", own_under_way),
            _host,
            _recorder,
        ],
        Rotations.RECEIVE: [ByRole(Role.MENTOR), _manager],
        Rotations.PLACES: [_manager, ByRole(Role.MENTOR), _auditor],
        Rotations.OFFER: [_manager],
        Rotations.RECORD: [ByRelation("receiver at this department", receives)],
        # asked on the rotation, which belongs to the doctor's own institution; not whoever receives (services)
        Rotations.CONFIRM: [_manager],
        Rotations.SET_POLICY: [ByRole(Role.SYSTEM_ADMINISTRATOR)],
    }
)


def second(actor: Actor, stay: Rotation) -> bool:
    """Whether somebody may stand by what was recorded: not who did, not whose it is, nobody who receives there."""
    alone = actor.person_id is None or actor.person_id in (stay.planned_by_id, stay.person_id)
    return not alone and not received(actor, stay) and actor.may(Rotations.CONFIRM, stay)
