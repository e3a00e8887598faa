"""When a question waits too long, how long texts may be, and how a text is shown with what should not stand in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from lms.people.rules.patients import Kind, Mark, marks

#: After so long without an answer a question is shown to mentors and editors.
DAY: Final = timedelta(days=1)
LONGEST_TITLE: Final = 80
LONGEST_BODY: Final = 4000
LONGEST_REASON: Final = 400
#: So much one person may write within an hour.
PER_HOUR: Final = 30


class WrittenAs(StrEnum):
    """In what quality somebody wrote: a mentor's answer weighs more to whoever reads it."""

    LEARNER = "learner"
    MENTOR = "mentor"
    EDITOR = "editor"


class Why(StrEnum):
    """Why somebody thinks that a text should not stand where it stands."""

    PATIENT = "patient"
    WRONG = "wrong"
    RUDE = "rude"
    ELSEWHERE = "elsewhere"


class Ruling(StrEnum):
    """What was decided about a text: hidden, shown again, or left where it is though it was reported."""

    HIDDEN = "hidden"
    RESTORED = "restored"
    KEPT = "kept"


@dataclass(frozen=True)
class Part:
    """A stretch of a text; `kind` where it tells who a patient is."""

    text: str
    kind: Kind | None = None


def parts(text: str, found: Sequence[Mark] | None = None) -> list[Part]:
    """The text cut at what would tell who a patient is; put together it is the text again."""
    made: list[Part] = []
    end = 0
    for mark in marks(text) if found is None else found:
        if mark.start > end:
            made.append(Part(text[end : mark.start]))
        made.append(Part(text[mark.start : mark.stop], mark.kind))
        end = mark.stop
    if end < len(text):
        made.append(Part(text[end:]))
    return made


def beyond_doubt(text: str) -> bool:
    """Whether a text holds what nobody needs in order to ask: an identity number with the right check digit."""
    return any(mark.kind is Kind.IDENTITY_NUMBER for mark in marks(text))


def overdue(asked_at: datetime, answers: int, now: datetime) -> bool:
    """Whether a question has waited for a day and nobody has answered."""
    return answers == 0 and now - asked_at >= DAY
