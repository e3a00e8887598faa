"""Who may do what: roles over a subtree, named relations, and the actor who asks."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar

from lms.errors import NotAllowed, NotFound


class Permission(StrEnum):
    """`feature:thing:action`; each feature declares its own in policy.py."""


class Open(Permission):
    """Permissions that every visitor, or everyone signed in, has."""

    EVERYONE = "open:everyone"
    SIGNED_IN = "open:signed-in"


class Role(StrEnum):
    """What a person is, over the subtree of one institution."""

    DOCTOR = "doctor"
    MENTOR = "mentor"
    COURSE_EDITOR = "course_editor"
    EXAM_OFFICER = "exam_officer"
    CERTIFICATE_OFFICER = "certificate_officer"
    INSTITUTION_MANAGER = "institution_manager"
    SYSTEM_ADMINISTRATOR = "system_administrator"
    AUDITOR = "auditor"


#: Roles that see what belongs to their subtree. Doctors see their own, mentors and examiners what a relation shows.
OVERSEEING = frozenset(Role) - {Role.DOCTOR, Role.MENTOR, Role.COURSE_EDITOR}
#: Roles that decide about others: they sign in with a second factor.
SECOND_FACTOR = OVERSEEING
#: No one holds two of these at once; a constraint in lms.people holds it too.
DISJOINT = frozenset({Role.SYSTEM_ADMINISTRATOR, Role.CERTIFICATE_OFFICER, Role.AUDITOR})


@dataclass(frozen=True)
class Grant:
    """One role over the subtree that begins at `root` (an ltree path)."""

    role: Role
    root: str

    def covers(self, path: str) -> bool:
        """Whether an institution lies at or below this grant's root."""
        return path == self.root or path.startswith(self.root + ".")


@dataclass(frozen=True)
class Actor:
    """On whose behalf something is asked: a person, the public, or a named job."""

    person_id: int | None = None
    grants: tuple[Grant, ...] = ()
    #: Somebody who has not finished signing in may do just this; None for everybody else.
    only: frozenset[Permission] | None = None
    job_name: str | None = None
    job_may: frozenset[Permission] = field(default=frozenset())

    PUBLIC: ClassVar["Actor"]

    @classmethod
    def job(cls, name: str, *may: Permission) -> "Actor":
        """A background job or command, with just the permissions it needs."""
        return cls(job_name=name, job_may=frozenset(may))

    @property
    def signed_in(self) -> bool:
        """Whether this is a person we know, and all of signing in is behind them."""
        return self.person_id is not None and self.only is None

    @property
    def roles(self) -> frozenset[Role]:
        """The roles held anywhere."""
        return frozenset(grant.role for grant in self.grants)

    @property
    def overseen(self) -> tuple[str, ...]:
        """Paths of the subtrees whose rows are within reach by role."""
        return tuple(sorted({g.root for g in self.grants if g.role in OVERSEEING}))

    @property
    def sees_everything(self) -> bool:
        """Jobs are not fenced; their permissions are."""
        return self.job_name is not None

    def may(self, permission: Permission, on: object = None) -> bool:
        """Whether any clause of the policy lets this actor do it to this thing."""
        if self.job_name is not None:
            return permission in self.job_may or permission is Open.EVERYONE
        if self.only is not None and permission not in {*self.only, Open.EVERYONE}:
            return False
        return any(clause.allows(self, on) for clause in POLICY.get(permission, ()))

    def must(self, permission: Permission, on: object = None) -> None:
        """Raise NotAllowed unless `may`."""
        if not self.may(permission, on):
            raise NotAllowed(permission)


Actor.PUBLIC = Actor()


@dataclass(frozen=True)
class ByRole:
    """Holders of a role over the subtree in which the thing lies (anywhere, for shared things)."""

    role: Role

    def allows(self, actor: Actor, on: object) -> bool:
        """Whether one of the actor's grants of this role covers the thing."""
        path = place_of(on)
        return any(g.role is self.role and (path is None or g.covers(path)) for g in actor.grants)

    @property
    def words(self) -> str:
        """For the list of permissions."""
        return f"role:{self.role.value}"


@dataclass(frozen=True)
class ByRelation:
    """Whoever stands in a named, dated relation to the thing."""

    name: str
    holds: Callable[[Actor, Any], bool]

    def allows(self, actor: Actor, on: object) -> bool:
        """Whether the relation holds now."""
        return actor.person_id is not None and on is not None and self.holds(actor, on)

    @property
    def words(self) -> str:
        """For the list of permissions."""
        return f"relation:{self.name}"


@dataclass(frozen=True)
class Anyone:
    """Everybody, or everybody who has signed in."""

    signed_in: bool = False

    def allows(self, actor: Actor, _on: object) -> bool:
        """Always, or for any known person."""
        return actor.signed_in or not self.signed_in

    @property
    def words(self) -> str:
        """For the list of permissions."""
        return "anyone signed in" if self.signed_in else "everyone"


Clause = ByRole | ByRelation | Anyone

#: The whole policy; features add theirs with `declare` when they are wired.
POLICY: dict[Permission, tuple[Clause, ...]] = {
    Open.EVERYONE: (Anyone(),),
    Open.SIGNED_IN: (Anyone(signed_in=True),),
}


def declare(rules: Mapping[Any, Iterable[Clause]]) -> None:
    """Add a feature's permissions to the policy (called in policy.py, at import)."""
    POLICY.update({permission: tuple(clauses) for permission, clauses in rules.items()})


def itself(actor: Actor, on: Any) -> bool:
    """The thing is the actor, or about the actor: a ready relation for `ByRelation('the person', itself)`."""
    return actor.person_id == getattr(on, "person_id", None)


def place_of(on: object) -> str | None:
    """The institution path at which a thing lies; None for what all institutions share."""
    if on is None:
        return None
    path = getattr(on, "path", None)
    if isinstance(path, str):
        return path
    institution = getattr(on, "institution", None)
    return institution.path if institution is not None else None


def only(found: Any) -> Any:
    """The thing a loader found, or NotFound: what is out of reach does not exist."""
    if found is None:
        raise NotFound
    return found
