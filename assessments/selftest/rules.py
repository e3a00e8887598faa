"""What a self-test asks, how an answer is rated, and when a question comes back.

Forgetting is the FSRS model (Free Spaced Repetition Scheduler, version 6) of the `fsrs` library with its published
parameters: a question comes back when the chance to know it still has fallen to nine in ten. It works here in whole
days and without chance, so that the same answers always lead to the same days: what is kept of a question can be made
again from its answers alone.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from itertools import zip_longest

import fsrs

from assessments.bank.rules.kinds import Kind

#: Questions in one self-test: about ten minutes.
MOST = 10
#: A question is known well once it is remembered for three weeks.
KNOWN_DAYS = 21
#: A topic is weak below this share of the points …
WEAK = Fraction(7, 10)
#: … as soon as this many of its questions were answered; the newest ten say how it stands.
ENOUGH, NEWEST = 3, 10
#: An answer that was only partly right is at least half remembered from here on.
HALF = Fraction(1, 2)
#: How long a device may hold an answer and still say when it was given.
LONGEST_AWAY = timedelta(days=14)


class Felt(StrEnum):
    """What the doctor says of a question with the answer, before the key is shown."""

    HARD = "hard"
    FAIR = "fair"
    EASY = "easy"


class Rating(StrEnum):
    """How well a question was remembered, in the words of FSRS."""

    AGAIN = "again"
    HARD = "hard"
    GOOD = "good"
    EASY = "easy"


class Outcome(StrEnum):
    """What an answer was worth, in a word."""

    RIGHT = "right"
    PARTLY = "partly"
    WRONG = "wrong"


class Why(StrEnum):
    """Why a question is asked: it is due, it is new in a weak topic, it is new, or it is asked ahead of its day."""

    DUE = "due"
    WEAK = "weak"
    NEW = "new"
    AHEAD = "ahead"


def outcome(share: Fraction) -> Outcome:
    """Right with all of the points, wrong with none of them."""
    if share >= 1:
        return Outcome.RIGHT
    return Outcome.PARTLY if share > 0 else Outcome.WRONG


def rating(share: Fraction, felt: Felt) -> Rating:
    """Less than half right: again. Half right or more, or right but hard: hard. Right: good, or easy if it was."""
    if share < HALF:
        return Rating.AGAIN
    if share < 1 or felt is Felt.HARD:
        return Rating.HARD
    return Rating.EASY if felt is Felt.EASY else Rating.GOOD


# ---- spacing ----

_SCHEDULER = fsrs.Scheduler(
    desired_retention=0.9, learning_steps=(), relearning_steps=(), maximum_interval=365, enable_fuzzing=False
)
_RATINGS = {
    Rating.AGAIN: fsrs.Rating.Again,
    Rating.HARD: fsrs.Rating.Hard,
    Rating.GOOD: fsrs.Rating.Good,
    Rating.EASY: fsrs.Rating.Easy,
}


@dataclass(frozen=True, order=True)
class Review:
    """One answer to a question, as the spacing sees it; `name` decides between two of the same moment."""

    at: datetime
    name: str
    rating: Rating


@dataclass(frozen=True)
class Memory:
    """What one person has of one question: how long it stays (days), how hard it is (1 to 10), when it comes back."""

    stability: float
    difficulty: float
    last: datetime
    due: datetime
    reviews: int
    lapses: int


def remembered(reviews: Iterable[Review]) -> Memory:
    """What all answers to one question come to, in whatever order they reached the centre; at least one."""
    ordered = sorted(reviews)
    card = fsrs.Card(card_id=0, due=ordered[0].at.astimezone(UTC))
    for review in ordered:
        card, _log = _SCHEDULER.review_card(card, _RATINGS[review.rating], review.at.astimezone(UTC))
    assert card.stability is not None
    assert card.difficulty is not None
    lapses = sum(review.rating is Rating.AGAIN for review in ordered)
    return Memory(card.stability, card.difficulty, ordered[-1].at, card.due, len(ordered), lapses)


def answered_at(now: datetime, ago: timedelta, begun: datetime) -> datetime:
    """When an answer was given that reaches the centre only now: never before the questions were fetched."""
    return max(begun, now - min(max(ago, timedelta()), LONGEST_AWAY))


# ---- what is asked ----


@dataclass(frozen=True)
class Candidate:
    """A question that could be asked: its topic, whether it is for the doctor's own work, when it comes back."""

    question: int
    topic: str
    fits: bool = True
    #: None: never asked
    due_on: date | None = None
    #: the case it stands under, and its place among that case's questions
    series: int | None = None
    place: int = 0


