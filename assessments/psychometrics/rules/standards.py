"""Where to cut: modified Angoff, Ebel, Hofstee and Cohen, exact in fractions; and a cut moved by its error.

Sources: Angoff (1971) in Thorndike, Educational measurement; Ebel (1972) Essentials of educational measurement; Hofstee
(1983) in Anderson & Helmick, On educational testing; Cohen-Schotanus & van der Vleuten (2010) Medical Teacher 32:154.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

#: The part of the known range between guessing and the top score that is enough (Cohen-Schotanus & van der Vleuten).
MULTIPLIER = Fraction(3, 5)
TOP = Fraction(95)


@dataclass(frozen=True)
class Judged:
    """What one judge's estimates add up to."""

    judge: str
    total: Fraction


@dataclass(frozen=True)
class JudgedCut:
    """A cut by judges: in points, in percent, with the error of the judges' mean (None for a single judge)."""

    cut: Fraction
    cut_percent: Fraction
    judge_se: float | None
    judges: tuple[Judged, ...]


@dataclass(frozen=True)
class AngoffRound:
    """One round of estimates: the cut it came to, and how far the judges are apart on each item."""

    round: int
    result: JudgedCut
    #: standard deviation of the estimates, item by item; None for a single judge
    apart: tuple[float | None, ...]


@dataclass(frozen=True)
class EbelCell:
    """What one judge said of one cell: so many items of this relevance and difficulty, and which share is expected."""

    relevance: str
    difficulty: str
    items: int
    proportion: Fraction


@dataclass(frozen=True)
class HofsteeCut:
    """Where the line of what is acceptable meets what would happen; None and why where it does not."""

    cut: Fraction | None
    fail_percent: Fraction | None
    reason: str | None


@dataclass(frozen=True)
class CohenCut:
    """A cut from the best candidates' score."""

    cut: Fraction
    top_score: Fraction


def angoff(estimates: Mapping[str, Sequence[Fraction]]) -> JudgedCut:
    """The mean over judges of the sum of their estimates: which share of borderline candidates gets each item right."""
    lengths = {len(row) for row in estimates.values()}
    if not estimates or lengths == {0} or len(lengths) > 1:
        raise ValueError("every judge estimates every item")
    judged = tuple(Judged(judge, sum(row, Fraction(0))) for judge, row in estimates.items())
    return _cut(judged, lengths.pop())


def angoff_rounds(rounds: Mapping[int, Mapping[str, Sequence[Fraction]]]) -> tuple[AngoffRound, ...]:
    """Every round by itself; after each the judges see how the others judged, and the last one counts."""
    found = []
    for number in sorted(rounds):
        columns = zip(*rounds[number].values(), strict=True)
        apart = tuple(deviation([*column]) for column in columns)
        found.append(AngoffRound(number, angoff(rounds[number]), apart))
    return tuple(found)


def ebel(cells: Mapping[str, Sequence[EbelCell]]) -> JudgedCut:
    """The mean over judges of items × expected share, summed over the cells of relevance and difficulty."""
    counts = {sum(cell.items for cell in row) for row in cells.values()}
    if not cells or counts == {0} or len(counts) > 1:
        raise ValueError("every judge places every item")
    judged = tuple(
        Judged(judge, sum((cell.items * cell.proportion for cell in row), Fraction(0))) for judge, row in cells.items()
    )
    return _cut(judged, counts.pop())


def _cut(judged: Sequence[Judged], items: int) -> JudgedCut:
    totals = [one.total for one in judged]
    cut = sum(totals, Fraction(0)) / len(totals)
    spread = deviation(totals)
    error = None if spread is None else spread / math.sqrt(len(totals))
    return JudgedCut(cut, 100 * cut / items, error, tuple(judged))


def deviation(values: Sequence[Fraction]) -> float | None:
    """The sample standard deviation (n − 1); None for fewer than two."""
    if len(values) < 2:
        return None
    middle = sum(values, Fraction(0)) / len(values)
    return math.sqrt(sum(((value - middle) ** 2 for value in values), Fraction(0)) / (len(values) - 1))


def share_below(scores: Sequence[Fraction], cut: Fraction) -> Fraction:
    """The percent of candidates who would fail: score < cut at whole cuts, and linear between them."""
    low = math.floor(cut)
    here, above = (sum(score < whole for score in scores) for whole in (low, low + 1))
    return 100 * (here + (cut - low) * (above - here)) / len(scores)


def hofstee(
    scores: Sequence[Fraction], *, cut_min: Fraction, cut_max: Fraction, fail_min: Fraction, fail_max: Fraction
) -> HofsteeCut:
    """Where the line from (least cut, most failing) to (greatest cut, fewest failing) meets the share failing."""
    if not scores:
        raise ValueError("there are no scores")
    if not (cut_min < cut_max and 0 <= fail_min < fail_max <= 100):
        raise ValueError("the least must be below the most, and shares from 0 to 100")

    def over(cut: Fraction) -> Fraction:
        """How much the share failing lies over the line."""
        line = fail_max - (cut - cut_min) * (fail_max - fail_min) / (cut_max - cut_min)
        return share_below(scores, cut) - line

    if over(cut_min) > 0:
        return HofsteeCut(None, None, "even the least cut fails more candidates than is acceptable")
    if over(cut_max) < 0:
        return HofsteeCut(None, None, "even the greatest cut fails fewer candidates than is acceptable")
    low, high = cut_min, cut_max
    while math.floor(low) + 1 < high:  # down to one stretch between whole numbers, where both are straight
        middle = Fraction(min(max(math.floor((low + high) / 2), math.floor(low) + 1), math.ceil(high) - 1))
        low, high = (middle, high) if over(middle) < 0 else (low, middle)
    at_low, at_high = over(low), over(high)
    cut = low if at_low >= 0 else low + (high - low) * -at_low / (at_high - at_low)
    return HofsteeCut(cut, share_below(scores, cut), None)


def cohen(
    scores: Sequence[Fraction],
    *,
    guess: Fraction,
    top_percent: Fraction = TOP,
    multiplier: Fraction = MULTIPLIER,
) -> CohenCut:
    """Guess score + multiplier × (top score − guess score); the top is a percentile, linear between ranks."""
    if not scores:
        raise ValueError("there are no scores")
    ranked = sorted(scores)
    place = (len(ranked) - 1) * top_percent / 100
    low = math.floor(place)
    high = min(low + 1, len(ranked) - 1)
    top = ranked[low] + (place - low) * (ranked[high] - ranked[low])
    return CohenCut(guess + multiplier * (top - guess), top)


def with_error(cut: Fraction, error: Fraction, k: Fraction, *, most: Fraction = Fraction(100)) -> Fraction:
    """A cut moved by k standard errors: up where nobody unfit may pass, down in favour of doubt."""
    return max(Fraction(0), min(most, cut + k * error))
