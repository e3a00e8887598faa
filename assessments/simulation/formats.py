"""What a player's page sends."""

from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from assessments.simulation.rules import Happened
from lms.content.formats import CODE
from lms.errors import Invalid
from lms.i18n import _

MOST = 200


class SentAct(BaseModel):
    """One thing that was done or taken back, with the id it was given where it happened."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: UUID
    act: str = Field(pattern=CODE, max_length=80)
    happened: Happened = Happened.DONE

    @field_validator("id")
    @classmethod
    def _version_seven(cls, value: UUID) -> UUID:
        if value.version != 7:
            raise ValueError("ids are UUIDs of version 7")
        return value


class Sent(BaseModel):
    """What was done, in order."""

    model_config = ConfigDict(extra="forbid")

    acts: list[SentAct] = Field(max_length=MOST)


def read(body: Any) -> list[SentAct]:
    """The acts of a request; raises Invalid when it is not what our page sends."""
    try:
        return Sent.model_validate(body).acts
    except ValidationError:
        raise Invalid(_("This is not what the page of a case sends. Reload the page.")) from None
