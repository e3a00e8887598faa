"""What a reader's page sends."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from courses.enrolment.rules import EventKind
from lms.errors import Invalid
from lms.i18n import _

#: Events of one lesson, and of a synchronisation, that go into one request.
MOST, MOST_AT_ONCE = 200, 5000
#: What a device kept for longer than this is taken as this old.
OLDEST = 90 * 86400
#: A film is not longer than a day, and a piece of it not longer than five minutes.
_LONGEST, _LONGEST_PIECE = 86_400_000, 300_000


class SentEvent(BaseModel):
    """One event as the page made it."""

    model_config = ConfigDict(extra="forbid")

    id: UUID
    kind: EventKind
    ago: float = Field(default=0, allow_inf_nan=False)
    anchor: str = Field(default="", pattern=r"^(b[1-9]\d{0,3})?$")
    question: int | None = Field(default=None, ge=0, le=50)
    chosen: list[int] | None = Field(default=None, max_length=20)
    media: int | None = Field(default=None, gt=0, lt=1 << 63)
    at: int | None = Field(default=None, ge=0, le=_LONGEST)
    start: int | None = Field(default=None, alias="from", ge=0, le=_LONGEST)
    stop: int | None = Field(default=None, alias="to", gt=0, le=_LONGEST)
    took: int | None = Field(default=None, gt=0, le=_LONGEST_PIECE)

    @model_validator(mode="after")
    def _has_what_its_kind_needs(self) -> "SentEvent":
        if (self.kind is EventKind.SELF_CHECK) != (self.question is not None and self.chosen is not None):
            raise ValueError("a self_check, and nothing else, has a question and what was chosen")
        pieces = self.start, self.stop, self.took
        if self.kind is EventKind.WATCHED:
            if self.media is None or self.at is not None or self.start is None or self.stop is None or not self.took:
                raise ValueError("watched has media, from, to and took")
            if not 0 < self.stop - self.start <= _LONGEST_PIECE:
                raise ValueError("a piece goes forward, for at most five minutes")
        elif any(one is not None for one in pieces):
            raise ValueError("only watched has from, to and took")
        elif (self.media is None) != (self.at is None) or (self.at is not None and self.kind is not EventKind.POSITION):
            raise ValueError("a position in a film, and nothing else, has media and at")
        if self.id.version != 7:
            raise ValueError("ids are UUIDs of version 7")
        return self

    @property
    def ago_seconds(self) -> int:
        """How long before it was sent it happened; a device's clock that was set back cannot make it negative."""
        return int(self.ago_exactly)

    @property
    def ago_exactly(self) -> float:
        """The same with parts of a second."""
        return min(max(self.ago, 0), OLDEST)


class SentFromAnywhere(SentEvent):
    """One event of a synchronisation: it says itself of which lesson it is."""

    course: str = Field(max_length=80)
    lesson: str = Field(max_length=80)


@dataclass(frozen=True)
class Gathered:
    """What a device gathered: events that can be read, and the ids of those that cannot."""

    events: Sequence[SentFromAnywhere]
    malformed: Sequence[str]


class Sent(BaseModel):
    """A batch of events."""

    model_config = ConfigDict(extra="forbid")

    events: list[SentEvent] = Field(max_length=MOST)


class _SentAtOnce(BaseModel):
    model_config = ConfigDict(extra="forbid")

    events: list[dict[str, Any]] = Field(max_length=MOST_AT_ONCE)


_ONE = TypeAdapter(SentFromAnywhere)


def read(body: Any) -> list[SentEvent]:
    """The events of a request; raises Invalid when it is not what our page sends."""
    try:
        return Sent.model_validate(body).events
    except ValidationError:
        raise Invalid(_("This is not what the lesson’s page sends. Reload the page.")) from None


def read_gathered(body: Any) -> Gathered:
    """The events of a synchronisation; one that cannot be read does not stop the others. Raises Invalid as `read`."""
    try:
        sent = _SentAtOnce.model_validate(body).events
    except ValidationError:
        raise Invalid(_("This is not what the lesson’s page sends. Reload the page.")) from None
    events, malformed = [], []
    for one in sent:
        try:
            events.append(_ONE.validate_python(one))
        except ValidationError:
            malformed.append(str(one.get("id", ""))[:40])
    return Gathered(events, malformed)
