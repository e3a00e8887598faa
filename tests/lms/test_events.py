"""The outbox: told after the commit, once per subscriber, in spite of failures."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from lms import events, queueing
from lms.authz import Actor
from lms.db import act_as, db, transaction


@dataclass(frozen=True)
class Planted:
    number: int


@pytest.fixture
def heard(built: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, int]]]:
    told: list[tuple[str, int]] = []
    monkeypatch.setattr(events, "SUBSCRIBERS", dict(events.SUBSCRIBERS))

    def failing(payload: dict[str, Any]) -> None:
        told.append(("failing", payload["number"]))
        if len([name for name, _ in told if name == "failing"]) == 1:
            raise RuntimeError("the first time goes wrong")

    events.subscribe(Planted, "test.one", lambda payload: told.append(("one", payload["number"])))
    events.subscribe(Planted, "test.failing", failing)
    yield told
    with built.app_context():
        engine = sa.create_engine(built.config["LMS"].database_owner_url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM outbox_delivery"))
        connection.execute(sa.text("DELETE FROM outbox_event"))


def say(app: Flask, number: int, *, fail: bool = False) -> None:
    with app.app_context():
        act_as(db.session, Actor.job("test"))
        try:
            with transaction(db.session):
                events.publish(Planted(number))
                if fail:
                    raise LookupError
        except LookupError:
            pass


def test_an_event_is_told_once_to_each(built: Flask, heard: list[tuple[str, int]]) -> None:
    say(built, 1)
    assert heard == [], "not before somebody delivers"
    queueing.run_all_now(built)
    queueing.run_all_now(built)
    assert heard.count(("one", 1)) == 1


def test_a_subscriber_that_failed_is_told_again_and_the_others_are_not(
    built: Flask, heard: list[tuple[str, int]]
) -> None:
    say(built, 2)
    queueing.run_all_now(built)
    assert heard.count(("failing", 2)) == 2
    assert heard.count(("one", 2)) == 1


def test_what_was_rolled_back_is_never_told(built: Flask, heard: list[tuple[str, int]]) -> None:
    say(built, 3, fail=True)
    queueing.run_all_now(built)
    assert heard == []
