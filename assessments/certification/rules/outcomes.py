"""What a requirement, a group of them or a lower star came to, as values and as the words that are kept."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction
from typing import Any

from assessments.certification.rules import certainty
from assessments.certification.rules.policy import Leaf, Measure, Title

_CENTS = Decimal("0.01")
#: What chance, margin, best and variance mostly are.
_USUAL = (1, None, 0, 0)


@dataclass(frozen=True)
class Outcome:
    """One node of the tree: a requirement, a group of them, points, or a lower star."""

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
    #: By how much the mark that decides is above what is asked, or the nearest one below it.
    margin: Decimal | None = None
    #: The chance that it is truly met, by the standard errors of the marks.
    chance: Decimal = certainty.SURE
    #: What the best marks add up to, and their variance: what points are made of.
    best: Decimal = Decimal(0)
    variance: Decimal = Decimal(0)
    weights: tuple[Decimal, ...] = ()
    title: Title | None = None

    @property
    def owed(self) -> Decimal:
        """The number still missing; open failures are owed a pass each."""
        if self.leaf is not None and self.leaf.measure is Measure.CLEAR:
            return self.have
        return max(self.needed - self.have, Decimal(0))

    @property
    def over(self) -> Decimal:
        """By how much more there is than is needed."""
        return max(self.have - self.needed, Decimal(0)) if self.met else Decimal(0)

    @property
    def assessors_owed(self) -> int:
        """How many more assessors are needed."""
        wanted = self.leaf.distinct_assessors if self.leaf else None
        return max((wanted or 0) - self.assessors, 0)

    @property
    def share(self) -> Fraction:
        """How far it is reached, between nothing and one: what points are given for."""
        if self.leaf is None:
            return Fraction(self.met)
        if self.leaf.measure is Measure.MARKS:
            share = Fraction(self.best) / (100 * self.leaf.count)
        else:
            share = min(Fraction(self.have) / Fraction(self.needed), Fraction(1)) if self.needed else Fraction(self.met)
        wanted = self.leaf.distinct_assessors
        return share * min(Fraction(self.assessors, wanted), Fraction(1)) if wanted else share

    @property
    def spread(self) -> Decimal:
        """The variance of the share."""
        if self.leaf is not None and self.leaf.measure is Measure.MARKS:
            return self.variance / (100 * self.leaf.count) ** 2
        return self.chance * (1 - self.chance)

    def leaves(self) -> Iterator["Outcome"]:
        """The requirements below, from the top down."""
        if self.leaf is not None:
            yield self
        for part in self.parts:
            yield from part.leaves()

    def as_json(self) -> dict[str, Any]:
        """Plain values, complete in themselves: the policy need not be at hand to read them."""
        found: dict[str, Any] = {
            "word": self.word,
            "met": self.met,
            "needed": plain(self.needed),
            "have": plain(self.have),
            "owed": plain(self.owed),
        }
        if self.over:
            found["over"] = plain(self.over)
        if self.chance != certainty.SURE:
            found["chance"] = plain(self.chance)
        return found | (self._as_group() if self.leaf is None else self._as_leaf(self.leaf))

    def _as_group(self) -> dict[str, Any]:
        parts = [part.as_json() for part in self.parts]
        for part, outcome, weight in zip(parts, self.parts, self.weights, strict=False):
            part["weight"] = plain(weight)
            part["points"] = plain(cut(weight * outcome.share.numerator / outcome.share.denominator))
        title = {"title": {"zh": self.title.zh, "en": self.title.en}} if self.title else {}
        return title | {"parts": parts}

    def _as_leaf(self, leaf: Leaf) -> dict[str, Any]:
        found: dict[str, Any] = {
            "title": {"zh": leaf.title.zh, "en": leaf.title.en},
            "kind": leaf.kind,
            "measure": leaf.measure.value,
            "counted": list(self.counted),
            "expired": list(self.expired),
        }
        if self.margin is not None:
            found["margin"] = plain(self.margin)
        if leaf.distinct_assessors:
            found["assessors"] = {
                "needed": leaf.distinct_assessors,
                "have": self.assessors,
                "owed": self.assessors_owed,
            }
        return found

    # ---- short, as it is kept ------------------------------------------------------------------

    def numbers(self) -> list[Any]:
        """A requirement's numbers without its words; trailing ones that say nothing are left out."""
        kept = [plain(self.have), self.assessors, list(self.counted), list(self.expired)]
        more = [plain(self.chance), None if self.margin is None else plain(self.margin), plain(self.best)]
        more.append(plain(self.variance))
        while more and more[-1] == _USUAL[len(more) - 1]:
            more.pop()
        return [*kept, *more]


def from_numbers(leaf: Leaf, numbers: Sequence[Any]) -> Outcome:
    """The outcome of a requirement out of the numbers that were kept."""
    have, assessors, counted, expired, *more = numbers
    all_four: list[Any] = [*more, *_USUAL[len(more) :]]
    chance, margin, best, variance = all_four
    made = Outcome("leaf", False, leaf.needed, _number(have), leaf, (), tuple(counted), tuple(expired), assessors)
    return replace(
        made,
        met=is_met(leaf, made.have, assessors),
        chance=_number(chance),
        margin=None if margin is None else _number(margin),
        best=_number(best),
        variance=_number(variance),
    )


def is_met(leaf: Leaf, have: Decimal, assessors: int) -> bool:
    """Whether these numbers are what the requirement asks for."""
    if leaf.measure is Measure.CLEAR:
        return have == 0
    return have >= leaf.needed and assessors >= (leaf.distinct_assessors or 0)


def plain(number: Decimal) -> int | float:
    """As JSON has it."""
    return int(number) if number == number.to_integral_value() else float(number)


def cut(number: Decimal) -> Decimal:
    """To two places, never up."""
    return number.quantize(_CENTS, ROUND_FLOOR)


def _number(value: float) -> Decimal:
    return Decimal(str(value))
