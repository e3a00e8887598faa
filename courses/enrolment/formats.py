"""What a reader's page sends."""

from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from courses.enrolment.rules import EventKind
from lms.errors import Invalid
from lms.i18n import _

MOST = 200
#: What a device kept for longer than this is taken as this old.
OLDEST = 90 * 86400


class SentEvent(BaseModel):
    """One event as the page made it."""

    model_config = ConfigDict(extra="forbid")

    id: UUID
    kind: EventKind
    ago: float = Field(default=0, allow_inf_nan=False)
    anchor: str = Field(default="", pattern=r"^(b[1-9]\d{0,3})?$")
    question: int | None = Field(default=None, ge=0, le=50)
    chosen: list[int] | None = Field(default=None, max_length=20)

    @model_validator(mode="after")
    def _checks_name_a_question(self) -> "SentEvent":
        if (self.kind is EventKind.SELF_CHECK) != (self.question is not None and self.chosen is not None):
            raise ValueError("a self_check, and nothing else, has a question and what was chosen")
        if self.id.version != 7:
            raise ValueError("ids are UUIDs of version 7")
        return self

    @property
    def ago_seconds(self) -> int:
        """How long before it was sent it happened; a device's clock that was set back cannot make it negative."""
        return int(min(max(self.ago, 0), OLDEST))


class Sent(BaseModel):
    """A batch of events."""

    model_config = ConfigDict(extra="forbid")

    events: list[SentEvent] = Field(max_length=MOST)


def read(body: Any) -> list[SentEvent]:
    """The events of a request; raises Invalid when it is not what our page sends."""
    try:
        return Sent.model_validate(body).events
    except ValidationError:
        raise Invalid(_("This is not what the lesson’s page sends. Reload the page.")) from None
