"""What rooms above add to the page one reads; filled in wiring.py only."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from courses.curricula.models import Lesson
from lms.authz import Actor, Permission

#: What a part shows of a lesson (course, lesson, who reads); None where it has nothing to say.
Facts = Callable[[Actor, int, Lesson], "dict[str, Any] | None"]


@dataclass(frozen=True, eq=False)
class Beside:
    """One more part of the page one reads: a template that finds its facts as `panel.facts`."""

    name: str
    order: int
    needs: Permission
    template: str
    facts: Facts


@dataclass(frozen=True)
class Shown:
    """A part with the facts of one lesson."""

    template: str
    facts: dict[str, Any]


BESIDE: dict[str, Beside] = {}


def add_beside(part: Beside) -> None:
    """Add a part to the page one reads."""
    BESIDE[part.name] = part


def parts_beside(actor: Actor, course_id: int, lesson: Lesson) -> list[Shown]:
    """The parts that have something to say of a lesson to this reader, in order."""
    may = sorted((part for part in BESIDE.values() if actor.may(part.needs)), key=lambda part: part.order)
    found = ((part, part.facts(actor, course_id, lesson)) for part in may)
    return [Shown(part.template, facts) for part, facts in found if facts is not None]
