"""The door: who comes in, who does not, and what a stranger can learn at it (nothing)."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine
from argon2 import PasswordHasher
from bs4 import BeautifulSoup
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import orm

from lms import clock, passwords
from lms.people.models import Person, SignIn
from lms.people.queries import hash_of
from lms.people.rules import accounts
from lms.web.shell import local_path
from tests.factories.world import World
from tests.lms.people.conftest import HASHED, PASSWORD, Browser
from tests.pages import check

Give = Callable[[int], str]


def test_the_right_password_opens_the_door(browser: Browser, world: World, give_password: Give) -> None:
    account = give_password(world.a.doctor)
    assert not browser.is_in
    answer = browser.sign_in(account)
    assert (answer.status_code, answer.location) == (303, "/")
    assert browser.is_in


def test_the_cookie_is_kept_from_scripts_and_other_sites(browser: Browser, world: World, give_password: Give) -> None:
    cookie = browser.sign_in(give_password(world.a.doctor)).headers["Set-Cookie"]
    assert re.match(r"session_id=[\w-]{43};", cookie)
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie


def test_over_tls_the_cookie_is_bound_to_the_host(
    app: Flask, browser: Browser, world: World, give_password: Give, monkeypatch: pytest.MonkeyPatch
) -> None:
    secure = app.config["LMS"].model_copy(update={"public_url": "https://skills.example"})
    monkeypatch.setitem(app.config, "LMS", secure)
    cookie = browser.sign_in(give_password(world.a.doctor)).headers["Set-Cookie"]
    assert cookie.startswith("__Host-session=")
    assert "Secure" in cookie
    assert "Domain" not in cookie


def test_only_the_hash_of_the_token_is_kept(
    browser: Browser, world: World, give_password: Give, session: orm.Session
) -> None:
    browser.sign_in(give_password(world.a.doctor))
    row = session.scalars(sa.select(SignIn)).one()
    assert browser.token is not None
    assert row.token_hash == hash_of(browser.token)
    assert row.network == "127.0.0.0/24"


@pytest.mark.parametrize("typed", ["  {} ", "{}\u3000", "{upper}", "{wide}"])
def test_an_account_may_be_typed_as_keyboards_do(
    browser: Browser, world: World, give_password: Give, typed: str
) -> None:
    account = give_password(world.a.doctor)
    wide = "".join(chr(ord(c) + 0xFEE0) for c in account)
    assert browser.sign_in(typed.format(account, upper=account.upper(), wide=wide)).status_code == 303


@pytest.mark.parametrize(
    "twin", ["a-doctor ", " a-doctor", "A-doctor", "a-doctor\u200b", "ａ-doctor", "а-doctor", "", "a"]
)
def test_a_twin_of_an_account_cannot_be(session: orm.Session, world: World, twin: str) -> None:
    row = {"account": twin, "name": "x", "category": "nurse", "institution_id": world.a.township}
    with pytest.raises(sa.exc.IntegrityError, match="account_well_formed"):
        session.execute(sa.insert(Person).values(**row))


@given(st.text(max_size=80))
def test_what_is_normal_stays_so(typed: str) -> None:
    once = accounts.normal(typed)
    assert accounts.normal(once) == once or not accounts.well_formed(once)


def words_of(answer: str) -> str:
    """The page without what differs each time anyway: tokens."""
    return re.sub(r'value="[^"]*"', "", answer)


def test_known_and_unknown_accounts_get_the_same_answer(browser: Browser, world: World, give_password: Give) -> None:
    known = browser.sign_in(give_password(world.a.doctor), "not the password")
    unknown = browser.sign_in("nobody-here", "not the password")
    assert known.status_code == unknown.status_code == 422
    assert words_of(known.text) == words_of(unknown.text)
    check(BeautifulSoup(known.text, "html.parser"), known)


def test_who_was_let_go_learns_no_more_than_a_stranger(
    browser: Browser, world: World, give_password: Give, session: orm.Session
) -> None:
    account = give_password(world.a.doctor)
    session.execute(sa.update(Person).where(Person.id == world.a.doctor).values(active=False))
    session.commit()
    assert words_of(browser.sign_in(account).text) == words_of(browser.sign_in("nobody-here").text)


def test_without_a_password_nobody_comes_in(browser: Browser) -> None:
    assert browser.sign_in("a-examiner", "nobody's").status_code == 422


def test_an_unknown_account_is_hashed_for_as_a_known_one(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not timed: counted. The same one verification is done with parameters as strong."""
    done: list[str] = []
    verify = PasswordHasher.verify

    def note(self: PasswordHasher, stored: str, password: str) -> bool:
        done.append(stored)
        return verify(self, stored, password)

    monkeypatch.setattr(PasswordHasher, "verify", note)
    assert not passwords.fits(None, "whatever it is")
    assert not passwords.fits(passwords.protect(PASSWORD), "whatever it is")
    parameters = [stored.rsplit("$", 2)[0] for stored in done]
    assert len(parameters) == 2
    assert parameters[0] == parameters[1]


