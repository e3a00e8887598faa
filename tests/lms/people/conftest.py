"""Somebody at a browser: cookies kept, forms sent, the way people do it."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import orm
from werkzeug.test import TestResponse

from lms import passwords
from lms.db import act_as, db
from lms.people.formats.plans import Line, unpack
from lms.people.models import Person
from lms.people.queries import actor_for
from lms.people.rules.planning import Plan
from lms.people.services import roster
from tests.factories.world import World
from tests.lms.people.rosters import Import, taken

PASSWORD = "瑞雪兆丰年 2026"
#: Hashed once; the real parameters, so that what is measured is real.
HASHED = passwords.protect(PASSWORD)


class Browser:
    """One browser with its cookies."""

    def __init__(self, app: Flask) -> None:
        self.client: FlaskClient = app.test_client()

    def sign_in(self, account: str, password: str = PASSWORD, **more: Any) -> TestResponse:
        return self.client.post("/sign-in", data={"account": account, "password": password, **more})

    def get(self, url: str, **more: Any) -> TestResponse:
        return self.client.get(url, headers={"Accept-Language": "en"}, **more)

    def post(self, url: str, **data: Any) -> TestResponse:
        return self.client.post(url, data=data, headers={"Accept-Language": "en"})

    @property
    def token(self) -> str | None:
        cookie = self.client.get_cookie("session_id")
        return cookie.value if cookie else None

    @property
    def is_in(self) -> bool:
        return self.client.get("/").status_code == 200


@pytest.fixture
def browser(app: Flask) -> Browser:
    """A browser; nobody has signed in."""
    return Browser(app)


@pytest.fixture
def another(app: Flask) -> Callable[[], Browser]:
    """More browsers."""
    return lambda: Browser(app)


@pytest.fixture(autouse=True)
def _nobody_acts(built: Flask) -> None:
    """Who asks is found out by the real sign-in here."""
    built.extensions["acting"] = None


Give = Callable[[int], str]


@pytest.fixture
def give_password(session: orm.Session) -> Give:
    """Give a person of the world the password all of them have here; their account."""

    def give(person_id: int) -> str:
        account = session.scalars(
            sa.update(Person).where(Person.id == person_id).values(password_hash=HASHED).returning(Person.account)
        ).one()
        session.commit()
        return account

    return give


@pytest.fixture
def bring(app: Flask, world: World) -> Import:
    """Send, check and (if asked) apply as somebody; the plan and its lines."""

    def act(
        data: bytes, who: int | None = None, apply: bool = False, name: str = "名册.xlsx"
    ) -> tuple[Plan, list[Line]]:
        with app.app_context():
            actor = actor_for(who or world.a.manager)
            act_as(db.session, actor)
            sent = roster.send(actor, None, taken=taken(data, name))
            plan = roster.check(actor, sent)
            shown = unpack(sent.plan)
            if apply:
                roster.apply(actor, sent, plan_hash=plan.digest)
        return plan, shown

    return act
