"""The decision: what a person's evidence comes to under a policy on a day, and why. Pure."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import rfc8785

from assessments.certification.rules.policy import KINDS, Leaf, LowerStar, Measure, Node, Policy, Star


@dataclass(frozen=True)
class Evidence:
    """One result that stands, as the decision sees it."""

    id: int
    kind: str
    value: Decimal
    on_day: date
    valid_until: date | None = None
    technique: str | None = None
    assessor: int | None = None
    critical_failure: bool = False

    def last_day(self, within_days: int | None) -> date | None:
        """The last day on which it still counts for a requirement with this recency; None: for ever."""
        ends = [self.valid_until] if self.valid_until else []
        if within_days is not None:
            ends.append(_days_after(self.on_day, within_days))
        return min(ends, default=None)

    def plain(self) -> list[Any]:
        """As it is hashed."""
        until = self.valid_until.isoformat() if self.valid_until else None
        value = format(self.value.normalize(), "f")
        day = self.on_day.isoformat()
        return [self.id, self.kind, value, day, until, self.technique, self.assessor, self.critical_failure]


def evidence_hash(evidence: Iterable[Evidence]) -> bytes:
    """What two officers and the signer refer to when they say: this evidence."""
    rows = sorted((one.plain() for one in evidence), key=lambda row: int(row[0]))
    return hashlib.sha256(rfc8785.dumps(rows)).digest()


@dataclass(frozen=True)
class Outcome:
    """One node of the tree: a requirement, a group of them, or a lower star."""

    word: str
    met: bool
    needed: Decimal
    have: Decimal
    leaf: Leaf | None = None
    parts: tuple["Outcome", ...] = ()
    counted: tuple[int, ...] = ()
    expired: tuple[int, ...] = ()
    assessors: int = 0
    changes_on: date | None = None

    @property
    def owed(self) -> Decimal:
        """The number still missing."""
        return max(self.needed - self.have, Decimal(0))

    @property
    def assessors_owed(self) -> int:
        """How many more assessors are needed."""
        wanted = self.leaf.distinct_assessors if self.leaf else None
        return max((wanted or 0) - self.assessors, 0)

    def as_json(self) -> dict[str, Any]:
        """Plain values, complete in themselves: the policy need not be at hand to read them."""
        found: dict[str, Any] = {
            "word": self.word,
            "met": self.met,
            "needed": _plain(self.needed),
            "have": _plain(self.have),
            "owed": _plain(self.owed),
        }
        if self.leaf is None:
            return found | {"parts": [part.as_json() for part in self.parts]}
        found |= {
            "title": {"zh": self.leaf.title.zh, "en": self.leaf.title.en},
            "kind": self.leaf.kind,
            "measure": self.leaf.measure.value,
            "counted": list(self.counted),
            "expired": list(self.expired),
        }
        if self.leaf.distinct_assessors:
            found["assessors"] = {
                "needed": self.leaf.distinct_assessors,
                "have": self.assessors,
                "owed": self.assessors_owed,
            }
        return found


@dataclass(frozen=True)
class StarOutcome:
    """What one star came to; `reached` only if every lower star is."""

    star: int
    title_zh: str
    title_en: str
    reached: bool
    requires: Outcome


@dataclass(frozen=True)
class Decision:
    """How many stars, and for every star the tree of what is met and what is missing."""

    star: int
    on: date
    stars: tuple[StarOutcome, ...]
    evidence_hash: bytes
    changes_on: date | None

    @property
    def next(self) -> StarOutcome | None:
        """The next star to reach, if there is one."""
        return next((one for one in self.stars if one.star == self.star + 1), None)

    def as_json(self) -> dict[str, Any]:
        """The explanation that is kept with the decision."""
        return {
            "star": self.star,
            "on": self.on.isoformat(),
            "stars": [
                {
                    "star": one.star,
                    "title": {"zh": one.title_zh, "en": one.title_en},
                    "reached": one.reached,
                    "requires": one.requires.as_json(),
                }
                for one in self.stars
            ],
        }


def decide(policy: Policy, evidence: Iterable[Evidence], on: date) -> Decision:
    """Decide for one person; the order of the evidence, and giving the same row twice, change nothing."""
    known = sorted({one.id: one for one in evidence}.values(), key=lambda one: one.id)
    past = [one for one in known if one.on_day <= on]
    reached, outcomes = 0, list[StarOutcome]()
    for star in policy.stars:
        tree = _judge(star.requires, policy, past, on, reached)
        if tree.met and star.star == reached + 1:
            reached = star.star
        outcomes.append(_outcome(star, tree, reached))
    changes = [o.requires.changes_on for o in outcomes if o.reached and o.requires.changes_on]
    changes += [one.on_day for one in known if one.on_day > on]
    return Decision(reached, on, tuple(outcomes), evidence_hash(known), min(changes, default=None))


def _outcome(star: Star, tree: Outcome, reached: int) -> StarOutcome:
    return StarOutcome(star.star, star.title.zh, star.title.en, reached >= star.star, tree)


def _judge(node: Node, policy: Policy, evidence: list[Evidence], on: date, reached: int) -> Outcome:
    if isinstance(node, Leaf):
        return _judge_leaf(node, policy, evidence, on)
    if isinstance(node, LowerStar):
        return Outcome("star", reached >= node.star, Decimal(node.star), Decimal(min(reached, node.star)))
    parts = tuple(_judge(part, policy, evidence, on, reached) for part in node.parts)
    met = sum(part.met for part in parts)
    first = min((part.changes_on for part in parts if part.changes_on), default=None)
    return Outcome(node.word, met >= node.needed, Decimal(node.needed), Decimal(met), parts=parts, changes_on=first)


def _judge_leaf(leaf: Leaf, policy: Policy, evidence: list[Evidence], on: date) -> Outcome:
    fitting = [one for one in evidence if _fits(leaf, policy, one)]
    lasts = {one.id: one.last_day(leaf.within_days) for one in fitting}
    current = [one for one in fitting if (last := lasts[one.id]) is None or on <= last]
    have = sum((one.value for one in current), Decimal(0)) if leaf.measure is Measure.SUM else Decimal(len(current))
    assessors = len({one.assessor for one in current if one.assessor is not None})
    ends = [last for one in current if (last := lasts[one.id]) is not None]
    return Outcome(
        "leaf",
        have >= leaf.needed and assessors >= (leaf.distinct_assessors or 0),
        leaf.needed,
        have,
        leaf,
        counted=tuple(one.id for one in current),
        expired=tuple(one.id for one in fitting if (last := lasts[one.id]) is not None and on > last),
        assessors=assessors,
        changes_on=_days_after(min(ends), 1) if ends else None,
    )


def _fits(leaf: Leaf, policy: Policy, one: Evidence) -> bool:
    """Whether a result counts for a requirement, were it recent enough."""
    measure, kinds = KINDS[leaf.kind]
    if one.kind not in kinds or (leaf.technique is not None and one.technique != leaf.technique):
        return False
    if leaf.no_critical_failure and one.critical_failure:
        return False
    if measure is Measure.MARKS:
        return one.value >= leaf.min
    if measure is Measure.SIGN_OFFS:
        return leaf.level is not None and one.value >= leaf.level
    return measure is not Measure.PROOFS or _proves(policy, one)


def _proves(policy: Policy, one: Evidence) -> bool:
    """A result proves a skill if nothing critical failed and, for a mark, the policy would pass it."""
    if one.critical_failure:
        return False
    if KINDS.get(one.kind, (None,))[0] is not Measure.MARKS:
        return True
    mark = policy.pass_marks.get(one.kind)
    return mark is not None and one.value >= mark


def _days_after(day: date, days: int) -> date:
    """Some days later, or the last day there is."""
    return day + timedelta(days=min(days, (date.max - day).days))


def _plain(number: Decimal) -> int | float:
    return int(number) if number == number.to_integral_value() else float(number)
