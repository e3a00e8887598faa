"""Which questions look wrongly keyed: another answer behaves as the right one does, and the keyed one as a wrong one.

For every item the keyed answer is held against each other answer that was given. Two things tell a right answer from a
wrong one: the stronger candidates choose it (its biserial correlation with the share earned on all other items), and
most candidates choose it. The evidence is the logarithm of how much better what was seen fits "the other answer is
right" than "the key is right":

    [ln f₊(b_other) − ln f₋(b_other)] − [ln f₊(b_key) − ln f₋(b_key)] + ln h(p_other) − ln h(p_key)

with f₊ = N(0.45, 0.22² + se²) for biserials of right answers, f₋ = N(−0.25, 0.22² + se²) for those of wrong ones, se
the sampling error of a biserial (Soper 1914), and h the density of a facility, Beta(4.5, 2.2), over the share left to
the other answers. It is a likelihood ratio (Neyman & Pearson 1933) of what answer-key checks look at by eye: each
option's point-biserial beside the key's (Haladyna & Rodriguez 2013, ch. 17). Where wrong answers scatter, as with typed
ones, or are not known, the keyed answer stands alone: does it behave as a right answer or as a wrong one, whose share
is Beta(1.2, 6)?
`docs/psychometrics.md` says how often it catches and how often it cries wolf, with the command that measures it.
"""

import math
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from assessments.psychometrics.rules.responses import Numbers, Responses, correlation, part_of_extremes, responses

#: Below this many candidates nothing is said about a key.
ENOUGH = 60
#: From this much evidence on, a key is looked at (natural logarithm of a likelihood ratio). Below nothing, for a wrong
#: key that is missed costs more than a sound one that is looked at.
EVIDENCE = -0.5
#: Fewer than this many cannot make an answer a rival.
_FEWEST = 3

_RIGHT, _WRONG, _SPREAD = 0.45, -0.25, 0.22
_FACILITY, _TAKEN = (4.5, 2.2), (1.2, 6.0)
_normal = NormalDist()

Answer = tuple[str, ...]
Chosen = NDArray[np.bool_]


@dataclass(frozen=True)
class Sat:
    """One item as candidates sat it, in the same order for every item: None for who did not have it on the paper.

    `answers` are whole answers, `()` for none; `shares` the part (0–1) of `points` that each earned.
    """

    item: int | str
    answers: Sequence[Answer | None]
    shares: Sequence[float | None]
    points: float = 1


@dataclass(frozen=True)
class Suspect:
    """One item whose key should be looked at.

    `rival` is the answer that behaves like the right one, None where no single one does. `p` and `r` are share and
    correlation with the rest of what earns full points now, `rival_p` and `rival_r` those of the rival; `upper` and
    `rival_upper` the shares of the best 27 % of all candidates who gave them.
    """

    item: int | str
    evidence: float
    rival: Answer | None
    p: float
    r: float | None
    upper: float
    rival_p: float | None
    rival_r: float | None
    rival_upper: float | None


@dataclass(frozen=True)
class Verdict:
    """What can be said about the keys of a test: suspects, most suspicious first, and items that cannot be told."""

    candidates: int
    suspects: tuple[Suspect, ...]
    untold: tuple[int | str, ...]

    @property
    def can_tell(self) -> bool:
        """Whether there were enough candidates to say anything at all."""
        return self.candidates >= ENOUGH


def suspects(items: Sequence[Sat]) -> Verdict:
    """Look at the key of every item; items with fewer than 60 answers are named as not to be told."""
    candidates = len(items[0].shares) if items else 0
    if candidates < ENOUGH:
        return Verdict(candidates, (), tuple(one.item for one in items))
    shares = np.array([[np.nan if s is None else s for s in one.shares] for one in items], dtype=float).T
    points = np.array([one.points for one in items], dtype=float)
    found = responses(shares * points, most=points)
    counts = found.sat.sum(axis=0)
    judged = [_judge(one, found, at) for at, one in enumerate(items) if counts[at] >= ENOUGH]
    flagged = sorted((one for one in judged if one.evidence > EVIDENCE), key=lambda one: -one.evidence)
    untold = tuple(one.item for one, count in zip(items, counts, strict=True) if count < ENOUGH)
    return Verdict(candidates, tuple(flagged), untold)


