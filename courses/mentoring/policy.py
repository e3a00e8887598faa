"""Who may pair people, agree, log and confirm sessions, and read what came of it."""

from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from courses.mentoring.models import MentoringSession, Pairing, mentored_by
from lms import clock
from lms.authz import Actor, ByRelation, ByRole, Permission, Role, declare
from lms.db import Everything, db
from lms.people.models import Person

#: After a pair is over its last sessions may still be logged and confirmed for so many days.
GRACE = timedelta(days=30)


class Mentoring(Permission):
    """Permissions over offers, pairs and sessions."""

    OWN = "mentoring:own:list"
    READ = "mentoring:pair:read"
    BROWSE = "mentoring:pair:browse"
    PAIR = "mentoring:pair:arrange"
    AGREE = "mentoring:pair:agree"
    OFFER = "mentoring:offer:make"
    LOG = "mentoring:session:log"
    SETTLE = "mentoring:session:settle"
    WITHDRAW = "mentoring:session:withdraw"
    BRING_IN = "mentoring:session:bring-in"
    SET_POLICY = "mentoring:policy:set"


def _open_until(pair: Pairing) -> date:
    return pair.over_on + GRACE


def one_of_the_two(actor: Actor, on: Any) -> bool:
    """The actor is mentor or apprentice of this pair (of this session), or was."""
    return isinstance(on, Pairing | MentoringSession) and actor.person_id in (on.person_id, on.mentor_id)


def may_agree(actor: Actor, on: Any) -> bool:
    """The actor is one of the two, and the pair is not over."""
    return isinstance(on, Pairing) and one_of_the_two(actor, on) and not on.is_over(clock.today())


def may_log(actor: Actor, on: Any) -> bool:
    """The actor is one of the two, from the first day until 30 days after the pair is over."""
    two = isinstance(on, Pairing) and one_of_the_two(actor, on)
    return two and on.agreed_from <= clock.today() < _open_until(on)


def may_settle(actor: Actor, on: Any) -> bool:
    """The actor is the one of the two who did not log this session, until 30 days after the pair is over."""
    return (
        isinstance(on, MentoringSession)
        and actor.person_id in {on.person_id, on.mentor_id} - {on.logged_by_id}
        and clock.today() < _open_until(on.pairing)
    )


def logged(actor: Actor, on: Any) -> bool:
    """The actor logged this session."""
    return isinstance(on, MentoringSession) and on.logged_by_id == actor.person_id


def is_mentor(actor: Actor, on: Any) -> bool:
    """The actor is this person, and a mentor."""
    return isinstance(on, Person) and on.id == actor.person_id and Role.MENTOR in actor.roles


def mentors(actor: Actor, on: Any) -> bool:
    """The actor is today the mentor of the person this is about (for policies of other rooms)."""
    if actor.person_id is None or getattr(on, "person_id", None) is None:
        return False
    whom = mentored_by(actor.person_id).subquery()
    found = sa.select(whom.c.person_id).where(whom.c.person_id == on.person_id)
    return db.session.scalar(found, execution_options=Everything) is not None


#: For policies of other rooms, over anything that has a `person_id`.
MENTOR_NOW = ByRelation("mentor of this person while the pair runs", mentors)
_manager = ByRole(Role.INSTITUTION_MANAGER)
_readers = (_manager, ByRole(Role.EXAM_OFFICER), ByRole(Role.AUDITOR))

declare(
    {
        Mentoring.OWN: [ByRole(Role.DOCTOR), ByRole(Role.MENTOR)],
        Mentoring.READ: [ByRelation("mentor or apprentice of this pair", one_of_the_two), *_readers],
        Mentoring.BROWSE: _readers,
        Mentoring.PAIR: [_manager],
        Mentoring.AGREE: [ByRelation("mentor or apprentice of this pair until it is over", may_agree)],
        Mentoring.OFFER: [ByRelation("oneself, as a mentor", is_mentor), _manager],
        Mentoring.LOG: [ByRelation("mentor or apprentice of this pair until 30 days after it", may_log)],
        Mentoring.SETTLE: [ByRelation("the other side of this session until 30 days after the pair", may_settle)],
        Mentoring.WITHDRAW: [ByRelation("whoever logged this session", logged)],
        Mentoring.BRING_IN: [_manager],
        Mentoring.SET_POLICY: [ByRole(Role.SYSTEM_ADMINISTRATOR)],
    }
)
