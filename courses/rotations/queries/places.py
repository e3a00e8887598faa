"""Departments, their places, and how full they are: counts over all counties, never names."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from unicodedata import normalize

import sqlalchemy as sa
from sqlalchemy import orm

from courses.rotations.models import Rotation, RotationDepartment, RotationReceiver, RotationSeat, receiving
from courses.rotations.rules import Load, Opens, Place, State, Stay, loads
from lms import clock
from lms.authz import Role
from lms.db import Everything, db
from lms.institutions.models import ConsortiumMember, Institution
from lms.people.models import Person, RoleGrant
from lms.people.queries import by_account


def places(department_id: int, on: date | None = None) -> list[Place]:
    """The places of a department that are there on a day or later, by number."""
    query = sa.select(RotationSeat).where(RotationSeat.department_id == department_id)
    if on is not None:
        query = query.where(RotationSeat.closes_on >= on)
    rows = db.session.scalars(query.order_by(RotationSeat.number, RotationSeat.opens_on))
    return [Place(row.id, row.opens_on, row.closes_on) for row in rows]


def seats(department_id: int) -> dict[int, RotationSeat]:
    """The same as rows, by id."""
    query = sa.select(RotationSeat).where(RotationSeat.department_id == department_id)
    return {row.id: row for row in db.session.scalars(query)}


def stays(department_id: int, first: date, without: int = 0) -> list[tuple[Stay, int]]:
    """Days that are taken on a day or later, with the place, whoever is there (days and ids only: over the fence)."""
    query = sa.select(Rotation.begins_on, Rotation.last_on, Rotation.id, Rotation.seat_id).where(
        Rotation.department_id == department_id,
        Rotation.state != State.CANCELLED,
        Rotation.last_on >= first,
        Rotation.id != without,
    )
    rows = db.session.execute(query, execution_options=Everything)
    return [(Stay(begins, last, number), seat) for begins, last, number, seat in rows]


def filling(department_id: int, first: date, last: date) -> list[Load]:
    """How full a department is, in runs of days that are alike."""
    taken = [stay for stay, _seat in stays(department_id, first)]
    return loads(taken, places(department_id, first), first, last)


def consortium_of_both(one: int, other: int, on: date) -> int | None:
    """The consortium in which two institutions both are on a day."""
    mine, theirs = ConsortiumMember.__table__.alias(), ConsortiumMember.__table__.alias()
    query = sa.select(mine.c.consortium_id).join(theirs, theirs.c.consortium_id == mine.c.consortium_id)
    for member, institution in ((mine, one), (theirs, other)):
        still = sa.or_(member.c.ends_on.is_(None), member.c.ends_on > on)
        query = query.where(member.c.institution_id == institution, member.c.begins_on <= on, still)
    return db.session.scalar(query.limit(1))


def takes_from(department: RotationDepartment, home: Institution, on: date) -> bool:
    """Whether a department takes doctors of an institution on a day: of its county, its consortium, or everybody's."""
    if department.opens_to == Opens.EVERYWHERE:
        return True
    host = department.institution.path.rpartition(".")[0] or department.institution.path
    if home.path == host or home.path.startswith(f"{host}."):
        return True
    return consortium_of_both(home.id, department.institution_id, on) is not None


def departments_for(home: Institution, on: date) -> list[RotationDepartment]:
    """The departments with places that take doctors of an institution, by hospital and name."""
    there = sa.exists().where(RotationSeat.department_id == RotationDepartment.id, RotationSeat.closes_on >= on)
    query = sa.select(RotationDepartment).join(Institution).where(there)
    found = db.session.scalars(query.order_by(Institution.code, RotationDepartment.name.collate("C")))
    return [one for one in found if takes_from(one, home, on)]


def listing(words: str = "", *, free: bool = False) -> sa.Select[*tuple[Any, ...]]:
    """All departments with the places there today and how many of them are taken today; `free`: not all of them."""
    today = clock.today()
    there = sa.select(sa.func.count()).where(
        RotationSeat.department_id == RotationDepartment.id,
        RotationSeat.opens_on <= today,
        RotationSeat.closes_on >= today,
    )
    stay = Rotation.__table__.c
    taken = sa.select(sa.func.count()).where(
        stay.department_id == RotationDepartment.id,
        stay.state != State.CANCELLED,
        stay.begins_on <= today,
        stay.last_on >= today,
    )
    places, held = there.scalar_subquery(), taken.scalar_subquery()
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(
            RotationDepartment,
            Institution.name.label("place"),
            Institution.name_en.label("place_en"),
            places.label("places"),
            held.label("taken"),
        )
        .join(Institution, Institution.id == RotationDepartment.institution_id)
        .options(orm.contains_eager(RotationDepartment.institution))
        .order_by(Institution.code, RotationDepartment.name.collate("C"))
        .execution_options(**Everything)
    )
    if words:
        named = RotationDepartment.name, RotationDepartment.name_en, RotationDepartment.teaches, Institution.name
        query = query.where(sa.or_(*(name.icontains(words, autoescape=True) for name in named)))
    return query.where(held < places) if free else query


def received_departments(person_id: int) -> Sequence[RotationDepartment]:
    """The departments at which a person receives doctors today."""
    query = sa.select(RotationDepartment).where(RotationDepartment.id.in_(receiving(person_id)))
    return db.session.scalars(query.order_by(RotationDepartment.name.collate("C"))).all()


def receivers(department_id: int) -> Sequence[RotationReceiver]:
    """Who receives, or received, at a department, those of today first."""
    query = sa.select(RotationReceiver).where(RotationReceiver.department_id == department_id)
    order = (RotationReceiver.ends_on.desc().nulls_first(), RotationReceiver.begins_on, RotationReceiver.id)
    return db.session.scalars(query.order_by(*order)).all()


def doctor_called(account: str, name: str) -> Person | None:
    """Who has exactly this account and this name, of whatever house; with the institution, and nothing if one is off.

    Over the fence: whoever receives does not reach the people of other houses, and learns nothing new by this.
    """
    query = by_account(account).join(Person.institution).options(orm.contains_eager(Person.institution))
    found = db.session.scalars(query).one_or_none()
    same = found is not None and normalize("NFKC", name).strip() == normalize("NFKC", found.name).strip()
    return found if same else None


def colleagues(host: Institution) -> Sequence[Person]:
    """People of an institution, within reach, who could receive doctors: mentors and managers."""
    today, roles = clock.today(), RoleGrant.__table__.c
    held = sa.exists().where(
        roles.person_id == Person.id,
        roles.role.in_([Role.MENTOR.value, Role.INSTITUTION_MANAGER.value]),
        roles.begins_on <= today,
        sa.or_(roles.ends_on.is_(None), roles.ends_on > today),
    )
    query = sa.select(Person).where(Person.institution_id == host.id, Person.active, held)
    return db.session.scalars(query.order_by(Person.sort_key, Person.id)).all()
