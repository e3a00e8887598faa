"""The second scorer comes to what the first does, for every kind of question, key and answer."""

from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from assessments.bank.rules import marking
from assessments.bank.rules.kinds import Kind
from assessments.exams.rules.scoring import Item, Paper, current, score
from assessments.exams.rules.second import Row, second, worth
from tests.assessments.exams import strategies
from tests.assessments.exams.strategies import OPTIONS, sittings


def rows_of(paper: Paper, key):
    return [Row(item.id, item.kind, item.points, len(item.options), key[item.id]) for item in paper.items]


@settings(max_examples=400)
@given(sittings(), st.sets(st.integers(0, 5)))
def test_both_scorers_agree(sitting, dropped):
    paper, key, events = sitting
    first = score(events, paper, key, dropped)
    answers = {item: event.answer for item, event in current(events).items()}
    other = second(rows_of(paper, key), answers, paper.multiple, dropped)
    assert other.percent == f"{first.percent:.3f}"
    assert other.points == {one.item: str(one.points) for one in first.items}


@settings(max_examples=300)
@given(st.sampled_from(list(Kind)), st.data())
def test_both_agree_on_every_single_answer(kind, data):
    key, answer = data.draw(strategies.KEYS[kind]), data.draw(strategies.ANSWERS[kind])
    for rule in marking.Multiple:
        up, down = worth(Row(1, kind, 1, len(OPTIONS), key), answer, rule)
        assert marking.share(kind, rule, answer, key, len(OPTIONS)) * down == up


@pytest.mark.parametrize("kind", list(Kind))
def test_both_know_the_right_answer(kind):
    keys = {
        Kind.MATCHING: {"pairs": {"1": "A", "2": "C"}},
        Kind.ORDERING: {"order": list("CABDE")},
        Kind.SHORT: {"accepted": {"房颤": "1"}},
        Kind.NUMERIC: {"value": "12.5", "tolerance": "0", "units": ["mmHg"]},
        Kind.HOTSPOT: {"areas": [{"circle": [400, 300, 20]}]},
    }
    key = keys.get(kind, ["A"])
    answer = strategies.right_answer(kind, key)
    up, down = worth(Row(1, kind, 1, 5, key), answer, "exact")
    assert up == down
    assert marking.share(kind, "exact", answer, key, 5) == 1
    paper = Paper("ab" * 32, (Item(1, kind, 3, "x", OPTIONS),), marking.Multiple.EXACT)
    assert second(rows_of(paper, {1: key}), {1: answer}, "exact").percent == "100.000"


@given(
    st.text(max_size=12), st.sampled_from(["1/2", "2,5", "5e-1", " ٣ ", "+.5", "1e00002", "0e40", "9" * 31, "1" * 30])
)
@example("12.5", "mmHg")
def test_both_read_numbers_alike(text, written):
    key = {"value": "0", "tolerance": "1e30"}
    for said in (text, written, f"{text}{written}"):
        row = Row(1, Kind.NUMERIC, 1, 0, key)
        assert worth(row, (said,), "exact")[0] == marking.share(Kind.NUMERIC, "exact", (said,), key)


def test_a_scorer_that_is_wrong_is_seen():
    """What it is there for: one of the two counts a wrong answer, and they differ."""
    paper = Paper("ab" * 32, (Item(1, Kind.SINGLE, 1, "x", OPTIONS),), marking.Multiple.EXACT)
    right = second(rows_of(paper, {1: ["A"]}), {1: ("A",)}, "exact")
    wrong = second([replace(rows_of(paper, {1: ["A"]})[0], key=["B"])], {1: ("A",)}, "exact")
    assert (right.percent, wrong.percent) == ("100.000", "0.000")


def test_nothing_to_earn_is_nothing():
    assert second([], {}, "exact").percent == "0.000"
