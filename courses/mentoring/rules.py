"""Who should teach whom: gaps, benefit, and the assignment that helps most; pure arithmetic in whole numbers."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

from lms.digests import digest

#: Says by which arithmetic pairs were proposed; raise it with every change of `benefits`.
RULES = 1
#: The level at which a doctor works alone: what lies below it is a gap. The level at which somebody may teach.
ALONE, TEACHES = 4, 5
#: What one missing level is worth with a mentor who stands at `TEACHES` in the technique, and with a mentor of whom the
#: system knows no standing at all: such a one can teach generally, and nobody has proved what.
PROVED, GENERAL = 10, 1


class Nearness(StrEnum):
    """How near a mentor works to a doctor."""

    HOSPITAL = "hospital"
    COUNTY = "county"
    ELSEWHERE = "elsewhere"


#: The doctor's institution lies in the subtree of the mentor's, or in the same county: less than one proved level, so
#: that nearness decides between equals and never outweighs what can be taught.
WORTH = {Nearness.HOSPITAL: 8, Nearness.COUNTY: 4, Nearness.ELSEWHERE: 0}


@dataclass(frozen=True)
class Policy:
    """What is asked a year, how long an agreement may run, what both sides promise."""

    sessions_a_year: int = 12
    teaching_minutes: int = 20 * 60
    shortest_years: int = 2
    usual_years: int = 2
    longest_years: int = 3


#: What holds where nobody has said otherwise.
DEFAULTS = Policy()


@dataclass(frozen=True)
class Learner:
    """A doctor without a mentor: where, and how many levels are missing in which core techniques."""

    id: int
    path: str
    county: str
    gaps: Mapping[int, int]


@dataclass(frozen=True)
class Teacher:
    """A mentor with free places: where, and in which techniques; `general` where no standing is known."""

    id: int
    path: str
    county: str
    free: int
    taken: int = 0
    teaches: frozenset[int] = frozenset()
    general: bool = False


@dataclass(frozen=True)
class Match:
    """One proposed pair and why: what it would close, how near, and who came second."""

    learner: int
    teacher: int
    benefit: int
    closes: tuple[tuple[int, int], ...]
    general: int
    near: Nearness
    other: int | None
    other_benefit: int


def gaps(levels: Mapping[int, int], core: Iterable[int]) -> dict[int, int]:
    """How many levels are missing to working alone, by core technique; `levels` in date only, none is 0."""
    missing = {technique: ALONE - levels.get(technique, 0) for technique in core}
    return {technique: levels for technique, levels in missing.items() if levels > 0}


def nearness(learner: Learner, teacher: Teacher) -> Nearness:
    """The mentor's hospital leads the doctor's institution, is in the same county, or neither."""
    if learner.path == teacher.path or learner.path.startswith(teacher.path + "."):
        return Nearness.HOSPITAL
    return Nearness.COUNTY if learner.county == teacher.county else Nearness.ELSEWHERE


def benefits(learners: Sequence[Learner], teachers: Sequence[Teacher]) -> NDArray[np.int64]:
    """What each mentor would bring each doctor, a row for each doctor; nothing for oneself."""
    known = sorted({technique for one in learners for technique in one.gaps})
    place = {technique: at for at, technique in enumerate(known)}
    missing = np.zeros((len(learners), len(known)), np.int64)
    for row, learner in enumerate(learners):
        for technique, levels in learner.gaps.items():
            missing[row, place[technique]] = levels
    taught = np.zeros((len(known), len(teachers)), np.int64)
    for column, teacher in enumerate(teachers):
        taught[:, column] = GENERAL if teacher.general else 0
        for technique in teacher.teaches & place.keys():
            taught[place[technique], column] = PROVED
    near = np.array([[WORTH[nearness(a, b)] for b in teachers] for a in learners], np.int64)
    made: NDArray[np.int64] = missing @ taught + near.reshape(len(learners), len(teachers))
    for row, learner in enumerate(learners):
        for column, teacher in enumerate(teachers):
            if learner.id == teacher.id:
                made[row, column] = 0
    return made


def propose(learners: Iterable[Learner], teachers: Iterable[Teacher]) -> list[Match]:
    """Pairs whose benefits add up to the most that the free places allow; a pair that brings nothing is not made.

    Deaf to the order in which people are given. Where several assignments are equally good, mentors with fewer
    apprentices come first, then lower ids.
    """
    rows = sorted(learners, key=lambda one: one.id)
    columns = sorted((one for one in teachers if one.free > 0), key=lambda one: one.id)
    if not rows or not columns:
        return []
    worth = benefits(rows, columns)
    places = [(at, one.taken + taken) for at, one in enumerate(columns) for taken in range(min(one.free, len(rows)))]

    chosen_rows, chosen_places = scipy.optimize.linear_sum_assignment(_ranked(worth, places), maximize=True)
    chosen = [(int(row), places[int(place)][0]) for row, place in zip(chosen_rows, chosen_places, strict=True)]
    return [_match(rows, columns, worth, row, column) for row, column in chosen if worth[row, column] > 0]


def _ranked(worth: NDArray[np.int64], places: Sequence[tuple[int, int]]) -> NDArray[np.float64]:
    """A column for each place. What only breaks ties adds up to less than one point of benefit."""
    doctors, mentors = worth.shape
    owner = np.array([at for at, _ in places])
    load = np.array([taken for _, taken in places], np.int64)
    ids = np.outer(np.arange(doctors, 0, -1), np.arange(mentors, 0, -1))[:, owner]
    ties = (load.max() - load) * (doctors * mentors + 1) + ids
    most = int(ties.max()) * min(doctors, len(places)) + 1
    ranked: NDArray[np.float64] = (worth[:, owner] * most + np.where(worth[:, owner] > 0, ties, 0)).astype(np.float64)
    return ranked


def _match(
    rows: Sequence[Learner], columns: Sequence[Teacher], worth: NDArray[np.int64], row: int, column: int
) -> Match:
    learner, teacher = rows[row], columns[column]
    closes = sorted(
        ((t, levels) for t, levels in learner.gaps.items() if t in teacher.teaches), key=lambda one: (-one[1], one[0])
    )
    others = worth[row].copy()
    others[column] = 0
    second = int(others.argmax())
    found = int(others[second])
    return Match(
        learner=learner.id,
        teacher=teacher.id,
        benefit=int(worth[row, column]),
        closes=tuple(closes),
        general=sum(learner.gaps.values()) if teacher.general else 0,
        near=nearness(learner, teacher),
        other=columns[second].id if found > 0 else None,
        other_benefit=found,
    )


def years_later(begun: date, years: int) -> date:
    """The same day so many years later; the 29th of February becomes the 28th where there is none."""
    try:
        return begun.replace(year=begun.year + years)
    except ValueError:
        return begun.replace(year=begun.year + years, day=28)


def term_fits(begins: date, ends: date, policy: Policy = DEFAULTS) -> bool:
    """Whether an agreement runs at least the shortest and at most the longest term."""
    return years_later(begins, policy.shortest_years) <= ends <= years_later(begins, policy.longest_years)


def hours(minutes: int) -> float:
    """Minutes as hours to one place, without a place where it is whole."""
    found = round(minutes / 60, 1)
    return int(found) if found == int(found) else found


def terms_hash(begins: date, ends: date, apprentice_duties: str, mentor_duties: str) -> str:
    """Dates and duties as one number: what somebody agrees to."""
    content = [begins.isoformat(), ends.isoformat(), apprentice_duties, mentor_duties]
    return digest(content).hex()


def as_because(match: Match, names: Mapping[int, str], techniques: Mapping[int, Mapping[str, Any]]) -> dict[str, Any]:
    """The reasons as plain JSON, with names as they are today: what a run keeps of a match."""
    return {
        "closes": [{**techniques[t], "technique": t, "levels": levels} for t, levels in match.closes],
        "general": match.general,
        "near": match.near.value,
        "other": {"id": match.other, "name": names.get(match.other, ""), "benefit": match.other_benefit}
        if match.other is not None
        else None,
    }


def by_key(rows: Iterable[tuple[int, int, int]]) -> dict[int, dict[int, int]]:
    """(person, technique, level) as level by technique by person."""
    made: dict[int, dict[int, int]] = defaultdict(dict)
    for person, technique, level in rows:
        made[person][technique] = level
    return dict(made)
