"""Papers from a blueprint: every draw meets it, all are worth the same, and the bank's order decides nothing."""

import random
from collections import Counter, defaultdict
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from assessments.exams.rules import equivalent, papers
from assessments.exams.rules.draws import Urn, shuffled

TOPICS, LEVELS, KINDS = ("测量", "分级"), ("recall", "apply"), ("single", "multiple")


@st.composite
def banks(draw):
    """A bank with single questions and series of two or three, in any order."""
    sizes = draw(st.lists(st.sampled_from([1, 1, 1, 1, 2, 3]), min_size=1, max_size=14))
    offer = []
    for series, size in enumerate(sizes):
        topic, level = draw(st.sampled_from(TOPICS)), draw(st.sampled_from(LEVELS))
        for place in range(1, size + 1):
            kind = draw(st.sampled_from(KINDS))
            facility = draw(st.none() | st.floats(0, 1))
            offer.append(papers.Offer(topic, level, kind, series if size > 1 else None, place, facility))
    return draw(st.permutations(offer))


def below_of(seed):
    return random.Random(seed).randrange


def cells_that_fit(offer, draw_less):
    """A cell for every topic and kind there is, asking for all or (with draw_less) for what its smallest part holds."""
    there = defaultdict(list)
    for unit in papers.units(offer):
        there[unit.topic, unit.kind].append(len(unit.members))
    return [
        papers.Cell(topic, "", kind, min(sizes) if draw_less else sum(sizes), 2, sum(sizes) if draw_less else None)
        for (topic, kind), sizes in there.items()
    ]


def lines(offer, filled):
    return [papers.Line(at, cell, offer[at].series) for at, cell in filled.items]


@given(banks(), st.booleans(), st.integers(0, 9))
def test_every_draw_meets_the_blueprint_and_is_worth_the_same(offer, less, seed):
    below = below_of(seed)
    cells = cells_that_fit(offer, less)
    filled = papers.fill(cells, offer, 1, below)
    pool = [at for at, _cell in filled.items]
    assert len(pool) == len(set(pool)) == sum(cell.pool or cell.count for cell in cells)
    blueprint = [cell.plain() for cell in cells]
    deal = papers.Deal(lines(offer, filled), blueprint)
    questions, points = papers.worth([2] * len(pool), blueprint)
    assert deal.always_gives(questions)
    cell_of = dict(filled.items)
    for _ in range(5):
        got = deal.drawn(below)
        assert len(got) == len(set(got)) == questions
        assert Counter(cell_of[at] for at in got) == {n: cell.count for n, cell in enumerate(cells)}
        assert sum(cells[cell_of[at]].points for at in got) == points
        for at in got:
            cell, one = cells[cell_of[at]], offer[at]
            assert one.topic == cell.topic
            assert cell.kind == (one.kind if one.series is None else papers.SERIES)
        for order in (got, deal.mixed(got, below)):
            assert sorted(order) == sorted(got)
            whole_and_in_order(offer, order)


def whole_and_in_order(offer, order):
    """Every series on it is whole, its questions beside each other and in their order."""
    for series in {offer[at].series for at in order} - {None}:
        places = [offer[at].place for at in order if offer[at].series == series]
        assert places == sorted(one.place for one in offer if one.series == series)
        at = [n for n, one in enumerate(order) if offer[one].series == series]
        assert at == list(range(at[0], at[0] + len(at)))


@given(banks(), st.integers(0, 9))
def test_a_cell_that_cannot_be_filled_is_named(offer, seed):
    cells = cells_that_fit(offer, False)
    for number, cell in enumerate(cells):
        more = papers.Cell(cell.topic, cell.level, cell.kind, cell.count + 1)
        with pytest.raises(papers.Shortage) as short:
            papers.fill([*cells[:number], more, *cells[number + 1 :]], offer, 1, below_of(seed))
        assert short.value == papers.Shortage(more, cell.count + 1, cell.count)
    nothing = papers.Cell("没有这个主题", "", "", 1)
    with pytest.raises(papers.Shortage) as short:
        papers.fill([*cells, nothing], offer, 1, below_of(seed))
    assert short.value == papers.Shortage(nothing, 1, 0)


def test_series_that_do_not_come_to_the_number_say_which_numbers_they_come_to():
    offer = [papers.Offer("t", "apply", "single", series, place) for series in (1, 2) for place in (1, 2, 3)]
    with pytest.raises(papers.Shortage) as short:
        papers.fill([papers.Cell("t", "", papers.SERIES, 4)], offer, 1, below_of(0))
    assert short.value.near == (3, 6)
    with pytest.raises(papers.Shortage):  # the pool can be had, but no candidate could get four of it
        papers.fill([papers.Cell("t", "", papers.SERIES, 4, 1, 6)], offer, 1, below_of(0))


def test_two_cells_that_ask_for_the_same_are_both_named():
    offer = [papers.Offer("t", "apply", "single")] * 3
    first, second = papers.Cell("t"), papers.Cell(kind="single")
    with pytest.raises(papers.Overlap) as both:
        papers.fill([first, second], offer, 1, below_of(0))
    assert (both.value.first, both.value.second) == (first, second)


