"""What evidence comes to for one requirement. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from itertools import chain
from operator import attrgetter

from assessments.certification.rules import certainty
from assessments.certification.rules.facts import Evidence, days_after
from assessments.certification.rules.outcomes import Outcome, is_met
from assessments.certification.rules.policy import KINDS, Leaf, Measure, Policy

_NONE = Decimal(0)
_BY_ID = attrgetter("id")
#: Kinds of results whose value is hours, recorded minute by minute.
IN_HOURS = frozenset(("simulation_hours", "theory_hours", "practice_hours"))


@dataclass(frozen=True)
class Body:
    """One person's evidence up to a day, by kind, each in the order of the ids."""

    policy: Policy
    on: date
    by_kind: dict[str, list[Evidence]]
    by_skill: dict[tuple[str, str | None], list[Evidence]]

    @classmethod
    def of(cls, policy: Policy, known: Iterable[Evidence], on: date) -> "Body":
        """Put in order what there is on the day."""
        by_kind = defaultdict[str, list[Evidence]](list)
        by_skill = defaultdict[tuple[str, str | None], list[Evidence]](list)
        for one in known:
            if one.on_day <= on:
                by_kind[one.kind].append(one)
                by_skill[one.kind, one.technique].append(one)
        return cls(policy, on, dict(by_kind), dict(by_skill))

    def about(self, leaf: Leaf) -> Sequence[Evidence]:
        """What is of the kind and the technique a requirement speaks of, in the order of the ids."""
        _, kinds = KINDS[leaf.kind]
        technique = leaf.technique
        if technique is None:
            lists = [self.by_kind[kind] for kind in kinds if kind in self.by_kind]
        else:
            lists = [self.by_skill[kind, technique] for kind in kinds if (kind, technique) in self.by_skill]
        if len(lists) < 2:
            return lists[0] if lists else ()
        return sorted(chain.from_iterable(lists), key=_BY_ID)


Standing = list[tuple[Evidence, Decimal]]


def judge(leaf: Leaf, body: Body) -> Outcome:
    """The outcome of one requirement."""
    if leaf.measure is Measure.CLEAR:
        return _clear(leaf, body)
    cut_of, measure, on, within = _cuts(leaf, body.policy), leaf.measure, body.on, leaf.within_days
    faultless = _wants_no_failure(leaf)
    standing, current, expired, ends = Standing(), list[Evidence](), list[int](), list[date]()
    for one in body.about(leaf):
        cut = cut_of(one)
        if cut is None or (faultless and one.critical_failure):
            continue
        last = one.valid_until if within is None else one.last_day(within)
        if last is not None and on > last:
            if one.value >= cut:
                expired.append(one.id)
            continue
        standing.append((one, cut))
        if one.value >= cut:
            current.append(one)
            if last is not None:
                ends.append(last)
    have = total(current) if measure is Measure.SUM else Decimal(len(current))
    assessors = len({one.assessor for one in current if one.assessor is not None})
    met = is_met(leaf, have, assessors)
    counted = tuple([one.id for one in current])
    changes_on = days_after(min(ends), 1) if ends else None
    more = _measured(leaf, standing, have, met=met, enough=assessors >= (leaf.distinct_assessors or 0))
    return Outcome("leaf", met, leaf.needed, have, leaf, (), counted, tuple(expired), assessors, changes_on, *more)


