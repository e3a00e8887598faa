"""What another key would do to released marks: candidate by candidate, and the hash that two officers agree on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from assessments.bank.rules.content import digest


@dataclass(frozen=True)
class Mark:
    """What one attempt came to, and the hash of what it rests on."""

    percent: Decimal
    passed: bool
    input_hash: bytes


@dataclass(frozen=True)
class Change:
    """One candidate's mark before and after."""

    attempt: str
    person: int
    before: Decimal
    after: Decimal
    passed_before: bool
    passed_after: bool

    @property
    def outcome(self) -> str:
        """What it does to the candidate: "gained" and "lost" a pass, else "up" or "down"."""
        if self.passed_before != self.passed_after:
            return "gained" if self.passed_after else "lost"
        return "up" if self.after > self.before else "down"

    def plain(self) -> dict[str, Any]:
        """As it is kept."""
        return {
            "attempt": self.attempt,
            "person": self.person,
            "before": f"{self.before:.3f}",
            "after": f"{self.after:.3f}",
            "passed_before": self.passed_before,
            "passed_after": self.passed_after,
        }

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> "Change":
        """From what was kept."""
        return cls(**{**plain, "before": Decimal(plain["before"]), "after": Decimal(plain["after"])})


def changes(before: Mapping[str, Mark], after: Mapping[str, Mark], persons: Mapping[str, int]) -> list[Change]:
    """Whose mark changes: lost and gained passes first, then by how much; the same marks give an empty list."""
    found = [
        Change(attempt, persons[attempt], old.percent, new.percent, old.passed, new.passed)
        for attempt, old in before.items()
        if (new := after[attempt]).percent != old.percent or new.passed != old.passed
    ]
    order = ("lost", "gained", "down", "up")
    return sorted(found, key=lambda one: (order.index(one.outcome), -abs(one.after - one.before), one.attempt))


def dry_hash(key: bytes, before: Mapping[str, Mark], after: Mapping[str, Mark]) -> bytes:
    """Over the new key and every candidate's mark before and after with what both rest on."""
    told = {
        attempt: [[f"{one.percent:.3f}", one.passed, one.input_hash.hex()] for one in (old, after[attempt])]
        for attempt, old in before.items()
    }
    return digest({"key": key.hex(), "marks": told})


def counted(found: Sequence[Change]) -> dict[str, int]:
    """How many of each outcome."""
    return {word: sum(one.outcome == word for one in found) for word in ("lost", "gained", "down", "up")}
