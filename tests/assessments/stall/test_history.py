"""Marks in order, whatever order they come in; what was put right is counted."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.stall.rules import Attempt, History, tidy

attempts = st.builds(
    Attempt,
    learner=st.sampled_from(["a", "b", "c"]),
    skill=st.sampled_from(["x", "y"]),
    at=st.integers(0, 400).map(float),
    score=st.integers(0, 100).map(float),
)


def same(one: History, other: History) -> bool:
    return (one.learners, one.skills) == (other.learners, other.skills) and all(
        np.array_equal(getattr(one, name), getattr(other, name))
        for name in ("learner", "skill", "start", "pair", "at", "score")
    )


@given(st.lists(attempts, min_size=1, max_size=40), st.randoms())
def test_any_order_gives_the_same_history(given_: list[Attempt], random: object) -> None:
    shuffled = list(given_)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert same(tidy(given_)[0], tidy(shuffled)[0])


@given(st.lists(attempts, min_size=1, max_size=40))
def test_saying_a_line_twice_changes_nothing_but_the_count(given_: list[Attempt]) -> None:
    once, notes = tidy(given_)
    twice, noted = tidy([*given_, *given_])
    assert same(once, twice)
    assert noted.exact_duplicates == notes.exact_duplicates + len(given_)


@given(st.lists(attempts, min_size=1, max_size=40))
def test_nothing_is_lost(given_: list[Attempt]) -> None:
    history, notes = tidy(given_)
    moments = {(one.learner, one.skill, one.at) for one in given_}
    assert len(history.at) == len(moments)
    assert notes.attempts == len(given_)
    for pair in range(history.pairs):
        at, score = history.of(pair)
        assert (np.diff(at) > 0).all()
        for day, mark in zip(at, score, strict=True):
            marks = {one.score for one in given_ if (one.learner, one.skill, one.at) == (*history.key(pair), day)}
            assert mark == pytest.approx(sum(marks) / len(marks))


def test_what_is_put_right_is_counted() -> None:
    _, notes = tidy(
        [
            Attempt("a", "x", 5, 70),
            Attempt("a", "x", 3, 60),
            Attempt("a", "x", 3, 60),
            Attempt("a", "y", 1, 50),
            Attempt("a", "y", 1, 70),
        ]
    )
    assert (notes.out_of_order, notes.exact_duplicates, notes.conflicting) == (1, 1, 1)


@pytest.mark.parametrize("score", [float("nan"), float("inf"), -0.1, 100.1])
def test_what_is_no_mark_is_refused(score: float) -> None:
    with pytest.raises(ValueError, match="0–100"):
        tidy([Attempt("a", "x", 1, score)])


def test_nothing_is_no_history() -> None:
    with pytest.raises(ValueError, match="no attempts"):
        tidy([])
