"""How far a draft has come, and what may become of it. Pure."""

from enum import StrEnum


class State(StrEnum):
    """How far a draft has come."""

    WRITING = "writing"
    REVIEW = "review"
    APPROVED = "approved"
    PUBLISHED = "published"
    DISCARDED = "discarded"


class Verdict(StrEnum):
    """What a second editor says of a draft."""

    APPROVED = "approved"
    RETURNED = "returned"


#: Drafts that are still worked on; a course has one of them at most.
OPEN = frozenset({State.WRITING, State.REVIEW, State.APPROVED})

_NEXT = {
    State.WRITING: {State.REVIEW, State.DISCARDED},
    State.REVIEW: {State.APPROVED, State.WRITING},
    State.APPROVED: {State.PUBLISHED, State.WRITING},
    State.PUBLISHED: set(),
    State.DISCARDED: set(),
}


def may_follow(before: str, after: State) -> bool:
    """Whether a draft in this state may come into that one."""
    return after in _NEXT[State(before)]
