"""What a doctor is told: what was good, the two things to change first, and whether it became better."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from assessments.traces.rules.judging import Finding, How

#: More than two things at once nobody changes.
FIRST = 2


@dataclass(frozen=True)
class Told:
    """The report in short."""

    good: tuple[Finding, ...]
    change: tuple[Finding, ...]


def tell(findings: Sequence[Finding]) -> Told:
    """What to change first: what is not met before what is, then the smallest share; the rest that is met is good."""
    wrong = [one for one in findings if one.how is not How.GOOD]
    change = sorted(wrong, key=lambda one: (one.met, one.share))[:FIRST]
    return Told(tuple(one for one in findings if one.met and one not in change), tuple(change))


@dataclass(frozen=True)
class Step:
    """One figure of this trace beside the same figure of the one before."""

    name: str
    before: Decimal
    now: Decimal

    @property
    def difference(self) -> Decimal:
        """How much more it is now."""
        return self.now - self.before


def steps(before: Sequence[Finding], now: Sequence[Finding]) -> tuple[Step, ...]:
    """How each share has changed since the trace before."""
    earlier = {one.aspect: one.share for one in before}
    return tuple(Step(one.aspect.value, earlier[one.aspect], one.share) for one in now if one.aspect in earlier)
