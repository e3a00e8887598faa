"""Gaps, benefit and the assignment: what must hold for any doctors and any mentors."""

import random
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courses.mentoring.rules import (
    PROVED,
    WORTH,
    Learner,
    Match,
    Nearness,
    Teacher,
    benefits,
    gaps,
    nearness,
    propose,
    term_fits,
    terms_hash,
    years_later,
)

TECHNIQUES = st.integers(1, 6)
PATHS = st.sampled_from(["1.2", "1.2.3", "1.2.3.4", "1.5", "1.5.6"])


@st.composite
def town(draw: st.DrawFn) -> tuple[list[Learner], list[Teacher]]:
    """Doctors 1…8, mentors 6…13: a few are both."""
    learners = [
        Learner(number, draw(PATHS), draw(st.sampled_from("ab")), draw(st.dictionaries(TECHNIQUES, st.integers(1, 4))))
        for number in draw(st.sets(st.integers(1, 8), max_size=7))
    ]
    teachers = [
        Teacher(
            number,
            draw(PATHS),
            draw(st.sampled_from("ab")),
            draw(st.integers(0, 3)),
            draw(st.integers(0, 3)),
            draw(st.frozensets(TECHNIQUES, max_size=4)),
            draw(st.booleans()),
        )
        for number in draw(st.sets(st.integers(6, 13), max_size=5))
    ]
    return learners, teachers


def greedy(learners: list[Learner], teachers: list[Teacher]) -> int:
    """The total that is had by always making the best pair that is left."""
    worth = benefits(learners, teachers)
    free = [one.free for one in teachers]
    best = sorted(
        ((int(worth[r, c]), -r, -c) for r in range(len(learners)) for c in range(len(teachers))), reverse=True
    )
    taken, total = set(), 0
    for value, row, column in best:
        if -row not in taken and free[-column] > 0:
            taken.add(-row)
            free[-column] -= 1
            total += value
    return total


@settings(deadline=None)
@given(town())
def test_capacity_holds_nobody_is_taken_twice_nobody_mentors_oneself(
    found: tuple[list[Learner], list[Teacher]],
) -> None:
    learners, teachers = found
    made = propose(learners, teachers)
    assert len({match.learner for match in made}) == len(made)
    for teacher in teachers:
        assert sum(match.teacher == teacher.id for match in made) <= teacher.free
    assert all(match.learner != match.teacher and match.benefit > 0 for match in made)


@settings(deadline=None)
@given(town())
def test_the_whole_is_never_worse_than_taking_the_best_again_and_again(
    found: tuple[list[Learner], list[Teacher]],
) -> None:
    learners, teachers = found
    if learners and teachers:
        assert sum(match.benefit for match in propose(learners, teachers)) >= greedy(learners, teachers)


@settings(deadline=None)
@given(town(), st.randoms())
def test_deaf_to_order(found: tuple[list[Learner], list[Teacher]], chance: random.Random) -> None:
    learners, teachers = found
    shuffled = [list(learners), list(teachers)]
    for some in shuffled:
        chance.shuffle(some)  # type: ignore[arg-type]
    assert propose(*shuffled) == propose(learners, teachers)  # type: ignore[arg-type]


@settings(deadline=None)
@given(town())
def test_the_reasons_add_up_to_the_benefit(found: tuple[list[Learner], list[Teacher]]) -> None:
    learners, teachers = found
    general = {teacher.id: teacher.general for teacher in teachers}
    missing = {learner.id: sum(learner.gaps.values()) for learner in learners}
    for match in propose(learners, teachers):
        closed = sum(levels for _technique, levels in match.closes)
        rest = missing[match.learner] - closed if general[match.teacher] else 0
        assert match.benefit == PROVED * closed + rest + WORTH[match.near]
        assert match.other != match.teacher
        assert (match.other is None) == (match.other_benefit == 0)


@settings(deadline=None)
@given(town(), st.integers(0, 6))
def test_one_more_free_place_never_harms(found: tuple[list[Learner], list[Teacher]], at: int) -> None:
    learners, teachers = found
    if not teachers:
        return
    more = list(teachers)
    more[at % len(more)] = replace(more[at % len(more)], free=more[at % len(more)].free + 1)
    assert total(propose(learners, more)) >= total(propose(learners, teachers))


