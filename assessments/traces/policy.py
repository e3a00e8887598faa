"""Who may send a trace, for whom, read it, and take it back."""

from typing import Any

from assessments.traces.models import SkillTrace
from courses.mentoring.models import Pairing
from courses.mentoring.policy import MENTOR_NOW
from lms import clock
from lms.authz import Actor, ByRelation, ByRole, Permission, Role, declare, itself


class Traces(Permission):
    """Permissions over measured skills."""

    OWN = "traces:own:list"
    PRACTISE = "traces:own:send"
    MEASURE = "traces:trace:measure"
    BROWSE = "traces:trace:browse"
    READ = "traces:trace:read"
    WITHDRAW = "traces:trace:withdraw"
    CHOOSE = "traces:trace:choose"
    EXAMPLE = "traces:example:read"


def mentors_pair(actor: Actor, on: Any) -> bool:
    """The actor is the mentor of this pair, today."""
    return isinstance(on, Pairing) and on.mentor_id == actor.person_id and on.runs_on(clock.today())


def sent(actor: Actor, on: Any) -> bool:
    """The actor sent this trace."""
    return isinstance(on, SkillTrace) and on.sent_by_id == actor.person_id


def officer_supervised(actor: Actor, on: Any) -> bool:
    """The trace was supervised, and the actor is exam officer over the doctor's institution."""
    return isinstance(on, SkillTrace) and on.supervised and _officer.allows(actor, on)


def oversees_supervised(actor: Actor, on: Any) -> bool:
    """The trace was supervised, and one of the actor's roles over the doctor's institution may read such traces."""
    return isinstance(on, SkillTrace) and on.supervised and any(role.allows(actor, on) for role in _readers)


_officer = ByRole(Role.EXAM_OFFICER)
_readers = (_officer, ByRole(Role.INSTITUTION_MANAGER), ByRole(Role.AUDITOR))
_over = ByRelation("exam officer, manager or auditor of the doctor's institution, supervised ones", oversees_supervised)

declare(
    {
        Traces.OWN: [ByRole(Role.DOCTOR)],
        Traces.PRACTISE: [ByRole(Role.DOCTOR)],
        Traces.MEASURE: [ByRelation("mentor of this pair while it runs", mentors_pair), _officer],
        Traces.CHOOSE: [_officer],
        Traces.BROWSE: _readers,
        Traces.READ: [ByRelation("the doctor", itself), MENTOR_NOW, _over],
        Traces.WITHDRAW: [
            ByRelation("whoever sent this trace", sent),
            ByRelation("exam officer of the doctor's institution, supervised ones", officer_supervised),
        ],
        Traces.EXAMPLE: [ByRole(Role.DOCTOR), ByRole(Role.MENTOR), *_readers],
    }
)
