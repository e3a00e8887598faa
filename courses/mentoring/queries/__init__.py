"""Selects over offers, pairs and sessions, and what other rooms show of a pair."""

from courses.mentoring.models import mentored_by
from courses.mentoring.queries.pairs import pairs_on
from courses.mentoring.queries.parts import LIST_PARTS, PAIR_PARTS, Part, hang_in_list, hang_on_pair, parts_for

__all__ = [
    "LIST_PARTS",
    "PAIR_PARTS",
    "Part",
    "hang_in_list",
    "hang_on_pair",
    "mentored_by",
    "pairs_on",
    "parts_for",
]
