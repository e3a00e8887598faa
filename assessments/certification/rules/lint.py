"""What is wrong with a policy although it can be read: stars nobody can reach, conditions that cannot be."""

from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from assessments.certification.rules.policy import Group, Leaf, LowerStar, Measure, Node, Policy, Star

_HIGHEST_LEVEL = 5
_PERCENT = 100
_WITHOUT_ASSESSOR = {Measure.SUM}


@dataclass(frozen=True)
class Finding:
    """One thing wrong: which rule, which star, what is meant, in words."""

    rule: str
    star: int | None
    subject: str
    message: str

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return asdict(self)


def lint(policy: Policy, techniques: Collection[str] | None = None) -> list[Finding]:
    """Everything wrong with a policy; `techniques` are the codes there are, where that is known."""
    found = [*_ladder(policy)]
    for star in policy.stars:
        found += _tree(star.requires, star, techniques)
    return found


def _ladder(policy: Policy) -> Iterator[Finding]:
    numbers = [star.star for star in policy.stars]
    for star in policy.stars:
        missing = [n for n in range(1, star.star) if n not in numbers]
        if missing:
            yield Finding(
                "unreachable-star", star.star, "stars", f"no star may be skipped, and there is no star {missing[0]}"
            )


def _tree(node: Node, star: Star, techniques: Collection[str] | None) -> Iterator[Finding]:
    if isinstance(node, Group):
        if node.needed > len(node.parts):
            yield Finding(
                "unreachable-star",
                star.star,
                node.word,
                f"at least {node.needed} of only {len(node.parts)} are asked for",
            )
        for part in node.parts:
            yield from _tree(part, star, techniques)
    elif isinstance(node, LowerStar):
        if node.star >= star.star:
            yield Finding("unreachable-star", star.star, "star", f"star {star.star} asks for star {node.star} first")
    else:
        yield from (Finding(rule, star.star, node.title.en, words) for rule, words in _leaf(node, techniques))


def _leaf(leaf: Leaf, techniques: Collection[str] | None) -> Iterator[tuple[str, str]]:
    yield from _impossible(leaf, techniques)
    if leaf.measure is Measure.SIGN_OFFS and leaf.level is None:
        yield "contradiction", "sign-offs need a level"
    if leaf.measure is Measure.PROOFS and leaf.within_days is None:
        yield "contradiction", "a skill stays current within a number of days, and none is given"
    if leaf.measure in (Measure.SIGN_OFFS, Measure.PROOFS) and leaf.technique is None:
        yield "contradiction", "no technique is named"
    if leaf.measure in (Measure.MARKS, Measure.NUMBER) and leaf.level is not None:
        yield "contradiction", f"{leaf.kind} has no level"
    if leaf.measure is not Measure.MARKS and leaf.count != 1:
        yield "contradiction", f"the number asked for is `min` {leaf.min}; `count` {leaf.count} says another"


def _impossible(leaf: Leaf, techniques: Collection[str] | None) -> Iterator[tuple[str, str]]:
    rule = "nothing-can-produce"
    if leaf.measure is Measure.MARKS and leaf.min > _PERCENT:
        yield rule, f"no mark is above {_PERCENT} %, and {leaf.min} is asked for"
    if leaf.level is not None and leaf.level > _HIGHEST_LEVEL:
        yield rule, f"the highest level is {_HIGHEST_LEVEL}, and {leaf.level} is asked for"
    if leaf.distinct_assessors and leaf.measure in _WITHOUT_ASSESSOR:
        yield rule, f"{leaf.kind} has no assessors"
    if leaf.kind == "rotation_days" and leaf.within_days is not None and leaf.min > leaf.within_days + 1:
        yield rule, f"{leaf.min} days do not fit into {leaf.within_days} days"
    if techniques is not None and leaf.technique is not None and leaf.technique not in techniques:
        yield rule, f"there is no technique {leaf.technique}"
