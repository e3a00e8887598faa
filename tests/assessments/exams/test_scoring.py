"""What marking must hold for all papers, keys and answers."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.bank.rules.content import Fault, key_fault
from assessments.bank.rules.marking import Multiple, share
from assessments.exams.rules import papers
from assessments.exams.rules.scoring import (
    Event,
    Item,
    Paper,
    by_topic,
    current,
    passed,
    percent_of,
    plain,
    score,
)

OPTIONS = tuple("ABCDE")


@st.composite
def keyed_papers(draw):
    """A paper with its key."""
    items, key = [], {}
    for number in range(draw(st.integers(1, 6))):
        kind = draw(st.sampled_from(["single", "multiple"]))
        size = 1 if kind == "single" else draw(st.integers(2, 4))
        key[number] = frozenset(draw(st.permutations(OPTIONS))[:size])
        items.append(Item(number, kind, draw(st.integers(1, 5)), draw(st.sampled_from("xy")), OPTIONS))
    return Paper("ab" * 32, tuple(items), draw(st.sampled_from(list(Multiple)))), key


answers = st.lists(st.sampled_from(OPTIONS), max_size=5, unique=True).map(tuple)
events_of = st.lists(
    st.builds(
        Event,
        id=st.uuids().map(str),
        item=st.integers(0, 7),
        seq=st.integers(1, 9),
        epoch=st.integers(1, 3),
        answer=answers,
    ),
    max_size=20,
    unique_by=lambda event: event.id,
)


@given(keyed_papers(), events_of)
def test_bounded_additive_and_the_same_twice(keyed, events):
    paper, key = keyed
    found = score(events, paper, key)
    assert 0 <= found.points <= found.maximum == sum(item.points for item in paper.items)
    assert 0 <= found.percent <= 100
    assert found.points == sum((one.points for one in found.items), Fraction(0))
    assert found == score(events, paper, key)
    parts = by_topic(found.items, {item.id: item.topic for item in paper.items})
    assert sum(part.of for part in parts) == found.maximum


@given(keyed_papers(), events_of, st.randoms())
def test_the_order_of_arrival_and_of_items_is_nothing(keyed, events, chance):
    paper, key = keyed
    shuffled = list(events)
    chance.shuffle(shuffled)
    found = score(shuffled, paper, key)
    assert found.input_hash == score(events, paper, key).input_hash
    items = list(paper.items)
    chance.shuffle(items)
    other = score(events, Paper(paper.hash, tuple(items), paper.multiple), key)
    assert (other.points, other.percent) == (found.points, found.percent)


@given(keyed_papers(), events_of, st.data())
def test_a_wrong_answer_turned_right_never_costs(keyed, events, data):
    paper, key = keyed
    before = score(events, paper, key)
    item = data.draw(st.sampled_from(paper.items))
    right = Event("f" * 36, item.id, 99, 99, tuple(key[item.id]))
    after = score([*events, right], paper, key)
    assert after.points >= before.points
    assert after.items[paper.items.index(item)].points == item.points


@given(st.frozensets(st.sampled_from(OPTIONS)), st.frozensets(st.sampled_from(OPTIONS), min_size=1))
def test_one_step_nearer_to_the_key_never_costs(chosen, right):
    for multiple in Multiple:
        now = share("multiple", multiple, sorted(chosen), right, len(OPTIONS))
        for nearer in [chosen - {wrong} for wrong in chosen - right] + [chosen | {one} for one in right - chosen]:
            assert share("multiple", multiple, sorted(nearer), right, len(OPTIONS)) >= now


@given(keyed_papers(), events_of)
def test_exact_never_earns_more_than_the_other_rules(keyed, events):
    paper, key = keyed
    exact, *others = (score(events, Paper(paper.hash, paper.items, rule), key).points for rule in Multiple)
    assert all(exact <= other for other in others)


@given(keyed_papers(), events_of)
def test_an_older_event_changes_nothing(keyed, events):
    paper, key = keyed
    stale = [Event("0" * 36, one.item, 0, 0, ("A",)) for one in current(events).values()]
    assert score([*events, *stale], paper, key).input_hash == score(events, paper, key).input_hash


@given(keyed_papers(), events_of)
def test_another_key_or_answer_is_another_input(keyed, events):
    paper, key = keyed
    other = {item: frozenset(OPTIONS) - right for item, right in key.items()}
    assert score(events, paper, other).input_hash != score(events, paper, key).input_hash


@pytest.mark.parametrize(
    ("points", "of", "percent"),
    [
        (Fraction(2), 3, "66.667"),
        (Fraction(1), 3, "33.333"),
        (Fraction(5, 2), 3, "83.333"),
        (Fraction(1), 16000, "0.006"),  # 0.00625
        (Fraction(1), 200000, "0.001"),  # exactly half: up
        (Fraction(0), 3, "0.000"),
        (Fraction(3), 3, "100.000"),
        (Fraction(0), 0, "0.000"),
    ],
)
def test_rounded_once_half_up(points, of, percent):
    assert percent_of(points, of) == Decimal(percent)


def test_the_cut_is_held_against_what_everybody_sees():
    assert passed(Decimal("60.000"), Decimal(60))
    assert not passed(Decimal("59.999"), Decimal("60.00"))
    assert plain(Decimal("60.000")) == "60"
    assert plain(Decimal(100)) == "100"
    assert plain(Decimal("66.670")) == "66.67"


@pytest.mark.parametrize(
    ("kind", "right", "fault"),
    [
        ("single", ["A"], None),
        ("multiple", ["A", "B"], None),
        ("single", [], Fault.NO_KEY),
        ("single", ["Z"], Fault.NOT_AN_OPTION),
        ("single", ["A", "B"], Fault.NOT_ONE),
        ("multiple", ["A", "A"], Fault.NO_KEY),
        ("multiple", list("ABCDE"), Fault.EVERYTHING_RIGHT),
        ("multiple", ["?"], Fault.NOT_AN_OPTION),
    ],
)
def test_keys_that_cannot_be(kind, right, fault):
    assert key_fault(kind, OPTIONS, right) == fault


def test_every_part_of_what_is_approved_is_in_its_hash():
    paper = papers.paper_hash([(b"\1" * 32, 1), (b"\2" * 32, 2)], "exact")
    assert paper != papers.paper_hash([(b"\2" * 32, 2), (b"\1" * 32, 1)], "exact")
    assert paper != papers.paper_hash([(b"\1" * 32, 1), (b"\2" * 32, 2)], "partial")
    key = papers.key_hash(paper, {1: frozenset("A")})
    seals = {
        papers.seal(paper, key, 30, Decimal(60)),
        papers.seal(paper, key, 31, Decimal(60)),
        papers.seal(paper, key, 30, Decimal("60.5")),
        papers.seal(paper, papers.key_hash(paper, {1: frozenset("B")}), 30, Decimal(60)),
    }
    assert len(seals) == 4
    assert papers.seal(paper, key, 30, Decimal("60.00")) == papers.seal(paper, key, 30, Decimal(60))
