"""Marks in order: of every pair of learner and skill the attempts by time, ready to be computed with at once."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SECONDS_A_DAY = 86_400.0


class Attempt(NamedTuple):
    """One mark: whose, in what, when (days since 1970), how much of 100."""

    learner: str
    skill: str
    at: float
    score: float


@dataclass(frozen=True)
class Notes:
    """What was put right before computing; said with every outcome."""

    attempts: int = 0
    out_of_order: int = 0
    exact_duplicates: int = 0
    conflicting: int = 0


@dataclass(frozen=True)
class History:
    """All attempts, sorted by learner, skill and time; pair `i` owns `start[i]:start[i + 1]`."""

    learners: tuple[str, ...]
    skills: tuple[str, ...]
    #: per pair: which learner and which skill
    learner: Ints
    skill: Ints
    start: Ints
    #: per attempt: which pair, when, how much
    pair: Ints
    at: Floats
    score: Floats

    @property
    def pairs(self) -> int:
        """How many pairs of learner and skill there are."""
        return len(self.learner)

    @property
    def span(self) -> tuple[float, float]:
        """The first and the last moment."""
        return float(self.at.min()), float(self.at.max())

    def key(self, pair: int) -> tuple[str, str]:
        """Learner and skill of a pair, as they were given."""
        return self.learners[self.learner[pair]], self.skills[self.skill[pair]]

    def counts_until(self, moment: float) -> Ints:
        """Per pair: how many attempts there are up to a moment, the moment included."""
        return np.bincount(self.pair[self.at <= moment], minlength=self.pairs).astype(np.int64)

    def of(self, pair: int, until: float | None = None) -> tuple[Floats, Floats]:
        """Times and marks of one pair, oldest first, up to a moment if given."""
        mine = slice(int(self.start[pair]), int(self.start[pair + 1]))
        at, score = self.at[mine], self.score[mine]
        seen = slice(None) if until is None else at <= until
        return at[seen], score[seen]


def days(moment: datetime) -> float:
    """A moment (aware) as days since 1970."""
    return moment.timestamp() / SECONDS_A_DAY


def day_of(at: float) -> date:
    """The day on which a moment counted in days since 1970 lies."""
    return date(1970, 1, 1) + timedelta(days=int(at // 1))


def tidy(attempts: Iterable[Attempt]) -> tuple[History, Notes]:
    """Attempts in any order as a history, and what had to be put right.

    The same line twice is one mark. Several marks of one learner in one skill at one moment have no order between
    them, so they become one attempt with their mean: whichever came first, the history is the same.
    """
    given = list(attempts)
    if not given:
        raise ValueError("there are no attempts")
    learners, learner = _codes([one.learner for one in given])
    skills, skill = _codes([one.skill for one in given])
    at = np.array([one.at for one in given], dtype=np.float64)
    score = np.array([one.score for one in given], dtype=np.float64)
    if not (np.isfinite(at).all() and np.isfinite(score).all() and (score >= 0).all() and (score <= 100).all()):
        raise ValueError("every time and mark must be a number, every mark within 0–100")
    backwards = _backwards(learner * len(skills) + skill, at)
    order = np.lexsort((score, at, skill, learner))
    learner, skill, at, score = learner[order], skill[order], at[order], score[order]
    moment = _first_of_run(learner, skill, at)
    twice = ~_first_of_run(learner, skill, at, score)
    marks = np.bincount(np.cumsum(moment) - 1, weights=~twice)
    means = np.bincount(np.cumsum(moment) - 1, weights=np.where(twice, 0.0, score)) / marks
    notes = Notes(len(given), backwards, int(twice.sum()), int((marks > 1).sum()))
    learner, skill, at = learner[moment], skill[moment], at[moment]
    first = _first_of_run(learner, skill)
    begins = np.flatnonzero(first).astype(np.int64)
    return History(
        learners=learners,
        skills=skills,
        learner=learner[begins],
        skill=skill[begins],
        start=np.append(begins, len(at)),
        pair=(np.cumsum(first) - 1).astype(np.int64),
        at=at,
        score=means,
    ), notes


def _codes(names: list[str]) -> tuple[tuple[str, ...], Ints]:
    known = {name: number for number, name in enumerate(sorted(set(names)))}
    return tuple(known), np.array([known[name] for name in names], dtype=np.int64)


def _first_of_run(*columns: NDArray[Any]) -> NDArray[np.bool_]:
    """Where, in sorted columns, any of them changes; the first row always does."""
    changed = np.ones(len(columns[0]), dtype=np.bool_)
    changed[1:] = np.logical_or.reduce([column[1:] != column[:-1] for column in columns])
    return changed


def _backwards(pair: Ints, at: Floats) -> int:
    """How many attempts stand, as given, after a later one of the same pair."""
    order = np.argsort(pair, kind="stable")
    pair, at = pair[order], at[order]
    return int(((pair[1:] == pair[:-1]) & (at[1:] < at[:-1])).sum())
