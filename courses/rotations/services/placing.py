"""What planning and recording share: whether a department takes somebody, a place found, a place held."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from courses.rotations.models import ONE_A_PLACE, Rotation, RotationDepartment, RotationSeat
from courses.rotations.queries import places
from courses.rotations.rules import Place, Stay, free_place, seated
from lms import clock
from lms.authz import Actor, Role
from lms.db import Everything, db
from lms.errors import Conflict, Invalid
from lms.i18n import _
from lms.people.models import Person, RoleGrant


def fits(doctor: Person, department: RotationDepartment, on: date) -> None:
    """Raise where a department cannot take somebody on a day: no doctor, of this house, or of one it does not serve."""
    today, roles = clock.today(), RoleGrant.__table__.c
    still = sa.or_(roles.ends_on.is_(None), roles.ends_on > today)
    works = sa.exists().where(roles.person_id == doctor.id, roles.role == Role.DOCTOR.value, still)
    if not doctor.active or not db.session.scalar(sa.select(works), execution_options=Everything):
        raise Invalid(_("Rotations are planned for people who work as doctors."), field="department")
    if doctor.institution_id == department.institution_id:
        raise Invalid(_("The doctor works at this hospital already."), field="department")
    if not places.takes_from(department, doctor.institution, on):
        raise Conflict(_("%(department)s takes no doctors of this institution.", department=department.name))


def seat_among(stay: Stay, there: Sequence[Place], others: Sequence[tuple[Stay, int]]) -> int | None:
    """A free place; others, who have not begun by then, are moved to another place where that makes room."""
    taken: dict[int, list[Stay]] = defaultdict(list)
    for other, seat in others:
        taken[seat].append(other)
    free = free_place(stay, there, taken)
    return _move_others(stay, there, others) if free is None else free


def _move_others(stay: Stay, there: Sequence[Place], others: Sequence[tuple[Stay, int]]) -> int | None:
    fixed: dict[int, list[Stay]] = defaultdict(list)
    for other, seat in others:
        if other.begins_on < stay.begins_on:
            fixed[seat].append(other)
    later = {other.key: seat for other, seat in others if other.begins_on >= stay.begins_on}
    found = seated([stay, *(other for other, _seat in others if other.key in later)], there, fixed)
    if found is None:
        return None
    db.session.execute(sa.text(f"SET CONSTRAINTS {ONE_A_PLACE} DEFERRED"))
    by_id = {one.id: one for one in there}
    for key in (key for key, seat in later.items() if found[key] != seat):
        new = by_id[found[key]]
        moved = sa.update(Rotation).where(Rotation.id == key)
        moved = moved.values(seat_id=new.id, seat_opens_on=new.opens_on, seat_closes_on=new.closes_on)
        db.session.execute(moved, execution_options=Everything)
    return found[stay.key]


def place(
    actor: Actor, doctor: Person, department: RotationDepartment, *, seat: RotationSeat, stay: Stay, **more: Any
) -> Rotation:
    """Give a doctor this place on these days and hold it; `more` is what else the rotation says of itself."""
    made = Rotation(
        person_id=doctor.id,
        institution_id=doctor.institution_id,
        department_id=department.id,
        host_id=department.institution_id,
        seat_id=seat.id,
        seat_opens_on=seat.opens_on,
        seat_closes_on=seat.closes_on,
        consortium_id=places.consortium_of_both(doctor.institution_id, department.institution_id, stay.begins_on),
        doctor_name=doctor.name,
        begins_on=stay.begins_on,
        last_on=stay.last_on,
        planned_last_on=stay.last_on,
        planned_by_id=actor.person_id,
        **more,
    )
    db.session.add(made)
    hold()
    db.session.refresh(made)
    return made


def hold() -> None:
    """Let the database ask now: no place twice a day, no doctor at two departments a day."""
    try:
        with db.session.begin_nested():
            db.session.flush()
            db.session.execute(sa.text(f"SET CONSTRAINTS {ONE_A_PLACE} IMMEDIATE"))
    except sa.exc.IntegrityError as wrong:
        if "one_rotation_at_a_time" in str(wrong.orig):
            raise Conflict(_("The doctor has a rotation on some of these days already.")) from None
        raise Conflict(_("This place has just been given to somebody else. Try again.")) from None