def total(rows: Iterable[Evidence]) -> Decimal:
    """What hours or days add up to. Hours are whole minutes: sixty times 0.833 h are 50 h and not 49.98 h."""
    days, minutes = Decimal(0), 0
    for one in rows:
        if one.kind in IN_HOURS:
            minutes += int((one.value * 60).to_integral_value(ROUND_HALF_UP))
        else:
            days += one.value
    return days + Decimal(minutes * 1000 // 60) / 1000


def _wants_no_failure(leaf: Leaf) -> bool:
    """A proof of a skill is none where something critical failed."""
    return leaf.no_critical_failure or leaf.measure is Measure.PROOFS


def _cuts(leaf: Leaf, policy: Policy) -> Callable[[Evidence], Decimal | None]:
    """From which value on a result counts for the requirement; None: it never does."""
    if leaf.measure is Measure.MARKS:
        return lambda _: leaf.min
    if leaf.measure is Measure.SIGN_OFFS:
        level = None if leaf.level is None else Decimal(leaf.level)
        return lambda _: level
    if leaf.measure is Measure.PROOFS:
        return lambda one: policy.pass_marks.get(one.kind) if is_mark(one.kind) else Decimal(0)
    return lambda _: Decimal(0)


def is_mark(kind: str) -> bool:
    """Whether a kind of result is a mark in percent that can be passed."""
    return kind in KINDS and KINDS[kind][0] is Measure.MARKS


# ---- by how much, and how sure -----------------------------------------------------------------


def _measured(
    leaf: Leaf, standing: Standing, have: Decimal, *, met: bool, enough: bool
) -> tuple[Decimal | None, Decimal, Decimal, Decimal]:
    """Margin, chance, what the best marks add up to and their variance; `standing` would count were it good enough."""
    unsure = any(one.standard_error for one, _ in standing)
    sure = certainty.SURE if met else certainty.NEVER
    if leaf.measure is not Measure.MARKS:
        return None, _chance(leaf, standing, have, sure) if unsure and enough else sure, _NONE, _NONE
    good = sorted((one for one, cut in standing if one.value >= cut), key=lambda one: (-one.value, one.id))
    best = good[: leaf.count]
    return (
        _margin(leaf, good, standing),
        _chance(leaf, standing, have, sure) if unsure and enough else sure,
        sum((one.value for one in best), _NONE),
        sum(((one.standard_error or _NONE) ** 2 for one in best), _NONE),
    )


def _margin(leaf: Leaf, good: list[Evidence], standing: Standing) -> Decimal | None:
    """How far the mark that decides is above the least mark, or how far the nearest other one is below it."""
    if len(good) >= leaf.count:
        return good[leaf.count - 1].value - leaf.min
    below = [one.value - leaf.min for one, _ in standing if one.value < leaf.min]
    return max(below, default=None)


def _chance(leaf: Leaf, standing: Standing, have: Decimal, sure: Decimal) -> Decimal:
    """The chance that the requirement is truly met; who assessed is taken as it is."""
    if leaf.measure is Measure.SUM:
        error = certainty.root(sum(((one.standard_error or _NONE) ** 2 for one, _ in standing), _NONE))
        return certainty.above(have, error, leaf.needed)
    if leaf.measure is Measure.NUMBER:
        return sure
    needed = int(leaf.needed.to_integral_value(ROUND_CEILING))
    return certainty.at_least(needed, (certainty.above(one.value, one.standard_error, cut) for one, cut in standing))


# ---- failures that are open --------------------------------------------------------------------


def _clear(leaf: Leaf, body: Body) -> Outcome:
    """Critical failures that no later pass of the same kind and technique has made good."""
    made_good = dict[tuple[str, str | None], tuple[date, int]]()
    about = body.about(leaf)
    for one in about:
        mark = body.policy.pass_marks.get(one.kind)
        if not one.critical_failure and (mark is None or one.value >= mark):
            key = (one.kind, one.technique)
            made_good[key] = max(made_good.get(key, (date.min, 0)), (one.on_day, one.id))
    failed = [
        one
        for one in about
        if one.critical_failure and (one.on_day, one.id) > made_good.get((one.kind, one.technique), (date.min, 0))
    ]
    lasts = {one.id: None if leaf.within_days is None else days_after(one.on_day, leaf.within_days) for one in failed}
    still = [one for one in failed if (last := lasts[one.id]) is None or body.on <= last]
    ends = [last for one in still if (last := lasts[one.id]) is not None]
    return Outcome(
        "leaf",
        not still,
        Decimal(0),
        Decimal(len(still)),
        leaf,
        counted=tuple(one.id for one in still),
        expired=tuple(one.id for one in failed if one not in still),
        changes_on=days_after(min(ends), 1) if ends else None,
        chance=certainty.NEVER if still else certainty.SURE,
    )
