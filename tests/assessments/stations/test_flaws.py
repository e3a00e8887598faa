"""What keeps a station from being used: the same check for packs and for the editor's page."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.stations.rules import Checklist, Kind, read, score, steps_for
from assessments.stations.rules.flaws import Wrong, flaws
from assessments.stations.rules.words import _ENGLISH, SAID, english

LEVELS = [
    {"code": "fail", "title": {"zh": "不合格", "en": "Fail"}, "borderline": False},
    {"code": "edge", "title": {"zh": "边缘", "en": "Borderline"}, "borderline": True},
    {"code": "pass", "title": {"zh": "合格", "en": "Pass"}, "borderline": False},
]


def item(code: str, **more: Any) -> dict[str, Any]:
    made = {"code": code, "text": code, "points": 2, "critical": False, "key": False, "steps": [0, 1, 2]}
    return made | more


def body(*items: dict[str, Any], rule: tuple[int, int] | None = None, **more: Any) -> dict[str, Any]:
    there = items or (item("a"), item("b", key=True))
    key_rule = {"at_least": rule[0], "of": len(there), "with_keys": rule[1]} if rule else None
    return {
        "technique": "bp-measurement",
        "items": list(there),
        "key_rule": key_rule,
        "levels": LEVELS,
        "pass_percent": "60",
    } | more


def found(of: dict[str, Any], kind: str = Kind.STATION) -> list[tuple[Wrong, tuple[str | int, ...]]]:
    return [(flaw.wrong, flaw.at) for flaw in flaws(kind, of)]


def test_a_station_without_a_flaw_has_none() -> None:
    assert found(body(rule=(2, 1))) == []
    assert found(body(technique=None), Kind.DOPS) == []


@pytest.mark.parametrize(
    ("of", "wrong", "at"),
    [
        (body(technique=None), Wrong.NO_TECHNIQUE, ("technique",)),
        (body(item("a"), item("a")), Wrong.ITEM_TWICE, ("items", 1)),
        (body(item("a", optional=True, key=True)), Wrong.OPTIONAL_AND_NEEDED, ("items", 0)),
        (body(item("a", optional=True, critical=True, steps=[0, 2])), Wrong.OPTIONAL_AND_NEEDED, ("items", 0)),
        (body(item("a", steps=[0, 1, 1, 2])), Wrong.STEPS, ("items", 0)),
        (body(item("a", steps=[0, 2, 1])), Wrong.STEPS, ("items", 0)),
        (body(item("a", steps=[1, 2])), Wrong.STEPS, ("items", 0)),
        (body(item("a", steps=[0, 3])), Wrong.STEPS, ("items", 0)),
        (body(item("a", steps=[0])), Wrong.STEPS, ("items", 0)),
        (body(item("a", steps=[-1, 0, 2])), Wrong.STEPS, ("items", 0)),
        (body(item("a", points=5, steps=[0, 1, 2, 3, 4, 5])), Wrong.STEPS, ("items", 0)),
        (body(item("a", critical=True)), Wrong.STEP_BETWEEN, ("items", 0)),
        (body(rule=(3, 0)), Wrong.RULE_AT_LEAST, ("key_rule",)),
        (body(rule=(2, 2)), Wrong.RULE_KEYS, ("key_rule",)),
        (body(item("a"), item("b", optional=True), rule=(2, 0)), Wrong.RULE_UNSEEN, ("key_rule",)),
        (body(key_rule={"at_least": 1, "of": 3, "with_keys": 0}), Wrong.RULE_OF, ("key_rule",)),
        (body(levels=[*LEVELS, LEVELS[0]]), Wrong.LEVEL_TWICE, ("rating", "levels")),
        (body(levels=[LEVELS[0], LEVELS[2]]), Wrong.BORDERLINE, ("rating", "levels")),
        (body(levels=[*LEVELS, {**LEVELS[1], "code": "edge-2"}]), Wrong.BORDERLINE, ("rating", "levels")),
    ],
)
def test_each_flaw_is_found_where_it_is(of: dict[str, Any], wrong: Wrong, at: tuple[str | int, ...]) -> None:
    assert found(of) == [(wrong, at)]


def test_every_flaw_has_words_for_both_readers() -> None:
    assert set(_ENGLISH) == set(SAID) == set(Wrong)
    flaw = next(flaws(Kind.STATION, body(rule=(2, 2))))
    assert english(flaw) == "2 key items are asked for, there are 1"


@st.composite
def bodies(draw: st.DrawFn) -> dict[str, Any]:
    """Any checklist that an editor might write down, sound or not."""
    items = []
    for number in range(draw(st.integers(1, 6))):
        points, critical = draw(st.integers(1, 6)), draw(st.booleans())
        usual = list(steps_for(points, critical))
        steps = draw(st.sampled_from([usual, [0, points], draw(st.lists(st.integers(-1, 7), max_size=6))]))
        marks = {"points": points, "critical": critical, "key": draw(st.booleans()), "steps": steps}
        items.append(item(f"i{number}", **marks, optional=draw(st.booleans())))
    rule = draw(st.none() | st.tuples(st.integers(0, 8), st.integers(0, 8)))
    return body(*items, rule=rule)


@given(bodies())
def test_what_has_no_flaw_can_be_marked_and_passed(of: dict[str, Any]) -> None:
    if found(of):
        return
    checklist = Checklist.of(of)
    full = {one.code: one.points for one in checklist.items}
    assert score(checklist, full).passed
    sent = {"marks": full, "rating": "pass", "begun_at": "2026-11-22T08:00:00+00:00", "own_clock": False}
    assert read(checklist, sent).marks == full
    least = {one.code: one.steps[-1] for one in checklist.items if not one.optional}
    if least:
        assert score(checklist, least).key_rule_met  # with nothing optional seen, the rule can still be met


@given(bodies())
def test_what_cannot_be_passed_has_a_flaw(of: dict[str, Any]) -> None:
    checklist, wrong = Checklist.of(of), {flaw for flaw, _ in found(of)}
    full = {one.code: one.points for one in checklist.items}
    if any(one.points not in one.steps for one in checklist.items):
        assert Wrong.STEPS in wrong
    if not score(checklist, full).key_rule_met:
        assert wrong & _OF_RULES


_OF_RULES = {Wrong.RULE_AT_LEAST, Wrong.RULE_KEYS, Wrong.RULE_OF, Wrong.RULE_UNSEEN}
