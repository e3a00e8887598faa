"""What is wrong with a policy although it can be read: stars nobody can reach, conditions that cannot be.

An error makes the policy unfit to be put in force; a warning is for somebody to look at.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any, Final

from assessments.certification.rules import titles
from assessments.certification.rules.policy import (
    KINDS,
    Group,
    Leaf,
    LowerStar,
    Measure,
    Node,
    Policy,
    Star,
    Title,
    Weighted,
    children,
    leaves_of,
)

ERROR: Final = "error"
WARNING: Final = "warning"
_HIGHEST_LEVEL = 5
_PERCENT = 100
_HOURS_A_DAY = 24
_WITHOUT_ASSESSOR = {name for name, (measure, _) in KINDS.items() if measure in (Measure.SUM, Measure.CLEAR)}
_WITHOUT_ASSESSOR |= {"theory_exam"}
_COUNTED = (Measure.MARKS, Measure.NUMBER, Measure.SIGN_OFFS, Measure.PROOFS)


_ = str  # marks a message for the catalogues: pages say it in the reader's language, commands in English


@dataclass(frozen=True)
class Finding:
    """One thing wrong: which rule, which star, what is meant, in words with their values."""

    rule: str
    star: int | None
    subject: str
    says: str
    values: Mapping[str, Any] = field(default_factory=dict)
    title: Title | None = None
    severity: str = ERROR

    @property
    def message(self) -> str:
        """The words in English."""
        return self.says % self.values

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        of_us = {"rule": self.rule, "star": self.star, "subject": self.subject}
        return of_us | {"message": self.message, "severity": self.severity}


Said = tuple[str, str, dict[str, Any]]


def lint(policy: Policy, techniques: Collection[str] | None = None) -> list[Finding]:
    """Everything wrong with a policy; `techniques` are the codes there are, where that is known."""
    found = [*_ladder(policy)]
    for star in policy.stars:
        found += _tree(star.requires, star, techniques)
        found += _names(star)
    return [*found, *_blocked(policy, techniques), *_asked_already(policy)]


def errors(found: Collection[Finding]) -> list[Finding]:
    """Those findings with which a policy must not be put in force."""
    return [one for one in found if one.severity == ERROR]


# ---- the ladder --------------------------------------------------------------------------------


def _ladder(policy: Policy) -> Iterator[Finding]:
    numbers = [star.star for star in policy.stars]
    for star in policy.stars:
        missing = [n for n in range(1, star.star) if n not in numbers]
        if missing:
            words = _("no star may be skipped, and there is no star %(below)s")
            yield Finding("unreachable-star", star.star, "stars", words, {"below": missing[0]})
        if star.star > 1 and not _asks_for(star.requires, star.star - 1):
            words = _("it can be met without star %(below)s; each star must ask for the one below")
            yield Finding("missing-ladder", star.star, "star", words, {"below": star.star - 1})


def _asks_for(node: Node, star: int) -> bool:
    """Whether a tree can be met by nobody who does not hold this star."""
    if isinstance(node, LowerStar):
        return node.star == star
    if isinstance(node, Group):
        asking = sum(_asks_for(part, star) for part in node.parts)
        return asking > len(node.parts) - node.needed
    if isinstance(node, Weighted):
        without = sum((weight for weight, part in node.parts if not _asks_for(part, star)), Decimal(0))
        return without < node.needed
    return False


def _blocked(policy: Policy, techniques: Collection[str] | None) -> Iterator[Finding]:
    """Stars that fail because of what they ask for, and all above the first of these."""
    lowest: int | None = None
    for star in policy.stars:
        if lowest is not None:
            words = _("star %(below)s can be reached by nobody, so neither can star %(star)s")
            yield Finding("unreachable-star", star.star, "stars", words, {"below": lowest, "star": star.star})
        elif not _possible(star.requires, techniques):
            lowest = star.star
            words = _("what it asks for cannot all be met")
            yield Finding("unreachable-star", star.star, "stars", words)


def _possible(node: Node, techniques: Collection[str] | None) -> bool:
    if isinstance(node, Leaf):
        return not any(rule == "nothing-can-produce" for rule, *_said in _leaf(node, techniques))
    if isinstance(node, Group):
        return sum(_possible(part, techniques) for part in node.parts) >= node.needed
    if isinstance(node, Weighted):
        there = sum((weight for weight, part in node.parts if _possible(part, techniques)), Decimal(0))
        return there >= node.needed
    return True


# ---- the trees ---------------------------------------------------------------------------------


def _tree(node: Node, star: Star, techniques: Collection[str] | None) -> Iterator[Finding]:
    if isinstance(node, Leaf):
        for rule, words, values in _leaf(node, techniques):
            yield Finding(rule, star.star, node.title.en, words, values, node.title)
    elif isinstance(node, LowerStar):
        if node.star >= star.star:
            words = _("star %(star)s asks for star %(first)s first")
            yield Finding("unreachable-star", star.star, "star", words, {"star": star.star, "first": node.star})
    elif isinstance(node, Weighted):
        if node.needed > node.most:
            words = _("%(needed)s points are asked for, and all parts together give %(most)s")
            yield Finding("unreachable-star", star.star, "weighted", words, {"needed": node.needed, "most": node.most})
        for part in children(node):
            yield from _tree(part, star, techniques)
    else:
        if node.needed > len(node.parts):
            words = _("at least %(needed)s of only %(count)s are asked for")
            values = {"needed": node.needed, "count": len(node.parts)}
            yield Finding("unreachable-star", star.star, node.word, words, values)
        for part in node.parts:
            yield from _tree(part, star, techniques)


def _leaf(leaf: Leaf, techniques: Collection[str] | None) -> Iterator[Said]:
    yield from (("nothing-can-produce", *said) for said in (*_impossible(leaf, techniques), *_too_much_time(leaf)))
    yield from (("contradiction", *said) for said in (*_missing(leaf), *_crosswise(leaf)))


def _missing(leaf: Leaf) -> Iterator[tuple[str, dict[str, Any]]]:
    if leaf.measure is Measure.SIGN_OFFS and leaf.level is None:
        yield _("sign-offs need a level"), {}
    if leaf.measure is Measure.PROOFS and leaf.within_days is None:
        yield _("a skill stays current within a number of days, and none is given"), {}
    if leaf.measure in (Measure.SIGN_OFFS, Measure.PROOFS) and leaf.technique is None:
        yield _("no technique is named"), {}


def _crosswise(leaf: Leaf) -> Iterator[tuple[str, dict[str, Any]]]:
    if leaf.measure is not Measure.SIGN_OFFS and leaf.measure is not Measure.PROOFS and leaf.level is not None:
        yield _("%(kind)s has no level"), {"kind": leaf.kind}
    if leaf.measure is not Measure.MARKS and leaf.count != 1:
        values = {"min": leaf.min, "count": leaf.count}
        yield _("the number asked for is `min` %(min)s; `count` %(count)s says another"), values
    if leaf.measure in _COUNTED and leaf.needed != leaf.needed.to_integral_value():
        yield _("results are counted, and %(needed)s is no whole number"), {"needed": leaf.needed}
    if leaf.measure in _COUNTED and (leaf.distinct_assessors or 0) > leaf.needed:
        values = {"assessors": leaf.distinct_assessors, "needed": leaf.needed}
        yield _("%(assessors)s assessors cannot stand behind %(needed)s results"), values


def _impossible(leaf: Leaf, techniques: Collection[str] | None) -> Iterator[tuple[str, dict[str, Any]]]:
    if leaf.measure is Measure.MARKS and leaf.min > _PERCENT:
        yield _("no mark is above 100 %%, and %(min)s is asked for"), {"min": leaf.min}
    if leaf.level is not None and leaf.level > _HIGHEST_LEVEL:
        yield (
            _("the highest level is %(highest)s, and %(level)s is asked for"),
            {
                "highest": _HIGHEST_LEVEL,
                "level": leaf.level,
            },
        )
    if leaf.distinct_assessors and leaf.kind in _WITHOUT_ASSESSOR:
        yield _("%(kind)s has no assessors"), {"kind": leaf.kind}
    if leaf.technique is not None and leaf.measure is Measure.SUM:
        yield _("%(kind)s are not recorded by technique"), {"kind": leaf.kind}
    if techniques is not None and leaf.technique is not None and leaf.technique not in techniques:
        yield _("there is no technique %(technique)s"), {"technique": leaf.technique}


def _too_much_time(leaf: Leaf) -> Iterator[tuple[str, dict[str, Any]]]:
    if leaf.within_days is None or leaf.measure is not Measure.SUM:
        return
    values = {"min": leaf.min, "days": leaf.within_days}
    if leaf.kind == "rotation_days" and leaf.min > leaf.within_days + 1:
        yield _("%(min)s days do not fit into %(days)s days"), values
    elif leaf.kind != "rotation_days" and leaf.min > _HOURS_A_DAY * (leaf.within_days + 1):
        yield _("%(min)s hours do not fit into %(days)s days"), values


# ---- what only looks wrong ---------------------------------------------------------------------


def _names(star: Star) -> Iterator[Finding]:
    for leaf in leaves_of(star.requires):
        number = titles.disagrees(asdict(leaf))
        if number is not None:
            words = _("%(number)s is asked for, and the title says another number")
            yield Finding("title-disagrees", star.star, leaf.title.en, words, {"number": number}, leaf.title, WARNING)


def _asked_already(policy: Policy) -> Iterator[Finding]:
    """Requirements that whoever holds what else is asked has met: they ask for nothing."""
    before = list[tuple[int, Leaf]]()
    for star in policy.stars:
        for leaf in _must(star.requires):
            stronger = next(((held, one) for held, one in before if _covers(one, leaf)), None)
            if stronger is not None:
                words, values = _("star %(other)s asks for as much or more already"), {"other": stronger[0]}
                yield Finding("asked-already", star.star, leaf.title.en, words, values, leaf.title, WARNING)
            before.append((star.star, leaf))


def _must(node: Node) -> Iterator[Leaf]:
    """The requirements without which a tree is never met."""
    if isinstance(node, Leaf):
        yield node
    elif isinstance(node, Group) and node.needed == len(node.parts):
        for part in node.parts:
            yield from _must(part)


def _covers(stronger: Leaf, leaf: Leaf) -> bool:
    """Whether whoever meets the one meets the other, on any day."""
    same = stronger.kind == leaf.kind and leaf.technique in (None, stronger.technique)
    lasting = leaf.within_days is None or (
        stronger.within_days is not None and stronger.within_days <= leaf.within_days
    )
    if leaf.measure is Measure.CLEAR:  # the longer the look back and the wider, the stronger
        wide = stronger.technique in (None, leaf.technique)
        back = stronger.within_days is None or (
            leaf.within_days is not None and stronger.within_days >= leaf.within_days
        )
        return stronger.kind == leaf.kind and wide and back
    enough = stronger.needed >= leaf.needed and (stronger.level or 0) >= (leaf.level or 0)
    marks = leaf.measure is not Measure.MARKS or stronger.min >= leaf.min
    people = (stronger.distinct_assessors or 0) >= (leaf.distinct_assessors or 0)
    clean = stronger.no_critical_failure or not leaf.no_critical_failure
    return same and lasting and enough and marks and people and clean
