"""What can become of something that goes out."""

from enum import StrEnum
from typing import Final


class State(StrEnum):
    """Where a delivery stands; `unclear`: the line broke at the wrong moment, and nobody is told twice."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNCLEAR = "unclear"
    DROPPED = "dropped"


#: What has not come to an end yet.
GOING_OUT: Final = (State.WAITING, State.SENDING)


class Why(StrEnum):
    """Why something did not go out after all."""

    READ = "read"
    SWITCHED_OFF = "switched_off"
    NO_ADDRESS = "no_address"
    LEFT = "left"
    NO_SUCH_ADDRESS = "no_such_address"
    NO_WORDS = "no_words"
    INTERRUPTED = "interrupted"
