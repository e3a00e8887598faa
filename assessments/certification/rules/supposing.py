"""What if: evidence somebody imagines, decided about like any other and written down nowhere. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from assessments.certification.rules.facts import Evidence
from assessments.certification.rules.judging import is_mark
from assessments.certification.rules.policy import KINDS, Leaf, Measure, Policy

MOST = 400


@dataclass(frozen=True)
class Supposed:
    """So many results more for one requirement, hours for one over hours; each at this mark if it is one over marks."""

    amount: Decimal
    mark: Decimal | None = None


def suppose(policy: Policy, wishes: Mapping[int, Supposed], on: date) -> list[Evidence]:
    """The evidence of these wishes, by the number of the requirement in the policy; ids and assessors below zero.

    Every imagined result has an assessor of its own, on the day that is asked about.
    """
    leaves = list(policy.leaves())
    made = list[Evidence]()
    for number, wish in sorted(wishes.items()):
        if 0 <= number < len(leaves) and wish.amount > 0:
            made += _rows(leaves[number], wish, on, -len(made) - 1)
    return made


def _rows(leaf: Leaf, wish: Supposed, on: date, first: int) -> Iterator[Evidence]:
    kind = _kind(leaf)
    if leaf.measure is Measure.SUM:
        yield Evidence(first, kind, wish.amount, on, technique=leaf.technique)
        return
    value = wish.mark if wish.mark is not None and leaf.measure is Measure.MARKS else _enough(leaf)
    for n in range(min(int(wish.amount), MOST)):
        yield Evidence(first - n, kind, value, on, technique=leaf.technique, assessor=first - n)


def _kind(leaf: Leaf) -> str:
    """The kind of result that does it: of several, one that is no mark."""
    kinds = KINDS[leaf.kind][1]
    return next((kind for kind in kinds if leaf.measure is not Measure.PROOFS or not is_mark(kind)), kinds[0])


def _enough(leaf: Leaf) -> Decimal:
    if leaf.measure is Measure.MARKS:
        return leaf.min
    return Decimal(leaf.level or 0) if leaf.measure is Measure.SIGN_OFFS else Decimal(100)
