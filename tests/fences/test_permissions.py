"""Every change of a right is a line in the diff: the list of permissions and the authorisation matrix."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import orm

from config import CHECKOUT
from lms.authz import Actor
from lms.people.queries import actor_for
from lms.web import policed
from tests.conftest import As
from tests.factories.world import World
from tests.fences import samples

MATRIX = Path(__file__).with_name("matrix.txt")
#: Who asks: the name in the matrix and the person in the world.
ASKING = {
    "anonymous": lambda world: None,
    "doctor": lambda world: world.a.doctor,
    "other doctor": lambda world: world.a.second_doctor,
    "examiner": lambda world: world.a.examiner,
    "former examiner": lambda world: world.a.second_examiner,
    "editor": lambda world: world.a.editor,
    "exam officer": lambda world: world.a.exam_officer,
    "certificate officer": lambda world: world.a.certificate_officer,
    "manager": lambda world: world.a.manager,
    "auditor": lambda world: world.a.auditor,
    "administrator": lambda world: world.a.administrator,
    "city exam officer": lambda world: world.people["exam_officer"],
    "next county's doctor": lambda world: world.b.doctor,
    "next county's examiner": lambda world: world.b.examiner,
    "next county's exam officer": lambda world: world.b.exam_officer,
    "next county's certificate officer": lambda world: world.b.certificate_officer,
    "next county's manager": lambda world: world.b.manager,
}


def test_the_list_of_permissions_is_the_committed_one(built: Flask) -> None:
    committed = (CHECKOUT / "docs" / "permissions.md").read_text()
    assert policed.as_markdown(built) == committed, "run: flask --app lms permissions list > docs/permissions.md"


def test_every_address_with_a_thing_in_it_has_a_sample(built: Flask) -> None:
    wanted = {r.rule for r in built.url_map.iter_rules() if r.arguments and not r.endpoint.endswith("static")}
    assert {rule for rule in wanted if samples.sample_for(rule) is None} == set(), "give tests/fences/samples one"


def outcome(status: int, location: str | None) -> str:
    """In the words of the matrix."""
    if status in (401,) or (location or "").startswith("/sign-in"):
        return "sign-in"
    if status in (403, 404):
        return str(status)
    assert status < 500, status
    return "yes"


def ask(app: Flask, connection: sa.Connection, method: str, address: str, who: Actor) -> str:
    """One request in a savepoint of its own, so that what it changed is gone."""
    app.extensions["acting"] = who
    with connection.begin_nested() as savepoint:
        answer = app.test_client().open(address, method=method, data={} if method == "POST" else None)
        savepoint.rollback()
    return outcome(answer.status_code, answer.location)


def rows(app: Flask, session: orm.Session, as_: As, world: World) -> list[str]:
    """The matrix as lines: address, then who gets what."""
    made = samples.make(app, session, as_, world)
    connection = session.connection()
    with app.app_context():
        actors = {name: _actor(find(world)) for name, find in ASKING.items()}
    lines = []
    for row in policed.addresses(app):
        if "static" in row.rule:
            continue
        address = samples.address(row.rule, made)
        for method in row.methods.split():
            gets: dict[str, list[str]] = {}
            for name, actor in actors.items():
                gets.setdefault(ask(app, connection, method, address, actor), []).append(name)
            lines.append(f"{method} {row.rule}")
            lines += [f"    {got}: {', '.join(names)}" for got, names in sorted(gets.items(), reverse=True)]
    return lines


def _actor(person_id: int | None) -> Actor:
    return Actor.PUBLIC if person_id is None else actor_for(person_id)


@pytest.fixture
def unwritten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages are decided about and asked for, not written: thousands of them are looked at for their status alone."""
    monkeypatch.setattr("flask.templating._render", lambda *_: "")


@pytest.mark.slow
@pytest.mark.usefixtures("unwritten")
def test_the_authorisation_matrix_is_the_committed_one(app: Flask, session: orm.Session, as_: As, world: World) -> None:
    found = "\n".join(rows(app, session, as_, world)) + "\n"
    if not MATRIX.exists():
        MATRIX.write_text(found)
    assert found == MATRIX.read_text(), (
        "a right changed; if that is meant, delete tests/fences/matrix.txt and run again"
    )


def test_the_next_county_gets_nothing_that_is_not_shared() -> None:
    """Where a thing of county A stands in the address, the neighbour's answer is 404 or sign-in."""
    reached = []
    lines = MATRIX.read_text().splitlines()
    for line in lines:
        if not line.startswith(" "):
            rule = line
        elif line.strip().startswith(("yes", "403")) and "next county" in line and "<" in rule:
            reached.append(rule)
    assert [r for r in reached if r.split(" ", 1)[1] not in samples.SHARED] == []
