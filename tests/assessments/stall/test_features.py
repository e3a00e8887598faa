"""Features say what a slow reading of the marks says; labels what came after; neither looks where it must not."""

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.stall.rules import FEATURES, Attempt, Design, History, Parameters, design, features, labels, tidy
from tests.assessments.stall.learners import learners
from tests.assessments.stall.test_history import attempts

P = Parameters()
CUTOFF = 200.0


def rows(history: History, cutoff: float = CUTOFF) -> dict[tuple[str, str], list[float]]:
    made = design(history, [cutoff], P)
    return {history.key(int(pair)): list(values) for pair, values in zip(made.pair, made.values, strict=True)}


def alike(one: dict[Any, list[float]], other: dict[Any, list[float]]) -> bool:
    """To the last bit: missing is the same as missing."""
    return one.keys() == other.keys() and all(np.array_equal(one[key], other[key], equal_nan=True) for key in one)


def changed_after(past: list[Attempt], future: list[Attempt], other_future: list[Attempt]) -> tuple[History, History]:
    """Two histories that agree up to the cutoff, the cutoff included, and differ after it."""
    before = [one for one in past if one.at <= CUTOFF] + [Attempt("a", "x", day, 60 + day) for day in (1.0, 2.0, 3.0)]
    return (
        tidy([*before, *(one._replace(at=one.at + CUTOFF + 1) for one in future)])[0],
        tidy([*before, *(one._replace(at=one.at + CUTOFF + 1) for one in other_future)])[0],
    )


pasts = st.lists(attempts, max_size=40)


@settings(max_examples=150)
@given(pasts, pasts, pasts)
def test_the_future_never_changes_a_feature(past: Any, future: Any, other: Any) -> None:
    one, two = changed_after(past, future, other)
    assert alike(rows(one), rows(two))


def _peeks_a_month_ahead(original: Callable[..., Any]) -> Callable[..., Any]:
    """The planted leak: figures as of thirty days after the cutoff."""

    def leaking(history: History, figures: Any, cutoff: float, parameters: Parameters) -> Any:
        return original(history, figures, cutoff + 30, parameters)

    return leaking


def _knows_the_mean_of_all(original: Callable[..., Any]) -> Callable[..., Any]:
    """A subtler one: a level measured against the mean of all marks ever given."""

    def leaking(history: History, figures: Any, cutoff: float, parameters: Parameters) -> Any:
        columns = original(history, figures, cutoff, parameters)
        return columns | {"peers_ahead": np.full(history.pairs, history.score.mean()) - columns["level"]}

    return leaking


