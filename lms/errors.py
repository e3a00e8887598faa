"""What can go wrong, in the words a page or a command can pass on."""

from collections.abc import Sequence

#: Row numbers that a refusal names.
NAMED = 20


def row_numbers(numbers: Sequence[int]) -> str:
    """The first row numbers for a refusal, and how many there are: `3, 7, 12`."""
    words = ", ".join(map(str, numbers[:NAMED]))
    return words if len(numbers) <= NAMED else f"{words} … ({len(numbers)})"


class Refused(Exception):
    """Something asked for was not done; the message says why and what to do next."""

    status = 400

    def __init__(self, message: object = "", /, **where: object) -> None:
        super().__init__(message)
        self.message = message
        self.where = where

    def __str__(self) -> str:
        return str(self.message)


class NotFound(Refused):
    """There is no such thing within the actor's reach; whether it exists elsewhere is not said."""

    status = 404


class NotAllowed(Refused):
    """The actor may see the thing but not do this to it."""

    status = 403


class Conflict(Refused):
    """Somebody else, or an earlier act, got there first."""

    status = 409


class TooLarge(Refused):
    """More was sent than is taken in one go."""

    status = 413


class Invalid(Refused):
    """What was sent breaks a rule; `where` names the field, row or line."""

    status = 422


class TooMany(Refused):
    """Too many tries in a short time; `seconds` in `where` says when to come back."""

    status = 429


class Full(Refused):
    """There is no room left where files lie; what was there before is there still."""

    status = 507


class Unavailable(Refused):
    """The system cannot do it just now; nothing was lost."""

    status = 503
