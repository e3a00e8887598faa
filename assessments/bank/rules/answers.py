"""What a kept answer says, for pages that show it; marking it is `rules.marking`'s."""

from collections.abc import Sequence
from decimal import Decimal

from assessments.bank.rules.content import number


def pairs(answer: Sequence[str]) -> dict[str, str]:
    """Which option was given to which prompt of a matching question."""
    return dict(one.split("=", 1) for one in answer if "=" in one)


def spot(answer: Sequence[str] | None) -> tuple[Decimal, Decimal] | None:
    """Where a picture was tapped, in percent of its width and height; None for no such place."""
    parts = [number(part) for part in answer[0].split(",")] if answer else []
    if len(parts) != 2 or not all(part is not None and 0 <= part <= 1000 for part in parts):
        return None
    x, y = (part / 10 for part in parts if part is not None)
    return x, y
