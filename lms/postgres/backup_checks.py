"""What must hold in a database that was restored; filled in wiring by those who know, asked by `database verify`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import orm


@dataclass(frozen=True)
class Checked:
    """What a check found: whether all of it holds, how much was looked at, and in words what does not."""

    holds: bool
    looked_at: int
    words: str = ""
    more: tuple[tuple[str, Any], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        told = {"ok": self.holds, "looked_at": self.looked_at} | dict(self.more)
        return told | ({"why": self.words} if self.words else {})


#: Given a session that sees everything and how many to sample where all would be too many.
Check = Callable[[orm.Session, int], Checked]
CHECKS: dict[str, Check] = {}


def register(name: str, check: Check) -> None:
    """Have something looked at after every restore."""
    CHECKS[name] = check