@dataclass(frozen=True)
class _Seen:
    """How one answer behaved."""

    p: float
    r: float | None
    upper: float
    slope: float
    like_right: float


def _judge(one: Sat, found: Responses, at: int) -> Suspect:
    sat = found.sat[:, at]
    rest = found.rests(at)[sat]
    best = part_of_extremes(rest, found.weight[sat], 0.27, upper=True)
    gave = [answer or () for answer, there in zip(one.answers, sat, strict=True) if there]
    full = found.points[sat, at] >= found.most[at]
    key = _seen(full, rest, best)
    seen = {rival: _seen(np.array([answer == rival for answer in gave]), rest, best) for rival in _rivals(gave, full)}
    against: dict[Answer | None, float] = {rival: its.like_right - key.like_right for rival, its in seen.items()}
    if not seen or _scatter(gave, full, seen):
        against[None] = _alone(key, len(gave))
    rival = max(against, key=lambda one: against[one])
    its = seen.get(rival) if rival is not None else None
    return Suspect(
        item=one.item,
        evidence=against[rival],
        rival=rival,
        p=key.p,
        r=key.r,
        upper=key.upper,
        rival_p=its.p if its else None,
        rival_r=its.r if its else None,
        rival_upper=its.upper if its else None,
    )


def _rivals(gave: Sequence[Answer], full: Chosen) -> list[Answer]:
    right = {answer for answer, earned in zip(gave, full, strict=True) if earned}
    others = Counter(answer for answer in gave if answer and answer not in right)
    return [answer for answer, count in others.items() if count >= _FEWEST]


def _scatter(gave: Sequence[Answer], full: Chosen, rivals: Collection[Answer]) -> bool:
    """Whether most wrong answers were given by too few to be rivals."""
    wrong = [answer for answer, earned in zip(gave, full, strict=True) if answer and not earned]
    return 2 * sum(answer in rivals for answer in wrong) < len(wrong)


def _seen(chose: Chosen, rest: Numbers, best: Numbers) -> _Seen:
    n, count = len(chose), int(chose.sum())
    p = (count + 0.5) / (n + 1)
    r = correlation(chose.astype(float), rest, np.ones(n))
    upper = float((chose * best).sum() / best.sum())
    return _Seen(count / n, r, upper, _slope(r, p, n), _slope(r, p, n) + _popularity(p))


def _slope(r: float | None, p: float, n: int) -> float:
    """ln f₊ − ln f₋ of an answer's biserial correlation; 0 where it has none."""
    if r is None:
        return 0.0
    stretch = math.sqrt(p * (1 - p)) / _normal.pdf(_normal.inv_cdf(p))
    spread = math.hypot(_SPREAD, stretch / math.sqrt(n))
    b = max(-1.0, min(1.0, r * stretch))
    return ((b - _WRONG) ** 2 - (b - _RIGHT) ** 2) / (2 * spread**2)


def _popularity(p: float) -> float:
    """ln h(p): how likely this many choose the right answer, over how much is left to share among wrong ones."""
    a, b = _FACILITY
    return (a - 1) * math.log(p) + (b - 3) * math.log(1 - p)


def _alone(key: _Seen, n: int) -> float:
    """The evidence against a key whose wrong answers scatter: share and slope as of a wrong answer, or a right one."""
    p = (key.p * n + 0.5) / (n + 1)
    return _beta(p, *_TAKEN) - _beta(p, *_FACILITY) - key.slope


def _beta(p: float, a: float, b: float) -> float:
    """The logarithm of the Beta density."""
    whole = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    return whole + (a - 1) * math.log(p) + (b - 1) * math.log(1 - p)