def test_a_weaker_hash_is_made_anew(browser: Browser, world: World, session: orm.Session) -> None:
    old = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    session.execute(sa.update(Person).where(Person.id == world.a.doctor).values(password_hash=old))
    session.commit()
    assert browser.sign_in("a-doctor").status_code == 303
    new = session.scalars(sa.select(Person.password_hash).where(Person.id == world.a.doctor)).one()
    assert new != old
    assert not passwords.weak(new or "")
    assert passwords.fits(new, PASSWORD)


def test_a_password_is_one_however_its_letters_are_composed() -> None:
    assert passwords.fits(passwords.protect("re\u0301sume\u0301-1234"), "r\u00e9sum\u00e9-1234")


def test_an_overlong_password_is_never_right() -> None:
    long = "x" * 201
    assert not passwords.fits(passwords.protect(long), long)


def test_ten_wrong_tries_lock_an_account_whether_it_exists_or_not(
    browser: Browser, world: World, give_password: Give
) -> None:
    account = give_password(world.a.doctor)
    with time_machine.travel(clock.now().replace(minute=1), tick=True):
        for name in (account, "nobody-here"):
            answers = [browser.sign_in(name, "wrong password").status_code for _ in range(11)]
            assert answers == [422] * 10 + [429]
        assert browser.sign_in(account).status_code == 429
        assert browser.sign_in(f" {account.upper()}").status_code == 429


def test_the_lock_opens_by_itself(browser: Browser, world: World, give_password: Give) -> None:
    account = give_password(world.a.doctor)
    begin = clock.now().replace(minute=1)
    with time_machine.travel(begin, tick=True):
        for _ in range(11):
            answer = browser.sign_in(account, "wrong password")
        assert answer.status_code == 429
    with time_machine.travel(begin + timedelta(minutes=15), tick=True):
        assert browser.sign_in(account).status_code == 303


def test_right_passwords_do_not_use_up_the_tries(browser: Browser, world: World, give_password: Give) -> None:
    account = give_password(world.a.doctor)
    assert {browser.sign_in(account).status_code for _ in range(15)} == {303}


