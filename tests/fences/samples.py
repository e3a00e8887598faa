"""One thing of county A for every address that has a thing in it."""

import re
from collections.abc import Callable
from typing import Any

from sqlalchemy import orm

from tests.factories.world import World

#: rule → the values that stand in its address, from what `make` returned
SAMPLES: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "/language/<code>": lambda made: {"code": "en"},
}
#: addresses whose things all institutions share, each with its reason
SHARED: dict[str, str] = {
    "/language/<code>": "the language of one's own pages",
}


def make(session: orm.Session, world: World) -> dict[str, Any]:
    """Things of county A, by name."""
    return {"world": world}


def address(rule: str, made: dict[str, Any]) -> str:
    """The rule with a sample's values in it."""
    values = SAMPLES[rule](made) if "<" in rule else {}
    return re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", lambda found: str(values[found[1]]), rule)