class Script:
    """A lot that is drawn in every way, one after another, and how likely each way is."""

    def __init__(self):
        self.open = [()]

    def ways(self, act):
        while self.open:
            self.path, self.at, self.chance = self.open.pop(), 0, Fraction(1)
            yield act(self.below), self.chance

    def below(self, number):
        self.chance /= number
        if self.at == len(self.path):
            self.open += [(*self.path, other) for other in range(1, number)]
            self.path = (*self.path, 0)
        self.at += 1
        return self.path[self.at - 1]


@given(st.lists(st.sampled_from([1, 1, 2, 3]), min_size=1, max_size=6), st.integers(1, 6))
def test_every_choice_that_meets_the_count_is_equally_likely(sizes, count):
    """Exactly, by going through every way the lot can fall: so the order of the bank cannot matter."""
    urn = Urn(sizes, count)
    assume(urn.ways(count))
    chances = Counter()
    for taken, chance in Script().ways(lambda below: tuple(urn.draw(count, below))):
        assert sum(sizes[at] for at in taken) == count
        chances[taken] += chance
    possible = [n for n in range(1 << len(sizes)) if sum(s for at, s in enumerate(sizes) if n >> at & 1) == count]
    assert len(chances) == len(possible) == urn.ways(count)
    assert set(chances.values()) == {Fraction(1, len(possible))}


def test_every_order_is_equally_likely():
    chances = Counter()
    for order, chance in Script().ways(lambda below: tuple(shuffled("abcd", below))):
        chances[order] += chance
    assert len(chances) == 24
    assert set(chances.values()) == {Fraction(1, 24)}


def test_nothing_that_comes_to_the_number_is_an_error():
    with pytest.raises(ValueError, match="comes to 2"):
        Urn([3, 3], 6).draw(2, below_of(0))
    assert Urn([3, 3], 6).near(2) == [3]


@given(st.integers(2, 4), st.integers(1, 5), st.data(), st.integers(0, 9))
def test_forms_are_whole_disjoint_and_balanced(forms, count, data, seed):
    facilities = data.draw(st.lists(st.floats(0, 1), min_size=forms * count, max_size=forms * count + 3))
    offer = [papers.Offer("t", "apply", "single", None, 0, facility) for facility in facilities]
    filled = papers.fill([papers.Cell("t", count=count)], offer, forms, below_of(seed))
    assert len(filled.forms) == forms
    every = [at for form in filled.forms for at in form]
    assert sorted(every) == sorted(at for at, _cell in filled.items)
    assert len(set(every)) == len(every) == forms * count
    assert all(len(form) == count for form in filled.forms)
    sums = [sum(1 - facilities[at] for at in form) for form in filled.forms]
    ordered = sorted((1 - facilities[at] for at in every), reverse=True)
    rounds = [ordered[at : at + forms] for at in range(0, len(ordered), forms)]
    assert max(sums) - min(sums) <= max(one[0] - one[-1] for one in rounds) + 1e-9


@given(st.lists(st.sampled_from([1, 2, 3]), min_size=2, max_size=9), st.integers(2, 3), st.integers(0, 9))
def test_series_are_shared_out_to_forms_whenever_that_can_be_done(sizes, forms, seed):
    assume(sum(sizes) % forms == 0)
    length = sum(sizes) // forms
    hard = [random.Random(seed).random() for _ in sizes]
    shared = equivalent.split(sizes, hard, length, forms)
    if shared is None:
        assert not can_be_shared(tuple(sorted(sizes, reverse=True)), (length,) * forms)
        return
    assert sorted(at for form in shared for at in form) == list(range(len(sizes)))
    assert all(sum(sizes[at] for at in form) == length for form in shared)


def can_be_shared(sizes, rooms):
    """The same question by trying everything."""
    if not sizes:
        return True
    return any(
        can_be_shared(sizes[1:], (*rooms[:at], room - sizes[0], *rooms[at + 1 :]))
        for at, room in enumerate(rooms)
        if room >= sizes[0]
    )


def test_too_few_for_the_forms_is_a_shortage_of_that_cell():
    offer = [papers.Offer("t", "apply", "single")] * 5
    with pytest.raises(papers.Shortage) as short:
        papers.fill([papers.Cell("t", count=2)], offer, 3, below_of(0))
    assert (short.value.wanted, short.value.there) == (6, 5)


def test_how_hard_a_question_is_taken_to_be():
    levels = ["recall", "recall", "apply", "analyse"]
    assert equivalent.difficulties(levels, [0.9, None, None, 0.4]) == pytest.approx([0.1, 0.1, 0.5, 0.6])


def test_the_hash_of_a_paper_that_is_no_pool_is_what_it_always_was():
    items = [(b"\1" * 32, 1), (b"\2" * 32, 2)]
    plain = papers.paper_hash(items, "exact")
    assert plain.hex() == "7515ea3571cc715b29fbf6ebc7df00d3f96728d76efb10f9fc7973426076932a"
    cell = papers.Cell("t", "", "", 1).plain()
    others = [
        papers.paper_hash(items, "exact", [cell], [0, 0]),
        papers.paper_hash(items, "exact", [cell], [0, None]),
        papers.paper_hash(items, "exact", [cell | {"count": 2}], [0, 0]),
        papers.paper_hash(items, "exact", [cell], [0, 0], [[1], [2]]),
        papers.paper_hash(items, "exact", [cell], [0, 0], [[2], [1]]),
    ]
    assert len({plain, *others}) == 6
