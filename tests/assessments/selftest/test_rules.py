"""What is asked, how it is rated and when it comes back, for whatever a bank and a doctor may be."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.selftest import rules
from assessments.selftest.rules import Candidate, Felt, Outcome, Rating, Review, Why

TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
TOPICS = ["血压测量", "分级", "转诊", "用药"]

dues = st.none() | st.integers(-400, 400).map(lambda days: TODAY + timedelta(days=days))
candidates = st.lists(
    st.builds(
        Candidate,
        st.integers(1, 60),
        st.sampled_from(TOPICS),
        st.booleans(),
        dues,
        st.none() | st.integers(1, 6),
        st.integers(1, 4),
    ),
    max_size=60,
)
weaknesses = st.lists(st.sampled_from([*TOPICS, "没有题的专题"]), max_size=5)
shares = st.fractions(0, 1, max_denominator=12)
ratings = st.sampled_from(Rating)


@given(candidates, weaknesses, st.integers(0, 12), st.booleans())
def test_a_mix_keeps_its_order_its_size_and_repeats_nothing(
    some: list[Candidate], weak: list[str], most: int, ahead: bool
) -> None:
    chosen = rules.mix(some, weak, TODAY, most=most, ahead=ahead)
    known = {one.question: one for one in some}
    assert len({one.question for one in chosen}) == len(chosen) <= most
    assert {one.question for one in chosen} <= set(known)
    order = [list(Why).index(one.why) for one in chosen]
    assert order == sorted(order), "due, then weak, then new, then ahead of its day"
    for one in chosen:
        due, topic = known[one.question].due_on, known[one.question].topic
        assert (one.why is Why.DUE) == (due is not None and due <= TODAY)
        assert (one.why is Why.AHEAD) == (due is not None and due > TODAY)
        assert due is not None or known[one.question].series or (one.why is Why.WEAK) == (topic in weak)
    waiting = [due for one in chosen if (due := known[one.question].due_on)]
    assert waiting == sorted(waiting), "the longest overdue first"


@given(candidates, weaknesses)
def test_nothing_is_left_out_while_there_is_room(some: list[Candidate], weak: list[str]) -> None:
    everything = {one.question for one in {one.question: one for one in some}.values()}
    assert {one.question for one in rules.mix(some, weak, TODAY, most=1000, ahead=True)} == everything
    later = {one.question for one in {o.question: o for o in some}.values() if one.due_on and one.due_on > TODAY}
    assert {one.question for one in rules.mix(some, weak, TODAY, most=1000)} == everything - later


@given(candidates, weaknesses)
def test_new_questions_under_one_case_stay_together_in_order(some: list[Candidate], weak: list[str]) -> None:
    known = {one.question: one for one in some}
    asked = [known[one.question] for one in rules.mix(some, weak, TODAY, most=1000)]
    places: dict[int, list[tuple[int, int]]] = {}
    for at, one in enumerate(asked):
        if one.due_on is None and one.series is not None:
            places.setdefault(one.series, []).append((at, one.place))
    for found in places.values():
        assert [at for at, _ in found] == list(range(found[0][0], found[0][0] + len(found)))
        assert [place for _, place in found] == sorted(place for _, place in found)


def test_a_case_that_does_not_fit_whole_waits() -> None:
    case = [Candidate(number, "转诊", series=1, place=number) for number in (1, 2, 3)]
    others = [Candidate(number, "分级") for number in range(4, 13)]
    asked = [one.question for one in rules.mix([*case, *others], ["分级"], TODAY)]
    assert asked == [*range(4, 13)], "nine, and no room for three"
    assert [one.question for one in rules.mix([*case, *others[:7]], ["分级"], TODAY)] == [*range(4, 11), 1, 2, 3]


def test_an_empty_bank_asks_nothing() -> None:
    assert rules.mix([], ["分级"], TODAY, ahead=True) == []


def test_weak_topics_take_turns_the_weakest_first() -> None:
    some = [Candidate(number, "分级" if number < 4 else "转诊") for number in range(1, 7)]
    some += [Candidate(number, "用药") for number in range(7, 12)]
    chosen = rules.mix(some, ["转诊", "分级"], TODAY)
    assert [one.question for one in chosen] == [4, 1, 5, 2, 6, 3, 7, 8, 9, 10]
    assert [one.why for one in chosen] == [Why.WEAK] * 6 + [Why.NEW] * 4


def test_new_questions_for_ones_own_work_come_first_and_topics_take_turns() -> None:
    some = [Candidate(1, "用药", fits=False), Candidate(2, "分级"), Candidate(3, "分级"), Candidate(4, "转诊")]
    assert [one.question for one in rules.mix(some, [], TODAY)] == [2, 4, 3, 1]


@pytest.mark.parametrize(
    ("share", "felt", "rating"),
    [
        (Fraction(0), Felt.EASY, Rating.AGAIN),
        (Fraction(49, 100), Felt.EASY, Rating.AGAIN),
        (Fraction(1, 2), Felt.EASY, Rating.HARD),
        (Fraction(99, 100), Felt.FAIR, Rating.HARD),
        (Fraction(1), Felt.HARD, Rating.HARD),
        (Fraction(1), Felt.FAIR, Rating.GOOD),
        (Fraction(1), Felt.EASY, Rating.EASY),
    ],
)
def test_the_rating_follows_what_happened(share: Fraction, felt: Felt, rating: Rating) -> None:
    assert rules.rating(share, felt) is rating


@given(shares, st.sampled_from(Felt))
def test_only_a_whole_answer_is_right_and_no_wrong_one_is_good(share: Fraction, felt: Felt) -> None:
    assert (rules.outcome(share) is Outcome.RIGHT) == (share == 1)
    assert (rules.outcome(share) is Outcome.WRONG) == (share == 0)
    if share < 1:
        assert rules.rating(share, felt) in (Rating.AGAIN, Rating.HARD)


reviewed = st.lists(
    st.builds(
        Review, st.integers(0, 400 * 86400).map(lambda s: NOW + timedelta(seconds=s)), st.uuids().map(str), ratings
    ),
    min_size=1,
    max_size=12,
)


@given(reviewed, st.randoms(use_true_random=False))
def test_what_is_remembered_does_not_depend_on_when_answers_arrived(reviews: list[Review], chance: object) -> None:
    shuffled = list(reviews)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    memory = rules.remembered(reviews)
    assert rules.remembered(shuffled) == memory
    assert memory.last == max(review.at for review in reviews)
    assert timedelta(days=1) <= memory.due - memory.last <= timedelta(days=365)
    assert memory.stability > 0
    assert 1 <= memory.difficulty <= 10
    assert (memory.reviews, memory.lapses) == (len(reviews), sum(one.rating is Rating.AGAIN for one in reviews))


@given(reviewed, st.integers(1, 200))
def test_the_better_the_answer_the_later_it_comes_back(reviews: list[Review], days: int) -> None:
    at = max(review.at for review in reviews) + timedelta(days=days)
    due = [rules.remembered([*reviews, Review(at, "last", rating)]).due for rating in Rating]
    assert all(sooner <= later for sooner, later in pairwise(due))


def test_the_days_are_those_of_fsrs_six() -> None:
    """The published parameters: first intervals, and what good answers on the very day come to."""
    first = {rating: rules.remembered([Review(NOW, "a", rating)]).due - NOW for rating in Rating}
    assert {rating: gap.days for rating, gap in first.items()} == {
        Rating.AGAIN: 1,
        Rating.HARD: 1,
        Rating.GOOD: 2,
        Rating.EASY: 8,
    }
    at, gaps, reviews = NOW, [], []
    for number in range(6):
        reviews.append(Review(at, str(number), Rating.GOOD))
        due = rules.remembered(reviews).due
        gaps.append((due - at).days)
        at = due
    assert gaps == [2, 11, 46, 163, 365, 365]


@given(st.integers(-(10**7), 10**7), st.integers(0, 10**6))
def test_an_answer_is_never_older_than_its_questions_nor_from_tomorrow(ago: int, since: int) -> None:
    begun = NOW - timedelta(seconds=since)
    at = rules.answered_at(NOW, timedelta(seconds=ago), begun)
    assert begun <= at <= NOW
    assert NOW - at <= rules.LONGEST_AWAY


@given(
    st.dictionaries(st.sampled_from(TOPICS), st.lists(shares, max_size=14)),
    st.dictionaries(st.sampled_from(TOPICS), shares),
)
def test_own_answers_say_more_than_an_exam_once_there_are_enough(
    own: dict[str, list[Fraction]], exams: dict[str, Fraction]
) -> None:
    found = rules.stands(own, exams)
    assert [(one.share, one.topic) for one in found] == sorted((one.share, one.topic) for one in found)
    for one in found:
        given_ = own.get(one.topic, [])
        if len(given_) >= rules.ENOUGH:
            newest = given_[-10:]
            assert (one.share, one.answers) == (sum(newest) / len(newest), len(newest))
        else:
            assert (one.share, one.answers) == (exams[one.topic], 0)
        assert one.weak == (one.share < Fraction(7, 10))
        assert 0 <= one.percent <= 100
    assert {one.topic for one in found} == {t for t, some in own.items() if len(some) >= 3} | set(exams)


def test_a_streak_ends_today_or_yesterday() -> None:
    def ago(*days: int) -> set[date]:
        return {TODAY - timedelta(days=one) for one in days}

    assert rules.streak(set(), TODAY) == 0
    assert rules.streak(ago(0, 1, 2, 4), TODAY) == 3
    assert rules.streak(ago(1, 2), TODAY) == 2
    assert rules.streak(ago(2, 3), TODAY) == 0


@given(
    st.lists(st.text("ABCDEFGH", min_size=1, max_size=1), min_size=2, max_size=8, unique=True), st.integers(0, 10**9)
)
def test_what_is_to_be_ordered_is_not_shown_as_it_is_written(keys: list[str], seed: int) -> None:
    options = [{"key": key, "text": key} for key in keys]
    turned = rules.shown("ordering", options, seed)
    assert turned != options
    assert sorted(one["key"] for one in turned) == sorted(keys)
    assert rules.shown("single", options, seed) == options
