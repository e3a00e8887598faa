"""What is still missing for the next star, in a few rows a tired person can read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

MOST_ROWS = 5
_ORDER = {"under_way": 0, "open": 1, "done": 2}


@dataclass(frozen=True)
class Want:
    """One requirement, or one choice among several, and how far it is."""

    label_zh: str
    label_en: str
    state: str
    have: float
    need: float
    owed: float
    kind: str = ""
    of: int = 0

    @property
    def choice(self) -> bool:
        """Whether it is a choice: `need` out of `of`."""
        return self.of > 0


def wants(star: Mapping[str, Any], most: int = MOST_ROWS) -> list[Want]:
    """The rows for one star of an explanation: what is begun first, what is done last; at most `most`."""
    rows = sorted(_wants(star["requires"]), key=lambda want: _ORDER[want.state])
    return rows[:most]


def _wants(node: Mapping[str, Any]) -> Iterator[Want]:
    if node["word"] == "leaf":
        yield _want(node)
    elif node["word"] == "all":
        for part in node["parts"]:
            yield from _wants(part)
    elif node["word"] in ("any", "at_least"):
        yield _choice(node)


def _want(node: Mapping[str, Any]) -> Want:
    have, need, owed = node["have"], node["needed"], node["owed"]
    assessors = node.get("assessors")
    if owed == 0 and assessors and assessors["owed"]:
        have, need, owed = assessors["have"], assessors["needed"], assessors["owed"]
    title = node["title"]
    return Want(title["zh"], title["en"], _state(node), min(have, need), need, owed, node["kind"])


def _choice(node: Mapping[str, Any]) -> Want:
    parts = list(_leaves(node))
    first = parts[0]["title"] if parts else {"zh": "", "en": ""}
    return Want(
        first["zh"], first["en"], _state(node), node["have"], node["needed"], node["owed"], of=len(node["parts"])
    )


def _leaves(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if node["word"] == "leaf":
        yield node
    for part in node.get("parts", ()):
        yield from _leaves(part)


def _state(node: Mapping[str, Any]) -> str:
    if node["met"]:
        return "done"
    begun = node["have"] or any(part["met"] or part["have"] for part in node.get("parts", ()))
    return "under_way" if begun else "open"


def result_ids(explanation: Mapping[str, Any]) -> set[int]:
    """The ids of all results an explanation speaks of."""
    leaves = [leaf for star in explanation["stars"] for leaf in _leaves(star["requires"])]
    return {number for leaf in leaves for number in (*leaf["counted"], *leaf["expired"])}