def total(made: list[Match]) -> int:
    return sum(match.benefit for match in made)


def doctor(number: int, **gap: int) -> Learner:
    return Learner(number, f"1.2.9.{number}", "a", {int(name[1:]): levels for name, levels in gap.items()})


def mentor(number: int, *teaches: int, free: int = 1, taken: int = 0, general: bool = False) -> Teacher:
    return Teacher(number, "1.2", "a", free, taken, frozenset(teaches), general)


def test_a_gap_is_what_is_missing_to_working_alone() -> None:
    assert gaps({1: 3, 2: 4, 3: 5, 9: 1}, [1, 2, 3, 4]) == {1: 1, 4: 4}


def test_the_whole_comes_before_ones_own_best() -> None:
    """Mentor 10 is better for both; doctor 2 has nobody else, doctor 1 does nearly as well with mentor 11."""
    made = {m.learner: m for m in propose([doctor(1, t1=4, t2=3), doctor(2, t1=3)], [mentor(10, 1), mentor(11, 2)])}
    assert made[1].teacher == 11
    assert made[2].teacher == 10
    assert (made[1].other, made[1].other_benefit) == (10, 48)
    assert made[1].benefit == 38


def test_a_proved_technique_outweighs_nearness_and_nearness_decides_between_equals() -> None:
    near = Teacher(10, "1.2.9", "a", 1, general=True)
    far = Teacher(11, "7.8", "b", 1, teaches=frozenset({1}))
    assert propose([doctor(1, t1=1)], [near, far])[0].teacher == 11
    beside = Teacher(12, "1.3", "a", 1, teaches=frozenset({1}))
    assert propose([doctor(1, t1=1)], [far, beside])[0].teacher == 12


@pytest.mark.parametrize(
    ("path", "county", "near"),
    [
        ("1.2", "a", Nearness.HOSPITAL),
        ("1.2.9.1", "b", Nearness.HOSPITAL),
        ("1.2.90", "a", Nearness.COUNTY),
        ("1.3", "b", Nearness.ELSEWHERE),
    ],
)
def test_nearness(path: str, county: str, near: Nearness) -> None:
    assert nearness(doctor(1), Teacher(10, path, county, 1)) is near


def test_whoever_has_no_standing_teaches_generally_with_a_small_weight() -> None:
    assert int(benefits([doctor(1, t1=4, t2=2)], [mentor(10, general=True)])[0, 0]) == 6 + WORTH[Nearness.HOSPITAL]


def test_between_equals_the_mentor_with_fewer_apprentices_then_the_lower_id() -> None:
    assert propose([doctor(1, t1=2)], [mentor(10, 1, taken=1), mentor(11, 1)])[0].teacher == 11
    assert propose([doctor(1, t1=2)], [mentor(11, 1), mentor(10, 1)])[0].teacher == 10
    spread = propose([doctor(1, t1=2), doctor(2, t1=2)], [mentor(10, 1, free=2), mentor(11, 1, free=2)])
    assert {match.teacher for match in spread} == {10, 11}


def test_a_pair_that_brings_nothing_is_not_made() -> None:
    assert propose([Learner(1, "1", "a", {})], [Teacher(10, "2", "b", 1)]) == []


def test_a_term_of_two_to_three_years() -> None:
    leap = date(2024, 2, 29)
    assert years_later(leap, 2) == date(2026, 2, 28)
    assert term_fits(leap, date(2026, 2, 28))
    assert not term_fits(date(2026, 9, 1), date(2028, 8, 31))
    assert term_fits(date(2026, 9, 1), date(2029, 9, 1))
    assert not term_fits(date(2026, 9, 1), date(2029, 9, 2))


def test_other_terms_are_another_number() -> None:
    same = terms_hash(date(2026, 1, 1), date(2028, 1, 1), "a", "b")
    assert same == terms_hash(date(2026, 1, 1), date(2028, 1, 1), "a", "b")
    assert same != terms_hash(date(2026, 1, 1), date(2028, 1, 1), "ab", "")
