"""Who may ask for a sign-off, sign, decline, withdraw and read."""

from typing import Any

from assessments.signoff.models import SignOff, State
from courses.mentoring.models import Pairing
from lms import clock
from lms.authz import Actor, ByRelation, ByRole, Permission, Role, declare


class SignOffs(Permission):
    """Permissions over sign-offs."""

    OWN = "signoff:own:list"
    BROWSE = "signoff:signoff:browse"
    READ = "signoff:signoff:read"
    ASK = "signoff:signoff:ask"
    ASSIGN = "signoff:signoff:assign"
    SIGN_LIST = "signoff:signoff:list"
    SIGN = "signoff:signoff:sign"
    DECLINE = "signoff:signoff:decline"
    CANCEL = "signoff:signoff:cancel"
    WITHDRAW = "signoff:signoff:withdraw"


def mentors_pair(actor: Actor, on: Any) -> bool:
    """The actor is the mentor of this pair, today."""
    return isinstance(on, Pairing) and on.mentor_id == actor.person_id and on.runs_on(clock.today())


def asks(actor: Actor, on: Any) -> bool:
    """The actor asked for this sign-off, is still the mentor, and it is open."""
    mine = isinstance(on, SignOff) and on.mentor_id == actor.person_id and on.state == State.OPEN
    return mine and on.pairing.runs_on(clock.today())


def assesses(actor: Actor, on: Any) -> bool:
    """The actor is the assessor of this sign-off, and it is open."""
    return isinstance(on, SignOff) and on.assessor_id == actor.person_id and on.state == State.OPEN


def takes_part(actor: Actor, on: Any) -> bool:
    """The actor is doctor, mentor or assessor of this sign-off."""
    return isinstance(on, SignOff) and actor.person_id in (on.person_id, on.mentor_id, on.assessor_id)


_officer = ByRole(Role.EXAM_OFFICER)
_readers = (_officer, ByRole(Role.INSTITUTION_MANAGER), ByRole(Role.AUDITOR))
_asks = ByRelation("mentor who asked for this sign-off, while it is open and the pair runs", asks)
_assesses = ByRelation("assessor of this sign-off while it is open", assesses)

declare(
    {
        SignOffs.OWN: [ByRole(Role.DOCTOR)],
        SignOffs.BROWSE: _readers,
        SignOffs.READ: [ByRelation("doctor, mentor or assessor of this sign-off", takes_part), *_readers],
        SignOffs.ASK: [ByRelation("mentor of this pair while it runs", mentors_pair)],
        SignOffs.ASSIGN: [_asks, _officer],
        SignOffs.SIGN_LIST: [ByRole(Role.MENTOR)],
        SignOffs.SIGN: [_asks, _assesses],
        SignOffs.DECLINE: [_assesses],
        SignOffs.CANCEL: [_asks],
        SignOffs.WITHDRAW: [_officer],
    }
)
