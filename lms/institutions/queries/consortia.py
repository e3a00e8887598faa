"""Selects about consortia."""

from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from lms import clock
from lms.authz import Actor
from lms.db import db
from lms.institutions.models import Consortium, ConsortiumMember, Institution
from lms.institutions.queries.tree import overseen


def memberships(found: Institution) -> list[ConsortiumMember]:
    """The consortia an institution has been in, newest first."""
    query = (
        sa.select(ConsortiumMember)
        .where(ConsortiumMember.institution_id == found.id)
        .options(orm.joinedload(ConsortiumMember.consortium))
        .order_by(ConsortiumMember.begins_on.desc())
    )
    return list(db.session.scalars(query))


def in_force(begins: Any, ends: Any) -> sa.ColumnElement[bool]:
    """From–until holds today; the last day is not part of it."""
    today = clock.today()
    return sa.and_(begins <= today, sa.or_(ends.is_(None), ends > today))


def consortia(actor: Actor) -> list[tuple[Consortium, int]]:
    """Consortia with their number of members today, in which an institution of the actor's subtrees takes part."""
    size = (
        sa.select(sa.func.count())
        .where(
            ConsortiumMember.consortium_id == Consortium.id,
            in_force(ConsortiumMember.begins_on, ConsortiumMember.ends_on),
        )
        .correlate(Consortium)
        .scalar_subquery()
    )
    query = sa.select(Consortium, size).where(_takes_part(actor)).options(orm.joinedload(Consortium.leader))
    return list(db.session.execute(query.order_by(Consortium.name)))


def consortium(actor: Actor, id: int) -> Consortium | None:
    """One consortium in which an institution of the actor's subtrees takes part."""
    if id >= 1 << 63:
        return None
    query = sa.select(Consortium).where(Consortium.id == id, _takes_part(actor))
    return db.session.scalar(query.options(orm.joinedload(Consortium.leader)))


def _takes_part(actor: Actor) -> sa.ColumnElement[bool]:
    inside = sa.select(Institution.id).where(overseen(actor))
    member = sa.select(ConsortiumMember.consortium_id).where(ConsortiumMember.institution_id.in_(inside))
    return sa.or_(Consortium.leader_id.in_(inside), Consortium.id.in_(member))


def members(of: Consortium) -> list[ConsortiumMember]:
    """All memberships of a consortium, present ones first."""
    query = (
        sa.select(ConsortiumMember)
        .where(ConsortiumMember.consortium_id == of.id)
        .options(orm.joinedload(ConsortiumMember.institution))
        .order_by(ConsortiumMember.ends_on.desc().nulls_first(), ConsortiumMember.begins_on, ConsortiumMember.id)
    )
    return list(db.session.scalars(query))


def overlapping(institution_id: int, begins_on: date) -> Consortium | None:
    """The consortium an institution is in at this day or later."""
    query = (
        sa.select(Consortium)
        .join(ConsortiumMember)
        .where(
            ConsortiumMember.institution_id == institution_id,
            sa.or_(ConsortiumMember.ends_on.is_(None), ConsortiumMember.ends_on > begins_on),
        )
        .order_by(ConsortiumMember.begins_on)
        .limit(1)
    )
    return db.session.scalar(query)


def membership(of: Consortium, id: int) -> ConsortiumMember | None:
    """One membership of this consortium."""
    query = sa.select(ConsortiumMember).where(ConsortiumMember.id == id, ConsortiumMember.consortium_id == of.id)
    return db.session.scalar(query)
