"""Shares of points as other systems write them, in percent, and what choices marked with them mean here."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from assessments.bank.formats.document import Notes
from assessments.bank.rules.content import number
from assessments.bank.rules.kinds import Kind

WHOLE = Fraction(1)
#: Percent are written with so many places elsewhere; a third is 33.33333.
_PLACES = Decimal("0.00001")


def percent(share: Fraction) -> str:
    """A share in percent, with at most five places: 1/3 is 33.33333."""
    written = (Decimal(share.numerator) * 100 / Decimal(share.denominator)).quantize(_PLACES)
    return format(written.normalize(), "f")


def share(text: str) -> Fraction | None:
    """Percent as a share of 1, -1 to 1; a cut off third is a third; None for what is no such number."""
    found = number(text.replace(",", ".")) if len(text) < 30 else None
    if found is None or abs(found) > 100:
        return None
    exact = Fraction(found) / 100
    near = exact.limit_denominator(60)
    return near if abs(near - exact) < Fraction(1, 10**6) else exact


def right_of(shares: Sequence[Fraction], *, one: bool, notes: Notes) -> tuple[str, list[int]] | None:
    """The kind of a choice and which of its options are right, by the shares they earn; None when refused."""
    full = [at for at, worth in enumerate(shares) if worth == WHOLE]
    good = [at for at, worth in enumerate(shares) if worth > 0]
    if not good:
        notes.refuse("fraction", "nothing_right")
        return None
    if one:
        if len(full) != 1:
            notes.refuse("fraction", "not_one_right")
            return None
        if any(worth not in (0, 1) for worth in shares):
            notes.left_out("fraction", "partial_credit")
        return Kind.SINGLE.value, full
    bad = {worth for worth in shares if worth <= 0}
    even = {shares[at] for at in good} <= {Fraction(1, len(good)), WHOLE} and len({shares[at] for at in good}) == 1
    known = {frozenset(), frozenset({Fraction(0)}), frozenset({Fraction(-1)})}
    known.add(frozenset({Fraction(-1, max(1, len(shares) - len(good)))}))
    if not even or frozenset(bad) not in known:
        notes.left_out("fraction", "weights")
    return Kind.MULTIPLE.value, good


def letters(count: int) -> list[str]:
    """The keys that options get which bring none: A, B, C …"""
    return list("ABCDEFGHIJKLMNOPQRSTUVWXYZ")[:count]
