"""What each way of putting a version to use would come to. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from courses.curricula.rules.tiers import Moving


@dataclass(frozen=True)
class Counted:
    """Of those who follow another version: how many there are, who has met anything, whom the version cannot serve."""

    people: int = 0
    begun: int = 0
    excepted: int = 0
    begun_excepted: int = 0

    def __add__(self, other: "Counted") -> "Counted":
        return Counted(
            self.people + other.people,
            self.begun + other.begun,
            self.excepted + other.excepted,
            self.begun_excepted + other.begun_excepted,
        )


@dataclass(frozen=True)
class Outcome:
    """How many would go over, would stay with theirs, and could not be served."""

    moves: int
    stays: int
    excepted: int


def outcomes(counted: Counted) -> Mapping[Moving, Outcome]:
    """For each way; whom a way does not mean stays and is no exception."""
    meant = {
        Moving.NOBODY: (0, 0),
        Moving.NOT_BEGUN: (counted.people - counted.begun, counted.excepted - counted.begun_excepted),
        Moving.EVERYBODY: (counted.people, counted.excepted),
    }
    return {
        moving: Outcome(people - excepted, counted.people - people, excepted)
        for moving, (people, excepted) in meant.items()
    }
