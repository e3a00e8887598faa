"""Two years of learning, forgetting, practising and being marked. Pure: the same question gives the same answer.

Every learner has a generator of their own, so that learner 7 is the same in a cohort of 20 and of 600.
"""

import math
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import numpy as np
import numpy.typing as npt

from demo.cohort import parameters as p
from demo.cohort.parameters import Assessment, SkillKind


@dataclass(frozen=True)
class Skill:
    """One skill of one professional category."""

    code: str
    category: str
    kind: SkillKind


@dataclass(frozen=True)
class Learner:
    """Somebody who learns: how able, how quick, how often; `mentored` says whether anybody looks after them."""

    number: int
    category: str
    ability: float
    quickness: float
    rate: float
    mentored: bool
    joined: int
    pauses: tuple[tuple[int, int], ...]

    @property
    def code(self) -> str:
        """What the learner is called in files."""
        return f"L{self.number:04}"

    def away(self, day: int) -> bool:
        """Whether it is one of the learner's pauses: leave, an outbreak, a posting elsewhere."""
        return any(begins <= day < ends for begins, ends in self.pauses)


@dataclass(frozen=True)
class Attempt:
    """One marked attempt; `latent` is the mark without any error of measurement, which nobody sees."""

    learner: str
    skill: str
    at: date
    score: float
    assessment: Assessment
    latent: float


@dataclass(frozen=True)
class Stall:
    """The truth about one path: from when learning stood still, why, and when help worked (None: not yet)."""

    learner: str
    skill: str
    began: date
    ended: date | None
    kind: str


@dataclass(frozen=True)
class History:
    """All that happened to one learner."""

    learner: Learner
    attempts: tuple[Attempt, ...]
    stalls: tuple[Stall, ...]


def default_skills() -> list[Skill]:
    """Ten skills for each category: three emergencies, four procedures, three of knowledge."""
    kinds = [SkillKind.EMERGENCY] * 3 + [SkillKind.PROCEDURE] * 4 + [SkillKind.KNOWLEDGE] * 3
    return [
        Skill(f"{category}-{number:02}", category, kind)
        for category in p.CATEGORIES
        for number, kind in enumerate(kinds, 1)
    ]


def simulate(learners: int, seed: int, until: date, skills: Sequence[Skill] = ()) -> Iterator[History]:
    """The histories of so many learners, ending on a day."""
    known = skills or default_skills()
    for number in range(1, learners + 1):
        draw = np.random.default_rng([seed, number])
        learner = _learner(number, draw)
        paths = [_Path(learner, skill, seed, until).walk(draw) for skill in known if skill.category == learner.category]
        attempts = sorted((a for found, _ in paths for a in found), key=lambda a: (a.at, a.skill))
        yield History(learner, tuple(attempts), tuple(stall for _, found in paths for stall in found))


def _learner(number: int, draw: np.random.Generator) -> Learner:
    category = str(draw.choice(list(p.CATEGORIES), p=list(p.CATEGORIES.values())))
    joined = 0 if draw.random() < 0.85 else int(draw.integers(30, p.DAYS - 180))
    pauses = []
    for _ in range(draw.poisson(p.PAUSES_A_YEAR * p.DAYS / 365)):
        begins = int(draw.integers(0, p.DAYS))
        pauses.append((begins, begins + int(draw.integers(*p.PAUSE_DAYS))))
    return Learner(
        number=number,
        category=category,
        ability=float(draw.normal(0, p.ABILITY_SD)),
        quickness=float(np.exp(draw.normal(0, p.SHARE_SPREAD))),
        rate=float(draw.gamma(p.RATE_SHAPE, p.RATE_MEAN / p.RATE_SHAPE)),
        mentored=bool(draw.random() < p.MENTORED),
        joined=joined,
        pauses=tuple(pauses),
    )


def attendance(day: date) -> float:
    """How much of the usual practice a day sees."""
    for new_year in p.NEW_YEAR:
        if p.FESTIVAL_DAYS[0] <= (day - new_year).days <= p.FESTIVAL_DAYS[1]:
            return p.FESTIVAL
    return p.WINTER if day.month in (12, 1, 2) else 1.0


@cache
def _calendar(first: date) -> npt.NDArray[np.float64]:
    return np.array([attendance(first + timedelta(days=n)) for n in range(p.DAYS + 1)])