@dataclass(frozen=True)
class Chosen:
    """A question that is asked, and why."""

    question: int
    why: Why


def mix(
    candidates: Iterable[Candidate], weak: Sequence[str], today: date, *, most: int = MOST, ahead: bool = False
) -> list[Chosen]:
    """What one self-test asks, in order: what is due, longest overdue first; what is new in weak topics, one of each in
    turn, the weakest first; what else is new, for one's own work first, the topics in turn. With `ahead` what is not
    due yet comes after all of that, the nearest first. No question twice; new questions under one case stay together.
    """
    known = {one.question: one for one in candidates}.values()
    seen = sorted((one for one in known if one.due_on), key=lambda one: (one.due_on, one.question))
    new = _units(one for one in known if not one.due_on)
    groups: list[tuple[Why, list[Unit]]] = [
        (Why.DUE, [[one] for one in seen if one.due_on and one.due_on <= today]),
        (Why.WEAK, _in_turn([[unit for unit in new if unit[0].topic == topic] for topic in dict.fromkeys(weak)])),
        (Why.NEW, _others([unit for unit in new if unit[0].topic not in set(weak)])),
        (Why.AHEAD, [[one] for one in seen if one.due_on and one.due_on > today] if ahead else []),
    ]
    chosen: list[Chosen] = []
    for why, units in groups:
        for unit in units:
            if len(chosen) + len(unit) <= most or not chosen:
                chosen += [Chosen(one.question, why) for one in unit]
    return chosen[:most]


#: A question, or all the new ones under one case, in order.
Unit = list[Candidate]


def _units(new: Iterable[Candidate]) -> list[Unit]:
    """For one's own work first, then by age."""
    units: dict[tuple[bool, int], Unit] = {}
    for one in sorted(new, key=lambda one: (not one.fits, one.question)):
        case = one.series is not None
        units.setdefault((case, one.series if one.series is not None else one.question), []).append(one)
    return [sorted(unit, key=lambda one: (one.place, one.question)) for unit in units.values()]


def _others(units: Sequence[Unit]) -> list[Unit]:
    """Those for one's own work first, then the others; in both the topics one after another."""
    found = []
    for fits in (True, False):
        topics: dict[str, list[Unit]] = {}
        for unit in units:
            if any(one.fits for one in unit) is fits:
                topics.setdefault(unit[0].topic, []).append(unit)
        found += _in_turn(list(topics.values()))
    return found


def _in_turn(groups: Sequence[Sequence[Unit]]) -> list[Unit]:
    return [unit for turn in zip_longest(*groups) for unit in turn if unit is not None]


def shown(kind: str, options: Sequence[dict[str, str]], seed: int) -> list[dict[str, str]]:
    """The options as they are shown: in their own order, for their letters are explained afterwards. Only
    what is to be ordered is turned, for it may be written down in the right order."""
    if kind != Kind.ORDERING or len(options) < 2:
        return list(options)
    turn = 1 + seed % (len(options) - 1)
    return [*options[turn:], *options[:turn]]


# ---- how it stands ----


@dataclass(frozen=True)
class TopicStand:
    """How somebody does in a topic: the share of the points, over how many own answers (0: known from an exam)."""

    topic: str
    share: Fraction
    answers: int

    @property
    def weak(self) -> bool:
        """Whether it is practised first."""
        return self.share < WEAK

    @property
    def percent(self) -> int:
        """The share in whole percent, cut."""
        return int(self.share * 100)


def stands(own: Mapping[str, Sequence[Fraction]], exams: Mapping[str, Fraction]) -> list[TopicStand]:
    """How each topic stands, weakest first: by the newest own answers (newest last), before there are enough of them by
    what an exam said."""
    found = [TopicStand(topic, share, 0) for topic, share in exams.items() if len(own.get(topic, ())) < ENOUGH]
    for topic, shares in own.items():
        newest = shares[-NEWEST:]
        if len(newest) >= ENOUGH:
            found.append(TopicStand(topic, sum(newest, Fraction(0)) / len(newest), len(newest)))
    return sorted(found, key=lambda one: (one.share, one.topic))


def streak(days: Collection[date], today: date) -> int:
    """On how many days in a row somebody has practised, up to today or yesterday."""
    day = today if today in days else today - timedelta(days=1)
    count = 0
    while day in days:
        count, day = count + 1, day - timedelta(days=1)
    return count
