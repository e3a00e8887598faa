"""The decision once more, about thousands of persons at once: columns in, columns out. Pure.

What it says of anybody is what `rules.decision.decide` says; a campaign compares the two, and a third one written to be
read, on a hundred thousand random cases. It tells stars, what there is for every requirement and when time alone will
change it; who is to be told why is decided singly. Whole numbers throughout: values in thousandths, days as ordinals.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, Decimal
from functools import reduce
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from assessments.certification.rules.judging import IN_HOURS
from assessments.certification.rules.policy import KINDS, Group, Leaf, LowerStar, Measure, Node, Policy, Weighted

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: Kinds of results, by the number that stands for them in a column.
RESULT_KINDS: Final = tuple(sorted({kind for _, kinds in KINDS.values() for kind in kinds}))
#: Nothing there: no technique, no assessor.
NOTHING: Final = -1
#: The day after all days: what is valid for ever, what never changes.
EVER: Final = date.max.toordinal() + 1
_THOUSANDTHS = 1000


@dataclass(frozen=True)
class Columns:
    """Evidence of many persons, one array a column, in any order; `kind` counts in RESULT_KINDS."""

    person: Ints
    id: Ints
    kind: Ints
    technique: Ints
    value: Ints
    on_day: Ints
    until: Ints
    assessor: Ints
    critical: Bools

    def only(self, rows: Any) -> "Columns":
        """Some of the rows."""
        return Columns(**{name: column[rows] for name, column in self.__dict__.items()})


@dataclass(frozen=True)
class Verdicts:
    """What everybody's evidence comes to, in the order of `persons`."""

    persons: Ints
    star: Ints
    #: The first day on which time alone may change it, or EVER.
    changes_on: Ints
    #: For every requirement of the policy, in its order: what there is (thousandths), and by how many assessors.
    have: tuple[Ints, ...]
    assessors: tuple[Ints, ...]

    def stars(self) -> dict[int, int]:
        """The star of each person."""
        return dict(zip(self.persons.tolist(), self.star.tolist(), strict=True))


@dataclass(frozen=True)
class _Found:
    """What one node came to for everybody."""

    met: Bools
    changes_on: Ints
    #: How far it is reached: numerators, over one denominator.
    share: Any
    over: int
    have: Ints | None = None
    assessors: Ints | None = None
    leaves: tuple["_Found", ...] = ()


def evaluate(policy: Policy, columns: Columns, persons: Ints, techniques: Mapping[str, int], on: date) -> Verdicts:
    """Decide about all `persons` (their ids, ascending) at once; `techniques` are the numbers behind the codes."""
    work = _Work(policy, columns, persons, techniques, on)
    reached = np.zeros(len(persons), np.int64)
    changes = work.begins()
    leaves = list[_Found]()
    trees = list[tuple[int, _Found]]()
    for star in policy.stars:
        tree = work.node(star.requires, reached)
        reached = np.where(tree.met & (reached == star.star - 1), star.star, reached)
        trees.append((star.star, tree))
        leaves += tree.leaves
    for number, tree in trees:
        changes = np.where(reached >= number, np.minimum(changes, tree.changes_on), changes)
    for leaf, found in zip(policy.leaves(), leaves, strict=True):
        if leaf.measure is Measure.CLEAR:
            changes = np.minimum(changes, found.changes_on)
    have = tuple(one.have for one in leaves if one.have is not None)
    assessors = tuple(one.assessors for one in leaves if one.assessors is not None)
    return Verdicts(persons, reached, changes, have, assessors)


