"""Which stations fill which posts of a blueprint."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Post:
    """One post of a blueprint with what it asks for; `most` are the minutes a station may take at it."""

    code: str
    zh: str
    en: str
    skill: str | None
    stations: tuple[str, ...]
    marks: int
    minutes: int | None
    most: int
    part: int


def posts_of(body: Mapping[str, Any]) -> list[Post]:
    """The posts of a blueprint's body in order."""
    return [
        Post(
            code=post["code"],
            zh=post["title"]["zh"],
            en=post["title"]["en"],
            skill=post["skill"],
            stations=tuple(post["stations"]),
            marks=post["marks"],
            minutes=post["minutes"],
            most=post["minutes"] or part["minutes"],
            part=at,
        )
        for at, part in enumerate(body["parts"])
        for post in part["posts"]
    ]


def fits(post: Post, code: str, skill: str | None, minutes: int) -> bool:
    """Whether a station can stand at a post: it is named there or asks for the same, and has the time."""
    return (code in post.stations or (post.skill is not None and skill == post.skill)) and minutes <= post.most


def meant_first(post: Post, code: str) -> int:
    """The place of a station among those that fit: the named ones in their order, then the others."""
    return post.stations.index(code) if code in post.stations else len(post.stations)


def filled(offer: Mapping[str, Sequence[int]]) -> dict[str, int]:
    """As many posts as possible with a station each, none twice; earlier posts and stations meant first come first.

    Augmenting paths (Kuhn): a post takes another's station only where that one has another to go to.
    """
    holder: dict[int, str] = {}

    def place(post: str, tried: set[int]) -> bool:
        for station in offer[post]:
            if station not in tried:
                tried.add(station)
                if station not in holder or place(holder[station], tried):
                    holder[station] = post
                    return True
        return False

    for post in offer:
        free = next((station for station in offer[post] if station not in holder), None)
        if free is not None:
            holder[free] = post
        else:
            place(post, set())
    return {post: station for station, post in holder.items()}


def overrun(body: Mapping[str, Any], minutes: Mapping[str, int]) -> list[int]:
    """The parts whose stations, by post, need more minutes together than the part has."""
    taken: dict[int, int] = {}
    for post in posts_of(body):
        taken[post.part] = taken.get(post.part, 0) + (minutes[post.code] if post.minutes is None else post.minutes)
    return [at for at, part in enumerate(body["parts"]) if taken.get(at, 0) > part["minutes"]]
