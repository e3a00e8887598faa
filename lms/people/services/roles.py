"""Giving and ending roles: what every right of a person comes from."""

from datetime import date

import sqlalchemy as sa

from lms import clock
from lms.authz import Actor, Role
from lms.db import Everything, db
from lms.errors import Conflict, Invalid, NotAllowed
from lms.i18n import _
from lms.institutions.models import Institution
from lms.people import queries
from lms.people.models import Person, RoleGrant
from lms.people.policy import People
from lms.people.rules import granting
from lms.people.rules.sessions import Ended
from lms.people.rules.words import role_name
from lms.service import service, tell


@service(needs=People.GRANT_ROLE, tells=("role", "begins_on", "ends_on"))
def grant_role(
    actor: Actor,
    person: Person,
    *,
    role: Role,
    over: Institution,
    begins_on: date | None = None,
    ends_on: date | None = None,
) -> RoleGrant:
    """Give a person a role over an institution and all below it; the person signs in anew."""
    _may_give(actor, person.id, role, over)
    begins = begins_on or clock.today()
    if ends_on is not None and ends_on <= begins:
        raise Invalid(_("The role would end before it begins."), field="ends_on")
    tell(over=over.id)
    _refuse_what_excludes(person, role, begins, ends_on)
    made = RoleGrant(
        person_id=person.id,
        institution_id=over.id,
        role=role.value,
        begins_on=begins,
        ends_on=ends_on,
        granted_by_id=actor.person_id,
    )
    try:
        with db.session.begin_nested():
            db.session.add(made)
    except sa.exc.IntegrityError as wrong:
        raise _in_words(wrong) from wrong
    _sign_out(person.id)
    return made


@service(needs=People.GRANT_ROLE)
def end_role(actor: Actor, grant: RoleGrant, *, reason: str) -> None:
    """End a role today; the person signs in anew, without it."""
    _may_give(actor, grant.person_id, Role(grant.role), grant.institution)
    today = clock.today()
    if grant.ends_on is not None and grant.ends_on <= today:
        raise Conflict(_("This role has ended already."))
    tell(role=grant.role, over=grant.institution_id, person=grant.person_id, reason=reason)
    if grant.begins_on > today:  # it never came into force
        db.session.delete(grant)
    else:
        grant.ends_on = today
    _sign_out(grant.person_id)


def _may_give(actor: Actor, to: int, role: Role, over: Institution) -> None:
    if actor.person_id == to:
        raise NotAllowed(_("Nobody gives or ends a role of their own."))
    if actor.person_id is not None and not granting.may_give(actor, role, over.path):
        raise NotAllowed(_("This role is not yours to give here."))


def _refuse_what_excludes(person: Person, role: Role, begins: date, ends: date | None) -> None:
    """In words what the constraint holds in any case."""
    overlapping = sa.select(RoleGrant.role).where(
        RoleGrant.person_id == person.id,
        sa.or_(RoleGrant.ends_on.is_(None), RoleGrant.ends_on > begins),
        *([RoleGrant.begins_on < ends] if ends is not None else []),
    )
    held = {Role(name) for name in db.session.scalars(overlapping, execution_options=Everything)}
    other = granting.excluded_by(role, held)
    if other is not None:
        raise _excludes(role, other)


def _excludes(role: Role, other: Role) -> Conflict:
    return Conflict(
        _(
            "Nobody is %(role)s and %(other)s at once: the one watches over the other. End the other role first.",
            role=role_name(role),
            other=role_name(other),
        )
    )


def _in_words(wrong: sa.exc.IntegrityError) -> Conflict:
    """Two officers at once: the constraint saw what the question before it could not."""
    name = getattr(getattr(wrong.orig, "diag", None), "constraint_name", "") or ""
    if "granted_once" in name:
        return Conflict(_("The person has this role there already."))
    if "watchers" in name:
        return Conflict(_("The person has just been given a role that excludes this one."))
    raise wrong


def _sign_out(person_id: int) -> None:
    ending = queries.ending_sign_ins([person_id], Ended.RIGHTS_CHANGED)
    db.session.execute(ending, execution_options=Everything)
