"""When a lesson is learned and what it is worth: decided on events and the server's clock alone. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

#: Of the minutes a lesson states, the part that must have passed on the server's clock.
LEAST_PART = 3


class EventKind(StrEnum):
    """What a reader's page tells."""

    OPENED = "opened"
    POSITION = "position"
    SELF_CHECK = "self_check"
    FINISHED = "finished"


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

    @property
    def begun(self) -> bool:
        """Whether the lesson was opened at all."""
        return self.opened_at is not None

    @property
    def check_passed(self) -> bool:
        """Whether every question of the self-check was once answered right."""
        return len(self.passed) == self.questions

    @property
    def complete(self) -> bool:
        """Read to the end, self-check passed, and not in less than a third of the stated time."""
        return self.begun and self.reached_end and self.check_passed and not self.wait


def stand(happenings: Iterable[Happening], *, minutes: int, questions: int) -> Stand:
    """How far these events bring somebody; their order and repetition do not matter."""
    known = list(happenings)
    opened = min((one.received_at for one in known if one.kind is EventKind.OPENED), default=None)
    latest = max((one.received_at for one in known), default=None)
    least = timedelta(minutes=minutes) / LEAST_PART
    passed = {one.question for one in known if one.kind is EventKind.SELF_CHECK and one.right}
    return Stand(
        opened_at=opened,
        latest_at=latest,
        reached_end=any(one.kind is EventKind.FINISHED for one in known),
        passed=frozenset(q for q in passed if q is not None and q < questions),
        questions=questions,
        wait=max(timedelta(0), least - (latest - opened)) if opened and latest else least,
        anchor=_place(known),
    )


def _place(known: Sequence[Happening]) -> str:
    """Where the reader was last, by the devices' own order: what arrives late may have happened early."""
    places = [one for one in known if one.kind is EventKind.POSITION and one.anchor]
    return max(places, key=lambda one: (one.received_at - one.ago, one.received_at)).anchor if places else ""


def is_right(chosen: Iterable[int], right: Iterable[int]) -> bool:
    """A self-check question is right when exactly the right options were chosen."""
    return set(chosen) == set(right)


def credit(opened_at: datetime, completed_at: datetime, *, minutes: int, credited_since: int) -> int:
    """Whole minutes to enter for a finished lesson.

    Never more than the lesson states, never more than has passed since it was opened; and since several lessons
    can be open at once, what was credited for others in that time (`credited_since`) is taken off.
    """
    passed = int((completed_at - opened_at).total_seconds() // 60)
    return max(0, min(minutes, passed - credited_since))


def next_lesson(lessons: Sequence[int], done: Iterable[int], last: int | None) -> int | None:
    """The lesson to go on with: where one stopped, else the first that is not done; None when all are."""
    finished = set(done)
    if last in lessons and last not in finished:
        return last
    return next((lesson for lesson in lessons if lesson not in finished), None)
