"""Where a version of a question stands, where it came from, and what may come next."""

from enum import StrEnum


class Status(StrEnum):
    """How far a version has come; only what is ready is asked."""

    DRAFT = "draft"
    REVIEWED = "reviewed"
    READY = "ready"
    RETIRED = "retired"


class Origin(StrEnum):
    """How a version came into the bank."""

    #: with a content pack, which is its author and vouches for it
    PACK = "pack"
    WRITTEN = "written"
    #: out of a file of another system
    IMPORTED = "imported"


#: What may follow upon what; what was retired comes back to where it stood.
_NEXT: dict[Status, frozenset[Status]] = {
    Status.DRAFT: frozenset({Status.REVIEWED, Status.RETIRED}),
    Status.REVIEWED: frozenset({Status.READY, Status.DRAFT, Status.RETIRED}),
    Status.READY: frozenset({Status.DRAFT, Status.RETIRED}),
    Status.RETIRED: frozenset({Status.DRAFT, Status.REVIEWED, Status.READY}),
}


def first(origin: str) -> Status:
    """Where a version stands of which nobody has said anything yet."""
    return Status.READY if origin == Origin.PACK else Status.DRAFT


def may_follow(now: str, then: str) -> bool:
    """Whether a version may go from one status to the other."""
    return Status(then) in _NEXT[Status(now)]
