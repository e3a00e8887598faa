"""A reason is true, weighs, and can be read in both languages."""

import math
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale
from hypothesis import given
from hypothesis import strategies as st

from assessments.stall.rules import FEATURES, Parameters, design, tidy, words
from assessments.stall.rules.history import Attempt
from assessments.stall.rules.reasons import FACTS, Case, Code, WayOut, plainly, strongest, target, ways_out

P = Parameters()
TODAY = 400.0


def case(*marks: tuple[float, float], **more: Any) -> Case:
    """What the model would see of these marks (days before today, percent)."""
    history, _ = tidy([Attempt("a", "x", TODAY - ago, mark) for ago, mark in marks])
    figures = dict(zip(FEATURES, map(float, design(history, [TODAY], P).values[0]), strict=True))
    return Case(tuple(mark for _, mark in marks), figures | more, P, 0.61, 0.3)


def told(of: Case, code: Code) -> dict[str, Any] | None:
    return FACTS[code][0](of)


FALLING = case((300, 80), (200, 72), (170, 71), (140, 70))


@pytest.mark.parametrize(
    ("of", "code", "numbers"),
    [
        (FALLING, Code.LAST_THREE, {"marks": [72, 71, 70]}),
        (case((30, 60), (20, 70), (10, 60.1)), Code.LAST_THREE, None),
        (FALLING, Code.PAUSE, {"days": 140}),
        (case((60, 60), (50, 60), (44, 60)), Code.PAUSE, None),
        (FALLING, Code.RARE, {"count": 2, "days": 180}),
        (FALLING, Code.BELOW_BEST, {"best": 80, "now": 72}),
        (FALLING, Code.NO_NEW_BEST, {"days": 300, "best": 80}),
        (FALLING, Code.NOT_YET, {"now": 72, "wanted": 85}),
        (case((30, 90), (20, 90), (10, 90)), Code.NOT_YET, None),
        (case((30, 60), (20, 80), (10, 62)), Code.UNEVEN, {"low": 60, "high": 80}),
        (FALLING, Code.MANY_TRIES, None),
        (case(*((70 - 10 * n, 60) for n in range(7))), Code.MANY_TRIES, {"count": 7, "first": 60, "now": 60}),
        (case((300, 70), (200, 70), (10, 70)), Code.NO_GAIN, {"then": 70, "now": 70, "days": 180}),
        (case((300, 50), (200, 50), (10, 90)), Code.NO_GAIN, None),
        (case((30, 70), (20, 70), (10, 70)), Code.NO_GAIN, None),
        (case((30, 70), (20, 70), (10, 70), others_ahead=12.0), Code.BEHIND_OWN, {"theirs": 82, "now": 70}),
        (case((30, 70), (20, 70), (10, 70), peers_ahead=math.nan), Code.BEHIND_PEERS, None),
        (case((30, 70), (20, 70), (10, 70), others_gain=0.44), Code.OTHERS_TOO, {"gain": 0.4, "days": 180}),
        (case((300, 70), (200, 70), (100, 70)), Code.QUIET, {"count": 0, "days": 90}),
        (case((30, 70), (20, 70), (10, 70), skill_rate=0.46), Code.SKILL, {"percent": 46}),
    ],
)
def test_a_fact_is_told_when_it_is_true(of: Case, code: Code, numbers: dict[str, Any] | None) -> None:
    assert told(of, code) == numbers


contributions = st.fixed_dictionaries({name: st.floats(-2, 2) for name in FEATURES})
marks = st.lists(st.floats(0, 100), min_size=3, max_size=9)


@given(marks, contributions)
def test_reasons_are_true_weigh_and_stand_in_order(given_: list[float], parts: dict[str, float]) -> None:
    of = case(*((500 - 40 * number, mark) for number, mark in enumerate(given_)))
    reasons = strongest(of, parts)
    assert 1 <= len(reasons) <= 3
    codes = [Code(one["code"]) for one in reasons]
    assert len(set(codes)) == len(codes)
    facts = [code for code in codes if code is not Code.PATTERN]
    weights = [sum(parts[name] for name in FACTS[code][1]) for code in facts]
    assert all(weight > 0 for weight in weights)
    assert weights == sorted(weights, reverse=True)
    for code, reason in zip(facts, reasons, strict=False):
        assert reason == {"code": code.value, **(told(of, code) or {})}


@given(marks)
def test_the_plain_rule_gives_the_facts_it_looked_at(given_: list[float]) -> None:
    of = case(*((500 - 40 * number, mark) for number, mark in enumerate(given_)))
    if of.marks[-1] <= of.marks[-3]:
        assert plainly(of)[0]["code"] == Code.LAST_THREE


@pytest.mark.parametrize(("level", "wanted"), [(70.0, 73), (70.2, 74), (83.0, 85), (95.0, 85)])
def test_what_counts_as_risen(level: float, wanted: int) -> None:
    assert target(level, P) == wanted


def test_every_feature_speaks_through_one_fact() -> None:
    spoken = [name for _, names in FACTS.values() for name in names]
    assert sorted(spoken) == sorted(FEATURES)


SAID = [
    ({"code": "last_three", "marks": [72, 71, 70]}, "最近三次成绩没有上升：72、71、70 分", "did not rise: 72, 71, 70"),
    ({"code": "pause", "days": 140}, "已经 140 天没有", "No mark for 140 days"),
    ({"code": "rare", "count": 1, "days": 180}, "180 天内只有 1 次成绩", "Only 1 mark in 180 days"),
]


@pytest.mark.parametrize(("numbers", "chinese", "english"), SAID)
def test_reasons_in_words(built: Flask, numbers: dict[str, Any], chinese: str, english: str) -> None:
    with built.test_request_context(), force_locale("zh_Hans_CN"):
        assert chinese in words.reason(numbers)
    with built.test_request_context(), force_locale("en"):
        assert english in words.reason(numbers)


def test_every_reason_and_way_out_has_words(built: Flask) -> None:
    numbers = {"marks": [1, 2, 3], "days": 90, "count": 2, "best": 80, "now": 70, "wanted": 85, "low": 50, "high": 80}
    numbers |= {"first": 60, "then": 60, "theirs": 80, "gain": 1.0, "percent": 40, "usual": 30, "target": 73}
    for language in ("zh_Hans_CN", "en"):
        with built.test_request_context(), force_locale(language):
            said = [words.reason({"code": code.value, **numbers}) for code in Code]
            said += [words.way_out({"code": way.value, **numbers}) for way in WayOut]
        assert len(set(said)) == len(Code) + len(WayOut)
        assert not any("%(" in one for one in said)


def test_the_way_out_follows_from_the_reasons(built: Flask) -> None:
    ways = ways_out([{"code": "pause", "days": 140}, {"code": "rare", "count": 1, "days": 180}], 70.0, P)
    assert ways == [
        {"code": "supervised", "days": 30, "target": 73},
        {"code": "practise", "days": 30, "count": 2},
    ]
    with built.test_request_context(), force_locale("zh_Hans_CN"):
        assert words.way_out(ways[0]) == "30 天内在带教下完成一次操作，达到 73 分"
