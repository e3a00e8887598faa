"""Text messages: one interface, a file for demonstrations, and the place where an installation hangs its gateway."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from lms import clock


@dataclass(frozen=True)
class Text:
    """One text message to one number."""

    to: str
    text: str
    #: what it is called on its way, for a gateway that knows it again
    number: str


class Carrier(Protocol):
    """Whatever carries text messages."""

    def send(self, text: Text) -> None:
        """Hand one over, or raise NotTaken, Rejected, Away or Unclear of `lms.mail`."""


@dataclass(frozen=True)
class TextFile:
    """A file with one message a line, which only its owner reads: for a demonstration."""

    path: Path

    def send(self, text: Text) -> None:
        """Write the message under the others, whole and on the disk."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        line = json.dumps(
            {"at": clock.now().isoformat(), "to": text.to, "text": text.text, "number": text.number}, ensure_ascii=False
        )
        with os.fdopen(os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as file:
            file.write(line.encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())


_carrier: list[Callable[[], Carrier | None]] = []


def carry_with(make: Callable[[], Carrier | None]) -> None:
    """Say what carries text messages (called in wiring.py); asked anew for each round of the post."""
    _carrier[:] = [make]


def carrier() -> Carrier | None:
    """What carries text messages here, if anything does."""
    return _carrier[0]() if _carrier else None
