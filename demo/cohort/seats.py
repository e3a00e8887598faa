"""Which simulated learner is which person of the city, and who mentors whom. Pure: names people by their accounts."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from demo.cast import CITY, HOME, Part
from demo.cohort.simulate import History

#: The accounts one looks through first: the doctor's history should have something to say, and the mentor's work.
DOCTOR, MENTOR = "doctor", "mentor"
PLACES = 5
_PAIR = 7


@dataclass(frozen=True)
class Seat:
    """One learner in the person who lives that history."""

    part: Part
    history: History

    @property
    def account(self) -> str:
        """The person's account."""
        return self.part.account

    def troubled(self) -> int:
        """How many marks were given while a path stood still that still stands still."""
        since = {stall.skill: stall.began for stall in self.history.stalls if stall.ended is None}
        return sum(one.at >= since[one.skill] for one in self.history.attempts if one.skill in since)

    def draw(self, seed: int, purpose: int) -> np.random.Generator:
        """A generator for one purpose, so that what one draws does not move what another draws."""
        return np.random.default_rng([seed, self.history.learner.number, purpose])


@dataclass(frozen=True)
class Pair:
    """Who mentors whom, from when, until before when."""

    apprentice: str
    mentor: str
    agreed_from: date
    agreed_until: date


def missing(histories: Sequence[History], present: Sequence[Part]) -> list[str]:
    """The categories of learners for whom nobody is there yet."""
    free: dict[str, int] = defaultdict(int)
    for part in present:
        free[part.category] += 1
    wanted = []
    for history in histories:
        category = history.learner.category
        free[category] -= 1
        if free[category] < 0:
            wanted.append(category)
    return wanted


def seat(histories: Sequence[History], parts: Sequence[Part]) -> list[Seat]:
    """Give every learner a person of the same category; the shown doctor one with a mentor and with trouble."""
    waiting: dict[str, list[Part]] = defaultdict(list)
    for part in parts:
        waiting[part.category].append(part)
    for queue in waiting.values():
        queue.sort(key=lambda part: part.account != DOCTOR)
    chosen = _first(histories)
    ordered = sorted(histories, key=lambda history: history is not chosen)
    seats = [Seat(waiting[one.learner.category].pop(0), one) for one in ordered]
    return sorted(seats, key=lambda one: one.history.learner.number)


def _first(histories: Sequence[History]) -> History | None:
    fitting = [one for one in histories if one.learner.mentored and one.learner.category == "general_practitioner"]
    nobody = Part("", "", "", "", "", "", "")
    return max(fitting, key=lambda one: Seat(nobody, one).troubled(), default=None)


def pair(seats: Sequence[Seat], mentors: Sequence[Part], seed: int, until: date) -> list[Pair]:
    """Pair those who have a mentor with one of their county, in turn; the shown mentor gets who needs one most."""
    teaching: dict[str, list[str]] = defaultdict(list)
    for mentor in sorted(mentors, key=lambda part: part.account == MENTOR):
        teaching[mentor.county].append(mentor.account)
    with_mentor = [one for one in seats if one.history.learner.mentored]
    home = sorted((one for one in with_mentor if one.part.county == HOME), key=lambda one: -one.troubled())
    first = sorted(home, key=lambda one: one.account != DOCTOR)[:PLACES]
    made = [_pair(one, MENTOR, seed, until) for one in first]
    everywhere, taken = teaching[CITY], Counter(one.mentor for one in made)
    for one in (one for one in with_mentor if one not in first):
        near = [account for account in (*teaching[one.part.county], *everywhere) if account != MENTOR]
        if near:
            chosen = min(near, key=lambda account: (taken[account] >= PLACES, account in everywhere, taken[account]))
            taken[chosen] += 1
            made.append(_pair(one, chosen, seed, until))
    return made


def _pair(one: Seat, mentor: str, seed: int, until: date) -> Pair:
    draw = one.draw(seed, _PAIR)
    first = until - timedelta(days=700 - one.history.learner.joined)
    begins = min(until - timedelta(days=60), max(first, until - timedelta(days=int(draw.integers(120, 690)))))
    return Pair(one.account, mentor, begins, begins + timedelta(days=365 * int(draw.integers(2, 4))))
