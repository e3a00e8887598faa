"""Who may ask for an assessment, watch and mark, answer, withdraw, and read what came of a year."""

from typing import Any

import sqlalchemy as sa

from assessments.workplace.models import State, WorkplaceAssessment, WorkplaceRequest, may_watch
from assessments.workplace.rules import CORRECTABLE, GRACE
from courses.mentoring.policy import MENTOR_NOW
from lms import clock
from lms.authz import Actor, ByRelation, ByRole, Permission, Role, declare
from lms.db import Everything, db
from lms.people.models import Person


class Workplace(Permission):
    """Permissions over requests, assessments and a year of them."""

    OWN = "workplace:own:list"
    REQUEST = "workplace:request:make"
    READ_REQUEST = "workplace:request:read"
    TAKE_BACK = "workplace:request:withdraw"
    DECLINE = "workplace:request:decline"
    DELEGATE = "workplace:request:delegate"
    EXPIRE = "workplace:request:expire"
    ASSESS_LIST = "workplace:assessment:list"
    ASSESS = "workplace:assessment:make"
    CORRECT = "workplace:assessment:correct"
    READ = "workplace:assessment:read"
    ANSWER = "workplace:assessment:answer"
    WITHDRAW = "workplace:assessment:withdraw"
    YEAR = "workplace:year:read"
    BROWSE = "workplace:year:browse"


def is_the_doctor(actor: Actor, on: Any) -> bool:
    """The actor is this person, and a doctor."""
    return isinstance(on, Person) and on.id == actor.person_id and Role.DOCTOR in actor.roles


def asked(actor: Actor, on: Any) -> bool:
    """The actor made this request, and it is open."""
    return isinstance(on, WorkplaceRequest) and on.person_id == actor.person_id and on.state == State.OPEN


def is_asked(actor: Actor, on: Any) -> bool:
    """The actor is asked by this request, and it is open."""
    return isinstance(on, WorkplaceRequest) and on.assessor_id == actor.person_id and on.state == State.OPEN


def was_asked(actor: Actor, on: Any) -> bool:
    """The actor is or was asked by this request.

    Open or done (the same sheet may be sent twice); or withdrawn or put away not long ago, for what was watched
    before: nobody escapes a judgement by withdrawing the request for it.
    """
    if not isinstance(on, WorkplaceRequest) or on.assessor_id != actor.person_id:
        return False
    if on.state in (State.OPEN, State.DONE):
        return True
    return on.state in (State.WITHDRAWN, State.EXPIRED) and _since(on) <= GRACE


def _since(request: WorkplaceRequest) -> Any:
    return clock.today() - (request.closed_on or clock.today())


def works_with(actor: Actor, on: Any) -> bool:
    """The actor is a mentor who works with this doctor today (see models.may_watch)."""
    if not isinstance(on, Person) or Role.MENTOR not in actor.roles:
        return False
    found = sa.select(Person.id).where(Person.id == on.id, may_watch(actor.person_id or 0))
    return db.session.scalar(found, execution_options=Everything) is not None


def one_of_the_two(actor: Actor, on: Any) -> bool:
    """The actor is doctor or assessor of this request or assessment."""
    return isinstance(on, WorkplaceRequest | WorkplaceAssessment) and actor.person_id in (on.person_id, on.assessor_id)


def may_correct(actor: Actor, on: Any) -> bool:
    """The actor wrote this assessment, not too long ago."""
    mine = isinstance(on, WorkplaceAssessment) and on.assessor_id == actor.person_id
    return mine and clock.local(on.submitted_at).date() >= clock.today() - CORRECTABLE


def is_about(actor: Actor, on: Any) -> bool:
    """The actor is the doctor of this assessment."""
    return isinstance(on, WorkplaceAssessment) and on.person_id == actor.person_id


_officer = ByRole(Role.EXAM_OFFICER)
_readers = (_officer, ByRole(Role.INSTITUTION_MANAGER), ByRole(Role.AUDITOR))
_is_asked = ByRelation("whom this request asks, while it is open", is_asked)

declare(
    {
        Workplace.OWN: [ByRole(Role.DOCTOR)],
        Workplace.REQUEST: [ByRelation("oneself, as a doctor", is_the_doctor)],
        Workplace.READ_REQUEST: [ByRelation("doctor or assessor of this request", one_of_the_two), *_readers],
        Workplace.TAKE_BACK: [ByRelation("the doctor who made this request, while it is open", asked)],
        Workplace.DECLINE: [_is_asked],
        Workplace.DELEGATE: [_is_asked],
        Workplace.EXPIRE: [],  # jobs
        Workplace.ASSESS_LIST: [ByRole(Role.MENTOR)],
        Workplace.ASSESS: [
            ByRelation("whom this request asks, until 14 days after it ended without an assessment", was_asked),
            ByRelation(
                "mentor of this doctor, or mentor over the doctor's institution, or in one consortium with it, today",
                works_with,
            ),
        ],
        Workplace.CORRECT: [ByRelation("who wrote this assessment, for 60 days", may_correct)],
        Workplace.READ: [ByRelation("doctor or assessor of this assessment", one_of_the_two), MENTOR_NOW, *_readers],
        Workplace.ANSWER: [ByRelation("the doctor of this assessment", is_about)],
        Workplace.WITHDRAW: [_officer],
        Workplace.YEAR: [MENTOR_NOW, *_readers],
        Workplace.BROWSE: _readers,
    }
)