def test_an_address_is_limited_too(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lms.people.views.signing_in.PER_ADDRESS", 3)
    assert [browser.sign_in(f"guess-{n}", "wrong password").status_code for n in range(4)] == [422, 422, 422, 429]


def test_signing_out_ends_the_session_on_the_server(
    browser: Browser, another: Callable[[], Browser], world: World, give_password: Give
) -> None:
    browser.sign_in(give_password(world.a.doctor))
    stolen = browser.token
    assert stolen is not None
    answer = browser.post("/sign-out")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert browser.token is None
    thief = another()
    thief.client.set_cookie("session_id", stolen)
    assert not thief.is_in


def test_a_second_sign_in_in_the_same_browser_ends_the_first(
    browser: Browser, another: Callable[[], Browser], world: World, give_password: Give
) -> None:
    browser.sign_in(give_password(world.a.doctor))
    first = browser.token
    assert first is not None
    browser.sign_in(give_password(world.b.doctor))
    thief = another()
    thief.client.set_cookie("session_id", first)
    assert browser.is_in
    assert not thief.is_in


@pytest.mark.parametrize(("idle", "there"), [(timedelta(days=6), True), (timedelta(days=8), False)])
def test_a_doctor_is_signed_out_after_a_week_without_use(
    browser: Browser, world: World, give_password: Give, idle: timedelta, there: bool
) -> None:
    browser.sign_in(give_password(world.a.doctor))
    with time_machine.travel(clock.now() + idle, tick=True):
        assert browser.is_in is there


def test_nobody_stays_signed_in_for_longer_than_a_month(
    browser: Browser, world: World, give_password: Give, session: orm.Session
) -> None:
    browser.sign_in(give_password(world.a.doctor))
    session.execute(sa.update(SignIn).values(created_at=clock.now() - timedelta(days=31)))
    session.commit()
    assert not browser.is_in


def test_using_it_keeps_a_session_alive(
    browser: Browser, world: World, give_password: Give, session: orm.Session
) -> None:
    browser.sign_in(give_password(world.a.doctor))
    session.execute(sa.update(SignIn).values(last_seen_at=clock.now() - timedelta(days=6)))
    session.commit()
    assert browser.is_in
    assert clock.now() - session.scalars(sa.select(SignIn.last_seen_at)).one() < timedelta(minutes=1)


def test_who_asks_is_one_statement(browser: Browser, world: World, give_password: Give, queries: list[str]) -> None:
    browser.sign_in(give_password(world.a.doctor))
    queries.clear()
    browser.get("/healthz")
    assert len([q for q in queries if "SAVEPOINT" not in q]) == 1, queries


def test_a_visitor_is_brought_back_to_where_they_wanted_to_go(
    browser: Browser, world: World, give_password: Give
) -> None:
    there = browser.get("/account")
    assert there.status_code == 302
    assert there.location == "/sign-in?next=/account"
    page = BeautifulSoup(browser.get(there.location).text, "html.parser")
    assert page.select_one("form[action='/sign-in'] input[name=next]")["value"] == "/account"  # type: ignore[index]
    assert browser.sign_in(give_password(world.a.doctor), next="/account").location == "/account"


ELSEWHERE = [
    "//evil.example",
    "/\\evil.example",
    "https://evil.example",
    "javascript:alert(1)",
    "/\t/evil.example",
    "\\\\evil.example\n/%0d%0aSet-Cookie:x",
    "///evil.example",
    "/\u2028/evil",
    "http:evil",
    "/@evil.example",
    "//@evil.example",
]
HOSTILE = st.one_of(
    st.sampled_from(ELSEWHERE),
    st.text(max_size=40),
    st.text(alphabet="/\\:@.%\r\n\t ?#ehvil", max_size=15),
)


@given(HOSTILE)
@settings(max_examples=400)
def test_nobody_is_sent_to_another_site(address: str) -> None:
    from urllib.parse import urljoin, urlsplit

    led = local_path(address)
    assert led.startswith("/")
    # What a browser makes of it: it drops tabs and line ends, and reads \ as /.
    seen = re.sub(r"[\t\r\n]", "", led).replace("\\", "/").strip()
    assert urlsplit(urljoin("https://here.example/sign-in", seen)).netloc == "here.example"


@given(HOSTILE)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_door_itself_sends_nobody_away(app: Flask, session: orm.Session, world: World, address: str) -> None:
    session.execute(sa.update(Person).where(Person.id == world.a.doctor).values(password_hash=HASHED))
    session.commit()
    browser = Browser(app)
    answer = browser.sign_in("a-doctor", next=address)
    assert answer.status_code == 303
    assert answer.location.startswith("/")
    assert not answer.location.startswith(("//", "/\\"))


def test_a_script_signs_in_again_without_leaving_its_page(
    browser: Browser, world: World, give_password: Give, session: orm.Session
) -> None:
    account = give_password(world.a.doctor)
    browser.sign_in(account)
    session.execute(sa.update(SignIn).values(last_seen_at=clock.now() - timedelta(days=8)))
    session.commit()
    as_json = {"Accept": "application/json"}
    assert browser.client.get("/account", headers=as_json).status_code == 401
    stand = browser.client.get("/sign-in", headers=as_json).get_json()
    assert stand["signed_in"] is False
    assert stand["account"] == account
    wrong = browser.client.post("/sign-in", json={"account": account, "password": "wrong one"}, headers=as_json)
    assert wrong.status_code == 422
    assert wrong.get_json()["signed_in"] is False
    assert wrong.get_json()["detail"]
    right = browser.client.post("/sign-in", json={"account": account, "password": PASSWORD}, headers=as_json)
    said = right.get_json()
    assert said["csrf_token"]
    del said["csrf_token"]
    assert said == {"signed_in": True, "same_person": True, "step": None, "address": "/"}
    assert browser.is_in


def test_a_script_is_told_when_it_is_somebody_else(browser: Browser, world: World, give_password: Give) -> None:
    browser.sign_in(give_password(world.a.doctor))
    other = give_password(world.a.second_doctor)
    said = browser.client.post("/sign-in", json={"account": other, "password": PASSWORD}).get_json()
    assert said["signed_in"] is True
    assert said["same_person"] is False


def test_who_signed_out_leaves_no_name_behind(browser: Browser, world: World, give_password: Give) -> None:
    browser.sign_in(give_password(world.a.doctor))
    token = browser.token
    assert token is not None
    browser.post("/sign-out")
    browser.client.set_cookie("session_id", token)
    stand = browser.client.get("/sign-in", headers={"Accept": "application/json"}).get_json()
    assert stand["account"] is None


def test_a_form_from_another_site_is_refused(
    app: Flask, world: World, give_password: Give, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the CSRF check that tests usually switch off, and with the check of Origin."""
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    browser = Browser(app)
    account = give_password(world.a.doctor)
    fields = {"account": account, "password": PASSWORD}
    assert browser.client.post("/sign-in", data=fields).status_code == 400
    page = BeautifulSoup(browser.get("/sign-in").text, "html.parser")
    token = page.select_one("form[action='/sign-in'] input[name=csrf_token]")["value"]  # type: ignore[index]
    fields["csrf_token"] = str(token)
    assert browser.client.post("/sign-in", data=fields, headers={"Origin": "https://evil.example"}).status_code == 400
    assert Browser(app).client.post("/sign-in", data=fields).status_code == 400
    assert browser.client.post("/sign-in", data=fields).status_code == 303
    assert browser.client.post("/sign-out").status_code == 400
    stand = browser.client.get("/sign-in", headers={"Accept": "application/json"}).get_json()
    headers = {"X-CSRFToken": stand["csrf_token"], "Accept": "application/json"}
    again = browser.client.post("/sign-in", json={"account": account, "password": PASSWORD}, headers=headers)
    assert again.get_json()["signed_in"] is True


def test_the_sweep_ends_what_timed_out(
    app: Flask, browser: Browser, world: World, give_password: Give, session: orm.Session
) -> None:
    from lms import jobs
    from lms.db import db

    browser.sign_in(give_password(world.a.doctor))
    session.execute(sa.update(SignIn).values(last_seen_at=clock.now() - timedelta(days=8)))
    session.commit()
    with app.app_context():
        assert jobs.WORK["people.sweep_sign_ins"](None) == {"ended": 1}  # type: ignore[arg-type]
        db.session.close()
    assert session.scalars(sa.select(SignIn.ended_why)).one() == "timed_out"
    session.execute(sa.update(SignIn).values(ended_at=clock.now() - timedelta(days=91)))
    session.commit()
    with app.app_context():
        jobs.WORK["people.sweep_sign_ins"](None)  # type: ignore[arg-type]
    assert session.scalars(sa.select(SignIn.id)).all() == []
