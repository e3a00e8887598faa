"""What an answer is worth, and which keys can mark answers at all."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.bank.rules.content import Content, Fault, key_fault
from assessments.bank.rules.kinds import CHOICES, Kind
from assessments.bank.rules.marking import Multiple, share

PICTURE = {"picture": "0" * 64}
PROMPTS = {"prompts": [{"key": "1", "text": "一"}, {"key": "2", "text": "二"}]}
#: A key and what it needs for every kind, with four options.
KEYS: dict[str, tuple[Any, dict[str, Any]]] = {
    Kind.SINGLE: (["B"], {}),
    Kind.MULTIPLE: (["A", "C"], {}),
    Kind.TRUE_FALSE: (["A"], {}),
    Kind.MATCHING: ({"pairs": {"1": "C", "2": "A"}}, PROMPTS),
    Kind.SHORT: ({"accepted": {"氨氯地平": "1", "CCB": "1/2"}}, {}),
    Kind.NUMERIC: ({"value": "135", "tolerance": "0.5", "units": ["mmHg", "毫米汞柱"]}, {}),
    Kind.ORDERING: ({"order": ["C", "A", "D", "B"]}, {}),
    Kind.HOTSPOT: ({"areas": [{"circle": [500, 500, 100]}, {"polygon": [[0, 0], [200, 0], [0, 200]]}]}, PICTURE),
}
RIGHT = {
    Kind.SINGLE: ["B"],
    Kind.MULTIPLE: ["C", "A"],
    Kind.TRUE_FALSE: ["A"],
    Kind.MATCHING: ["2=A", "1=C"],
    Kind.SHORT: ["  氨氯地平 "],
    Kind.NUMERIC: ["１３５.5", "MMHG"],
    Kind.ORDERING: ["C", "A", "D", "B"],
    Kind.HOTSPOT: ["430,430"],
}
rules = st.sampled_from(list(Multiple))
kinds = st.sampled_from(list(Kind))
words = st.one_of(
    st.text(max_size=8), st.sampled_from(["A", "B", "1=C", "1=", "=", "135", "1e309", "NaN", "5,5", ",", "1,2,3"])
)


@given(kinds, rules)
def test_the_right_answer_earns_everything_under_every_rule(kind: Kind, rule: Multiple) -> None:
    assert share(kind, rule, RIGHT[kind], KEYS[kind][0], 4) == 1


@given(kinds, rules, st.lists(words, max_size=6))
def test_whatever_is_sent_earns_from_nothing_to_everything(kind: Kind, rule: Multiple, answer: list[str]) -> None:
    assert 0 <= share(kind, rule, answer, KEYS[kind][0], 4) <= 1


@given(kinds, rules, st.lists(words, max_size=6))
def test_exact_never_gives_more_than_the_other_rules(kind: Kind, rule: Multiple, answer: list[str]) -> None:
    key = KEYS[kind][0]
    assert share(kind, Multiple.EXACT, answer, key, 4) <= share(kind, rule, answer, key, 4)


@given(st.permutations(["A", "B", "C", "D"]), st.sets(st.sampled_from("ABCD")), rules)
def test_the_order_of_chosen_options_does_not_matter(order: list[str], chosen: set[str], rule: Multiple) -> None:
    sent = [key for key in order if key in chosen]
    assert share("multiple", rule, sent, ["A", "C"], 4) == share("multiple", rule, sorted(chosen), ["C", "A"], 4)


@given(st.sets(st.sampled_from("ABCD")), st.sampled_from("AC"), rules)
def test_one_more_right_option_never_earns_less(chosen: set[str], more: str, rule: Multiple) -> None:
    key = ["A", "C"]
    assert share("multiple", rule, sorted(chosen | {more}), key, 4) >= share("multiple", rule, sorted(chosen), key, 4)


@pytest.mark.parametrize(
    ("kind", "rule", "answer", "worth"),
    [
        ("multiple", "partial", ["A"], "1/2"),
        ("multiple", "partial", ["A", "B"], "0"),
        ("multiple", "less_wrong", ["A", "B"], "0"),
        ("multiple", "less_wrong", ["A", "C", "B"], "1/2"),
        ("multiple", "less_wrong", ["A", "B", "C", "D"], "0"),
        ("multiple", "exact", ["A"], "0"),
        ("matching", "partial", ["1=C"], "1/2"),
        ("matching", "exact", ["1=C"], "0"),
        ("ordering", "partial", ["C", "A", "B", "D"], "1/2"),
        ("ordering", "partial", ["C", "A"], "0"),
        ("short", "exact", ["ccb"], "1/2"),
        ("short", "exact", ["利尿剂"], "0"),
        ("numeric", "exact", ["135.6", "mmHg"], "0"),
        ("numeric", "exact", ["135"], "0"),
        ("numeric", "exact", ["135", "kPa"], "0"),
        ("numeric", "exact", ["１３４.５", "毫米汞柱"], "1"),
        ("hotspot", "exact", ["600,501"], "0"),
        ("hotspot", "exact", ["600,500"], "1"),
        ("hotspot", "exact", ["50,50"], "1"),
        ("hotspot", "exact", ["150,150"], "0"),
    ],
)
def test_what_an_answer_is_worth(kind: str, rule: str, answer: list[str], worth: str) -> None:
    assert share(kind, rule, answer, KEYS[kind][0], 4) == Fraction(worth)


@pytest.mark.parametrize("kind", list(Kind))
def test_a_whole_key_has_no_fault_and_an_empty_one_has(kind: Kind) -> None:
    key, body = KEYS[kind]
    assert key_fault(kind, "ABCD", key, body) is None
    assert key_fault(kind, "ABCD", [] if kind in CHOICES else {}, body) is not None
    assert key_fault(kind, "ABCD", {} if kind in CHOICES else [], body) is not None


@pytest.mark.parametrize(
    ("kind", "key", "body", "fault"),
    [
        ("true_false", ["A", "B"], {}, Fault.NOT_ONE),
        ("single", ["E"], {}, Fault.NOT_AN_OPTION),
        ("matching", {"pairs": {"1": "C"}}, PROMPTS, Fault.PROMPT_OPEN),
        ("matching", {"pairs": {"1": "C", "2": "E"}}, PROMPTS, Fault.NOT_AN_OPTION),
        ("ordering", {"order": ["A", "B", "C"]}, {}, Fault.NOT_AN_ORDER),
        ("short", {"accepted": {"半对": "1/2"}}, {}, Fault.NOTHING_ACCEPTED),
        ("short", {"accepted": {"Ａ": "1", "a": "1"}}, {}, Fault.NOTHING_ACCEPTED),
        ("short", {"accepted": {"好": "1", "差": "3/2"}}, {}, Fault.NOTHING_ACCEPTED),
        ("numeric", {"value": "NaN"}, {}, Fault.NOT_A_NUMBER),
        ("numeric", {"value": "1e309"}, {}, Fault.NOT_A_NUMBER),
        ("numeric", {"value": "1", "tolerance": "-1"}, {}, Fault.NOT_A_NUMBER),
        ("hotspot", {"areas": [{"circle": [500, 500, 0]}]}, PICTURE, Fault.NO_AREA),
        ("hotspot", {"areas": [{"rect": [10, 10, 5, 20]}]}, PICTURE, Fault.NO_AREA),
        ("hotspot", {"areas": [{"circle": [500, 500, 10]}]}, {}, Fault.NO_AREA),
    ],
)
def test_a_key_that_cannot_mark_is_named(kind: str, key: Any, body: dict[str, Any], fault: Fault) -> None:
    assert key_fault(kind, "ABCD", key, body) is fault


def test_the_name_of_a_choice_is_what_it_has_always_been() -> None:
    asked = Content(
        kind="multiple",
        level="apply",
        topic="测量",
        technique="bp",
        stem="哪些对？",
        options=(("A", "甲"), ("B", "乙"), ("C", "丙")),
        key=("C", "A"),
        explanation="因为",
        source="guide",
        passage="第一章",
    )
    assert asked.digest().hex() == "1f96e65a3bc5e54fcce497f6f9aaa14687f847ef35d5761af42399dadcfce414"