@pytest.mark.parametrize("plant", [_peeks_a_month_ahead, _knows_the_mean_of_all])
def test_a_planted_leak_is_caught(plant: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(features, "snapshot", plant(features.snapshot))
    with pytest.raises(AssertionError):
        test_the_future_never_changes_a_feature()


def slow_level(marks: list[float]) -> float:
    weights = [0.5 ** ((len(marks) - 1 - index) / P.half_life) for index in range(len(marks))]
    return sum(w * m for w, m in zip(weights, marks, strict=True)) / sum(weights)


def slow(history: History, pair: int, cutoff: float) -> dict[str, float]:
    """The same figures, read off one pair's marks one after the other."""
    at, score = history.of(pair, until=cutoff)
    days, marks = list(at), list(score)
    level, best = slow_level(marks), max(marks)
    steps = [b - a for a, b in pairwise(marks)]
    earlier = [mark for day, mark in zip(days, marks, strict=True) if day <= cutoff - 180]
    return {
        "marks": math.log1p(len(marks)),
        "days_since_last": math.log1p(cutoff - days[-1]),
        "spacing": math.log1p((days[-1] - days[0]) / (len(days) - 1)),
        "level": level,
        "above": max(0.0, level - P.mastery),
        "slope_three": float(np.polyfit(range(3), marks[-3:], 1)[0]),
        "slope_all": float(np.polyfit(range(len(marks)), marks, 1)[0]),
        "last_surprise": marks[-1] - level,
        "below_best": best - level,
        "days_since_best": math.log1p(cutoff - days[marks.index(best)]),
        "unevenness": math.sqrt(sum(step**2 for step in steps) / (2 * len(steps))),
        "recent_90": math.log1p(sum(cutoff - 90 < day for day in days)),
        "recent_180": math.log1p(sum(cutoff - 180 < day for day in days)),
        "gain_180": level - slow_level(earlier) if earlier else math.nan,
    }


@given(pasts.filter(lambda found: len(found) >= 3))
def test_figures_are_what_one_reads_off_the_marks(past: list[Attempt]) -> None:
    history, _ = tidy(past)
    made = design(history, [CUTOFF], P)
    for row, pair in zip(made.values, made.pair, strict=True):
        expected = slow(history, int(pair), CUTOFF)
        got = dict(zip(FEATURES, row, strict=True))
        for name, value in expected.items():
            assert got[name] == pytest.approx(value, abs=1e-6, nan_ok=True), name


@given(pasts.filter(bool))
def test_figures_of_others_leave_oneself_out(past: list[Attempt]) -> None:
    history, _ = tidy(past)
    made = design(history, [CUTOFF], P)
    level = {pair: slow_level(list(history.of(pair, CUTOFF)[1])) for pair in range(history.pairs) if len(
        history.of(pair, CUTOFF)[1])}  # fmt: skip
    for row, pair in zip(made.values, made.pair, strict=True):
        for name, group in (("others_ahead", history.learner), ("peers_ahead", history.skill)):
            others = [value for other, value in level.items() if other != pair and group[other] == group[pair]]
            expected = sum(others) / len(others) - level[int(pair)] if others else math.nan
            assert row[FEATURES.index(name)] == pytest.approx(expected, abs=1e-6, nan_ok=True)


def one(marks: list[tuple[float, float]]) -> History:
    return tidy([Attempt("a", "x", day, mark) for day, mark in marks])[0]


STEADY = [(10.0, 60.0), (20.0, 60.0), (30.0, 60.0)]


@pytest.mark.parametrize(
    ("later", "label"),
    [
        ([(210, 62.9), (220, 62.9)], 1.0),  # rose, but by less than three points
        ([(210, 63.0), (220, 63.0)], 0.0),  # by just as much as asked
        ([(210, 40.0), (220, 40.0)], 1.0),  # being lost
        ([(210, 90.0)], math.nan),  # one mark later is no mean
        ([(381, 90.0), (382, 90.0)], math.nan),  # beyond the horizon
        ([(200, 10.0), (210, 70.0), (380, 70.0)], 0.0),  # a mark at the cutoff belongs to the past: 60 → about 41
    ],
)
def test_a_stall_is_what_the_definition_says(later: list[tuple[float, float]], label: float) -> None:
    assert labels(one([*STEADY, *later]), CUTOFF, P)[0] == pytest.approx(label, nan_ok=True)


@pytest.mark.parametrize(("mark", "label"), [(85.0, 0.0), (84.9, 1.0)])
def test_mastery_need_only_be_kept(mark: float, label: float) -> None:
    history = one([(10, 95.0), (20, 95.0), (30, 95.0), (210, mark), (220, mark)])
    assert labels(history, CUTOFF, P)[0] == label


def test_fewer_than_three_marks_say_nothing() -> None:
    history = one([(10, 60.0), (20, 60.0), (210, 60.0), (220, 60.0)])
    assert len(design(history, [CUTOFF], P)) == 0
    assert math.isnan(labels(history, CUTOFF, P)[0])


def test_no_cutoff_no_rows() -> None:
    assert len(design(one(STEADY), [], P)) == 0


def test_many_cutoffs_are_the_single_ones_together() -> None:
    history, _ = tidy(learners(20))
    together = design(history, [200.0, 400.0], P)
    apart = [design(history, [cutoff], P) for cutoff in (200.0, 400.0)]
    assert np.array_equal(together.values, np.concatenate([part.values for part in apart]), equal_nan=True)
    assert isinstance(together.where(together.cutoff == 400.0), Design)
    assert np.array_equal(together.where(together.cutoff == 400.0).values, apart[1].values, equal_nan=True)


@pytest.mark.parametrize("wrong", [{"least_attempts": 2}, {"horizon_days": 0}, {"mastery": 0}, {"half_life": 0}])
def test_parameters_that_mean_nothing_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        Parameters(**wrong)
