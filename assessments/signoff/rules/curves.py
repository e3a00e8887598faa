"""How far what somebody was seen doing proves that they do it well enough: the learning curve of one technique. Pure.

An LC-CUSUM (`psychometrics.rules.curves`) over passes and failures in their order. Held against each other are somebody
who fails one time in ten, which is well enough, and somebody who fails three times in ten, which is not: seven passes
in a row prove it, one failure takes back four and more. It is advice for who signs, never a decision.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from assessments.proficiency.rules import PASS_MARK, Proof, Way
from assessments.psychometrics.rules.curves import learning_curve

#: The share of failures that is well enough, how much more is not, and how much evidence proves it.
WELL_ENOUGH, MORE, ENOUGH = 0.1, 0.2, 1.75


@dataclass(frozen=True)
class Deed:
    """One time somebody was seen doing it: percent of the marks, 60 where the standard is just met."""

    on: date
    percent: Decimal
    passed: bool
    critical: bool


@dataclass(frozen=True)
class Curve:
    """Deeds in their order, and what they prove.

    `proved_by` is the number of the deed that proved it, None while none has; `share` is how much of the evidence there
    is now, in percent; `to_go` the passes in a row that are still missing.
    """

    deeds: tuple[Deed, ...]
    proved_by: int | None
    share: int
    to_go: int

    @property
    def proved_on(self) -> date | None:
        """The day on which it was proved."""
        return self.deeds[self.proved_by - 1].on if self.proved_by else None

    @property
    def since(self) -> tuple[Deed, ...]:
        """What came after the proof."""
        return self.deeds[self.proved_by :] if self.proved_by else ()

    @property
    def failed_since(self) -> int:
        """How many of those failed."""
        return sum(not deed.passed for deed in self.since)


def curve(proofs: Iterable[Proof]) -> Curve | None:
    """The learning curve of one technique; None where nobody was seen doing it. Within a day the worst comes last."""
    done = [one for one in proofs if one.way in (Way.DEED, Way.EXAM)]
    deeds = sorted((_deed(one) for one in done), key=lambda deed: (deed.on, not deed.passed, deed.critical))
    if not deeds:
        return None
    found = learning_curve([deed.passed for deed in deeds], p0=WELL_ENOUGH, delta=MORE, h=ENOUGH)
    now = found.path[-1]
    return Curve(
        tuple(deeds),
        found.competent_at,
        min(100, int(100 * now / ENOUGH)),
        max(0, math.ceil((ENOUGH - now) / found.w_success)),
    )


def _deed(proof: Proof) -> Deed:
    passed = proof.value >= PASS_MARK and not proof.critical_failure
    return Deed(proof.on_day, proof.value, passed, proof.critical_failure)
