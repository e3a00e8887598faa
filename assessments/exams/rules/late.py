"""Late answers: what counting one means, and what its own name says of when it was made."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from assessments.exams.rules.scoring import Event

#: Added to the epoch of a late answer that an officer lets count: it comes after every answer that was in time.
COUNTED = 1 << 32
#: The end of the year 9999 in milliseconds: a device may say anything.
_LAST = 253_402_300_799_000


def counted(event: Event) -> Event:
    """The late answer in its place among the others: an officer said that it is the answer, so it comes last."""
    return replace(event, epoch=event.epoch + COUNTED)


def made_at(number: UUID) -> datetime | None:
    """When the device named the answer (RFC 9562, version 7), by its own clock; None where it says nothing likely."""
    milliseconds = number.int >> 80
    if number.version != 7 or milliseconds > _LAST:
        return None
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
