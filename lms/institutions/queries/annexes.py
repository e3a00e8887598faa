"""What features above know about an institution; they say it in their wiring.

Institutions know nobody who works in them, and must still show how many there are, and not be closed over them.
"""

from collections.abc import Callable, Sequence
from typing import Any

from flask_babel.speaklater import LazyString

from lms.authz import Actor
from lms.institutions.models import Institution

#: Headcount by category within the actor's reach, at and below each of the given institutions.
Headcount = Callable[[Sequence[int]], dict[int, dict[str, int]]]
#: A template to include, and what it is given as `part`.
Part = tuple[str, dict[str, Any]]

#: Words for the categories that headcounts count, in the order in which they are shown.
CATEGORIES: dict[str, LazyString] = {}
HEADCOUNTS: dict[str, Headcount] = {}
#: By name: a sentence on what still holds an institution open, or None.
HOLDS: dict[str, Callable[[int], str | None]] = {}
#: By name: a part of the institution's page as template and values, or None where there is nothing to say.
PARTS: dict[str, Callable[[Actor, Institution], Part | None]] = {}


def headcount(institution_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """How many people of each category work at and below each institution, within the actor's reach."""
    counts: dict[int, dict[str, int]] = {one: {} for one in institution_ids}
    for count in HEADCOUNTS.values():
        for one, by_category in count(institution_ids).items():
            counts[one].update(by_category)
    return counts


def reasons_to_stay(institution_id: int) -> list[str]:
    """Why this institution cannot be closed yet."""
    return [reason for hold in HOLDS.values() if (reason := hold(institution_id))]


def parts(actor: Actor, institution: Institution) -> list[Part]:
    """What other features show on an institution's page."""
    return [shown for part in PARTS.values() if (shown := part(actor, institution))]
