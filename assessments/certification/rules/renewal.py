"""Renewal: the next period, which skills are to be proved anew for it, and when whom is reminded. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from assessments.certification.rules.decision import Evidence
from assessments.certification.rules.document import last_day
from assessments.certification.rules.policy import KINDS, Measure, Policy, leaves_of
from assessments.certification.rules.status import Period


class Stage(StrEnum):
    """What a holder is reminded of."""

    DUE = "due"
    ENDING = "ending"
    EXPIRED = "expired"
    CLOSING = "closing"


def period(begins_on: date, years: int | None, policy: Policy) -> Period:
    """A period of so many years with the days on which its renewal opens and closes, by the policy."""
    ends_on = last_day(begins_on, years)
    if ends_on is None:
        return Period(begins_on)
    due_on = max(begins_on, ends_on - timedelta(days=policy.renew_days))
    return Period(begins_on, ends_on, due_on, ends_on + timedelta(days=policy.grace_days))


def columns(span: Period) -> dict[str, date | None]:
    """The days of a period as its row keeps them."""
    return {
        "begins_on": span.begins_on,
        "ends_on": span.ends_on,
        "due_on": span.due_on,
        "renewable_until": span.renewable_until,
    }


def next_begin(ended: date, today: date) -> date:
    """When the next period begins: on the day after the last, or today where that day has passed."""
    return max(ended + timedelta(days=1), today)


def techniques_of(policy: Policy, star: int) -> list[str]:
    """The techniques that a star and those below it ask for, each once, in the order of the policy."""
    found = [leaf.technique for one in policy.stars if one.star <= star for leaf in leaves_of(one.requires)]
    return list(dict.fromkeys(code for code in found if code))


def refreshers(techniques: Sequence[str], turn: int, count: int) -> tuple[str, ...]:
    """The techniques whose turn it is at the renewal number `turn` (from 0): `count` of them, going round and round.

    No technique comes twice before every other has come once.
    """
    total, count = len(techniques), min(count, len(techniques))
    return tuple(techniques[(turn * count + n) % total] for n in range(count))


@dataclass(frozen=True)
class Refresher:
    """One technique to be proved anew, and the results since the period began that prove it."""

    technique: str
    proofs: tuple[int, ...]

    @property
    def done(self) -> bool:
        """Whether it was proved."""
        return bool(self.proofs)


def refreshed(
    policy: Policy, techniques: Iterable[str], evidence: Iterable[Evidence], since: date, on: date
) -> list[Refresher]:
    """Which of these techniques were proved from a day on, by what still counts today."""
    proofs = [one for one in evidence if since <= one.on_day <= on and proves(policy, one) and not _is_over(one, on)]
    return [Refresher(code, tuple(one.id for one in proofs if one.technique == code)) for code in techniques]


def proves(policy: Policy, one: Evidence) -> bool:
    """Whether a result shows that a skill is there: nothing critical failed, and a mark would pass."""
    if one.technique is None or one.critical_failure or one.kind not in KINDS["skill_currency"][1]:
        return False
    if KINDS.get(one.kind, (None,))[0] is not Measure.MARKS:
        return True
    mark = policy.pass_marks.get(one.kind)
    return mark is not None and one.value >= mark


def _is_over(one: Evidence, on: date) -> bool:
    return one.valid_until is not None and one.valid_until < on


def stages(held: Period, policy: Policy) -> list[tuple[date, Stage, int]]:
    """On which days the holder of a period is reminded of what, and how many days before the end (or the close)."""
    if held.ends_on is None:
        return []
    found = [(held.due_on or held.ends_on, Stage.DUE, policy.renew_days)]
    found += [(held.ends_on - timedelta(days=days), Stage.ENDING, days) for days in policy.remind_days]
    found.append((held.ends_on + timedelta(days=1), Stage.EXPIRED, 0))
    if held.renewable_until is not None:
        found += [(held.renewable_until - timedelta(days=n), Stage.CLOSING, n) for n in policy.remind_days[:1]]
    return sorted(one for one in found if one[0] >= held.begins_on)


def reached(held: Period, policy: Policy, on: date) -> tuple[Stage, int] | None:
    """The last reminder that is due by a day: who missed the earlier ones is told the newest alone."""
    due = [(stage, days) for day, stage, days in stages(held, policy) if day <= on]
    return due[-1] if due else None
