"""Where exams can be held."""

import sqlalchemy as sa

from lms.authz import Actor, Role
from lms.db import db
from lms.institutions.models import Institution, Kind
from lms.institutions.queries.tree import shown_name

_HOSTS = [kind for kind in Kind if kind is not Kind.VILLAGE_CLINIC]


def _hosts(actor: Actor) -> sa.Select[Institution]:
    roots = [grant.root for grant in actor.grants if grant.role is Role.EXAM_OFFICER]
    query = sa.select(Institution).where(Institution.active, Institution.kind.in_(_HOSTS))
    return query.where(Institution.path.within(roots)).order_by(Institution.path)


def hosts(actor: Actor) -> list[tuple[int, str]]:
    """Institutions of the officer's area that can hold an exam, from the top down."""
    return [(place.id, place.name) for place in db.session.scalars(_hosts(actor))]


def host(actor: Actor, number: int) -> Institution | None:
    """One of them."""
    return db.session.scalar(_hosts(actor).where(Institution.id == number))


def below(actor: Actor) -> list[tuple[int, str]]:
    """All institutions of the actor's area, clinics too."""
    query = sa.select(Institution.id, shown_name()).where(Institution.active)
    query = query.where(Institution.path.within(list(actor.overseen))).order_by(Institution.path)
    return [(number, name) for number, name in db.session.execute(query)]


def name_of(number: int) -> str:
    """What an institution is called."""
    return db.session.scalars(sa.select(shown_name()).where(Institution.id == number)).one()
