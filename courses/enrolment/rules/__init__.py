"""When a lesson is learned: decided on events and the server's clock alone. Pure.

A device says how long ago something happened; nothing can have happened before the server first heard of the lesson
from anybody's device, be it that it was opened or that it was downloaded.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from courses.enrolment.rules.watching import Watched, least_to_watch

#: Of the minutes a lesson states, the part that must have passed on the server's clock.
LEAST_PART = 3
#: What comes later than this after it was made was made without network.
OFFLINE_AFTER = timedelta(minutes=2)
#: What a lesson asks where nothing else is said.
READ_AND_CHECKED = ("read", "check")


class EventKind(StrEnum):
    """What a reader's page tells."""

    OPENED = "opened"
    DOWNLOADED = "downloaded"
    POSITION = "position"
    SELF_CHECK = "self_check"
    FINISHED = "finished"
    WATCHED = "watched"


@dataclass(frozen=True)
class Happening:
    """One event as the server knows it; `ago` is how long before its arrival the reader's device made it."""

    kind: EventKind
    received_at: datetime
    ago: timedelta = timedelta(0)
    anchor: str = ""
    question: int | None = None
    right: bool = False


@dataclass(frozen=True)
class Stand:
    """How far somebody is in one lesson."""

    opened_at: datetime | None
    latest_at: datetime | None
    reached_end: bool
    passed: frozenset[int]
    questions: int
    wait: timedelta
    anchor: str
    asks: frozenset[str] = frozenset(READ_AND_CHECKED)
    watched: Mapping[int, Watched] = field(default_factory=dict)
    #: the part of the time in which there was no network, of all of it
    offline: tuple[timedelta, timedelta] = (timedelta(0), timedelta(0))

    @property
    def begun(self) -> bool:
        """Whether the lesson was opened at all."""
        return self.opened_at is not None

    @property
    def check_passed(self) -> bool:
        """Whether every question of the self-check was once answered right."""
        return len(self.passed) == self.questions

    @property
    def seen(self) -> bool:
        """Whether enough of every film and sound was watched."""
        return all(one.enough for one in self.watched.values())

    @property
    def was_offline(self) -> bool:
        """Whether some of it was learned without network: then the self-check is asked whatever the lesson asks."""
        return bool(self.offline[0])

    @property
    def unmet(self) -> frozenset[str]:
        """What is asked and not yet done."""
        asked = self.asks | ({"check"} if self.was_offline else frozenset())
        met = {"read": self.reached_end, "watched": self.seen, "check": self.check_passed}
        return frozenset(name for name in asked if not met[name])

    @property
    def complete(self) -> bool:
        """Opened, all done that is asked, and neither in less than a third of the time nor faster than films play."""
        return self.begun and not self.unmet and not self.wait


def stand(
    happenings: Iterable[Happening],
    *,
    minutes: int,
    questions: int,
    asks: Collection[str] = READ_AND_CHECKED,
    watched: Mapping[int, Watched] | None = None,
) -> Stand:
    """How far these events bring somebody; their order and repetition do not matter."""
    known = list(happenings)
    heard = min((one.received_at for one in known), default=None)
    moments = _placed(known, heard)
    opened = min((at for at, one in moments if one.kind is EventKind.OPENED), default=None)
    inside = [(at, one) for at, one in moments if opened is not None and at >= opened]
    latest = max((at for at, _ in inside), default=opened)
    films = dict(watched or {}) if "watched" in asks else {}
    least = max(timedelta(minutes=minutes) / LEAST_PART, least_to_watch(films.values()))
    passed = {one.question for one in known if one.kind is EventKind.SELF_CHECK and one.right}
    return Stand(
        opened_at=opened,
        latest_at=latest,
        reached_end=any(one.kind is EventKind.FINISHED for one in known),
        passed=frozenset(q for q in passed if q is not None and q < questions),
        questions=questions,
        wait=max(timedelta(0), least - (latest - opened)) if opened and latest else least,
        anchor=_place(known),
        asks=frozenset(asks),
        watched=films,
        offline=_offline(inside, longest=timedelta(minutes=minutes)),
    )


def _placed(known: Sequence[Happening], heard: datetime | None) -> list[tuple[datetime, Happening]]:
    """When each thing was done, in order: by the device's word, but not before the server had `heard` of the lesson."""
    done = [one for one in known if one.kind is not EventKind.DOWNLOADED]
    moments = [(max(one.received_at - one.ago, heard or one.received_at), one) for one in done]
    return sorted(moments, key=lambda pair: pair[0])


def _offline(moments: Sequence[tuple[datetime, Happening]], *, longest: timedelta) -> tuple[timedelta, timedelta]:
    """How long there was no network, and how long it took in all; a pause is not longer than the lesson itself."""
    off = whole = timedelta(0)
    for (before, _), (at, one) in pairwise(moments):
        step = min(at - before, longest)
        whole += step
        if one.ago > OFFLINE_AFTER:
            off += step
    return off, whole


@dataclass(frozen=True)
class Before:
    """What was done of a lesson up to some moment: since when, and the part without network."""

    opened_at: datetime
    offline: tuple[timedelta, timedelta]


def happened_before(happenings: Iterable[Happening], until: datetime, *, minutes: int) -> Before | None:
    """What these tell of the time up to a moment; None where the lesson had not been opened."""
    known = list(happenings)
    heard = min((one.received_at for one in known), default=None)
    moments = [(at, one) for at, one in _placed(known, heard) if at <= until]
    opened = min((at for at, one in moments if one.kind is EventKind.OPENED), default=None)
    if opened is None:
        return None
    inside = [(at, one) for at, one in moments if at >= opened]
    return Before(opened, _offline(inside, longest=timedelta(minutes=minutes)))


def _place(known: Sequence[Happening]) -> str:
    """Where the reader was last, by the devices' own order: what arrives late may have happened early."""
    places = [one for one in known if one.kind is EventKind.POSITION and one.anchor]
    return max(places, key=lambda one: (one.received_at - one.ago, one.received_at)).anchor if places else ""


def is_right(chosen: Iterable[int], right: Iterable[int]) -> bool:
    """A self-check question is right when exactly the right options were chosen."""
    return set(chosen) == set(right)


def next_lesson(lessons: Sequence[int], done: Iterable[int], last: int | None) -> int | None:
    """The lesson to go on with: where one stopped, else the first that is not done; None when all are."""
    finished = set(done)
    if last in lessons and last not in finished:
        return last
    return next((lesson for lesson in lessons if lesson not in finished), None)
