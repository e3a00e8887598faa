"""When a sign-off stands: both sides have named the same level; pure."""

from collections.abc import Mapping
from enum import StrEnum

#: Says by which rule a level was found; raise it with every change of `agreed_level`.
RULES = 1
LOWEST, HIGHEST = 1, 5


class Side(StrEnum):
    """In whose hand a signature is."""

    MENTOR = "mentor"
    ASSESSOR = "assessor"


def agreed_level(latest: Mapping[str, int]) -> int | None:
    """The level that both sides have named last, or None while one is missing or they differ.

    A lower level of one side does not silently win: it stays open and visible until one of the two signs anew.
    """
    mentor, assessor = latest.get(Side.MENTOR), latest.get(Side.ASSESSOR)
    return mentor if mentor is not None and mentor == assessor else None


def differing(latest: Mapping[str, int]) -> bool:
    """Both have signed, and not the same."""
    return len(latest) == len(Side) and agreed_level(latest) is None
