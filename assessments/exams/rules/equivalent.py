"""Equivalent forms of a paper: the same cells, other questions, as equally hard as can be arranged.

The rule: within each cell the questions are given out hardest first, in rounds; in each round the form that is the
easiest so far gets the hardest. So the sums of difficulty of two forms differ, within a cell of single questions, by no
more than the hardest and the easiest question of one round do. How hard a question is: 1 less the share of points it
earned before; where it was never asked, the mean of its level's questions that were; where there are none, a scale
that only orders the levels (remembering, applying, weighing up: 1/4, 1/2, 3/4).
"""

from collections import defaultdict
from collections.abc import Sequence
from statistics import fmean

from assessments.bank.rules.kinds import Level

_SCALE = {Level.RECALL: 0.25, Level.APPLY: 0.5, Level.ANALYSE: 0.75}


def difficulties(levels: Sequence[str], facilities: Sequence[float | None]) -> list[float]:
    """How hard each question is taken to be, by the rule above."""
    known: dict[str, list[float]] = defaultdict(list)
    for level, facility in zip(levels, facilities, strict=True):
        if facility is not None:
            known[level].append(1 - facility)
    found = []
    for level, facility in zip(levels, facilities, strict=True):
        fallback = fmean(known[level]) if known[level] else _SCALE.get(Level(level), 0.5)
        found.append(fallback if facility is None else 1 - facility)
    return found


def split(sizes: Sequence[int], hard: Sequence[float], length: int, forms: int) -> list[list[int]] | None:
    """Things of these sizes shared out to so many forms of just this length, balanced; None where it cannot be done."""
    if sum(sizes) != length * forms:
        return None
    places = _places(sorted((size for size in sizes if size > 1), reverse=True), length, forms)
    if places is None:
        return None
    shared: list[list[int]] = [[] for _ in range(forms)]
    weight = [0.0] * forms
    for size in sorted(set(sizes), reverse=True):
        these = sorted((n for n, one in enumerate(sizes) if one == size), key=lambda n: (-hard[n], n))
        open_to = [places[form].count(size) if size > 1 else length - sum(places[form]) for form in range(forms)]
        while these:
            for form in sorted((f for f in range(forms) if open_to[f]), key=lambda f: (weight[f], f)):
                number = these.pop(0)
                shared[form].append(number)
                weight[form] += hard[number]
                open_to[form] -= 1
    return shared


def _places(series: Sequence[int], length: int, forms: int) -> list[list[int]] | None:
    """Which sizes of series each form gets, so that none is longer than it may be; what is left is filled singly."""
    dead: set[tuple[int, tuple[int, ...]]] = set()
    given: list[list[int]] = [[] for _ in range(forms)]

    def place(number: int) -> bool:
        if number == len(series):
            return True
        rooms = [length - sum(one) for one in given]
        state = (number, tuple(sorted(rooms)))
        if state in dead:
            return False
        for form in sorted(range(forms), key=lambda f: -rooms[f]):
            if rooms[form] >= series[number]:
                given[form].append(series[number])
                if place(number + 1):
                    return True
                given[form].pop()
        dead.add(state)
        return False

    return given if place(0) else None
