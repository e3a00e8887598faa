"""A result with its uncertainty, as it is drawn and said."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

_PLACES = Decimal("0.1")


@dataclass(frozen=True)
class Band:
    """Where a result lies, between what its true value lies two times in three, and where the cut is; in percent."""

    percent: Decimal
    cut: Decimal
    low: Decimal | None
    high: Decimal | None

    @property
    def told(self) -> bool:
        """Whether there is an error of measurement to tell."""
        return self.low is not None

    @property
    def near(self) -> bool:
        """Whether the cut lies within the band: the same work on another day might have come out otherwise."""
        return self.low is not None and self.high is not None and self.low < self.cut <= self.high


def band(percent: Decimal, error: Decimal | None, cut: Decimal) -> Band:
    """One standard error of measurement to either side (about 68 %, Lord & Novick 1968), within 0 to 100."""
    if error is None:
        return Band(percent, cut, None, None)
    low, high = max(Decimal(0), percent - error), min(Decimal(100), percent + error)
    return Band(percent, cut, _rounded(low), _rounded(high))


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(_PLACES, ROUND_HALF_UP)
