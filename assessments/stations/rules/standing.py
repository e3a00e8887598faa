"""How far a version of a station has come, and what may be said of it next."""

from enum import StrEnum


class Status(StrEnum):
    """How far a version has come."""

    DRAFT = "draft"
    APPROVED = "approved"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"


_NEXT = {
    Status.DRAFT: {Status.APPROVED, Status.RETURNED},
    Status.APPROVED: {Status.WITHDRAWN},
    Status.RETURNED: set(),
    Status.WITHDRAWN: {Status.APPROVED},
}


def first(written_here: bool) -> Status:
    """Where a version stands of which nobody has said anything: what came with a pack is approved."""
    return Status.DRAFT if written_here else Status.APPROVED


def may_follow(now: Status, then: Status) -> bool:
    """Whether a version can go from one to the other; what was sent back is mended in a new version."""
    return then in _NEXT[now]
