"""The invariants of scoring and of regrading, over papers of every kind of question (reliability.md)."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from assessments.bank.rules.content import digest, plain_key
from assessments.exams.rules import papers
from assessments.exams.rules.late import counted
from assessments.exams.rules.regrading import Change, Mark, changes, dry_hash
from assessments.exams.rules.regrading import counted as outcomes
from assessments.exams.rules.scoring import RULES, Event, by_topic, passed, percent_of, score
from tests.assessments.exams.strategies import right_answer, sittings

CUT = Decimal(60)
subsets = st.sets(st.integers(0, 5))


@given(sittings(), subsets)
def test_idempotent_bounded_and_additive(sitting, dropped):
    paper, key, events = sitting
    found = score(events, paper, key, dropped)
    assert found == score(events, paper, key, dropped)
    assert all(0 <= one.points <= one.of for one in found.items)
    assert 0 <= found.percent <= 100
    assert found.points == sum((one.points for one in found.items), Fraction(0))
    assert found.percent == percent_of(found.points, found.maximum)
    sections = by_topic(found.items, {item.id: item.topic for item in paper.items})
    assert sum(section.of for section in sections) == found.maximum


@given(sittings(), st.randoms())
def test_replayable_in_any_order_and_doubled(sitting, chance):
    paper, key, events = sitting
    again = [*events, *events[:3]]
    chance.shuffle(again)
    assert score(again, paper, key) == score(events, paper, key)


@given(sittings(), st.randoms())
def test_the_order_of_items_and_options_is_nothing(sitting, chance):
    paper, key, events = sitting
    items = [replace(item, options=tuple(chance.sample(item.options, len(item.options)))) for item in paper.items]
    chance.shuffle(items)
    one, other = score(events, paper, key), score(events, replace(paper, items=tuple(items)), key)
    assert (one.percent, one.input_hash) == (other.percent, other.input_hash)


@given(sittings(), st.data())
def test_a_wrong_answer_turned_right_never_costs(sitting, data):
    paper, key, events = sitting
    item = data.draw(st.sampled_from(paper.items))
    answer = right_answer(item.kind, key[item.id])
    if not answer:  # a polygon has no place that is surely inside
        return
    better = score([*events, Event("f" * 36, item.id, 99, 99, answer)], paper, key)
    assert better.points >= score(events, paper, key).points


@given(sittings(), subsets, subsets)
def test_dropping_an_item_never_costs_anybody(sitting, some, more):
    paper, key, events = sitting
    before, after = score(events, paper, key, some), score(events, paper, key, some | more)
    assert after.points >= before.points
    assert after.maximum == before.maximum
    assert all(one.points == one.of for one in after.items if one.item in some | more)


@given(sittings())
def test_what_came_late_changes_nothing_until_somebody_lets_it_count(sitting):
    paper, key, events = sitting
    late = [Event("0" * 36, item.id, 1, 1, right_answer(item.kind, key[item.id])) for item in paper.items]
    alone = score(events, paper, key)
    assert score(events, paper, key) == alone
    found = score([*events, *map(counted, late)], paper, key)
    assert found.points >= alone.points
    assert all(
        one.answer == tuple(sorted(set(event.answer))) or one.answer == event.answer
        for one, event in zip(found.items, late, strict=True)
    )


@given(sittings(), subsets)
def test_a_draw_from_a_pool_is_marked_by_what_was_sat(sitting, drawn):
    paper, key, events = sitting
    own = paper.sat(drawn)
    found = score(events, own, key)
    assert [one.item for one in found.items] == [item.id for item in paper.items if item.id in drawn]
    whole = {one.item: one.points for one in score(events, paper, key).items}
    assert {one.item: one.points for one in found.items} == {item: whole[item] for item in whole if item in drawn}


@given(sittings())
def test_who_sat_everything_has_the_hash_they_always_had(sitting):
    """The hash of the input of marks that were released before there were pools and dropped items."""
    paper, key, events = sitting
    found = score(events, paper.sat([item.id for item in paper.items]), key)
    told = {
        "rules": RULES,
        "paper": paper.hash,
        "key": {str(item): plain_key(right) for item, right in key.items()},
        "answers": {str(one.item): list(one.answer) for one in found.items},
    }
    assert found.input_hash == digest(told)
    assert papers.key_hash(b"\1" * 32, key) == digest({"paper": "01" * 32, "key": told["key"]})
    assert papers.key_hash(b"\1" * 32, key, [3, 1]) == papers.key_hash(b"\1" * 32, key, {1, 3})
    assert papers.key_hash(b"\1" * 32, key, [1]) != papers.key_hash(b"\1" * 32, key)


def marks(sittings_, key_of, dropped=()):
    found = {}
    for number, (paper, key, events) in enumerate(sittings_):
        made = score(events, paper, key_of(key), dropped)
        found[str(number)] = Mark(made.percent, passed(made.percent, CUT), made.input_hash)
    return found


cohorts = st.lists(sittings(), min_size=1, max_size=4)
PERSONS = {str(number): 100 + number for number in range(4)}


@given(cohorts)
def test_a_regrade_by_the_same_key_changes_nobody(cohort):
    before = marks(cohort, lambda key: key)
    again = marks(cohort, lambda key: dict(reversed(key.items())))
    assert changes(before, again, PERSONS) == []
    assert dry_hash(b"k", before, again) == dry_hash(b"k", before, before)


@given(cohorts, subsets)
def test_the_diff_names_everybody_whose_mark_changes_and_nobody_else(cohort, dropped):
    before, after = marks(cohort, lambda key: key), marks(cohort, lambda key: key, dropped)
    found = changes(before, after, PERSONS)
    assert {one.attempt for one in found} == {a for a in before if before[a].percent != after[a].percent}
    assert not {"lost", "down"} & {one.outcome for one in found}, "a dropped item costs nobody"
    assert sum(outcomes(found).values()) == len(found)
    assert [Change.of(one.plain()) for one in found] == found
    total = sum(after[a].percent for a in after) - sum(before[a].percent for a in before)
    assert total == sum(one.after - one.before for one in found), "the cohort is the sum of its persons"


def test_every_part_of_a_dry_run_is_in_its_hash():
    old = {"a": Mark(Decimal(50), False, b"1")}
    new = {"a": Mark(Decimal(70), True, b"2")}
    hashes = {dry_hash(b"k", old, new), dry_hash(b"l", old, new), dry_hash(b"k", old, old), dry_hash(b"k", new, new)}
    assert len(hashes) == 4


def test_who_loses_a_pass_stands_first():
    def mark(percent):
        return Mark(Decimal(percent), passed(Decimal(percent), CUT), b"x")

    before = {"a": mark(50), "b": mark(70), "c": mark(80), "d": mark(30), "e": mark(90)}
    after = {"a": mark(65), "b": mark(40), "c": mark(70), "d": mark(40), "e": mark(90)}
    found = changes(before, after, {**PERSONS, **dict.fromkeys("abcde", 7)})
    assert [(one.attempt, one.outcome) for one in found] == [
        ("b", "lost"),
        ("a", "gained"),
        ("c", "down"),
        ("d", "up"),
    ]
