"""What a hospital offers: departments, how many places from when, who receives there; and what is asked of doctors."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date

import sqlalchemy as sa

from courses.rotations.models import Rotation, RotationDepartment, RotationPolicy, RotationReceiver, RotationSeat
from courses.rotations.policy import Rotations
from courses.rotations.queries import places
from courses.rotations.rules import ONE_DAY, Numbers, Opens
from courses.rotations.services.written import kept
from lms import clock
from lms.authz import Actor
from lms.db import Everything, db
from lms.errors import Conflict, Invalid
from lms.i18n import _
from lms.institutions.models import AUTHORITIES, Institution
from lms.people.models import Person
from lms.service import service, tell

MOST_PLACES = 200


@service(needs=Rotations.OFFER)
def offer_department(
    actor: Actor, host: Institution, *, name: str, name_en: str = "", teaches: str = "", opens_to: Opens = Opens.COUNTY
) -> RotationDepartment:
    """Say that a department takes doctors; it then needs places, and somebody who receives there."""
    if host.kind in AUTHORITIES:
        raise Invalid(_("Doctors are received by hospitals and centres, not by health authorities."), field="host")
    made = RotationDepartment(
        institution_id=host.id,
        name=kept(name, "name", 80, needed=True),
        name_en=kept(name_en, "name_en", 120),
        teaches=kept(teaches, "teaches", 400),
        opens_to=opens_to.value,
    )
    db.session.add(made)
    try:
        with db.session.begin_nested():
            db.session.flush()
    except sa.exc.IntegrityError:
        raise Conflict(_("This hospital has a department of that name already.")) from None
    tell(department=made.id, name=made.name)
    return made


def locked(department: RotationDepartment) -> RotationDepartment:
    """The department, held until the commit: its places are given one at a time."""
    db.session.refresh(department, with_for_update=True)
    return department


@service(needs=Rotations.OFFER, tells=("number", "valid_from"))
def set_places(actor: Actor, department: RotationDepartment, *, number: int, valid_from: date) -> None:
    """Have so many places from a day on; raises Conflict while rotations stand in the way of having fewer.

    A hospital that has taken doctors all along says so: more places may be there from a day that has been.
    """
    locked(department)
    if not 0 <= number <= MOST_PLACES:
        raise Invalid(_("A department has 0 to %(most)s places.", most=MOST_PLACES), field="number")
    rows = [row for row in places.seats(department.id).values() if row.closes_on >= valid_from]
    if len(rows) > number and valid_from < clock.today():
        raise Invalid(_("Places are taken away from today or a later day on."), field="valid_from")
    if len(rows) > number:
        _close(department, rows, len(rows) - number, valid_from)
        return
    alone = {row.number for row in rows if sum(one.number == row.number for one in rows) == 1}
    for row in rows:
        if row.number in alone:
            row.opens_on = min(row.opens_on, valid_from)
    _open(department, rows, number - len(rows), valid_from)


def _open(department: RotationDepartment, rows: Sequence[RotationSeat], more: int, valid_from: date) -> None:
    held = {row.number for row in rows}
    numbers = (number for number in range(1, MOST_PLACES * 2) if number not in held)
    for number, _more in zip(numbers, range(more), strict=False):
        db.session.add(RotationSeat(department_id=department.id, number=number, opens_on=valid_from))
    db.session.flush()


def _close(department: RotationDepartment, rows: list[RotationSeat], fewer: int, valid_from: date) -> None:
    """Close the places on which nobody is from that day on, the highest numbers first."""
    taken = {seat for _stay, seat in places.stays(department.id, valid_from)}
    free = sorted((row for row in rows if row.id not in taken), key=lambda row: -row.number)
    if len(free) < fewer:
        words = _(
            "%(count)s places are taken on that day or later. Move or cancel those rotations first.",
            count=len(rows) - len(free),
        )
        raise Conflict(words, field="number")
    for row in free[:fewer]:
        if row.opens_on < valid_from:
            row.closes_on = valid_from - ONE_DAY
        elif not _ever_used(row):
            db.session.delete(row)
        else:  # only cancelled rotations name it: it is put where nobody can be planned any more
            row.number = 1 + max(one.number for one in places.seats(department.id).values())
            row.opens_on = row.closes_on = clock.today() - ONE_DAY
    db.session.flush()


def _ever_used(row: RotationSeat) -> bool:
    used = sa.select(sa.exists().where(Rotation.__table__.c.seat_id == row.id))
    return bool(db.session.scalar(used, execution_options=Everything))


@service(needs=Rotations.OFFER)
def appoint(
    actor: Actor, department: RotationDepartment, *, person: Person, begins_on: date, ends_on: date | None = None
) -> RotationReceiver:
    """Name somebody of the hospital who receives doctors there, from a day until before another."""
    if person.institution_id != department.institution_id and person.id != actor.person_id:
        raise Invalid(_("Only people of the receiving hospital receive doctors there."), field="person")
    if person.id not in {one.id for one in places.colleagues(person.institution)}:
        raise Invalid(_("Doctors are received by mentors or by the hospital's manager."), field="person")
    made = RotationReceiver(
        institution_id=department.institution_id,
        department_id=department.id,
        person_id=person.id,
        name=person.name,
        begins_on=begins_on,
        ends_on=ends_on,
        named_by_id=actor.person_id,
    )
    db.session.add(made)
    try:
        with db.session.begin_nested():
            db.session.flush()
    except sa.exc.IntegrityError:
        raise Conflict(_("%(name)s receives doctors there in that time already.", name=person.name)) from None
    tell(department=department.id, person=person.id, begins_on=str(begins_on))
    return made


@service(needs=Rotations.OFFER)
def dismiss(actor: Actor, receiver: RotationReceiver) -> None:
    """End somebody's term as receiver today; what was written down in it stays."""
    today = clock.today()
    if receiver.ends_on is not None and receiver.ends_on <= today:
        raise Conflict(_("This term is over already."))
    receiver.ends_on = max(today, receiver.begins_on)
    db.session.flush()
    tell(department=receiver.department_id, person=receiver.person_id)


@service(needs=Rotations.SET_POLICY)
def set_policy(actor: Actor, top: Institution, *, numbers: Numbers, valid_from: date) -> RotationPolicy:
    """Say what is asked of doctors from a day on; what was asked before stays known."""
    if numbers.stay_days > 366 * numbers.stay_years:
        raise Invalid(_("A period has fewer days than that."), field="stay_days")
    made = RotationPolicy(
        stay_days=numbers.stay_days,
        stay_years=numbers.stay_years,
        consortium_days=numbers.consortium_days,
        star_days=numbers.star_days,
        valid_from=valid_from,
        set_by_id=actor.person_id,
    )
    db.session.add(made)
    db.session.flush()
    tell(**asdict(numbers), valid_from=str(valid_from))
    return made
