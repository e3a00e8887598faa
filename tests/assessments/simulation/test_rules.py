"""How a consultation is scored: bounded, deaf to order, fair to adding and leaving out, and capped by danger."""

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.simulation.rules import (
    Act,
    Happened,
    Key,
    Section,
    SectionScore,
    Uncredited,
    Verdict,
    Worth,
    counts_again,
    input_hash,
    review,
    score,
    spent,
    standing,
    uncredited,
)

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


@st.composite
def keys(draw: st.DrawFn) -> Key:
    """A case: each section with some acts of every worth, needless ones always among them."""
    acts: list[Act] = []
    for section in Section:
        for number in range(draw(st.integers(0, 4))):
            acts.append(Act(f"{section}-n{number}", section, Worth.NEEDED, essential=draw(st.booleans())))
        for number in range(draw(st.integers(0, 2))):
            acts.append(Act(f"{section}-o{number}", section, Worth.OPTIONAL))
        for number in range(draw(st.integers(1, 4))):
            acts.append(Act(f"{section}-x{number}", section, Worth.NEEDLESS, dangerous=draw(st.booleans())))
    weights = {section: draw(st.integers(1, 10)) for section in Section}
    return Key(tuple(acts), weights, Decimal(draw(st.integers(0, 99))))


@st.composite
def played(draw: st.DrawFn) -> tuple[Key, list[str]]:
    """A case and what was done in it."""
    key = draw(keys())
    return key, draw(st.lists(st.sampled_from([act.code for act in key.acts]), max_size=30))


def of_worth(key: Key, worth: Worth) -> list[str]:
    return sorted(key.of_worth(worth))


@settings(deadline=None)
@given(played(), st.randoms())
def test_bounded_deaf_to_order_and_to_repetition(case: tuple[Key, list[str]], chance: random.Random) -> None:
    key, done = case
    found = score(key, done)
    assert 0 <= found.percent <= 100
    assert found.percent == found.percent.quantize(Decimal("0.01"))
    shuffled = done + done[:3]
    chance.shuffle(shuffled)
    assert score(key, shuffled) == found


@settings(deadline=None)
@given(keys(), st.data())
def test_the_experts_way_is_all_of_it_and_doing_everything_is_less(key: Key, data: st.DataObject) -> None:
    needed, optional = of_worth(key, Worth.NEEDED), of_worth(key, Worth.OPTIONAL)
    also = data.draw(st.lists(st.sampled_from(optional), unique=True)) if optional else []
    assert score(key, [*needed, *also]).percent == 100
    assert not score(key, needed).critical
    assert score(key, [act.code for act in key.acts]).percent < 100


@settings(deadline=None)
@given(played(), st.data())
def test_what_is_needed_never_harms_and_what_is_needless_never_helps(
    case: tuple[Key, list[str]], data: st.DataObject
) -> None:
    key, done = case
    before = score(key, done).percent
    for code in of_worth(key, Worth.NEEDED):
        assert score(key, [*done, code]).percent >= before
    for code in of_worth(key, Worth.NEEDLESS):
        assert score(key, [*done, code]).percent <= before
    for code in of_worth(key, Worth.OPTIONAL):
        assert score(key, [*done, code]).percent == before


@settings(deadline=None)
@given(played())
def test_danger_caps_and_is_critical_and_so_is_what_is_left_out(case: tuple[Key, list[str]]) -> None:
    key, done = case
    found = score(key, done)
    dangerous = {act.code for act in key.acts if act.dangerous} & set(done)
    left_out = {act.code for act in key.acts if act.essential} - set(done)
    assert (set(found.dangerous), set(found.left_out)) == (dangerous, left_out)
    assert found.critical is bool(dangerous or left_out)
    if dangerous:
        assert found.percent <= key.danger_cap


def small(*acts: Act, cap: int = 40) -> Key:
    return Key(acts, dict.fromkeys(Section, 1), Decimal(cap))