class _Path:
    """One learner and one skill through two years."""

    def __init__(self, learner: Learner, skill: Skill, seed: int, until: date) -> None:
        self.learner, self.skill = learner, skill
        self.first = until - timedelta(days=p.DAYS)
        difficulty = np.random.default_rng([seed, zlib.crc32(skill.code.encode())]).normal(0, p.DIFFICULTY_SD)
        self.start = p.START_MEAN + learner.ability - float(difficulty)
        self.gain = self.peak = self.harm = 0.0
        self.half_life = p.HALF_LIFE[skill.kind]
        self.last: int | None = None
        self.stall: tuple[int, str] | None = None
        self.attempts: list[Attempt] = []
        self.stalls: list[Stall] = []

    def walk(self, draw: np.random.Generator) -> tuple[list[Attempt], list[Stall]]:
        """Day by day, as far as anything happens."""
        self.start += float(draw.normal(0, p.OWN_SD))
        wanted = self._days(draw)
        again = -1
        month = self.learner.joined
        for day in range(self.learner.joined, p.DAYS + 1):
            if day - month >= p.MONTH:
                month = day
                self._come_to_a_halt_or_on(day, draw)
            if (wanted[day] or day == again) and not self.learner.away(day):
                score = self._attempt(day, draw)
                again = day + int(draw.integers(*p.AGAIN_DAYS)) if self._tries_again(score, draw) else -1
        if self.stall is not None:
            self._end_stall(None)
        return self.attempts, self.stalls

    def _days(self, draw: np.random.Generator) -> npt.NDArray[np.bool_]:
        """The days on which the learner means to practise this skill."""
        chance = _calendar(self.first) * self.learner.rate * float(np.exp(draw.normal(0, 0.4))) / p.MONTH
        return draw.random(p.DAYS + 1) < chance

    def _attempt(self, day: int, draw: np.random.Generator) -> float:
        self._forget(day)
        at = self.first + timedelta(days=day)
        assessment = self._assessment(at, draw)
        latent = 100.0 / (1.0 + math.exp(-(self.start + self.gain - self.harm)))
        score = round(min(100.0, max(0.0, latent + float(draw.normal(0, assessment.error)))), 1)
        self.attempts.append(Attempt(self.learner.code, self.skill.code, at, score, assessment, latent))
        self._learn(day)
        return score

    def _assessment(self, at: date, draw: np.random.Generator) -> Assessment:
        if self.skill.kind is SkillKind.KNOWLEDGE and at.month in p.THEORY_MONTHS and draw.random() < p.THEORY_CHANCE:
            return p.THEORY
        return p.ROUTINE[int(draw.choice(len(p.ROUTINE), p=[one.share for one in p.ROUTINE]))]

    def _forget(self, day: int) -> None:
        if self.last is not None:
            months = (day - self.last) / p.MONTH
            kept = p.KEPT * self.peak
            self.gain = min(self.gain, kept + max(0.0, self.gain - kept) * 2.0 ** (-months / self.half_life))

    def _learn(self, day: int) -> None:
        self.last = day
        if self.stall is None:
            share = min(0.6, p.SHARE_PER_ATTEMPT * self.learner.quickness)
            self.gain += share * (p.GAIN - self.gain)
            self.harm *= 1 - share
            self.peak = max(self.peak, self.gain)
            self.half_life *= p.LONGER_PER_ATTEMPT
        elif self.stall[1] == "bad_habit":
            self.harm += p.HABIT_LOSS

    def _tries_again(self, score: float, draw: np.random.Generator) -> bool:
        return score < p.AGAIN_BELOW and bool(draw.random() < p.AGAIN_CHANCE)

    def _come_to_a_halt_or_on(self, day: int, draw: np.random.Generator) -> None:
        """Once a month: a path may come to a halt, help may set it going again."""
        chance, habit = draw.random(2)
        if self.stall is None:
            if self.attempts and chance < self._hazard(day):
                self.stall = (day, "bad_habit" if habit < p.BAD_HABIT else "plateau")
        elif chance < (p.HELP_A_MONTH if self.learner.mentored else p.HELP_A_MONTH_ALONE) * p.HELP_WORKS:
            self._end_stall(day)

    def _hazard(self, day: int) -> float:
        months = min(p.GAP_COUNTS, (day - (self.last or 0)) / p.MONTH)
        seldom = p.STALL_SELDOM * (1 if self.learner.rate < 0.7 * p.RATE_MEAN else 0)
        return p.STALL_A_MONTH * math.exp(seldom + p.STALL_GAP * months + p.STALL_ALONE * (not self.learner.mentored))

    def _end_stall(self, day: int | None) -> None:
        assert self.stall is not None
        began, kind = self.stall
        ended = None if day is None else self.first + timedelta(days=day)
        began_on = self.first + timedelta(days=began)
        self.stalls.append(Stall(self.learner.code, self.skill.code, began_on, ended, kind))
        self.stall = None
