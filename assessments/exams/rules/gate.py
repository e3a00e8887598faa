"""What must be settled before marks may be released, and which written words settle it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from math import comb
from typing import Any

#: How unlikely a number of passes must be, at the nearest share that was expected, before somebody must explain it.
UNLIKELY = 0.01


class Check(StrEnum):
    """One thing that must hold before a release."""

    SECOND = "second"
    LATE = "late"
    KEYS = "keys"
    PASSED = "passed"
    MAXIMUM = "maximum"


@dataclass(frozen=True)
class Word:
    """An officer's ruling on a question, or (no item) on how many passed."""

    item: int | None
    ruling: str
    key: Any
    run: int


def far_off(passed: int, of: int, low: Decimal, high: Decimal) -> bool:
    """Whether so few or so many passed that less than one exam in a hundred would come to it by chance.

    The exact binomial tail at the nearer end of the expected shares (percent): with few candidates hardly anything is
    far off, with many a little is.
    """
    if not of:
        return False
    share = Decimal(100 * passed) / of
    if share < low:
        return _at_most(passed, of, float(low) / 100) < UNLIKELY
    return share > high and _at_most(of - passed, of, 1 - float(high) / 100) < UNLIKELY


def _at_most(count: int, of: int, p: float) -> float:
    """P(X ≤ count) for X binomial."""
    if p <= 0 or p >= 1:
        return 1.0 if p <= 0 or count >= of else 0.0
    return sum(comb(of, k) * p**k * (1 - p) ** (of - k) for k in range(count + 1))


def holds(word: Word, key: Mapping[int, Any], dropped: Collection[int]) -> bool:
    """Whether a ruling on a question speaks of the key that marked it: another key needs another word."""
    if word.item is None:
        return False
    if word.ruling == "dropped":
        return word.item in dropped
    return word.item not in dropped and key.get(word.item) == word.key


def unruled(
    flagged: Sequence[int], words: Sequence[Word], key: Mapping[int, Any], dropped: Collection[int]
) -> list[int]:
    """Flagged questions on whose present key nobody has said a word; `words` oldest first, the last one counts."""
    last = {word.item: word for word in words}
    return [item for item in flagged if item not in last or not holds(last[item], key, dropped)]
