"""Who sits where: the places are filled in their order, and neighbours come from different institutions if they can."""

from collections import deque
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T", bound=Hashable)


@dataclass(frozen=True)
class Hall:
    """A room in a window, by their ids; the seats that are free in it. Without a room, seats are not counted."""

    window: int | None
    room: int | None
    free: Sequence[int]


@dataclass(frozen=True)
class NoRoom(Exception):
    """More people than seats."""

    people: int
    seats: int


def apart(people: Sequence[tuple[T, Hashable]]) -> list[T]:
    """The people (each with their group) in an order in which no two of a group follow each other, where that can be.

    Whoever has most still to come goes next, unless one of theirs has just gone.
    """
    waiting: dict[Hashable, deque[T]] = {}
    for person, group in people:
        waiting.setdefault(group, deque()).append(person)
    order: list[T] = []
    last: Hashable = object()
    places = {group: number for number, group in enumerate(waiting)}
    while waiting:
        others = [group for group in waiting if group != last] or list(waiting)
        last = max(others, key=lambda group: (len(waiting[group]), -places[group]))
        order.append(waiting[last].popleft())
        if not waiting[last]:
            del waiting[last]
    return order


def seated(people: Sequence[T], halls: Iterable[Hall]) -> dict[T, tuple[int | None, int | None, int]]:
    """Window, room and seat of each, hall after hall; raises NoRoom when the seats do not suffice."""
    seats = [(hall.window, hall.room, number) for hall in halls for number in hall.free]
    if len(seats) < len(people):
        raise NoRoom(len(people), len(seats))
    return dict(zip(people, seats, strict=False))
