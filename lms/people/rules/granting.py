"""Who may give which role to whom."""

from lms.authz import DISJOINT, Actor, Role

#: Work roles are given where the work is done; everything that decides about others, by system administrators.
GIVERS: dict[Role, Role] = {
    role: Role.INSTITUTION_MANAGER
    if role in (Role.DOCTOR, Role.MENTOR, Role.COURSE_EDITOR)
    else Role.SYSTEM_ADMINISTRATOR
    for role in Role
}


def may_give(actor: Actor, role: Role, path: str) -> bool:
    """Whether this actor may give or end this role over the institution at `path`."""
    return any(grant.role is GIVERS[role] and grant.covers(path) for grant in actor.grants)


def giveable(actor: Actor, path: str) -> list[Role]:
    """The roles this actor may give over the institution at `path`, in the order people know."""
    return [role for role in Role if may_give(actor, role, path)]


def excluded_by(role: Role, held: set[Role]) -> Role | None:
    """The role already held that nobody may hold together with this one."""
    return next((other for other in sorted(held) if {role, other} <= DISJOINT and role is not other), None)
