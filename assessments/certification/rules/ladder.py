"""What is still missing for the next star: a few rows a tired person can read, and the shortest way there."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
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
    elif node["word"] == "weighted":
        yield _points(node)
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
    parts = list(leaves_of(node))
    first = parts[0]["title"] if parts else {"zh": "", "en": ""}
    return Want(
        first["zh"], first["en"], _state(node), node["have"], node["needed"], node["owed"], of=len(node["parts"])
    )


def _points(node: Mapping[str, Any]) -> Want:
    title = node.get("title") or next(leaves_of(node))["title"]
    have = min(node["have"], node["needed"])
    return Want(title["zh"], title["en"], _state(node), have, node["needed"], node["owed"], "points")


def leaves_of(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The requirements in an explained tree, in the order of the policy."""
    if node["word"] == "leaf":
        yield node
    for part in node.get("parts", ()):
        yield from leaves_of(part)


def _state(node: Mapping[str, Any]) -> str:
    if node["met"]:
        return "done"
    begun = node["have"] or any(part["met"] or part["have"] for part in node.get("parts", ()))
    return "under_way" if begun else "open"


def in_words(explanation: Mapping[str, Any]) -> Iterator[str]:
    """Every star with its requirements, a line each, for a terminal."""
    for star in explanation["stars"]:
        yield f"star {star['star']}: {'reached' if star['reached'] else 'not reached'}"
        for leaf in leaves_of(star["requires"]):
            yield "  " + _line(leaf)


def _line(leaf: Mapping[str, Any]) -> str:
    words = f"{'met    ' if leaf['met'] else 'missing'} {leaf['have']}/{leaf['needed']} {leaf['title']['en']}"
    assessors = leaf.get("assessors")
    if assessors and assessors["owed"]:
        words += f"; {assessors['owed']} more assessors"
    if "margin" in leaf:
        words += f"; by {leaf['margin']:+g} points"
    if leaf["expired"]:
        words += f"; {len(leaf['expired'])} expired"
    return words


# ---- the shortest way --------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """One requirement on the way, and what of it is still to be done."""

    title_zh: str
    title_en: str
    kind: str
    owed: float
    assessors: int
    #: How much of it is left, between nothing and one.
    left: Fraction
    leaf: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {"kind": self.kind, "title": self.leaf["title"], "owed": self.owed, "assessors": self.assessors}


@dataclass(frozen=True)
class _Way:
    steps: tuple[Step, ...]

    @property
    def length(self) -> tuple[int, Fraction]:
        """As few requirements as can be; of equally few, those of which the least is left."""
        return len(self.steps), sum((step.left for step in self.steps), Fraction(0))

    def __add__(self, other: "_Way") -> "_Way":
        return _Way(self.steps + tuple(step for step in other.steps if step not in self.steps))


def shortest_way(star: Mapping[str, Any]) -> list[Step] | None:
    """The fewest requirements that, once met, give this star; what is furthest along first. None: no way is known.

    Where there is a choice, those are taken of which the least is left; for points, those that give most of them.
    """
    way = _way(star["requires"])
    return None if way is None else sorted(way.steps, key=lambda step: step.left)


def _way(node: Mapping[str, Any]) -> _Way | None:
    if node["met"]:
        return _Way(())
    if node["word"] == "leaf":
        return _Way((_step(node),))
    if node["word"] == "star":
        return None
    if node["word"] == "weighted":
        return _way_to_points(node)
    ways = sorted((way for part in node["parts"] if (way := _way(part)) is not None), key=lambda way: way.length)
    needed = len(node["parts"]) if node["word"] == "all" else int(node["needed"])
    return None if len(ways) < needed else sum(ways[:needed], _Way(()))


def _way_to_points(node: Mapping[str, Any]) -> _Way | None:
    """Whole parts, the one with the most points still to be had first, until there are enough."""
    found, owed = _Way(()), Fraction(str(node["owed"]))
    gains = [(Fraction(str(part["weight"])) - Fraction(str(part["points"])), part) for part in node["parts"]]
    for gain, part in sorted(gains, key=lambda one: -one[0]):
        way = _way(part | {"met": False}) if gain > 0 and part["word"] == "leaf" else _way(part)
        if owed > 0 and way is not None and way.steps:
            found, owed = found + way, owed - gain
    return found if owed <= 0 else None


def _step(leaf: Mapping[str, Any]) -> Step:
    owed, assessors = leaf["owed"], leaf.get("assessors", {}).get("owed", 0)
    left = Fraction(str(owed)) / Fraction(str(leaf["needed"])) if leaf["needed"] else Fraction(1)
    if assessors:
        left = max(left, Fraction(assessors, leaf["assessors"]["needed"]))
    title = leaf["title"]
    return Step(title["zh"], title["en"], leaf["kind"], owed, assessors, left, leaf)


def result_ids(explanation: Mapping[str, Any]) -> set[int]:
    """The ids of all results an explanation speaks of."""
    leaves = [leaf for star in explanation["stars"] for leaf in leaves_of(star["requires"])]
    return {number for leaf in leaves for number in (*leaf["counted"], *leaf["expired"])}
