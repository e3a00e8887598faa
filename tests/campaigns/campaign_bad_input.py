"""Every address that somebody may use, asked with what nobody should send: none falls over.

Each form gets every field name of the product at once, filled with one kind of nonsense; each address gets bodies that
are no JSON, or JSON of another shape; each page gets such words in its query. `make campaigns
ARGS=tests/campaigns/campaign_bad_input.py`.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import orm
from wtforms import Form

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
#: Names of a query's words.
QUERY = ("page", "q", "sort", "state", "kind", "from", "until", "year", "technique", "number", "next", "lang", "export")


def fields() -> set[str]:
    """The names of every field of every form."""
    return {name for kind in _kinds(Form) for name in vars(kind) if not name.startswith("_")}


def _kinds(kind: type[Any]) -> Iterator[type[Any]]:
    yield kind
    for below in kind.__subclasses__():
        yield from _kinds(below)


def allowed() -> dict[str, list[str]]:
    """Who may use which address, by the committed matrix."""
    found: dict[str, list[str]] = {}
    for line in MATRIX.read_text().splitlines():
        if not line.startswith(" "):
            rule = line
        elif line.strip().startswith("yes: "):
            found[rule] = line.strip().removeprefix("yes: ").split(", ")
    return found


@pytest.fixture
def asked(app: Flask, session: orm.Session, as_: As, world: World) -> Iterator[list[tuple[str, str, Any]]]:
    """Method, address and actor of whatever anybody may use."""
    made = samples.make(app, session, as_, world)
    may = allowed()
    found = []
    with app.app_context():
        actors = {name: find(world) for name, find in ASKING.items()}
        for row in policed.addresses(app):
            for method in row.methods.split():
                names = may.get(f"{method} {row.rule}", [])
                who = next((name for name in names if actors[name] is not None), None)
                if "static" not in row.rule and who is not None:
                    found.append((method, samples.address(row.rule, made), actor_for(actors[who])))
    yield found


def ask(app: Flask, connection: sa.Connection, faults: list[str], what: str, who: Any, **sent: Any) -> None:
    """One request in a savepoint of its own; what falls over is written down."""
    app.extensions["acting"] = who
    with connection.begin_nested() as savepoint:
        try:
            status = app.test_client().open(**sent).status_code
        except Exception as wrong:
            status, what = 500, f"{what}: {type(wrong).__name__} {str(wrong)[:200]}"
        savepoint.rollback()
    if status >= 500:
        faults.append(f"{sent['method']} {sent['path']} ({what}): {status}")


def test_no_form_falls_over(app: Flask, session: orm.Session, asked: list[tuple[str, str, Any]]) -> None:
    connection, faults, names = session.connection(), list[str](), sorted(fields())
    for method, address, who in asked:
        if method == "POST":
            for what, word in NONSENSE.items():
                form = dict.fromkeys(names, word)
                ask(app, connection, faults, what, who, method=method, path=address, data=form)
    assert faults == []


def test_no_body_makes_it_fall_over(app: Flask, session: orm.Session, asked: list[tuple[str, str, Any]]) -> None:
    connection, faults = session.connection(), list[str]()
    for method, address, who in asked:
        if method != "GET":
            for what, body in BODIES.items():
                given = {"data": body, "content_type": "application/json"}
                ask(app, connection, faults, what, who, method=method, path=address, **given)
    assert faults == []


def test_no_query_makes_it_fall_over(app: Flask, session: orm.Session, asked: list[tuple[str, str, Any]]) -> None:
    connection, faults = session.connection(), list[str]()
    for method, address, who in asked:
        if method == "GET":
            for what, word in NONSENSE.items():
                query = dict.fromkeys(QUERY, word[:2000])
                ask(app, connection, faults, what, who, method=method, path=address, query_string=query)
    assert faults == []
