"""What nobody should send, and a way to send it to every address that somebody may use.

Each form gets every field name of the product at once, filled with one kind of nonsense; each address gets bodies that
are no JSON, or JSON of another shape; each page gets such words in its query.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote_plus

import sqlalchemy as sa
from flask import Flask
from sqlalchemy import orm
from wtforms import Form

from lms.authz import Actor
from lms.people.queries import actor_for
from lms.web import policed
from tests.conftest import As
from tests.factories.world import World
from tests.fences import samples
from tests.fences.test_permissions import ASKING, MATRIX

#: What a field may be filled with.
NONSENSE = {
    "nothing": "",
    "nought": "0",
    "below nought": "-1",
    "too large": "9" * 40,
    "larger than a float": "1e309",
    "no number": "NaN",
    "no day": "2026-02-30",
    "the year 10000": "10000-01-01",
    "the first year": "0001-01-01",
    "NUL": "a\0b",
    "HTML": "<script>alert(1)</script>",
    "a formula": "=1+1",
    "long": "长" * 20_000,
    "no word": "\u202e\u200b\ufeff",
    "JSON": '{"a": [1]}',
}
BODIES: dict[str, bytes] = {
    "nothing": b"",
    "no JSON": b"{",
    "nested without end": b"[" * 100_000,
    "null": b"null",
    "a text": b'"x"',
    "a list": b"[1]",
    "an object": b"{}",
    "a number without end": b'{"events": 1e400, "id": ' + b"9" * 5000 + b"}",
    "not UTF-8": b"\xff\xfe{",
    "events of another shape": json.dumps({"events": [None, 1, "x", [], {"id": {}}], "marks": 1, "seen": "x"}).encode(),
}
#: Which kinds of nonsense the address with this number is asked with.
Words = Callable[[Mapping[str, Any], int], Iterable[tuple[str, Any]]]
#: Names of a query's words.
QUERY = ("page", "q", "sort", "state", "kind", "from", "until", "year", "technique", "number", "next", "lang", "export")


def fields() -> set[str]:
    """The names of every field of every form."""
    return {name for kind in kinds_of(Form) for name in vars(kind) if not name.startswith("_")}


def kinds_of(kind: type[Any]) -> Iterator[type[Any]]:
    """The class and all that derive from it."""
    yield kind
    for below in kind.__subclasses__():
        yield from kinds_of(below)


@dataclass(frozen=True)
class Asking:
    """Whatever anybody may use, and a way to ask it; `faults` is what fell over."""

    app: Flask
    connection: sa.Connection
    addresses: list[tuple[str, str, Actor]]
    faults: list[str]

    def forms(self, words: Words) -> None:
        """Every form, each field of the product filled with one word."""
        names = tuple(sorted(fields()))
        for number, (method, address, who) in enumerate(self._of("POST")):
            for what, word in words(NONSENSE, number):
                typed = {"data": filled(names, word), "content_type": "application/x-www-form-urlencoded"}
                self._ask(what, who, method=method, path=address, **typed)

    def bodies(self, words: Words) -> None:
        """Every address that takes a body, sent one that claims to be JSON."""
        for number, (method, address, who) in enumerate(self._of("POST", "PUT", "PATCH", "DELETE")):
            for what, body in words(BODIES, number):
                self._ask(what, who, method=method, path=address, data=body, content_type="application/json")

    def queries(self, words: Words) -> None:
        """Every page, each word of its query being nonsense."""
        for number, (method, address, who) in enumerate(self._of("GET")):
            for what, word in words(NONSENSE, number):
                self._ask(what, who, method=method, path=address, query_string=dict.fromkeys(QUERY, word[:2000]))

    def _of(self, *methods: str) -> list[tuple[str, str, Actor]]:
        return [one for one in self.addresses if one[0] in methods]

    def _ask(self, what: str, who: Actor, **sent: Any) -> None:
        """One request in a savepoint of its own; what falls over is written down."""
        self.app.extensions["acting"] = who
        with self.connection.begin_nested() as savepoint:
            try:
                status = self.app.test_client().open(**sent).status_code
            except Exception as wrong:
                status, what = 500, f"{what}: {type(wrong).__name__} {str(wrong)[:200]}"
            savepoint.rollback()
        if status >= 500:
            self.faults.append(f"{sent['method']} {sent['path']} ({what}): {status}")


@cache
def filled(names: tuple[str, ...], word: str) -> str:
    """A form with the same word in each field, as a browser sends it; written once, for a long word takes long."""
    return "&".join(f"{name}={typed}" for typed in [quote_plus(word)] for name in names)


def every(kinds: Mapping[str, Any], _number: int) -> Iterable[tuple[str, Any]]:
    """All there is."""
    return kinds.items()


def one_each(kinds: Mapping[str, Any], number: int) -> Iterable[tuple[str, Any]]:
    """One for each address, in turn."""
    return [list(kinds.items())[number % len(kinds)]]


def asking(app: Flask, session: orm.Session, as_: As, world: World) -> Asking:
    """The product with a sample of everything, and who may ask which address by the committed matrix."""
    made = samples.make(app, session, as_, world)
    may = _allowed()
    found = []
    with app.app_context():
        people = {name: find(world) for name, find in ASKING.items()}
        for row in policed.addresses(app):
            for method in row.methods.split():
                names = may.get(f"{method} {row.rule}", [])
                who = next((people[name] for name in names if people[name] is not None), None)
                if "static" not in row.rule and who is not None:
                    found.append((method, samples.address(row.rule, made), actor_for(who)))
    return Asking(app, session.connection(), found, [])


def _allowed() -> dict[str, list[str]]:
    """Who may use which address, by the committed matrix."""
    found: dict[str, list[str]] = {}
    for line in MATRIX.read_text().splitlines():
        if not line.startswith(" "):
            rule = line
        elif line.strip().startswith("yes: "):
            found[rule] = line.strip().removeprefix("yes: ").split(", ")
    return found
