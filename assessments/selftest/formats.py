"""What the page of a self-test sends."""

from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from assessments.selftest.rules import MOST, Felt
from lms.errors import Invalid
from lms.i18n import _

#: As much of it as any kind of question needs.
_Words = Annotated[str, Field(max_length=500, pattern=r"^[^\x00]*$")]


class SentAnswer(BaseModel):
    """One answer, with the id it was given on the device, and how many seconds ago that was."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: UUID
    item: int = Field(ge=1, lt=1 << 63, strict=True)
    answer: tuple[_Words, ...] = Field(max_length=60)
    felt: Felt = Felt.FAIR
    ago: int = Field(default=0, ge=0, lt=1 << 31)

    @field_validator("id")
    @classmethod
    def _version_seven(cls, value: UUID) -> UUID:
        if value.version != 7:
            raise ValueError("ids are UUIDs of version 7")
        return value

    @property
    def held(self) -> timedelta:
        """How long the device has held it."""
        return timedelta(seconds=self.ago)


class Sent(BaseModel):
    """Answers, in the order in which they were given."""

    model_config = ConfigDict(extra="forbid")

    answers: list[SentAnswer] = Field(max_length=4 * MOST)


def read(body: Any) -> list[SentAnswer]:
    """The answers of a request; raises Invalid when it is not what our page sends."""
    try:
        return Sent.model_validate(body).answers
    except ValidationError:
        raise Invalid(_("This is not what the page of a self-test sends. Reload the page.")) from None
