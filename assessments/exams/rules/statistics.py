"""How the items and the whole paper worked: facility, discrimination, reliability, error of measurement."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

#: Below this many candidates nothing is said about single items, and no error of measurement is given.
ENOUGH = 30


@dataclass(frozen=True)
class ItemFigures:
    """One item among all candidates: the share of its points earned, and how it goes with the rest of the paper."""

    item: int
    facility: float
    discrimination: float | None
    flags: tuple[str, ...]
    #: how many chose each option; "" for no answer
    chosen: Mapping[str, int]


@dataclass(frozen=True)
class PaperFigures:
    """The whole paper among all candidates, in percent."""

    candidates: int
    mean: Decimal
    deviation: Decimal | None
    reliability: Decimal | None
    error: Decimal | None


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


def _variance(values: Sequence[float]) -> float:
    middle = _mean(values)
    return math.fsum((value - middle) ** 2 for value in values) / (len(values) - 1)


def correlation(left: Sequence[float], right: Sequence[float]) -> float | None:
    """Pearson's correlation (with a right-or-wrong item: the point-biserial); None where one side never varies."""
    a, b = _mean(left), _mean(right)
    spread = math.sqrt(math.fsum((x - a) ** 2 for x in left) * math.fsum((y - b) ** 2 for y in right))
    if len(left) < 3 or spread < 1e-12:
        return None
    return math.fsum((x - a) * (y - b) for x, y in zip(left, right, strict=True)) / spread


def item_figures(
    item: int, shares: Sequence[float], rests: Sequence[float], answers: Sequence[tuple[str, ...]]
) -> ItemFigures:
    """Figures of one item: `shares` earned (0–1) and `rests` (points on all other items), candidate by candidate."""
    facility = _mean(shares) if shares else 0.0
    discrimination = correlation(shares, rests) if shares else None
    chosen: dict[str, int] = {}
    for answer in answers:
        for key in answer or ("",):
            chosen[key] = chosen.get(key, 0) + 1
    return ItemFigures(item, facility, discrimination, _flags(len(shares), facility, discrimination), chosen)


def _flags(candidates: int, facility: float, discrimination: float | None) -> tuple[str, ...]:
    if candidates < ENOUGH:
        return ()
    flags = []
    if discrimination is not None and discrimination < 0:
        flags.append("backwards")
    elif discrimination is not None and discrimination < 0.1:
        flags.append("weak")
    if facility < 0.2:
        flags.append("hard")
    if facility > 0.95:
        flags.append("easy")
    return tuple(flags)


def paper_figures(shares: Sequence[Sequence[float]], points: Sequence[int]) -> PaperFigures:
    """Figures of the paper from `shares[candidate][item]`; KR-20 (alpha with part marks) and the error from it."""
    maximum = sum(points) or 1
    earned = [[share * of for share, of in zip(row, points, strict=True)] for row in shares]
    totals = [100 * math.fsum(row) / maximum for row in earned]
    if len(totals) < 2:
        return PaperFigures(len(totals), _decimal(totals[0] if totals else 0.0), None, None, None)
    spread = _variance(totals)
    alpha = _alpha(earned, points, maximum, spread) if len(totals) >= ENOUGH else None
    error = None if alpha is None else _decimal(math.sqrt(spread * (1 - min(1.0, max(0.0, alpha)))))
    return PaperFigures(
        len(totals),
        _decimal(_mean(totals)),
        _decimal(math.sqrt(spread)),
        None if alpha is None else _decimal(alpha),
        error,
    )


def _alpha(earned: Sequence[Sequence[float]], points: Sequence[int], maximum: int, spread: float) -> float | None:
    k = len(points)
    if k < 2 or spread < 1e-9:
        return None
    columns = zip(*earned, strict=True)
    parts = math.fsum(_variance([100 * value / maximum for value in column]) for column in columns)
    return k / (k - 1) * (1 - parts / spread)


def _decimal(value: float) -> Decimal:
    return Decimal(repr(value)).quantize(Decimal("0.001"), ROUND_HALF_UP)
