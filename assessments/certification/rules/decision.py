"""The decision: what a person's evidence comes to under a policy on a day, and why. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from assessments.certification.rules import certainty
from assessments.certification.rules.facts import Evidence, evidence_hash
from assessments.certification.rules.judging import Body, judge
from assessments.certification.rules.outcomes import Outcome, cut, from_numbers, plain
from assessments.certification.rules.policy import Group, Leaf, LowerStar, Measure, Node, Policy, Star, Weighted

__all__ = ["Decision", "Evidence", "Outcome", "StarOutcome", "decide", "evidence_hash", "expanded"]

#: How a decision is kept: 1 (or not said) with all its words, 2 with its numbers, the words are the policy's.
SHAPE = 2
#: What shape 1 did not say.
_LATER = {"over", "chance", "margin"}


@dataclass(frozen=True)
class StarOutcome:
    """What one star came to; `reached` only if every lower star is."""

    star: int
    title_zh: str
    title_en: str
    reached: bool
    requires: Outcome
    #: The chance that this star and all below are truly reached.
    chance: Decimal = certainty.SURE


@dataclass(frozen=True)
class Decision:
    """How many stars, and for every star the tree of what is met and what is missing."""

    star: int
    on: date
    stars: tuple[StarOutcome, ...]
    evidence_hash: bytes
    changes_on: date | None
    #: Percent below which the policy calls a decision borderline.
    least_certainty: Decimal | None = None

    @property
    def next(self) -> StarOutcome | None:
        """The next star to reach, if there is one."""
        return next((one for one in self.stars if one.star == self.star + 1), None)

    @property
    def certainty(self) -> Decimal:
        """The chance that the star, and all below it, are truly reached."""
        return next((one.chance for one in self.stars if one.star == self.star), certainty.SURE)

    @property
    def consistency(self) -> Decimal:
        """The chance that a second assessment as good as this one gives the same star."""
        return certainty.consistency([one.chance for one in self.stars])

    @property
    def borderline(self) -> bool:
        """Whether the star is less certain than the policy wants it: a second look is due."""
        return self.least_certainty is not None and self.certainty * 100 < self.least_certainty

    @property
    def narrow(self) -> bool:
        """Whether the next star was missed by so little that it may well be deserved."""
        if self.least_certainty is None or self.next is None:
            return False
        return self.next.chance * 100 > 100 - self.least_certainty

    def as_json(self) -> dict[str, Any]:
        """The explanation with all its words."""
        return {
            "star": self.star,
            "on": self.on.isoformat(),
            "certainty": plain(self.certainty),
            "consistency": plain(self.consistency),
            "borderline": self.borderline,
            "narrow": self.narrow,
            "stars": [_star_json(one) for one in self.stars],
        }

    def kept(self) -> dict[str, Any]:
        """The explanation as it is kept: the numbers of every requirement, in the order of the policy."""
        leaves = [leaf.numbers() for star in self.stars for leaf in star.requires.leaves()]
        return {"shape": SHAPE, "star": self.star, "on": self.on.isoformat(), "leaves": leaves}


def _star_json(one: StarOutcome) -> dict[str, Any]:
    return {
        "star": one.star,
        "title": {"zh": one.title_zh, "en": one.title_en},
        "reached": one.reached,
        "chance": plain(one.chance),
        "requires": one.requires.as_json(),
    }


def decide(policy: Policy, evidence: Iterable[Evidence], on: date) -> Decision:
    """Decide for one person; the order of the evidence, and giving the same row twice, change nothing."""
    known = sorted({one.id: one for one in evidence}.values(), key=lambda one: one.id)
    body = Body.of(policy, known, on)
    judged = [judge(leaf, body) for leaf in policy.leaves()]
    reached, outcomes = _climb(policy, judged)
    changes = [o.requires.changes_on for o in outcomes if o.reached and o.requires.changes_on]
    changes += [one.changes_on for one in judged if one.changes_on and one.leaf and one.leaf.measure is Measure.CLEAR]
    changes += [one.on_day for one in known if one.on_day > on]
    first = min(changes, default=None)
    return Decision(reached, on, outcomes, evidence_hash(known), first, policy.certainty)


def expanded(policy: Policy, kept: Mapping[str, Any]) -> dict[str, Any]:
    """A kept explanation with all its words, whatever its shape; the policy is the version it was decided under."""
    if kept.get("shape", 1) == 1:
        return dict(kept)
    judged = [from_numbers(leaf, numbers) for leaf, numbers in zip(policy.leaves(), kept["leaves"], strict=True)]
    reached, outcomes = _climb(policy, judged)
    on = date.fromisoformat(kept["on"])
    return Decision(reached, on, outcomes, b"", None, policy.certainty).as_json()


def says_the_same(kept: Mapping[str, Any], made: Decision) -> bool:
    """Whether a kept explanation is that of this decision, whatever its shape; the day does not matter."""
    if kept.get("shape", 1) == 1:
        return bool(kept["stars"] == [_as_before(_star_json(one)) for one in made.stars])
    return bool(kept["leaves"] == made.kept()["leaves"])


def _as_before(node: Any) -> Any:
    """Without what shape 1 did not say."""
    if isinstance(node, list):
        return [_as_before(one) for one in node]
    if isinstance(node, dict):
        return {key: _as_before(value) for key, value in node.items() if key not in _LATER}
    return node


# ---- from requirements to stars ----------------------------------------------------------------


def _climb(policy: Policy, judged: Iterable[Outcome]) -> tuple[int, tuple[StarOutcome, ...]]:
    """The stars one after the other, out of the requirements in the order of the policy."""
    left = iter(judged)
    reached, chance, outcomes = 0, certainty.SURE, list[StarOutcome]()
    for place, star in enumerate(policy.stars, 1):
        tree = _gather(star.requires, left, star, reached)
        if tree.met and star.star == reached + 1:
            reached = star.star
        chance = certainty.together((chance, tree.chance)) if star.star == place else certainty.NEVER
        title = star.title
        outcomes.append(StarOutcome(star.star, title.zh, title.en, reached >= star.star, tree, chance))
    return reached, tuple(outcomes)


def _gather(node: Node, left: Iterator[Outcome], star: Star, reached: int) -> Outcome:
    if isinstance(node, Leaf):
        return next(left)
    if isinstance(node, LowerStar):
        met, below = reached >= node.star, node.star < star.star
        chance = certainty.SURE if below else certainty.NEVER  # the lower stars' own chances are counted in the climb
        return Outcome("star", met, Decimal(node.star), Decimal(min(reached, node.star)), chance=chance)
    if isinstance(node, Weighted):
        return _points(node, tuple(_gather(part, left, star, reached) for _, part in node.parts))
    return _group(node, tuple(_gather(part, left, star, reached) for part in node.parts))


def _group(node: Group, parts: tuple[Outcome, ...]) -> Outcome:
    met = sum(part.met for part in parts)
    return Outcome(
        node.word,
        met >= node.needed,
        Decimal(node.needed),
        Decimal(met),
        parts=parts,
        changes_on=min((part.changes_on for part in parts if part.changes_on), default=None),
        chance=certainty.at_least(node.needed, (part.chance for part in parts)),
    )


def _points(node: Weighted, parts: tuple[Outcome, ...]) -> Outcome:
    weights = tuple(weight for weight, _ in node.parts)
    points = sum((Fraction(weight) * part.share for weight, part in zip(weights, parts, strict=True)), Fraction(0))
    have = Decimal(points.numerator) / Decimal(points.denominator)
    met = points >= Fraction(node.needed)
    variance = sum((weight * weight * part.spread for weight, part in zip(weights, parts, strict=True)), Decimal(0))
    sure = certainty.SURE if met else certainty.NEVER
    return Outcome(
        "weighted",
        met,
        node.needed,
        cut(have),
        parts=parts,
        changes_on=min((part.changes_on for part in parts if part.changes_on), default=None),
        chance=certainty.above(have, certainty.root(variance), node.needed) if variance else sure,
        weights=weights,
        title=node.title,
    )
