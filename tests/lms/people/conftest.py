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
from lms.people.models import Person

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


@pytest.fixture
def give_password(session: orm.Session) -> Callable[[int], str]:
    """Give a person of the world the password all of them have here; their account."""

    def give(person_id: int) -> str:
        account = session.scalars(
            sa.update(Person).where(Person.id == person_id).values(password_hash=HASHED).returning(Person.account)
        ).one()
        session.commit()
        return account

    return give