def test_a_section_with_nothing_needed_is_whole_until_something_needless_is_done() -> None:
    key = small(Act("x", Section.REFER, Worth.NEEDLESS))
    assert score(key, []).percent == 100
    assert score(key, ["x"]).percent == 80


def test_it_is_rounded_once_and_half_up() -> None:
    """2/3 of one section beside four whole ones: 93.333…; a third of one of them: 86.666…"""
    acts = [Act(f"n{n}", Section.ASK, Worth.NEEDED) for n in range(2)]
    assert score(small(*acts), ["n0"]).percent == Decimal("93.33")
    assert SectionScore(Section.ASK, 1, 1, 4).share == Fraction(1, 3)
    half = Key((Act("n", Section.ASK, Worth.NEEDED),), {**dict.fromkeys(Section, 1), Section.ASK: 2}, Decimal(40))
    assert score(half, []).percent == Decimal("66.67")


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([], []),
        ([("a", "done"), ("b", "done"), ("a", "done")], ["a", "b"]),
        ([("a", "done"), ("a", "taken_back")], []),
        ([("a", "taken_back"), ("a", "done")], ["a"]),
        ([("a", "done"), ("b", "done"), ("a", "taken_back"), ("a", "done")], ["b", "a"]),
    ],
)
def test_what_stands_after_taking_back(events: list[tuple[str, str]], expected: list[str]) -> None:
    assert standing(events) == expected


@settings(deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 240))
def test_minutes_are_what_passed_within_the_bounds(seconds: int, expected: int) -> None:
    minutes = spent(NOW, NOW + timedelta(seconds=seconds), expected=expected)
    assert 1 <= minutes <= expected
    assert minutes == 1 or minutes * 60 <= seconds


def test_the_same_case_counts_once_in_thirty_days() -> None:
    assert uncredited(NOW, None) is None
    assert uncredited(NOW, NOW - timedelta(days=29, hours=23)) is Uncredited.RECENTLY
    assert uncredited(NOW, NOW - timedelta(days=30)) is None
    assert counts_again(NOW) == NOW + timedelta(days=30)


def test_the_hash_covers_version_events_and_their_order() -> None:
    one = [("1", "a", Happened.DONE.value), ("2", "b", Happened.DONE.value)]
    hashes = {input_hash(b"v" * 32, one), input_hash(b"w" * 32, one), input_hash(b"v" * 32, one[::-1])}
    assert len(hashes) == 3
    assert input_hash(b"v" * 32, list(one)) in hashes


def test_a_report_says_of_every_act_what_it_was() -> None:
    texts = {"right": "问", "missed": "漏", "extra": "多", "bad": "险", "also": "可", "left": "不做"}
    worths = dict.fromkeys(texts, "needless") | {"right": "needed", "missed": "needed", "also": "optional"}
    acts = [{"code": code, "text": text, "found": "", "minutes": 2} for code, text in texts.items()]
    key = {
        "acts": {
            code: {
                "worth": worth,
                "essential": code == "missed",
                "danger": "会出事" if code == "bad" else None,
                "why": None,
                "section": "ask",
            }
            for code, worth in worths.items()
        },
        "expert": [{"act": "right", "why": "先问"}, {"act": "missed", "why": "再问"}],
    }
    found = review({"sections": [{"section": "ask", "acts": acts}]}, key, ["also", "bad", "extra", "right"])
    ((_section, lines),) = found.sections
    assert {line.code: line.verdict for line in lines} == {
        "bad": Verdict.DANGEROUS,
        "missed": Verdict.MISSED,
        "extra": Verdict.NEEDLESS,
        "right": Verdict.RIGHT,
        "also": Verdict.OPTIONAL,
    }
    assert [line.verdict for line in lines] == sorted((line.verdict for line in lines), key=list(Verdict).index)
    assert [(step.code, step.done) for step in found.way] == [("right", True), ("missed", False)]
    assert (found.minutes, found.expert_minutes) == (8, 4)
    assert next(line.why for line in lines if line.code == "bad") == "会出事"
