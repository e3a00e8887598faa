"""Selects about persons."""

import sqlalchemy as sa

from lms import clock
from lms.authz import Actor, Grant, Role
from lms.db import Everything, db
from lms.institutions.models import Institution
from lms.people.models import Person, RoleGrant


def actor_for(person_id: int) -> Actor:
    """The actor this person is today: roles in force, with the subtree each reaches over."""
    today = clock.today()
    query = (
        sa.select(RoleGrant.role, Institution.path)
        .join(Institution, Institution.id == RoleGrant.institution_id)
        .join(Person, Person.id == RoleGrant.person_id)
        .where(
            RoleGrant.person_id == person_id,
            Person.active,
            RoleGrant.begins_on <= today,
            sa.or_(RoleGrant.ends_on.is_(None), RoleGrant.ends_on > today),
        )
        .order_by(RoleGrant.role, Institution.path)
    )
    rows = db.session.execute(query, execution_options=Everything)
    return Actor(person_id, tuple(Grant(Role(role), path) for role, path in rows))
