"""Asking somebody to watch, and what becomes of it otherwise than by an assessment."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from assessments.workplace.events import WorkplaceDeclined, WorkplaceRequested
from assessments.workplace.models import State, Turned, WorkplaceRequest, WorkplaceTurn
from assessments.workplace.policy import Workplace
from assessments.workplace.queries import people, requests
from courses.mentoring.services.written import told
from lms import clock
from lms.authz import Actor
from lms.db import db
from lms.errors import Conflict, Invalid
from lms.events import publish
from lms.i18n import _
from lms.people.models import Person
from lms.service import service, tell
from lms.techniques.models import Technique

#: A visit is planned within so many days; a doctor has so many requests open at once.
AHEAD, MOST_OPEN = timedelta(days=90), 20
LONGEST = 400


@dataclass(frozen=True)
class Wish:
    """What a doctor asks for: which form and technique, of whom, when."""

    form: int
    technique: int
    assessor: int
    on_day: date
    note: str = ""


@service(needs=Workplace.REQUEST)
def request(actor: Actor, doctor: Person, *, wish: Wish) -> WorkplaceRequest:
    """As the doctor, ask a mentor or examiner to watch and assess."""
    form, technique = people.form(wish.form), people.technique(wish.technique)
    if form is None:
        raise Invalid(_("Choose one of the forms."), field="form")
    if technique is None or not _fits(doctor, technique):
        raise Invalid(_("Choose a technique of your own profession."), field="technique")
    if not clock.today() <= wish.on_day <= clock.today() + AHEAD:
        raise Invalid(_("Propose a day from today on, within %(days)s days.", days=AHEAD.days), field="on_day")
    found = people.assessor(doctor.id, wish.assessor)
    if found is None:
        raise Invalid(_("Choose a mentor or examiner other than yourself."), field="assessor")
    if (db.session.scalar(_open_of(doctor)) or 0) >= MOST_OPEN:
        raise Conflict(_("%(most)s requests are open already. Withdraw one first.", most=MOST_OPEN))
    made = WorkplaceRequest(
        person_id=doctor.id,
        institution_id=doctor.institution_id,
        station_id=wish.form,
        technique_id=technique.id,
        doctor_name=doctor.name,
        assessor_id=found.id,
        assessor_name=found.name,
        assessor_institution_id=found.institution_id,
        proposed_on=wish.on_day,
        note=told(wish.note, "note", LONGEST),
    )
    _add(made)
    publish(WorkplaceRequested(made.id, found.id))
    tell(request=made.id, person=doctor.id, assessor=found.id, form=form.station.code, technique=technique.code)
    return made


def _fits(doctor: Person, technique: Technique) -> bool:
    """Whether a technique belongs to a doctor's profession."""
    return not technique.retired and doctor.category in technique.categories


def _open_of(doctor: Person) -> sa.Select[int]:
    return sa.select(sa.func.count(WorkplaceRequest.id)).where(
        WorkplaceRequest.person_id == doctor.id, WorkplaceRequest.state == State.OPEN
    )


def _add(row: WorkplaceRequest) -> None:
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except sa.exc.IntegrityError:
        raise Conflict(_("The same is asked of this assessor already.")) from None


@service(needs=Workplace.TAKE_BACK)
def take_back(actor: Actor, request: WorkplaceRequest, *, reason: str = "") -> None:
    """As the doctor, withdraw a request. What was watched before can still be handed in for two weeks."""
    _end(actor, request, State.WITHDRAWN, told(reason, "reason", LONGEST))


@service(needs=Workplace.DECLINE)
def decline(actor: Actor, request: WorkplaceRequest, *, reason: str) -> None:
    """As the assessor, say no and why."""
    _end(actor, request, State.DECLINED, told(reason, "reason", LONGEST, needed=True))
    publish(WorkplaceDeclined(request.id))


@service(needs=Workplace.DELEGATE)
def delegate(actor: Actor, request: WorkplaceRequest, *, to: int, reason: str) -> None:
    """As the assessor, hand a request on to somebody else; it waits anew from now."""
    _lock(request)
    found = people.assessor(request.person_id, to)
    if found is None or found.id == request.assessor_id:
        raise Invalid(_("Choose another mentor or examiner who is not the doctor."), field="to")
    words = told(reason, "reason", LONGEST, needed=True)
    _write(request, Turned.DELEGATED, words, by=actor.person_id, to=found)
    request.assessor_id, request.assessor_name = found.id, found.name
    request.assessor_institution_id = found.institution_id
    request.waits_since = clock.now()
    try:
        with db.session.begin_nested():
            db.session.flush()
    except sa.exc.IntegrityError:
        raise Conflict(_("The doctor has asked this assessor for the same already.")) from None
    publish(WorkplaceRequested(request.id, found.id))
    tell(request=request.id, person=request.person_id, assessor=found.id)


@service(needs=Workplace.EXPIRE)
def expire(actor: Actor, _nothing: None, *, today: date) -> int:
    """Put away what nobody answered for a month after the proposed day; how many there were."""
    rows = db.session.scalars(requests.overdue(today).with_for_update(skip_locked=True)).all()
    for row in rows:
        row.state, row.closed_on = State.EXPIRED, today
        _write(row, Turned.EXPIRED, "")
    db.session.flush()
    tell(expired=len(rows))
    return len(rows)


def _end(actor: Actor, request: WorkplaceRequest, state: State, reason: str) -> None:
    _lock(request)
    request.state, request.closed_on = state, clock.today()
    _write(request, Turned(state.value), reason, by=actor.person_id)
    db.session.flush()
    tell(request=request.id, person=request.person_id)


def _lock(request: WorkplaceRequest) -> None:
    db.session.refresh(request, with_for_update=True)
    if request.state != State.OPEN:
        raise Conflict(_("This request has changed since you opened the page. Look at it again."))


def _write(request: WorkplaceRequest, turned: Turned, reason: str, *, by: int | None = None, to: Any = None) -> None:
    db.session.add(
        WorkplaceTurn(
            person_id=request.person_id,
            institution_id=request.institution_id,
            request_id=request.id,
            turned=turned,
            reason=reason,
            from_name=request.assessor_name,
            to_name=to.name if to else "",
            by_id=by,
            to_id=to.id if to else None,
        )
    )
