"""What a revision does to released results, candidate by candidate."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Was:
    """A result as far as a change is told by it."""

    percent: Decimal | None
    passed: bool
    stations_passed: int


@dataclass(frozen=True)
class Change:
    """One candidate's result before and after."""

    candidate: int
    number: int
    name: str
    before: Was
    after: Was

    @property
    def outcome(self) -> str:
        """What it does: "gained" and "lost" a pass, "up" or "down", else "same" with other grounds."""
        if self.before.passed != self.after.passed:
            return "gained" if self.after.passed else "lost"
        old, new = (one.percent if one.percent is not None else Decimal(-1) for one in (self.before, self.after))
        return "up" if new > old else "down" if new < old else "same"

    @property
    def rank(self) -> tuple[int, int]:
        """Lost passes first, then gained ones, then by number."""
        return {"lost": 0, "gained": 1}.get(self.outcome, 2), self.number


def counts_of(changes: list[Change]) -> dict[str, int]:
    """How many lose and gain a pass, and how many others go down, up, or stay with other grounds."""
    found = dict.fromkeys(("lost", "gained", "down", "up", "same"), 0)
    for one in changes:
        found[one.outcome] += 1
    return found