class _Work:
    """One evaluation: the evidence up to the day, and whose row of the outcome each piece belongs to."""

    def __init__(
        self, policy: Policy, columns: Columns, persons: Ints, techniques: Mapping[str, int], on: date
    ) -> None:
        self.policy, self.techniques, self.on, self.many = policy, techniques, on.toordinal(), len(persons)
        mine = np.isin(columns.person, persons)
        columns = columns if mine.all() else columns.only(mine)
        at = np.searchsorted(persons, columns.person)
        future = columns.on_day > self.on
        self._begins = self._first(at[future], columns.on_day[future])
        self.rows = columns.only(~future)
        self.at = at[~future]
        self._by_kind = {kind: np.flatnonzero(self.rows.kind == n) for n, kind in enumerate(RESULT_KINDS)}

    def begins(self) -> Ints:
        """The first day on which evidence of a day to come begins to count."""
        return self._begins

    def node(self, node: Node, reached: Ints) -> _Found:
        """What a node came to, with the requirements below it in the order of the policy."""
        if isinstance(node, Leaf):
            found = self._leaf(node)
            return _Found(**{**found.__dict__, "leaves": (found,)})
        if isinstance(node, LowerStar):
            return self._plain(reached >= node.star, ())
        if isinstance(node, Weighted):
            return self._points(node, [self.node(part, reached) for _, part in node.parts])
        return self._group(node, [self.node(part, reached) for part in node.parts])

    def _plain(self, met: Bools, parts: tuple[_Found, ...]) -> _Found:
        changes = reduce(np.minimum, (part.changes_on for part in parts), np.full(self.many, EVER, np.int64))
        leaves = tuple(leaf for part in parts for leaf in part.leaves)
        return _Found(met, changes, met.astype(np.int64), 1, leaves=leaves)

    def _group(self, node: Group, parts: list[_Found]) -> _Found:
        met = sum((part.met.astype(np.int64) for part in parts), np.zeros(self.many, np.int64))
        return self._plain(met >= node.needed, tuple(parts))

    def _points(self, node: Weighted, parts: list[_Found]) -> _Found:
        """Exact: everything over one denominator, in whole numbers without bound."""
        over = math.lcm(*(part.over for part in parts))
        scale = 10 ** max(_places(node.needed), *(_places(weight) for weight, _ in node.parts))
        total: Any = np.zeros(self.many, object)
        for (weight, _), part in zip(node.parts, parts, strict=True):
            total = total + part.share.astype(object) * (int(weight * scale) * (over // part.over))
        met = np.asarray(total >= int(node.needed * scale) * over, np.bool_)
        return self._plain(met, tuple(parts))

    # ---- requirements --------------------------------------------------------------------------

    def _leaf(self, leaf: Leaf) -> _Found:
        if leaf.measure is Measure.CLEAR:
            return self._clear(leaf)
        chosen = self._fitting(leaf)
        last = self._last(leaf, chosen)
        now = last >= self.on
        chosen, last = chosen[now], last[now]
        at = self.at[chosen]
        have = self._count(at) * _THOUSANDTHS
        if leaf.measure is Measure.SUM:
            have = self._total(leaf, at, self.rows.value[chosen])
        assessors = self._assessors(chosen)
        wanted = leaf.distinct_assessors or 0
        met = (have >= _thousandths(leaf.needed)) & (assessors >= wanted)
        share, over = self._share(leaf, chosen, have)
        if wanted:
            share, over = share * np.minimum(assessors, wanted), over * wanted
        return _Found(met, self._first(at, _day_after(last)), share, over, have, assessors)

    def _about(self, leaf: Leaf) -> Ints:
        """The rows of the kinds and the technique a requirement speaks of."""
        _, kinds = KINDS[leaf.kind]
        rows = np.concatenate([self._by_kind[kind] for kind in kinds])
        if leaf.technique is not None:
            rows = rows[self.rows.technique[rows] == self.techniques.get(leaf.technique, NOTHING - 1)]
        return rows

    def _fitting(self, leaf: Leaf) -> Ints:
        """The rows that count for a requirement, were they recent enough."""
        rows = self._about(leaf)
        if leaf.no_critical_failure or leaf.measure is Measure.PROOFS:
            rows = rows[~self.rows.critical[rows]]
        if leaf.measure is Measure.MARKS:
            return rows[self.rows.value[rows] >= _thousandths(leaf.min)]
        if leaf.measure is Measure.SIGN_OFFS:
            return rows[self.rows.value[rows] >= leaf.level * _THOUSANDTHS] if leaf.level else rows[:0]
        if leaf.measure is Measure.PROOFS:
            return rows[self.rows.value[rows] >= self._pass_marks(unpassable=True)[self.rows.kind[rows]]]
        return rows

    def _pass_marks(self, *, unpassable: bool) -> Ints:
        """The mark that passes, for every kind; for marks without one: no mark at all, or any."""
        marks = np.zeros(len(RESULT_KINDS), np.int64)
        for n, kind in enumerate(RESULT_KINDS):
            mark = self.policy.pass_marks.get(kind)
            if mark is not None:
                marks[n] = _thousandths(mark)
            elif unpassable and kind in KINDS and KINDS[kind][0] is Measure.MARKS:
                marks[n] = np.iinfo(np.int64).max
        return marks

    def _last(self, leaf: Leaf, chosen: Ints) -> Ints:
        """The last day on which each of these counts."""
        until = self.rows.until[chosen]
        if leaf.within_days is None:
            return until
        ends = self.rows.on_day[chosen] + min(leaf.within_days, EVER)
        return np.minimum(until, np.minimum(ends, EVER - 1))

    def _share(self, leaf: Leaf, chosen: Ints, have: Ints) -> tuple[Ints, int]:
        """How far a requirement is reached: the mean of the best marks; of all else what there is of what is asked."""
        if leaf.measure is not Measure.MARKS:
            needed = _thousandths(leaf.needed)
            return np.minimum(have, needed), needed
        order = chosen[np.lexsort((-self.rows.value[chosen], self.at[chosen]))]
        at = self.at[order]
        rank = np.arange(len(at)) - np.searchsorted(at, at)
        best = order[rank < leaf.count]
        return self._sum(self.at[best], self.rows.value[best]), 100 * _THOUSANDTHS * leaf.count

    def _clear(self, leaf: Leaf) -> _Found:
        """Critical failures after the last pass of the same kind and technique."""
        rows = self._about(leaf)
        own = self.rows.only(rows)
        order = np.lexsort((own.id, own.on_day, own.technique, own.kind, self.at[rows]))
        rows, own = rows[order], own.only(order)
        at = self.at[rows]
        passed = ~own.critical & (own.value >= self._pass_marks(unpassable=False)[own.kind])
        new = np.ones(len(rows), np.bool_)
        new[1:] = (at[1:] != at[:-1]) | (own.kind[1:] != own.kind[:-1]) | (own.technique[1:] != own.technique[:-1])
        place = np.arange(len(rows))
        starts = np.flatnonzero(new)
        last_pass = np.maximum.reduceat(np.where(passed, place, -1), starts) if len(rows) else place
        still = own.critical & (place > last_pass[np.cumsum(new) - 1])
        ends = np.full(len(rows), EVER, np.int64)
        if leaf.within_days is not None:
            ends = np.minimum(own.on_day + min(leaf.within_days, EVER), EVER - 1)
        still &= ends >= self.on
        have = self._count(at[still]) * _THOUSANDTHS
        changes = self._first(at[still], _day_after(ends[still]))
        met = have == 0
        return _Found(met, changes, met.astype(np.int64), 1, have, np.zeros(self.many, np.int64))

    # ---- sums per person -----------------------------------------------------------------------

    def _count(self, at: Ints) -> Ints:
        return np.bincount(at, minlength=self.many).astype(np.int64)

    def _sum(self, at: Ints, values: Ints) -> Ints:
        total = np.zeros(self.many, np.int64)
        np.add.at(total, at, values)
        return total

    def _total(self, leaf: Leaf, at: Ints, values: Ints) -> Ints:
        """Hours and days added up; hours as the whole minutes they were recorded in."""
        if KINDS[leaf.kind][1][0] not in IN_HOURS:
            return self._sum(at, values)
        return self._sum(at, (values * 60 + _THOUSANDTHS // 2) // _THOUSANDTHS) * _THOUSANDTHS // 60

    def _first(self, at: Ints, days: Ints) -> Ints:
        first = np.full(self.many, EVER, np.int64)
        np.minimum.at(first, at, days)
        return first

    def _assessors(self, chosen: Ints) -> Ints:
        known = chosen[self.rows.assessor[chosen] != NOTHING]
        if not len(known):
            return np.zeros(self.many, np.int64)
        _, who = np.unique(self.rows.assessor[known], return_inverse=True)
        pairs = np.unique(self.at[known] * (who.max() + 1) + who)
        return self._count(pairs // (who.max() + 1))


def _day_after(last: Ints) -> Ints:
    """The day after these; there is none after for ever, and the last day there is has no other."""
    return np.where(last >= EVER, EVER, np.minimum(last + 1, EVER - 1))


def _thousandths(number: Decimal) -> int:
    """The least number of thousandths that is at least this much."""
    return int((number * _THOUSANDTHS).to_integral_value(ROUND_CEILING))


def _places(number: Decimal) -> int:
    exponent = number.normalize().as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0
