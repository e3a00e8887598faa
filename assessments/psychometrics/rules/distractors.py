"""How each option of an item worked: who chose it, and whether they were the strong or the weak.

Sources: Haladyna & Rodriguez (2013) Developing and validating test items, ch. 17; Haladyna & Downing (1993) Educational
and Psychological Measurement 53:999 (an option chosen by fewer than 5 % does no work).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from assessments.psychometrics.rules.responses import Numbers, correlation, part_of_extremes

#: Below this share a wrong option does no work (Haladyna & Downing 1993).
IDLE = 0.05
#: The number of groups, from the weakest to the strongest, in which an option's share is shown.
GROUPS = 5


@dataclass(frozen=True)
class Option:
    """One option: how many chose it, their share, the point-biserial with the rest, and its share group by group."""

    key: str
    right: bool
    chosen: int
    share: float
    r: float | None
    upper: float
    lower: float
    #: share of each fifth of the candidates that chose it, weakest first
    by_group: tuple[float, ...]

    @property
    def idle(self) -> bool:
        """Whether it is a wrong option that hardly anybody takes for right."""
        return not self.right and self.share < IDLE

    @property
    def misleads(self) -> bool:
        """Whether it is a wrong option that draws the strong more than the weak."""
        return not self.right and self.share >= IDLE and self.r is not None and self.r > 0.05


def options(
    keys: Sequence[str], right: Sequence[str], answers: Sequence[tuple[str, ...]], rests: ArrayLike
) -> tuple[Option, ...]:
    """Every option of an item, with `""` for no answer where there is one; `rests` is what each earned elsewhere."""
    rest = np.asarray(rests, dtype=float)
    shown = [*keys, *([""] if any(not answer for answer in answers) else [])]
    chose = [[key in answer if key else not answer for answer in answers] for key in shown]
    return _worked([(key, key in right, column) for key, column in zip(shown, chose, strict=True)], rest)


def answers(
    given: Sequence[tuple[str, ...]], full: Sequence[bool], rests: ArrayLike, *, most: int = 12
) -> tuple[Option, ...]:
    """The same for whole answers where there are no options to choose from: those given most often, the right first."""
    rest = np.asarray(rests, dtype=float)
    right = {answer for answer, earned in zip(given, full, strict=True) if earned}
    often = sorted(Counter(given).items(), key=lambda one: (one[0] not in right, -one[1], one[0]))[:most]
    columns = [("; ".join(answer), answer in right, [one == answer for one in given]) for answer, _count in often]
    return _worked(columns, rest)


def _worked(columns: Sequence[tuple[str, bool, Sequence[bool]]], rest: Numbers) -> tuple[Option, ...]:
    if len(rest) == 0:
        return ()
    ones = np.ones(len(rest))
    upper, lower = (part_of_extremes(rest, ones, 0.27, upper=side) for side in (True, False))
    groups = _groups(rest)
    found = []
    for key, right, column in columns:
        chose = np.array(column, dtype=float)
        found.append(
            Option(
                key=key,
                right=right,
                chosen=int(chose.sum()),
                share=float(chose.mean()),
                r=correlation(chose, rest, ones),
                upper=float((chose * upper).sum() / upper.sum()),
                lower=float((chose * lower).sum() / lower.sum()),
                by_group=tuple(float((chose * group).sum() / group.sum()) for group in groups),
            )
        )
    return tuple(found)


def _groups(rest: Numbers) -> list[Numbers]:
    """How much of each candidate stands in each fifth, weakest first; who ties at a border is shared alike."""
    _, group = np.unique(np.round(rest, 9), return_inverse=True)
    sizes = np.bincount(group).astype(float)
    before = np.concatenate(([0.0], np.cumsum(sizes)[:-1]))
    width = len(rest) / min(GROUPS, len(rest))
    made = []
    for number in range(min(GROUPS, len(rest))):
        inside = np.minimum(before + sizes, (number + 1) * width) - np.maximum(before, number * width)
        made.append((np.clip(inside, 0.0, None) / sizes)[group])
    return made
