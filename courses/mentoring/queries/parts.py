"""What higher rooms show of pairs: below each apprentice in the mentor's list, and on a pair's page.

Filled in their wiring.py: `hang_on_pair(Part("signoff", 20, "signoff/of_pair.html", find))`. `find(actor, pairs)`
answers for all pairs at once (so that a list asks the same number of statements however long it is) with whatever the
template wants to know, by the pair's id; a pair that is not in the answer shows nothing. The template is included with
`pair` and `found`, and begins with `{% import 'ui.html' as ui %}`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from courses.mentoring.models import Pairing
from lms.authz import Actor


@dataclass(frozen=True, eq=False)
class Part:
    """One thing another room knows of pairs: in which order it stands, its template, and how it is found."""

    name: str
    order: int
    template: str
    find: Callable[[Actor, Sequence[Pairing]], Mapping[int, Any]]


LIST_PARTS: dict[str, Part] = {}
PAIR_PARTS: dict[str, Part] = {}


def hang_in_list(part: Part) -> None:
    """Show something below each apprentice in the mentor's list."""
    LIST_PARTS[part.name] = part


def hang_on_pair(part: Part) -> None:
    """Show something on the page of a pair."""
    PAIR_PARTS[part.name] = part


def parts_for(
    registry: Mapping[str, Part], actor: Actor, pairs: Sequence[Pairing]
) -> list[tuple[Part, Mapping[int, Any]]]:
    """Every part in order with what it found for these pairs."""
    ordered = sorted(registry.values(), key=lambda part: (part.order, part.name))
    return [(part, part.find(actor, pairs)) for part in ordered] if pairs else []
