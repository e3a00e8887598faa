"""How sure a decision is where marks carry a standard error. Pure, and the same to the last digit everywhere.

A mark x with standard error s stands for a true mark that is at least the cut c with the chance Φ((x − c) / s)
(Rudner 2001, *Computing the expected proportions of misclassified examinees*, PARE 7(14)). Chances of results and of
requirements are put together as independent ones, group by group as the policy's tree is built (Douglas & Mislevy 2010,
*Estimating classification accuracy for complex decision rules*, J. Educ. Behav. Stat. 35(3)). A requirement that
carries no standard error is taken as sure.

Φ is looked up in a table of hundredths, made in decimal arithmetic: no chip and no library rounds it another way.
"""

from collections.abc import Iterable, Sequence
from decimal import ROUND_FLOOR, Context, Decimal, localcontext
from functools import lru_cache
from itertools import pairwise

SURE, NEVER = Decimal(1), Decimal(0)
_DIGITS = Decimal("0.0001")
_HUNDREDTHS = 100
#: Beyond four standard errors a mark is sure: Φ(4) = 0.99997.
_FAR = 400
_EXACT = Context(prec=28)


@lru_cache(maxsize=1)
def _phi() -> tuple[Decimal, ...]:
    """Φ(z) for z = 0.00, 0.01 … 4.00, to four digits."""
    with localcontext(_EXACT):
        return tuple(_normal(Decimal(step) / _HUNDREDTHS).quantize(_DIGITS) for step in range(_FAR + 1))


def _normal(z: Decimal) -> Decimal:
    """Φ(z) = ½ + φ(z) · Σ z^(2n+1) / (1·3·5…(2n+1)) (Abramowitz & Stegun 26.2.11)."""
    two_pi = Decimal("6.283185307179586476925286766559")
    term = total = z
    odd = 1
    while term > Decimal("1e-20"):
        odd += 2
        term = term * z * z / odd
        total += term
    return Decimal("0.5") + (-z * z / 2).exp() / two_pi.sqrt() * total


def above(value: Decimal, error: Decimal | None, cut: Decimal) -> Decimal:
    """The chance that what a mark stands for is at least the cut: Φ((value − cut) / error)."""
    if not error:
        return SURE if value >= cut else NEVER
    with localcontext(_EXACT):
        steps = int(((value - cut) * _HUNDREDTHS / error).to_integral_value(ROUND_FLOOR))
    if abs(steps) >= _FAR:
        return SURE if steps > 0 else NEVER
    return _phi()[steps] if steps >= 0 else SURE - _phi()[-steps]


def at_least(needed: int, chances: Iterable[Decimal]) -> Decimal:
    """The chance that at least so many of independent things hold (the Poisson binomial distribution)."""
    given = list(chances)
    needed -= sum(one == SURE for one in given)
    unsure = sorted(one for one in given if NEVER < one < SURE)
    if needed <= 0:
        return SURE
    if needed > len(unsure):
        return NEVER
    with localcontext(_EXACT):
        exactly = [SURE] + [NEVER] * needed  # the last one gathers "needed or more"
        for chance in unsure:
            for n in range(needed, 0, -1):
                stays = exactly[n] if n == needed else exactly[n] * (SURE - chance)
                exactly[n] = stays + exactly[n - 1] * chance
            exactly[0] *= SURE - chance
        return exactly[needed].quantize(_DIGITS)


def together(chances: Iterable[Decimal]) -> Decimal:
    """The chance that independent things all hold."""
    product = SURE
    with localcontext(_EXACT):
        for one in chances:
            product *= one
        return product.quantize(_DIGITS)


def root(variance: Decimal) -> Decimal:
    """The standard error that belongs to a variance."""
    with localcontext(_EXACT):
        return variance.sqrt()


def consistency(reached: Sequence[Decimal]) -> Decimal:
    """The chance that two equal assessments give the same star: Σ P(star)² (Lee 2010, J. Educ. Meas. 47(1)).

    `reached[k]` is the chance of the star k + 1 or more.
    """
    ladder = [SURE, *reached, NEVER]
    with localcontext(_EXACT):
        exactly = [one - following for one, following in pairwise(ladder)]
        return sum((one * one for one in exactly), NEVER).quantize(_DIGITS)
