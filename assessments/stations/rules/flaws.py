"""What keeps a station from being used, found in its body: the one check for packs and for the editor's page."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise
from typing import Any

from assessments.stations.rules.sheets import Kind

Place = tuple[str | int, ...]
_MOST_STEPS = 5


class Wrong(StrEnum):
    """Why a station cannot be marked as it stands."""

    ITEM_TWICE = "item_twice"
    OPTIONAL_AND_NEEDED = "optional_and_needed"
    STEPS = "steps"
    STEP_BETWEEN = "step_between"
    RULE_OF = "rule_of"
    RULE_AT_LEAST = "rule_at_least"
    RULE_KEYS = "rule_keys"
    RULE_UNSEEN = "rule_unseen"
    LEVEL_TWICE = "level_twice"
    BORDERLINE = "borderline"
    NO_TECHNIQUE = "no_technique"


@dataclass(frozen=True)
class Flaw:
    """One thing that is wrong, where it stands in the body, and the values its words need."""

    wrong: Wrong
    at: Place
    values: Mapping[str, Any] = field(default_factory=dict)


def flaws(kind: str, body: Mapping[str, Any]) -> Iterator[Flaw]:
    """Everything in a station's body that no schema of single fields can see."""
    if kind == Kind.STATION and not body["technique"]:
        yield Flaw(Wrong.NO_TECHNIQUE, ("technique",))
    codes = [item["code"] for item in body["items"]]
    for number, item in enumerate(body["items"]):
        if codes.index(item["code"]) != number:
            yield Flaw(Wrong.ITEM_TWICE, ("items", number), {"code": item["code"]})
        yield from _item(item, ("items", number))
    yield from _key_rule(body["key_rule"], body["items"])
    levels = [level["code"] for level in body["levels"]]
    if len(set(levels)) < len(levels):
        yield Flaw(Wrong.LEVEL_TWICE, ("rating", "levels"))
    if sum(level["borderline"] for level in body["levels"]) != 1:
        yield Flaw(Wrong.BORDERLINE, ("rating", "levels"))


def _item(item: Mapping[str, Any], at: Place) -> Iterator[Flaw]:
    named, steps = {"code": item["code"], "points": item["points"]}, item["steps"]
    if item.get("optional") and (item["critical"] or item["key"]):
        yield Flaw(Wrong.OPTIONAL_AND_NEEDED, at, named)
    rising = all(low < high for low, high in pairwise(steps))
    if not (rising and 2 <= len(steps) <= _MOST_STEPS and steps[0] == 0 and steps[-1] == item["points"]):
        yield Flaw(Wrong.STEPS, at, named)
    elif item["critical"] and len(steps) > 2:
        yield Flaw(Wrong.STEP_BETWEEN, at, named)


def _key_rule(rule: Mapping[str, int] | None, items: list[Mapping[str, Any]]) -> Iterator[Flaw]:
    if rule is None:
        return
    seen, keys = sum(not item.get("optional") for item in items), sum(item["key"] for item in items)
    there = {**rule, "items": len(items), "keys": keys, "surely_seen": seen}
    if rule["of"] != there["items"]:
        yield Flaw(Wrong.RULE_OF, ("key_rule",), there)
    elif rule["at_least"] > rule["of"]:
        yield Flaw(Wrong.RULE_AT_LEAST, ("key_rule",), there)
    elif rule["with_keys"] > there["keys"]:
        yield Flaw(Wrong.RULE_KEYS, ("key_rule",), there)
    elif rule["at_least"] > there["surely_seen"]:
        yield Flaw(Wrong.RULE_UNSEEN, ("key_rule",), there)
