"""The operator's commands about accounts: a password, a code of the demonstration, signing out."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask
from sqlalchemy import orm

from lms import clock, passwords
from lms.people.models import CodeGenerator, Person
from lms.people.rules import codes
from tests.factories.world import World
from tests.lms.people.conftest import Browser

Give = Callable[[int], str]
NEW = "春眠不觉晓，处处闻啼鸟"


@pytest.fixture
def run(app: Flask) -> Callable[..., Result]:
    """`flask people …` in this test's transaction."""
    return lambda *words, typed=None: app.test_cli_runner().invoke(args=["people", *words], input=typed)


def test_a_password_is_drawn_printed_and_to_be_changed(run: Callable[..., Result], browser: Browser) -> None:
    drawn = run("password", "A-Doctor", "--random").output.strip()
    assert browser.sign_in("a-doctor", drawn).location == "/account/password"


def test_or_kept(run: Callable[..., Result], browser: Browser) -> None:
    drawn = run("password", "a-doctor", "--random", "--keep").output.strip()
    assert browser.sign_in("a-doctor", drawn).location == "/"


def test_or_typed_twice_and_never_shown(run: Callable[..., Result], browser: Browser, session: orm.Session) -> None:
    done = run("password", "a-doctor", typed=f"{NEW}\n{NEW}\n")
    assert done.exit_code == 0
    assert NEW not in done.output
    kept = session.scalars(sa.select(Person.password_hash).where(Person.account == "a-doctor")).one()
    assert passwords.fits(kept, NEW)


def test_a_weak_one_is_refused(run: Callable[..., Result]) -> None:
    refused = run("password", "a-doctor", typed="1234567890\n1234567890\n")
    assert refused.exit_code == 1


def test_an_unknown_account_is_wrong_use(run: Callable[..., Result]) -> None:
    for words in (("password", "nobody", "--random"), ("code", "nobody"), ("sign-out", "nobody")):
        assert run(*words).exit_code == 2


def test_the_code_of_a_demonstration(
    run: Callable[..., Result], app: Flask, world: World, session: orm.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("code", "a-manager").exit_code == 1
    secret = codes.new_secret()
    row = {"person_id": world.a.manager, "institution_id": world.a.commission, "secret": secret}
    session.add(CodeGenerator(**row, confirmed_at=clock.now()))
    session.commit()
    shown = run("code", "a-manager").output.strip()
    assert codes.matching_step(secret, shown, clock.now(), after=0) is not None
    monkeypatch.setitem(app.config, "LMS", app.config["LMS"].model_copy(update={"simulated": False}))
    assert run("code", "a-manager").exit_code == 2


def test_signing_somebody_out(run: Callable[..., Result], browser: Browser, world: World, give_password: Give) -> None:
    browser.sign_in(give_password(world.a.doctor))
    assert run("sign-out", "a-doctor").exit_code == 0
    assert not browser.is_in
